"""Layouts of banks of the Nordic and Baltic countries, Poland, Czechia, Slovakia, Hungary and Romania."""

from __future__ import annotations

from decimal import Decimal

from dsr_pipeline_tests.bank.draft.exports import (
    Export,
    comma,
    dash,
    de,
    dot,
    export,
    iso,
    moves,
    nbsp,
    num,
    truth,
    uk,
)

SEK = {"columns.currency": {"const": "SEK"}}
DKK = {"columns.currency": {"const": "DKK"}}
NOK = {"columns.currency": {"const": "NOK"}}
EUR = {"columns.currency": {"const": "EUR"}}
SIGNED = {"amount.mode": "signed"}


def _spaced(value: Decimal | None) -> str:
    return num(value, ",", " ")


def layouts() -> list[Export]:
    """The exports."""
    s, d, f, p, c, h = moves("sv"), moves("da"), moves("fi"), moves("pl"), moves("cs"), moves("hu")
    out: list[Export] = []
    add = out.append
    add(
        export(
            "nordea_se",
            "PERSONKONTO 1234 56 78901 - 2026-01-31 12.00.00.csv",
            "Bokföringsdag;Belopp;Avsändare;Mottagare;Namn;Rubrik;Saldo;Valuta",
            lambda t: [f"{t.d:%Y/%m/%d}", comma(t.a), "1234 56 78901", "", t.name, t.text, comma(t.b), "SEK"],
            s,
            delimiter=";",
            encoding="utf-8-sig",
            currency="SEK",
            balance=True,
            answers={"account": {"from": "const", "value": "nordea:main", "kind": "checking"}},
        )
    )
    add(
        export(
            "nordea_reserved",
            "konto.csv",
            "Bokföringsdag;Belopp;Avsändare;Mottagare;Namn;Rubrik;Saldo;Valuta",
            lambda t: [
                "Reserverat" if t.pending else f"{t.d:%Y/%m/%d}",
                comma(t.a),
                "",
                "",
                t.name,
                t.text,
                comma(t.b),
                "SEK",
            ],
            moves("sv", pending=2),
            delimiter=";",
            encoding="utf-8-sig",
            rows=[
                {**row, "date": None if t.pending else row["date"]}
                for t, row in zip(
                    moves("sv", pending=2),
                    truth(moves("sv", pending=2), currency="SEK", balance=True),
                    strict=True,
                )
            ],
        )
    )
    add(
        export(
            "seb",
            "kontoutdrag.csv",
            "Bokföringsdatum;Valutadatum;Verifikationsnummer;Text/mottagare;Belopp;Saldo",
            lambda t: [iso(t.d), iso(t.p), f"5484{t.i:06d}", t.text, num(t.a), num(t.b)],
            s,
            delimiter=";",
            currency="SEK",
            balance=True,
            answers={**SEK, "columns.source_id": None},
        )
    )
    add(
        export(
            "swedbank",
            "Transaktioner_2026-01-31_12-00-00.csv",
            (
                "Radnummer,Clearingnummer,Kontonummer,Produkt,Valuta,Bokföringsdag,Transaktionsdag,"
                "Valutadag,Referens,Beskrivning,Belopp,Bokfört saldo"
            ),
            lambda t: [
                str(10 - t.i),
                "81234",
                "9123456789",
                "Privatkonto",
                "SEK",
                iso(t.p),
                iso(t.d),
                iso(t.p),
                t.text,
                t.name,
                num(t.a),
                num(t.b),
            ],
            s,
            encoding="cp1252",
            before="* Transaktioner Period 2026-01-01 – 2026-01-31 Skapad 2026-01-31 12:00 CET\n",
            post="p",
            currency="SEK",
            balance=True,
            words=lambda t: t.name,
            account="9123456789",
            answers={
                "account": {"from": "column", "column": "Kontonummer", "kind": "checking"},
                "columns.source_id": None,
            },
        )
    )
    add(
        export(
            "handelsbanken",
            "Handelsbanken_konto.csv",
            "Reskontradatum\tTransaktionsdatum\tText\tBelopp\tSaldo",
            lambda t: [iso(t.p), iso(t.d), t.text, comma(t.a), comma(t.b)],
            s,
            delimiter="\t",
            encoding="cp1252",
            post="p",
            currency="SEK",
            balance=True,
            answers=SEK,
            before="Kontohavare: Exempel Eva\nKonto: 123 456 789\n\n",
            account="123 456 789",
        )
    )
    add(
        export(
            "lansforsakringar",
            "Mitt konto senaste transaktioner 2026-01-31.csv",
            (
                '"Bokföringsdatum";"Transaktionsdatum";"Transaktionstyp";"Meddelande";"Belopp";"'
                'Kontonummer";"Kontonamn";"";"Saldo";"Tillgängligt belopp"'
            ),
            lambda t: [
                iso(t.p),
                iso(t.d),
                "Kortköp",
                t.text,
                comma(t.a),
                "90241234567",
                "Privatkonto",
                "",
                comma(t.b),
                comma(t.b),
            ],
            s,
            delimiter=";",
            quote="all",
            encoding="cp1252",
            post="p",
            currency="SEK",
            balance=True,
            account="90241234567",
            answers={**SEK, "account": {"from": "column", "column": "Kontonummer", "kind": "checking"}},
        )
    )
    add(
        export(
            "danske",
            "Danske konto-1234567890-20260131.csv",
            '"Dato";"Tekst";"Beløb";"Saldo";"Status";"Afstemt"',
            lambda t: [dot(t.d), t.text, de(t.a), de(t.b), "Udført", "Nej"],
            d,
            delimiter=";",
            quote="all",
            encoding="cp1252",
            currency="DKK",
            balance=True,
            account="1234567890",
            answers=DKK,
        )
    )
    add(
        export(
            "jyske",
            "Lønkonto.csv",
            "Dato;Rentedato;Tekst;Antal;Beløb;Saldo;Kommentar;Afstemt;Flag;Konto",
            lambda t: [
                dash(t.d),
                dash(t.p),
                t.text,
                "1",
                de(t.a),
                de(t.b),
                "",
                "",
                "",
                "Lønkonto 5012 1234567",
            ],
            d,
            delimiter=";",
            encoding="cp1252",
            currency="DKK",
            balance=True,
            account="1234567",
            answers=DKK,
        )
    )
    add(
        export(
            "edb_central",
            "Posteringer.csv",
            None,
            lambda t: [dash(t.d), t.text, de(t.a), de(t.b)],
            d,
            delimiter=";",
            quote="all",
            encoding="cp1252",
            currency="DKK",
            balance=True,
            answers=DKK,
        )
    )
    add(
        export(
            "dnb",
            "maanedtransaksjonliste-jan.csv",
            '"Dato";"Forklaring";"Rentedato";"Ut fra konto";"Inn på konto"',
            lambda t: [dot(t.d), t.text, dot(t.p), comma(t.out), comma(t.into)],
            d,
            delimiter=";",
            quote="all",
            encoding="cp1252",
            currency="NOK",
            answers=NOK,
        )
    )
    add(
        export(
            "sparebank1",
            "OversiktKonti-01.01.2026-31.01.2026.csv",
            "Dato;Beskrivelse;Rentedato;Inn;Ut;Til konto;Fra konto;",
            lambda t: [
                dot(t.d),
                t.text,
                dot(t.p),
                comma(t.into),
                comma(t.a) if t.a < 0 else "",
                "12345678956" if t.a > 0 else "",
                "12345678956" if t.a < 0 else "",
                "",
            ],
            d,
            delimiter=";",
            currency="NOK",
            answers=NOK,
        )
    )
    add(
        export(
            "nordea_fi",
            "Tapahtumat_FI2112345600000785_20260131.txt",
            "Kirjauspäivä\tArvopäivä\tMaksupäivä\tMäärä\tSaaja/Maksaja\tTilinumero\tBIC\tTapahtuma"
            "\tViite\tMaksajan viite\tViesti\tKortinnumero\tKuitti\t",
            lambda t: [
                dot(t.d),
                dot(t.d),
                dot(t.d),
                comma(t.a),
                t.name,
                "",
                "",
                "Korttiosto",
                "",
                "",
                t.text,
                "",
                "",
                "",
            ],
            f,
            delimiter="\t",
            before="Tilinumero\tFI2112345600000785\n\n",
            currency="EUR",
            account="FI2112345600000785",
            answers={**EUR, **SIGNED, "columns.date": "Kirjauspäivä"},
            words=lambda t: t.name,
        )
    )
    add(
        export(
            "op",
            "tapahtumat20260101-20260131.csv",
            "Kirjauspäivä;Arvopäivä;Määrä EUROA;Laji;Selitys;Saaja/Maksaja;Saajan tilinumero ja "
            "pankin BIC;Viite;Viesti;Arkistointitunnus",
            lambda t: [
                iso(t.p),
                iso(t.d),
                comma(t.a),
                "162",
                "PKORTTIMAKSU",
                t.name,
                "",
                "ref=",
                f"Viesti: {t.text}",
                f"20260105/5UTB25/{t.i:06d}",
            ],
            f,
            delimiter=";",
            currency="EUR",
            rows=[
                {
                    **row,
                    "date": t.p,
                    "currency": "EUR",
                    "words": t.name,
                    "source_id": f"20260105/5UTB25/{t.i:06d}",
                }
                for t, row in zip(f, truth(f), strict=True)
            ],
            answers={**EUR, **SIGNED},
        )
    )
    lv = moves("en")
    add(
        export(
            "swedbank_lv",
            "statement.csv",
            (
                '"Konta Nr.";"";"Datums";"Saņēmējs/Maksātājs";"Informācija saņēmējam";"Summa";"'
                'Valūta";"D/K";"Arhīva kods";"Maksājuma veids";"Refernces numurs";"Dokumenta '
                'numurs";'
            ),
            lambda t: [
                "LV80HABA0551000000001",
                "20",
                dot(t.d),
                t.name,
                t.text,
                comma(abs(t.a)),
                "EUR",
                "D" if t.a < 0 else "K",
                f"20260105{t.i:08d}",
                "CTX",
                "",
                "",
                "",
            ],
            lv,
            delimiter=";",
            quote="all",
            newest=False,
            currency="EUR",
            account="LV80HABA0551000000001",
            before="",
            rows=[
                {**row, "source_id": None}
                for row in truth(lv, currency="EUR", account="LV80HABA0551000000001")
            ],
            answers={
                "account": {"from": "column", "column": "Konta Nr.", "kind": "checking"},
                "columns.source_id": None,
            },
        )
    )
    lv_rows = (
        '"LV80HABA0551000000001";"10";"04.01.2026";"";"Opening balance";"2500,00";"EUR";"K";"";"AS";"";"";\n'
    )
    lv_end = (
        '"LV80HABA0551000000001";"82";"31.01.2026";"";"Turnover";"1551,33";"EUR";"D";"";"K2";"";"";\n'
        '"LV80HABA0551000000001";"82";"31.01.2026";"";"Turnover";"3174,94";"EUR";"K";"";"K2";"";"";\n'
        '"LV80HABA0551000000001";"86";"31.01.2026";"";"closing balance";"4123,61";"EUR";"K";"";"LS";"";"";\n'
    )
    base = export(
        "swedbank_ee_rows",
        "statement.csv",
        None,
        lambda t: [
            "LV80HABA0551000000001",
            "20",
            dot(t.d),
            t.name,
            t.text,
            comma(abs(t.a)),
            "EUR",
            "D" if t.a < 0 else "K",
            f"20260105{t.i:08d}",
            "CTX",
            "",
            "",
            "",
        ],
        lv,
        delimiter=";",
        quote="all",
        newest=False,
        rows=[
            {**row, "source_id": f"20260105{t.i:08d}"}
            for t, row in zip(lv, truth(lv, currency="EUR", account="LV80HABA0551000000001"), strict=True)
        ],
        before=(
            '"Account No";"";"Date";"Beneficiary";"Details";"Amount";"Currency";"D/K";"Record ID";"'
            'Code";"Reference No";"Doc. No";\n'
        )
        + lv_rows,
        after=lv_end,
    )
    add(base)
    add(
        export(
            "mbank",
            "lista_operacji_260101_260131_202601311200.csv",
            "#Data operacji;#Data księgowania;#Opis operacji;#Tytuł;#Nadawca/Odbiorca;#Numer "
            "konta;#Kwota;#Saldo po operacji;",
            lambda t: [
                iso(t.d),
                iso(t.p),
                "ZAKUP PRZY UŻYCIU KARTY",
                f'"{t.text}"',
                f'"{t.name}"',
                "''",
                _spaced(t.a),
                _spaced(t.b),
                "",
            ],
            p,
            delimiter=";",
            quote="none",
            encoding="cp1250",
            before="mBank S.A. Bankowość Detaliczna;\nSkrytka Pocztowa 2108;\n\n#Klient;\nJAN "
            "PRZYKŁAD;\n\nLista operacji;\n\n#Za okres:;\n01.01.2026;31.01.2026;\n\n#zgodnie z "
            "wybranymi filtrami wyszukiwania;\n"
            "#Rodzaj rachunku;\nmKonto;\n\n#Waluta;\nPLN;\n\n#Numer rachunku;\n12 1140 2004 "
            "0000 3102 1234 5678;\n\n#Saldo początkowe;\n2 500,00 PLN;\n\n",
            after=";;;;;;#Saldo końcowe;4 123,61 PLN;\n",
            post="p",
            currency="PLN",
            balance=True,
            answers={"account": {"from": "const", "value": "mbank:1", "kind": "checking"}},
        )
    )
    add(
        export(
            "mbank_lines",
            "lista_operacji.csv",
            "#Data operacji;#Opis operacji;#Rachunek;#Kategoria;#Kwota;",
            lambda t: [
                iso(t.d),
                f'"{t.text}\n   ZAKUP PRZY UŻYCIU KARTY"',
                '"mKonto 1140 ... 5678"',
                '"Zakupy"',
                f"{_spaced(t.a)} PLN",
                "",
            ],
            p,
            delimiter=";",
            quote="none",
            encoding="cp1250",
            currency="PLN",
            answers=SIGNED,
            account="5678",
        )
    )
    add(
        export(
            "pko_bp",
            "history_csv_20260131_120000.csv",
            (
                '"Data operacji","Data waluty","Typ transakcji","Kwota","Waluta","Saldo po '
                'transakcji","Opis transakcji","","","",""'
            ),
            lambda t: [
                iso(t.d),
                iso(t.p),
                "Płatność kartą",
                num(t.a, plus=True),
                "PLN",
                num(t.b, plus=True),
                f"Tytuł: {t.text}",
                f"Nazwa: {t.name}",
                "",
                "",
                "",
            ],
            p,
            quote="all",
            encoding="cp1250",
            currency="PLN",
            balance=True,
        )
    )
    add(
        export(
            "ing_pl",
            "Lista_transakcji_nr_0012345678_310126.csv",
            (
                '"Data transakcji";"Data księgowania";"Dane kontrahenta";"Tytuł";"Nr rachunku";"'
                'Nazwa banku";"Szczegóły";"Nr transakcji";"Kwota transakcji (waluta rachunku)";"'
                'Waluta";'
                '"Kwota blokady/zwolnienie blokady";"Waluta";"Kwota płatności w walucie";"Waluta";"'
                'Konto";"Saldo po transakcji";"Waluta";;;;;'
            ),
            lambda t: [
                iso(t.d),
                iso(t.p),
                f" {t.name} ",
                f" {t.text} ",
                "''",
                "",
                "",
                f"'2026005{t.i:07d}'",
                comma(t.a),
                "PLN",
                "",
                "",
                "",
                "",
                "Konto Direct",
                comma(t.b),
                "PLN",
                "",
                "",
                "",
                "",
                "",
            ],
            p,
            delimiter=";",
            encoding="cp1250",
            before=(
                '"Lista transakcji";;;"ING Bank Śląski S.A.";\n\n"Dokument nr 0012345678_310126"\n"'
                'Wygenerowany dnia: 2026-01-31, 12:00"\n"Dane Użytkownika:";\n"JAN PRZYKŁAD"\n"'
                'Wybrane rachunki:";\n"Konto Direct (PLN)";;"12 1050 1234 1000 0091 2345 6789";\n\n'
            ),
            post="p",
            currency="PLN",
            balance=True,
            quote="none",
            rows=[
                {**row, "source_id": f"2026005{t.i:07d}"}
                for t, row in zip(p, truth(p, post="p", currency="PLN", balance=True), strict=True)
            ],
            answers={
                "columns.currency": {"index": 9},
                "account": {"from": "const", "value": "ing:1", "kind": "checking"},
            },
        )
    )
    add(
        export(
            "millennium_pl",
            "Historia_transakcji_20260131_120000.csv",
            (
                '"Numer rachunku/karty","Data transakcji","Data rozliczenia","Rodzaj transakcji","'
                'Na konto/Z konta","Odbiorca/Zleceniodawca","Opis","Obciążenia","Uznania","Saldo","'
                'Waluta"'
            ),
            lambda t: [
                "PL12116022020000000012345678",
                iso(t.d),
                iso(t.p),
                "TRANSAKCJA KARTĄ",
                "",
                t.name,
                t.text,
                num(t.a) if t.a < 0 else "",
                num(t.into),
                num(t.b),
                "PLN",
            ],
            p,
            quote="all",
            encoding="utf-8-sig",
            post="p",
            currency="PLN",
            balance=True,
            account="PL12116022020000000012345678",
            answers={"account": {"from": "column", "column": "Numer rachunku/karty", "kind": "checking"}},
        )
    )
    add(
        export(
            "santander_pl",
            "historia_2026-01-31_12345678901234567890123456.csv",
            None,
            lambda t: [dash(t.d), dash(t.p), t.text, t.name, "", comma(t.a), comma(t.b), str(t.i + 1), ""],
            p,
            before="2026-01-31,01-01-2026,'12 1090 1234 0000 0001 2345 6789,JAN "
            'PRZYKŁAD,PLN,"2500,00","4123,61",10,\n',
            currency="PLN",
            balance=True,
            answers={
                "columns.currency": {"const": "PLN"},
                "columns.date": {"index": 0},
                "account": {"from": "const", "value": "s:1", "kind": "checking"},
            },
        )
    )
    add(
        export(
            "fio",
            "Pohyby_na_uctu-2000000000_20260101-20260131.csv",
            "ID operace;Datum;Objem;Měna;Protiúčet;Název protiúčtu;Kód banky;Název "
            "banky;KS;VS;SS;Poznámka;Zpráva pro příjemce;Typ;Provedl;Upřesnění;BIC;ID pokynu",
            lambda t: [
                f"2200{t.i:07d}",
                dot(t.d),
                comma(t.a),
                "CZK",
                "",
                t.name,
                "",
                "",
                "",
                "",
                "",
                t.text,
                t.text,
                "Platba kartou" if t.a < 0 else "Příjem",
                "Příklad, Jan",
                "",
                "",
                f"3300{t.i:07d}",
            ],
            c,
            delimiter=";",
            quote="some",
            encoding="utf-8-sig",
            newest=False,
            currency="CZK",
            account="2000000000",
            before=(
                "accountId;2000000000\nbankId;2010\ncurrency;CZK\niban;"
                "CZ1120100000002000000000\nbic;FIOBCZPPXXX\nopeningBalance;2500,00\nclosingBalance;"
                "4123,61\ndateStart;01.01.2026\ndateEnd;31.01.2026\n\n"
            ),
            rows=[
                {**row, "source_id": f"2200{t.i:07d}"}
                for t, row in zip(c, truth(c, currency="CZK", account=None), strict=True)
            ],
            answers={"account": {"from": "const", "value": "fio:1", "kind": "checking"}},
        )
    )
    add(
        export(
            "csob",
            "pohyby.csv",
            "číslo účtu;datum zaúčtování;částka;měna;zůstatek;číslo protiúčtu;kód banky "
            "protiúčtu;jméno protistrany;konstantní symbol;variabilní symbol;specifický "
            "symbol;označení operace;poznámka",
            lambda t: [
                "123456789/0300",
                dot(t.d),
                comma(t.a),
                "CZK",
                comma(t.b),
                "",
                "",
                t.name,
                "",
                "",
                "",
                "Transakce platební kartou",
                t.text,
            ],
            c,
            delimiter=";",
            encoding="cp1250",
            before="Pohyby na účtu 123456789/0300\n\n",
            currency="CZK",
            balance=True,
            account="123456789/0300",
        )
    )
    add(
        export(
            "komercni",
            "KB_2026.csv",
            (
                '"Datum splatnosti";"Datum odepsani z jine banky";"Protiucet a kod banky";"Nazev '
                'protiuctu";"Castka";"VS";"KS";"SS";"Identifikace transakce";"Systemovy popis";"'
                'Popis prikazce";"Popis pro prijemce";"AV pole 1"'
            ),
            lambda t: [
                dot(t.d),
                "",
                "",
                t.name,
                comma(t.a),
                "",
                "0",
                "0",
                f"000-{t.d:%d%m%Y} 1602 {t.i:06d}",
                "Nákup na internetu",
                t.text,
                "",
                "",
            ],
            c,
            delimiter=";",
            quote="all",
            encoding="cp1250",
            before="MojeBanka, export transakcni historie;\nDatum vytvoreni souboru;31.01.2026;\nCislo "
            "uctu;0000001234567890;\nMena uctu;CZK;\nPocatecni zustatek;2500,00;\nKonecny "
            "zustatek;4123,61;\n\n",
            currency="CZK",
            account="1234567890",
            answers={
                **SIGNED,
                "columns.date": "Datum splatnosti",
                "columns.source_id": None,
                "columns.currency": {"const": "CZK"},
            },
            rows=[
                {**row, "words": t.name}
                for t, row in zip(c, truth(c, currency="CZK", account="1234567890"), strict=True)
            ],
        )
    )
    add(
        export(
            "raiffeisen_cz",
            "Pohyby_1234512345_202601311200.csv",
            (
                '"Datum provedení";"Datum zaúčtování";"Číslo účtu";"Název účtu";"Kategorie '
                'transakce";"Číslo protiúčtu";"Název protiúčtu";"Typ transakce";"Zpráva";"Poznámka"'
                ';"VS";"KS";"SS";"Zaúčtovaná částka";"Měna účtu";"Původní částka a měna";"Poplatek"'
                ';"Id transakce"'
            ),
            lambda t: [
                dot(t.d),
                dot(t.p),
                "1234512345/5500",
                "Běžný účet",
                "Platba kartou",
                "",
                t.name,
                "Transakce kartou",
                t.text,
                "",
                "",
                "",
                "",
                nbsp(t.a),
                "CZK",
                "",
                "",
                f"55{t.i:08d}",
            ],
            c,
            delimiter=";",
            quote="all",
            encoding="cp1250",
            post="p",
            currency="CZK",
            account="1234512345",
            rows=[
                {**row, "source_id": f"55{t.i:08d}"}
                for t, row in zip(c, truth(c, post="p", currency="CZK", account="1234512345"), strict=True)
            ],
            answers=SIGNED,
        )
    )
    add(
        export(
            "tatra",
            "download-31.01.2026.csv",
            "Dátum zaúčtovania,Dátum valuty,Suma,Mena,Kredit/Debet,Variabilný symbol,Špecifický "
            "symbol,Konštantný symbol,Názov protiúčtu,Číslo účtu protistrany,Popis transakcie",
            lambda t: [
                dot(t.d),
                dot(t.p),
                comma(abs(t.a)),
                "EUR",
                "Debet" if t.a < 0 else "Kredit",
                "",
                "",
                "",
                t.name,
                "",
                t.text,
            ],
            c,
            encoding="cp1250",
            currency="EUR",
        )
    )
    add(
        export(
            "otp_hu",
            "otp.csv",
            None,
            lambda t: [
                "117730161111111100000000",
                "T" if t.a < 0 else "J",
                num(t.a, "."),
                "HUF",
                f"{t.d:%Y%m%d}",
                f"{t.p:%Y%m%d}",
                num(t.b, "."),
                "",
                t.name,
                t.text,
                "",
                "",
                "VÁSÁRLÁS KÁRTYÁVAL",
            ],
            h,
            delimiter=";",
            quote="some",
            encoding="iso8859-2",
            currency="HUF",
            balance=True,
            account="117730161111111100000000",
            answers={
                "columns.date": {"index": 4},
                "account": {"from": "column", "column": {"index": 0}, "kind": "checking"},
            },
        )
    )
    add(
        export(
            "kh_hu",
            "K&H forint_20260101-20260131.csv",
            "könyvelés dátuma\ttranzakció azonosító \ttípus\tkönyvelési számla\tkönyvelési számla "
            "elnevezése\tpartner számla\tpartner elnevezése\tösszeg\tösszeg devizaneme\tközlemény",
            lambda t: [
                f"{t.d:%Y.%m.%d}",
                f"2601KH{t.i:06d}",
                "Vásárlás",
                "10400000-12345678-00000000",
                "PÉLDA PÁL",
                "",
                t.name,
                num(t.a, places=0),
                "HUF",
                t.text,
            ],
            moves("hu", whole=True),
            delimiter="\t",
            encoding="cp1250",
            currency="HUF",
            account="10400000-12345678-00000000",
            rows=[
                {**row, "source_id": f"2601KH{t.i:06d}"}
                for t, row in zip(
                    moves("hu", whole=True),
                    truth(moves("hu", whole=True), currency="HUF", account="10400000-12345678-00000000"),
                    strict=True,
                )
            ],
            answers={**SIGNED, "columns.currency": {"const": "HUF"}},
        )
    )
    add(
        export(
            "erste_hu",
            "W80844_EBH_202601.313122.csv",
            "Könyvelés dátuma,Tranzakció dátuma,Partner név,Partner számla,Összeg,Pénznem,Közlemény",
            lambda t: [f"{t.p:%Y.%m.%d.}", f"{t.d:%Y.%m.%d.}", t.name, "", num(t.a, places=0), "HUF", t.text],
            moves("hu", whole=True),
            encoding="utf-16",
            post="p",
            currency="HUF",
            answers={**SIGNED, "columns.currency": "Pénznem"},
        )
    )
    ro = moves("en")
    add(
        export(
            "bcr_ro",
            "extras.csv",
            "Data tranzactiei;Data valutei;Descriere;Debit;Credit;Sold;Valuta",
            lambda t: [
                f"{uk(t.d)} 10:15",
                f"{uk(t.p)} 00:00",
                t.text,
                num(t.out),
                num(t.into),
                num(t.b),
                "RON",
            ],
            ro,
            delimiter=";",
            currency="RON",
            balance=True,
        )
    )
    return out
