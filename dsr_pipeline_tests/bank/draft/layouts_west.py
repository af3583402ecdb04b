"""Layouts of banks of the Netherlands, Belgium, France, Spain, Italy and Portugal."""

from __future__ import annotations

from dsr_pipeline_tests.bank.draft.exports import (
    Export,
    comma,
    dash,
    de,
    export,
    iso,
    moves,
    nbsp,
    num,
    truth,
    uk,
)

EUR = {"columns.currency": {"const": "EUR"}}
SIGNED = {"amount.mode": "signed"}
NL = "NL02INGB0001234567"
NL2 = "NL20RABO0300065264"
BE = "BE68539007547034"


def layouts() -> list[Export]:
    """The exports."""
    n, f, s, i, p = moves("nl"), moves("fr"), moves("es"), moves("it"), moves("pt")
    out: list[Export] = []
    add = out.append
    add(
        export(
            "ing_nl",
            "NL02INGB0001234567_01-01-2026_31-01-2026.csv",
            (
                '"Datum","Naam / Omschrijving","Rekening","Tegenrekening","Code","Af Bij","Bedrag '
                '(EUR)","Mutatiesoort","Mededelingen"'
            ),
            lambda t: [
                f"{t.d:%Y%m%d}",
                t.name,
                NL,
                NL2,
                "BA",
                "Af" if t.a < 0 else "Bij",
                comma(abs(t.a)),
                "Betaalautomaat",
                t.text,
            ],
            n,
            quote="all",
            currency="EUR",
            account=NL,
        )
    )
    add(
        export(
            "ing_nl_saldo",
            "NL02INGB0001234567_01-01-2026_31-01-2026.csv",
            (
                '"Datum";"Naam / Omschrijving";"Rekening";"Tegenrekening";"Code";"Af Bij";"Bedrag '
                '(EUR)";"Mutatiesoort";"Mededelingen";"Saldo na mutatie";"Tag"'
            ),
            lambda t: [
                f"{t.d:%Y%m%d}",
                t.name,
                NL,
                NL2,
                "BA",
                "Af" if t.a < 0 else "Bij",
                comma(abs(t.a)),
                "Betaalautomaat",
                t.text,
                comma(t.b),
                "",
            ],
            n,
            delimiter=";",
            quote="all",
            currency="EUR",
            balance=True,
            account=NL,
        )
    )
    add(
        export(
            "rabobank",
            "CSV_A_20260131_120000.csv",
            (
                '"IBAN/BBAN","Munt","BIC","Volgnr","Datum","Rentedatum","Bedrag","Saldo na trn","'
                'Tegenrekening IBAN/BBAN","Naam tegenpartij",'
                '"Naam uiteindelijke partij","Naam initiërende partij","BIC tegenpartij","Code","'
                'Batch ID","Transactiereferentie","Machtigingskenmerk",'
                '"Incassant ID","Betalingskenmerk","Omschrijving-1","Omschrijving-2","'
                'Omschrijving-3","Reden retour","Oorspr bedrag","Oorspr munt","Koers"'
            ),
            lambda t: [
                NL2,
                "EUR",
                "RABONL2U",
                f"{t.i + 101:018d}",
                iso(t.d),
                iso(t.p),
                num(t.a, ",", plus=True),
                num(t.b, ",", plus=True),
                NL,
                t.name,
                "",
                "",
                "INGBNL2A",
                "ba",
                "",
                "",
                "",
                "",
                "",
                t.text,
                " ",
                "",
                "",
                "",
                "",
                "",
            ],
            n,
            quote="all",
            encoding="cp1252",
            newest=False,
            currency="EUR",
            balance=True,
            account=NL2,
            rows=[
                {**row, "source_id": f"{t.i + 101:018d}"}
                for t, row in zip(n, truth(n, currency="EUR", balance=True, account=NL2), strict=True)
            ],
        )
    )
    before = {t.i: (t.b - t.a) for t in n}
    add(
        export(
            "abn_amro_tab",
            "TXT260131120000.TAB",
            None,
            lambda t: [
                "500123456",
                "EUR",
                f"{t.d:%Y%m%d}",
                comma(before[t.i]),
                comma(t.b),
                f"{t.d:%Y%m%d}",
                comma(t.a),
                t.text,
            ],
            n,
            delimiter="\t",
            newest=False,
            currency="EUR",
            balance=True,
            account="500123456",
            answers={"account": {"from": "column", "column": {"index": 0}, "kind": "checking"}},
        )
    )
    add(
        export(
            "bunq",
            "2026-01-31_12-00-00_bunq-statement.csv",
            '"Date","Interest Date","Amount","Account","Counterparty","Name","Description"',
            lambda t: [iso(t.d), iso(t.p), num(t.a, ".", ","), "NL02BUNQ2025123456", NL, t.name, t.text],
            n,
            quote="all",
            currency="EUR",
            account="NL02BUNQ2025123456",
            answers={**EUR, **SIGNED},
        )
    )
    add(
        export(
            "triodos",
            "mutations20260131120000.csv",
            None,
            lambda t: [
                dash(t.d),
                "NL40TRIO0123456789",
                de(abs(t.a)),
                "Debet" if t.a < 0 else "Credit",
                t.name,
                NL if t.i % 2 else "",
                "IC",
                t.text,
                de(t.b),
            ],
            n,
            quote="all",
            currency="EUR",
            balance=True,
            account="NL40TRIO0123456789",
            answers=EUR,
        )
    )
    add(
        export(
            "asn",
            "0123456789_31012026_120000.csv",
            None,
            lambda t: [
                dash(t.d),
                "NL27ASNB0123456789",
                NL if t.i % 2 else "",
                t.name,
                "",
                "",
                "",
                "EUR",
                num(before[t.i]),
                "EUR",
                num(t.a),
                dash(t.d),
                dash(t.d),
                "9722",
                "BEA",
                f"{t.i + 77}",
                "",
                f"'{t.text}'",
                "1",
            ],
            n,
            newest=False,
            currency="EUR",
            balance=False,
            account="NL27ASNB0123456789",
            answers={
                **EUR,
                **SIGNED,
                "account": {"from": "column", "column": {"index": 1}, "kind": "checking"},
                "columns.source_id": None,
                "columns.balance": None,
                "amount.column": {"index": 10},
            },
            rows=[
                {**row, "words": row["words"]}
                for row in truth(n, currency="EUR", account="NL27ASNB0123456789")
            ],
        )
    )
    add(
        export(
            "kbc",
            "export_BE68539007547034_20260131_1200.csv",
            "Rekeningnummer;Rubrieknaam;Naam;Munt;Afschriftnummer;Datum;Omschrijving;Valuta;"
            "Bedrag;Saldo;credit;debet;rekeningnummer tegenpartij;BIC tegenpartij;"
            "Naam tegenpartij;Adres tegenpartij;gestructureerde mededeling;Vrije mededeling",
            lambda t: [
                BE,
                "",
                "JANSSENS",
                "EUR",
                " 2026001",
                uk(t.d),
                t.text,
                uk(t.p),
                comma(t.a),
                comma(t.b),
                comma(t.into),
                comma(t.a) if t.a < 0 else "",
                NL,
                "INGBNL2A",
                t.name,
                "",
                "",
                "",
            ],
            n,
            delimiter=";",
            currency="EUR",
            balance=True,
            account=BE,
        )
    )
    add(
        export(
            "belfius",
            "BE68 5390 0754 7034 2026-01-31 12-00-00 1.csv",
            "Rekening;Boekingsdatum;Rekeninguittrekselnummer;Transactienummer;Rekening "
            "tegenpartij;Naam tegenpartij bevat;Straat en nummer;Postcode en "
            "plaats;Transactie;Valutadatum;Bedrag;Devies;BIC;Landcode;Mededelingen",
            lambda t: [
                "BE68 5390 0754 7034",
                uk(t.d),
                "00001",
                f"{t.i + 1:05d}",
                NL,
                t.name,
                "",
                "",
                t.text,
                uk(t.p),
                comma(t.a),
                "EUR",
                "",
                "",
                t.text,
            ],
            n,
            delimiter=";",
            encoding="cp1252",
            currency="EUR",
            account="BE68 5390 0754 7034",
            before="Boekingsdatum vanaf;01/01/2026\nBoekingsdatum tot en met;31/01/2026\nBedrag "
            "vanaf;\nBedrag tot en met;\nRekeninguittrekselnummer vanaf;\nMededeling;\nNaam "
            "tegenpartij bevat;\n"
            "Rekening tegenpartij;\nLaatste saldo;4.233,13 EUR\nDatum/uur van het laatste "
            "saldo;31/01/2026 12:00:00\n;;;;;;;;;;;;;;\n",
            answers={**EUR, **SIGNED, "columns.source_id": None},
            rows=[
                {**row, "source_id": None} for row in truth(n, currency="EUR", account="BE68 5390 0754 7034")
            ],
        )
    )
    add(
        export(
            "argenta",
            "BE68539007547034_2026.csv",
            (
                "Rekening;Boekdatum;Valutadatum;Referentie;Beschrijving;Bedrag;Munt;"
                "Verrichtingsdatum;Rekening tegenpartij;Naam tegenpartij;Mededeling"
            ),
            lambda t: [
                BE,
                dash(t.p),
                dash(t.p),
                f"BGA26{t.i:06d}",
                "Betaling Bancontact",
                de(t.a),
                "EUR",
                dash(t.d),
                NL,
                t.name,
                t.text,
            ],
            n,
            delimiter=";",
            currency="EUR",
            account=BE,
            answers={**SIGNED, "columns.date": "Verrichtingsdatum", "columns.source_id": None},
            rows=[
                {**row, "words": t.name}
                for t, row in zip(n, truth(n, currency="EUR", account=BE), strict=True)
            ],
        )
    )
    add(
        export(
            "fortuneo",
            "HistoriqueOperations_012345678901_du_01_01_2026_au_31_01_2026.csv",
            "Date opération;Date valeur;libellé;Débit;Crédit;",
            lambda t: [uk(t.d), uk(t.p), t.text, comma(t.a) if t.a < 0 else "", comma(t.into), ""],
            f,
            delimiter=";",
            encoding="cp1252",
            currency="EUR",
            account="012345678901",
            answers={
                **EUR,
                "account": {"from": "const", "value": "fortuneo:012345678901", "kind": "checking"},
            },
        )
    )
    add(
        export(
            "boursorama",
            "export-operations-31-01-2026_12-00-00.csv",
            (
                "dateOp;dateVal;label;category;categoryParent;supplierFound;amount;comment;"
                "accountNum;accountLabel;accountbalance"
            ),
            lambda t: [
                iso(t.d),
                iso(t.p),
                t.text,
                "Alimentation",
                "Vie quotidienne",
                t.name.lower(),
                num(t.a, ",", " "),
                "",
                "00012345678",
                "BoursoBank",
                "4123.61",
            ],
            f,
            delimiter=";",
            currency="EUR",
            account="00012345678",
            rows=[
                {**row, "balance": f[-1].b, "currency": "EUR", "account": "00012345678"} for row in truth(f)
            ],
            answers={**EUR, **SIGNED, "columns.balance": "accountbalance"},
        )
    )
    add(
        export(
            "bnp",
            "E1234567.csv",
            None,
            lambda t: [uk(t.d), "PAIEMENT CB", "FACTURE CARTE", t.text, comma(t.a)],
            f,
            delimiter=";",
            encoding="cp1252",
            before="Compte de chèques;Compte de chèques;****1234;31/01/2026;;4233,13\n",
            currency="EUR",
            answers={**EUR, **SIGNED},
        )
    )
    add(
        export(
            "credit_agricole",
            "CA20260131_120000.csv",
            "Date;Libellé;Débit euros;Crédit euros;",
            lambda t: [uk(t.d), t.text, nbsp(t.out), nbsp(t.into), ""],
            f,
            delimiter=";",
            encoding="cp1252",
            end="\r\n",
            before="Téléchargement du 31/01/2026;\r\n\r\nM. EXEMPLE JEAN\r\nCompte de Dépôt carte n° "
            "12345678901;\r\nSolde au 31/01/2026 4 233,13 €\r\n\r\nListe des opérations du compte "
            "entre le 01/01/2026 et le 31/01/2026;\r\n\r\n",
            currency="EUR",
            account="12345678901",
        )
    )
    add(
        export(
            "banque_postale",
            "1234567A0201770000000.tsv",
            "Date\tLibellé\tMontant(EUROS)\t",
            lambda t: [uk(t.d), t.text, comma(t.a), ""],
            f,
            delimiter="\t",
            encoding="cp1252",
            before="Numéro Compte\t1234567A020\nType\tCCP\nCompte tenu en\teuros\nDate\t31/01/2026\nSolde "
            "(EUROS)\t4233,13\n\n",
            currency="EUR",
            account="1234567A020",
            answers=SIGNED,
        )
    )
    add(
        export(
            "caisse_epargne",
            "telechargement.csv",
            "Date de comptabilisation;Libelle simplifie;Libelle operation;Reference;Informations "
            "complementaires;Type operation;Categorie;Sous categorie;Debit;Credit;Date "
            "operation;Date de valeur;Pointage operation",
            lambda t: [
                uk(t.p),
                t.name,
                t.text,
                f"26{t.i:05d}",
                "",
                "Carte bancaire",
                "Vie",
                "Courses",
                comma(t.a) if t.a < 0 else "",
                num(t.into, ",", plus=True) if t.into else "",
                uk(t.d),
                uk(t.p),
                "0",
            ],
            f,
            delimiter=";",
            post="p",
            currency="EUR",
            answers={**EUR, "columns.source_id": None},
        )
    )
    add(
        export(
            "bbva_es",
            "movimientos.csv",
            "F.Valor;Fecha;Concepto;Movimiento;Importe;Divisa;Disponible;Divisa;Observaciones",
            lambda t: [
                uk(t.p),
                uk(t.d),
                t.text,
                "Pago con tarjeta",
                comma(t.a),
                "EUR",
                comma(t.b),
                "EUR",
                "",
            ],
            s,
            delimiter=";",
            quote="none",
            before=";;;;;;;;\nÚltimos movimientos;;;;;;;;\n;;;;;;;;\n",
            currency="EUR",
            balance=True,
            answers=SIGNED,
        )
    )
    add(
        export(
            "caixabank",
            "movimientos_cuenta.csv",
            "Fecha;Fecha valor;Movimiento;Más datos;Importe;Saldo",
            lambda t: [uk(t.d), uk(t.p), t.text, t.name, f"{de(t.a)}EUR", f"{de(t.b)}EUR"],
            s,
            delimiter=";",
            encoding="iso8859-15",
            currency="EUR",
            balance=True,
        )
    )
    add(
        export(
            "santander_es",
            "export2026131.csv",
            "Fecha Operación;Fecha Valor;Concepto;Importe;Divisa;Saldo;Divisa",
            lambda t: [uk(t.d), uk(t.p), t.text, num(t.a, ",", ".").replace("-", "−"), "EUR", de(t.b), "EUR"],
            s,
            delimiter=";",
            before="Cuenta;ES9121000418450200051332;;;;;\nTitular;EJEMPLO;;;;;\n;;;;;;\n",
            currency="EUR",
            balance=True,
            account="ES9121000418450200051332",
            answers=EUR,
        )
    )
    add(
        export(
            "unicredit",
            "Elenco_Movimenti.csv",
            "Data Registrazione;Data valuta;Descrizione;Importo (EUR);Canale;",
            lambda t: [uk(t.d).replace("/", "."), uk(t.p).replace("/", "."), t.text, de(t.a), "POS", ""],
            i,
            delimiter=";",
            encoding="cp1252",
            currency="EUR",
            answers=SIGNED,
        )
    )
    add(
        export(
            "intesa",
            "ListaOperazioni.csv",
            "Data;Operazione;Dettagli;Conto o carta;Contabilizzazione;Categoria ;Valuta;Importo",
            lambda t: [
                uk(t.d),
                t.text,
                t.name,
                "Conto 1000/12345678",
                "CONTABILIZZATO",
                "Casa",
                "EUR",
                comma(t.a),
            ],
            i,
            delimiter=";",
            currency="EUR",
            account="12345678",
            answers={**SIGNED, "account": {"from": "column", "column": "Conto o carta", "kind": "checking"}},
        )
    )
    add(
        export(
            "fineco",
            "movements_2026.csv",
            "Data_Operazione;Data_Valuta;Entrate;Uscite;Descrizione;Descrizione_Completa;Stato;Moneymap",
            lambda t: [
                uk(t.d),
                uk(t.p),
                num(t.into),
                num(t.a) if t.a < 0 else "",
                "Pagamento Visa Debit",
                t.text,
                "Contabilizzato",
                "Spesa",
            ],
            i,
            delimiter=";",
            before="Conto Corrente: 1234567\nIntestazione Conto Corrente: ESEMPIO MARIO\nPeriodo Dal: "
            "01/01/2026 Al: 31/01/2026\n\n",
            currency="EUR",
            account="1234567",
            answers=EUR,
        )
    )
    add(
        export(
            "bper",
            "lista_movimenti.csv",
            "Data operazione;Data valuta;Descrizione;Dare;Avere;Saldo contabile",
            lambda t: [uk(t.d), uk(t.p), t.text, de(t.out), de(t.into), de(t.b)],
            i,
            delimiter=";",
            currency="EUR",
            balance=True,
            answers=EUR,
        )
    )
    add(
        export(
            "cgd_pt",
            "comprovativo.csv",
            "Data mov. ;Data valor ;Descrição ;Débito ;Crédito ;Saldo contabilístico ;Saldo "
            "disponível ;Categoria ;",
            lambda t: [dash(t.d), dash(t.p), t.text, de(t.out), de(t.into), de(t.b), de(t.b), "Compras", ""],
            p,
            delimiter=";",
            encoding="cp1252",
            before="Consultar saldos e movimentos à ordem - 31-01-2026\n\nConta ;0123456789000 - EUR - "
            "Conta Extracto ;\nData de início ;01-01-2026 ;\nData de fim ;31-01-2026 ;\n\n",
            after=" ; ; ; ;Saldo contabilístico ;4.233,13 ; ;\n",
            currency="EUR",
            balance=True,
            account="0123456789000",
            answers=EUR,
        )
    )
    add(
        export(
            "millennium_bcp",
            "MovimentosConta.csv",
            "Data lançamento;Data valor;Descrição;Montante;Tipo;Saldo",
            lambda t: [dash(t.d), dash(t.p), t.text, num(t.a), "Débito" if t.a < 0 else "Crédito", num(t.b)],
            p,
            delimiter=";",
            encoding="utf-16",
            currency="EUR",
            balance=True,
            before="Conta;45312345678\n\n",
            account="45312345678",
            answers=EUR,
        )
    )
    return out
