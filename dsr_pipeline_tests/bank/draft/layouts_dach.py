"""Layouts of banks of Germany, Austria and Switzerland, with invented movements."""

from __future__ import annotations

from dsr_pipeline_tests.bank.draft.exports import (
    D,
    Export,
    comma,
    de,
    dot,
    dot2,
    export,
    iso,
    moves,
    num,
    truth,
)

EUR = {"columns.currency": {"const": "EUR"}}
CHF = {"columns.currency": {"const": "CHF"}}
SIGNED = {"amount.mode": "signed"}
NEGATE = {"amount.mode": "negate"}
OWN = "DE02120300000000202051"
OTHER = "DE02500105170137075030"


def _swiss(value) -> str:
    return num(value, ".", "'")


def layouts() -> list[Export]:
    """The exports."""
    m, c = moves("de"), moves("de", card=True)
    out: list[Export] = []
    add = out.append
    add(
        export(
            "sparkasse_camt",
            "20260131-1234567-umsatz-camt52v8.CSV",
            (
                '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"'
                'Glaeubiger ID";"Mandatsreferenz";'
                '"Kundenreferenz (End-to-End)";"Sammlerreferenz";"Lastschrift Ursprungsbetrag";"'
                'Auslagenersatz Ruecklastschrift";'
                '"Beguenstigter/Zahlungspflichtiger";"Kontonummer/IBAN";"BIC (SWIFT-Code)";"Betrag"'
                ';"Waehrung";"Info"'
            ),
            lambda t: [
                OWN,
                dot2(t.d),
                dot2(t.p),
                "FOLGELASTSCHRIFT" if t.a < 0 else "LOHN  GEHALT",
                t.text,
                "",
                "",
                f"E2E{t.i:06d}",
                "",
                "",
                "",
                t.name,
                OTHER,
                "INGDDEFFXXX",
                comma(t.a),
                "EUR",
                "Umsatz gebucht",
            ],
            m,
            delimiter=";",
            quote="all",
            encoding="cp1252",
            currency="EUR",
            account=OWN,
            answers=SIGNED,
        )
    )
    add(
        export(
            "sparkasse_mt940",
            "20260131-1234567-umsatz.CSV",
            (
                '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"'
                'Begünstigter/Zahlungspflichtiger";"Kontonummer";"BLZ";"Betrag";"Währung";"Info"'
            ),
            lambda t: [
                "1234567",
                f"{t.d:%d.%m}.26",
                dot2(t.p),
                "KARTENZAHLUNG",
                t.text,
                t.name,
                OTHER,
                "INGDDEFFXXX",
                comma(t.a),
                "EUR",
                "Umsatz vorgemerkt" if t.pending else "Umsatz gebucht",
            ],
            moves("de", pending=1),
            delimiter=";",
            quote="all",
            encoding="cp1252",
            currency="EUR",
            account="1234567",
            answers=SIGNED,
        )
    )
    add(
        export(
            "commerzbank",
            "DE02120400000000202051_EUR_31-01-2026_1200.csv",
            "\ufeffBuchungstag;Wertstellung;Umsatzart;Buchungstext;Betrag;Währung;IBAN "
            "Kontoinhaber;Kategorie",
            lambda t: [
                dot(t.d),
                dot(t.p),
                "Lastschrift" if t.a < 0 else "Gutschrift",
                t.text,
                comma(t.a),
                "EUR",
                "DE02120400000000202051",
                "Sonstiges",
            ],
            m,
            delimiter=";",
            currency="EUR",
            account="DE02120400000000202051",
            answers=SIGNED,
        )
    )
    comdirect = moves("de", pending=1)
    add(
        export(
            "comdirect",
            "umsaetze_1234567890_20260131-1200.csv",
            '"Buchungstag";"Wertstellung (Valuta)";"Vorgang";"Buchungstext";"Umsatz in EUR";',
            lambda t: [
                "offen" if t.pending else dot(t.d),
                "--" if t.pending else dot(t.p),
                "Lastschrift / Belastung" if t.a < 0 else "Übertrag / Überweisung",
                f"Auftraggeber: {t.name} Buchungstext: {t.text}",
                de(t.a),
                "",
            ],
            comdirect,
            delimiter=";",
            quote="all",
            encoding="cp1252",
            before=';\n"Umsätze Girokonto";"Zeitraum: 30 Tage";\n"Neuer Kontostand";"4.238,08 EUR";\n\n',
            after='\n"Alter Kontostand";"2.500,00 EUR";\n',
            rows=[
                {**row, "date": None if t.pending else row["date"], "currency": "EUR"}
                for t, row in zip(comdirect, truth(comdirect), strict=True)
            ],
            answers={
                **EUR,
                **SIGNED,
                "account": {"from": "const", "value": "comdirect:1", "kind": "checking"},
            },
        )
    )
    add(
        export(
            "deutsche_bank",
            "Kontoumsaetze_100_200300400_20260131_120000.csv",
            "Buchungstag;Wert;Umsatzart;Begünstigter / Auftraggeber;Verwendungszweck;IBAN / "
            "Kontonummer;BIC;Kundenreferenz;Mandatsreferenz;Gläubiger ID;"
            "Fremde Gebühren;Betrag;Abweichender Empfänger;Anzahl der Aufträge;Anzahl der "
            "Schecks;Soll;Haben;Währung",
            lambda t: [
                dot(t.d),
                dot(t.p),
                "SEPA-Lastschrift",
                t.name,
                t.text,
                OTHER,
                "INGDDEFF",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                de(t.a) if t.a < 0 else "",
                de(t.into),
                "EUR",
            ],
            m,
            delimiter=";",
            encoding="cp1252",
            quote="none",
            before="Umsätze Girokonto;;;Kundennummer: 100 2003004\n\n01.01.2026 - 31.01.2026\nLetzter "
            "Kontostand;;;;2.500,00;EUR\n"
            "Vorgemerkte und noch nicht gebuchte Umsätze sind nicht Bestandteil dieser Übersicht.\n",
            after="Kontostand;31.01.2026;;;4.233,13;EUR\n",
            currency="EUR",
            answers={"account": {"from": "const", "value": "db:1", "kind": "checking"}},
        )
    )
    add(
        export(
            "volksbank",
            "Umsaetze_DE02120300000000202051_2026.01.31.csv",
            "Bezeichnung Auftragskonto;IBAN Auftragskonto;BIC Auftragskonto;Bankname "
            "Auftragskonto;Buchungstag;Valutadatum;Name Zahlungsbeteiligter;"
            "IBAN Zahlungsbeteiligter;BIC (SWIFT-Code) "
            "Zahlungsbeteiligter;Buchungstext;Verwendungszweck;Betrag;Waehrung;Saldo nach "
            "Buchung;Bemerkung;"
            "Gekennzeichneter Umsatz;Glaeubiger ID;Mandatsreferenz",
            lambda t: [
                "Girokonto",
                OWN,
                "GENODEF1XXX",
                "Musterbank eG",
                dot(t.d),
                dot(t.p),
                t.name,
                OTHER,
                "INGDDEFF",
                "Basislastschrift",
                t.text,
                comma(t.a),
                "EUR",
                comma(t.b),
                "",
                "",
                "",
                "",
            ],
            m,
            delimiter=";",
            currency="EUR",
            balance=True,
            account=OWN,
        )
    )
    add(
        export(
            "fiducia_flag",
            "Umsaetze_1234567_2026_01_31.csv",
            (
                '"Buchungstag";"Valuta";"Auftraggeber/Zahlungsempfänger";"'
                'Empfänger/Zahlungspflichtiger";"Konto-Nr.";"IBAN";"BLZ";"BIC";"'
                'Vorgang/Verwendungszweck";"Kundenreferenz";"Währung";"Umsatz";" "'
            ),
            lambda t: [
                dot(t.d),
                dot(t.p),
                "Max Mustermann",
                t.name,
                "",
                OTHER,
                "",
                "INGDDEFF",
                t.text,
                "",
                "EUR",
                de(abs(t.a)),
                "S" if t.a < 0 else "H",
            ],
            m,
            delimiter=";",
            quote="all",
            encoding="cp1252",
            currency="EUR",
            account="1234567",
            before='"Volksbank Musterstadt eG"\n\n"Umsatzanzeige"\n\n"BLZ:";"12345678";;"Datum:";"'
            '31.01.2026"\n"Konto:";"1234567";;"Uhrzeit:";"12:00:00"\n'
            '"Abfrage von:";"Max Mustermann";;"Kontoinhaber:";"Max Mustermann"\n\n"Zeitraum:";;'
            '"von:";"01.01.2026";"bis:";"31.01.2026"\n"Betrag in Euro:";;"von:";" ";"bis:";" "'
            "\n"
            '"Sortiert nach:";"Buchungstag";"absteigend"\n\n',
            after=(
                '\n"01.01.2026";;;;;;;;;"Anfangssaldo";"EUR";"2.500,00";"H"\n"31.01.2026";;;;;;;;;"'
                'Endsaldo";"EUR";"4.123,61";"H"\n'
            ),
        )
    )
    add(
        export(
            "postbank",
            "Umsatzauskunft_KtoNr0123456789_31-01-2026_1200.csv",
            "Buchungstag;Wert;Umsatzart;Begünstigter / Auftraggeber;Verwendungszweck;IBAN / "
            "Kontonummer;BIC;Kundenreferenz;Mandatsreferenz;Gläubiger ID;"
            "Fremde Gebühren;Betrag;Abweichender Empfänger;Anzahl der Aufträge;Anzahl der "
            "Schecks;Soll;Haben;Währung",
            lambda t: [
                f"{t.d.day}.{t.d.month}.{t.d.year}",
                f"{t.p.day}.{t.p.month}.{t.p.year}",
                "SEPA Lastschrift",
                t.name,
                t.text,
                OTHER,
                "",
                "",
                "",
                "",
                "",
                de(t.a),
                "",
                "",
                "",
                de(t.a) if t.a < 0 else "",
                de(t.into),
                "EUR",
            ],
            m,
            delimiter=";",
            quote="none",
            currency="EUR",
            account=OWN,
            before="Umsätze\nKonto;Filial-/Kontonummer;IBAN;Währung\nGirokonto;0123 456789 "
            f"00;{OWN};EUR\n\n1.1.2026 - 31.1.2026\nLetzter Kontostand;;;;2.500,00;EUR\n"
            "Vorgemerkte und noch nicht gebuchte Umsätze sind nicht Bestandteil dieser Übersicht.\n",
            after="Kontostand;31.1.2026;;;4.233,13;EUR\n",
            answers={"account": {"from": "const", "value": f"postbank:{OWN}", "kind": "checking"}},
        )
    )
    add(
        export(
            "consorsbank",
            "Umsatzübersicht_123456789.csv",
            "Buchung;Valuta;Sender / Empfänger;IBAN / Konto-Nr.;BIC / "
            "BLZ;Buchungstext;Verwendungszweck;Kategorie;Stichwörter;Umsatz geteilt;Betrag in EUR",
            lambda t: [
                dot(t.d),
                dot(t.p),
                t.name,
                OTHER,
                "INGDDEFF",
                "LASTSCHRIFT",
                t.text,
                "Alltag",
                "",
                "",
                de(t.a),
            ],
            m,
            delimiter=";",
            currency="EUR",
            account="123456789",
            answers={
                **SIGNED,
                "account": {"from": "const", "value": "consors:123456789", "kind": "checking"},
            },
        )
    )
    add(
        export(
            "ing_diba",
            f"Umsatzanzeige_{OWN}_20260131.csv",
            (
                "Buchung;Wertstellungsdatum;Auftraggeber/Empfänger;Buchungstext;Verwendungszweck;"
                "Saldo;Währung;Betrag;Währung"
            ),
            lambda t: [
                dot(t.d),
                dot(t.p),
                t.name,
                "Lastschrift" if t.a < 0 else "Gehalt/Rente",
                t.text,
                de(t.b),
                "EUR",
                de(t.a),
                "EUR",
            ],
            m,
            delimiter=";",
            encoding="iso8859-1",
            quote="none",
            currency="EUR",
            balance=True,
            account=OWN,
            before="Umsatzanzeige;Datei erstellt am: 31.01.2026 12:00\n;Letztes Update: "
            f"aktuell\n\nIBAN;{OWN[:4]} {OWN[4:8]} {OWN[8:12]} {OWN[12:16]} {OWN[16:20]} "
            f"{OWN[20:]}\nKontoname;Girokonto\n"
            "Bank;ING\nKunde;Max Mustermann\nZeitraum;01.01.2026 - "
            "31.01.2026\nSaldo;4.233,13;EUR\n\nSortierung;Datum absteigend\n\n"
            "In der CSV-Datei finden Sie alle bereits gebuchten Umsätze. Die vorgemerkten "
            "Umsätze werden nicht aufgenommen, auch wenn sie in Ihrem Internetbanking "
            "angezeigt werden.\n\n",
            rows=[{**row, "account": None} for row in truth(m, currency="EUR", balance=True)],
        )
    )
    add(
        export(
            "n26",
            "n26-csv-transactions.csv",
            (
                '"Booking Date","Value Date","Partner Name","Partner Iban",Type,"Payment Reference"'
                ',"Account Name","Amount (EUR)","Original Amount","Original Currency","Exchange '
                'Rate"'
            ),
            lambda t: [
                iso(t.d),
                iso(t.p),
                t.name,
                OTHER if t.kind == "salary" else "",
                "Credit Transfer" if t.kind == "salary" else "Presentment",
                t.text,
                "Hauptkonto",
                num(t.a),
                num(t.a),
                "EUR",
                "1",
            ],
            m,
            newest=False,
            currency="EUR",
            answers=SIGNED,
        )
    )
    add(
        export(
            "dkb_visa",
            "31-01-2026_Umsatzliste_Visa-Kreditkarte_4748xxxxxxxx1234.csv",
            (
                '"Belegdatum";"Wertstellung";"Status";"Beschreibung";"Umsatztyp";"Betrag (€)";"'
                'Fremdwährungsbetrag"'
            ),
            lambda t: [
                dot2(t.d),
                "" if t.pending else dot2(t.p),
                "Vorgemerkt" if t.pending else "Gebucht",
                t.text,
                "Im Geschäft" if t.a < 0 else "Einzahlung",
                f"{de(t.a)} €",
                "",
            ],
            moves("de", card=True, pending=2),
            delimiter=";",
            quote="all",
            encoding="utf-8-sig",
            before=(
                '"Karte";"Visa Kreditkarte";"4748 •••• •••• 1234"\n""\n"Saldo vom 31.01.2026:";"'
                '-438,00 EUR"\n""\n'
            ),
            currency="EUR",
            account="1234",
            answers=SIGNED,
        )
    )
    add(
        export(
            "dkb_giro_legacy",
            "1012345678.csv",
            (
                '"Buchungstag";"Wertstellung";"Buchungstext";"Auftraggeber / Begünstigter";"'
                'Verwendungszweck";"Kontonummer";"BLZ";"Betrag (EUR)";"Gläubiger-ID";"'
                'Mandatsreferenz";"Kundenreferenz";'
            ),
            lambda t: [
                dot(t.d),
                dot(t.p),
                "Kartenzahlung",
                t.name,
                t.text,
                f"DE0250010517013707503{t.i}",
                "INGDDEFFXXX",
                de(t.a),
                "",
                "",
                f"RF{t.i}",
                "",
            ],
            m,
            delimiter=";",
            quote="all",
            encoding="iso8859-1",
            before=(
                f'"Kontonummer:";"{OWN} / Girokonto";\n\n"Von:";"01.01.2026";\n"Bis:";"31.01.2026";'
                '\n"Kontostand vom 31.01.2026:";"4.233,13 EUR";\n\n'
            ),
            currency="EUR",
            account=OWN,
            answers=SIGNED,
        )
    )
    add(
        export(
            "amazon_visa_lbb",
            "Umsaetze_LBB.csv",
            (
                '"Kreditkartennummer";"Transaktionsdatum";"Buchungsdatum";"Händler (Name, Stadt & '
                'Land)";"Umsatzkategorie";"Betrag in Fremdwährung";"Einheit Fremdwährung";"'
                'Umrechnungskurs";"Betrag in Euro";"Amazon Punkte";"Prime Punkte"'
            ),
            lambda t: [
                "XXXXXXXXXXXX1234",
                dot(t.d),
                dot(t.p),
                t.text,
                "Handel",
                "",
                "",
                "",
                de(t.a),
                "5",
                "3",
            ],
            c,
            delimiter=";",
            post="p",
            currency="EUR",
            answers={
                **SIGNED,
                "amount.column": "Betrag in Euro",
                "account": {"from": "column", "column": "Kreditkartennummer", "kind": "card"},
            },
        )
    )
    add(
        export(
            "barclays_de",
            "Umsätze.csv",
            (
                "Referenznummer;Buchungsdatum;Buchungsdatum2;Betrag;Beschreibung;Typ;Status;"
                "Kartennummer;Originalbetrag;Mögliche Zahlpläne;Land;Name des Karteninhabers;"
                "Kartennetzwerk;Kontaktlose Bezahlung"
            ),
            lambda t: [
                f"77{t.i:08d}",
                dot(t.d),
                dot(t.d),
                f"{de(t.a)} €",
                t.text,
                "Belastung" if t.a < 0 else "Gutschrift",
                "Berechnet",
                "1234",
                f"{de(t.a)} €",
                "",
                "DE",
                "MAX",
                "Visa",
                "ja",
            ],
            c,
            delimiter=";",
            currency="EUR",
            rows=[
                {**row, "source_id": f"77{t.i:08d}"}
                for t, row in zip(c, truth(c, currency="EUR"), strict=True)
            ],
            answers={
                "rows.pending": None,
                "columns.source_id": "Referenznummer",
                "columns.date": "Buchungsdatum",
            },
        )
    )
    add(
        export(
            "hibiscus",
            "hibiscus-export-20260131.csv",
            "#;Konto;Gegenkonto;Gegenkonto BLZ;Gegenkonto "
            "Inhaber;Betrag;Valuta;Datum;Verwendungszweck;Verwendungszweck "
            "2;Zwischensumme;Primanota;Kundenreferenz;Kategorie;Kommentar;Weitere "
            "Verwendungszwecke;Art;Vormerkbuchung",
            lambda t: [
                str(t.i),
                OWN,
                OTHER,
                "INGDDEFF",
                t.name,
                comma(t.a),
                dot(t.p),
                dot(t.d),
                t.text,
                "",
                comma(t.b),
                "",
                "",
                "",
                "",
                "",
                "LASTSCHRIFT",
                "",
            ],
            m,
            delimiter=";",
            newest=False,
            currency="EUR",
            balance=True,
            account=OWN,
            answers=EUR,
        )
    )
    add(
        export(
            "ubs",
            "transactions.csv",
            (
                "Abschlussdatum;Abschlusszeit;Buchungsdatum;Valutadatum;Währung;Belastung;"
                "Gutschrift;Einzelbetrag;Saldo;Transaktions-Nr.;Beschreibung1;Beschreibung2;"
                "Beschreibung3;Fussnoten;"
            ),
            lambda t: [
                iso(t.d),
                "10:11:12",
                iso(t.p),
                iso(t.p),
                "CHF",
                num(t.a) if t.a < 0 else "",
                num(t.into),
                "",
                num(t.b),
                t.id,
                t.name,
                t.text,
                "",
                "",
                "",
            ],
            moves("de"),
            delimiter=";",
            encoding="utf-8-sig",
            post="p",
            currency="CHF",
            balance=True,
            ids=True,
            account="0123 00123456.40",
            before=(
                "Kontonummer:;0123 00123456.40;\nIBAN:;CH00 0023 3233 0012 3456 A;\nVon:;"
                "2026-01-05;\nBis:;2026-01-22;\nAnfangssaldo:;2500.00;\nSchlusssaldo:;4233.13;"
                "\nBewertet in:;CHF;\nAnzahl Transaktionen in diesem Zeitraum:;10;\n\n"
            ),
        )
    )
    add(
        export(
            "postfinance",
            "export_transactions_20260131.csv",
            "Datum;Bewegungstyp;Avisierungstext;Gutschrift in CHF;Lastschrift in CHF;Label;Kategorie",
            lambda t: [
                dot(t.d),
                "Kauf/Dienstleistung",
                t.text,
                num(t.into),
                num(t.a) if t.a < 0 else "",
                "",
                "Übriges",
            ],
            moves("de"),
            delimiter=";",
            encoding="utf-8-sig",
            currency="CHF",
            before=(
                'Datum von:;="2026-01-01"\nDatum bis:;="2026-01-31"\nBuchungsart:;="Alle Buchungen"'
                '\nKonto:;="CH5109000000250092291"\nWährung:;="CHF"\n\n'
            ),
            after="\nDisclaimer:\nDer Dokumentinhalt wurde durch Filtereinstellungen der Kundin bzw. des "
            "Kunden generiert.\n",
            account="CH5109000000250092291",
        )
    )
    add(
        export(
            "zkb",
            "Kontoauszug 20260131120000.csv",
            (
                '"Datum";"Buchungstext";"Whg";"Betrag Detail";"ZKB-Referenz";"Referenznummer";"'
                'Belastung CHF";"Gutschrift CHF";"Valuta";"Saldo CHF";"Zahlungszweck"'
            ),
            lambda t: [
                dot(t.d),
                t.text,
                "",
                "",
                f"Z26{t.i:09d}",
                "",
                num(t.out),
                num(t.into),
                dot(t.p),
                num(t.b),
                "",
            ],
            moves("de"),
            delimiter=";",
            quote="all",
            currency="CHF",
            balance=True,
            rows=[{**row, "source_id": None, "currency": "CHF"} for row in truth(moves("de"), balance=True)],
            answers={"columns.source_id": None, **CHF},
        )
    )
    add(
        export(
            "raiffeisen_ch",
            "Export_20260131.csv",
            "IBAN;Booked At;Text;Credit/Debit Amount;Balance;Valuta Date",
            lambda t: [
                "CH5780808001234567890",
                f"{iso(t.d)} 00:00:00.0",
                t.text,
                num(t.a),
                num(t.b),
                f"{iso(t.p)} 00:00:00.0",
            ],
            moves("de"),
            delimiter=";",
            newest=False,
            encoding="cp1252",
            currency="CHF",
            balance=True,
            account="CH5780808001234567890",
            answers={**CHF, "account": {"from": "column", "column": "IBAN", "kind": "checking"}},
        )
    )
    add(
        export(
            "neon",
            "2026_account_statements.csv",
            (
                '"Date";"Amount";"Original amount";"Original currency";"Exchange rate";"'
                'Description";"Subject";"Category";"Tags";"Wise";"Spaces"'
            ),
            lambda t: [iso(t.d), num(t.a), "", "", "", t.name, t.text, "food", "", "no", "no"],
            moves("de"),
            delimiter=";",
            quote="all",
            currency="CHF",
            answers={**CHF, **SIGNED},
            rows=[
                {**row, "currency": "CHF", "words": t.name}
                for t, row in zip(moves("de"), truth(moves("de")), strict=True)
            ],
        )
    )
    add(
        export(
            "swisscard",
            "transactions_20260131.csv",
            "Transaction date,Description,Card number,Currency,Amount,Debit/Credit,Status,Category",
            lambda t: [
                dot(t.d),
                t.text,
                "3792XXXXXXX1234",
                "CHF",
                num(-t.a),
                "Debit" if t.a < 0 else "Credit",
                "Posted",
                "Food",
            ],
            c,
            currency="CHF",
            account="1234",
        )
    )
    add(
        export(
            "swisscard_unsigned",
            "transactions_20260131.csv",
            "Transaktionsdatum,Beschreibung,Kartennummer,Währung,Betrag,Debit/Kredit,Status,Kategorie",
            lambda t: [
                dot(t.d),
                t.text,
                "3792XXXXXXX1234",
                "CHF",
                num(abs(t.a)),
                "Debit" if t.a < 0 else "Kredit",
                "Gebucht",
                "Essen",
            ],
            c,
            currency="CHF",
            account="1234",
        )
    )
    add(
        export(
            "erste_at",
            "Umsaetze_2026.csv",
            "Buchungsdatum,Partnername,Partner IBAN,BIC/SWIFT,Partner "
            "Kontonummer,Bankleitzahl,Betrag,Währung,Buchungs-Details,Buchungsreferenz,Notiz",
            lambda t: [
                dot(t.d),
                t.name,
                "AT611904300234573201",
                "",
                "",
                "",
                de(t.a),
                "EUR",
                t.text,
                f"20111260131{t.i:06d}",
                "",
            ],
            m,
            quote="all",
            encoding="utf-16",
            currency="EUR",
            rows=[{**row, "source_id": None} for row in truth(m, currency="EUR")],
            answers={**SIGNED, "columns.source_id": None},
        )
    )
    add(
        export(
            "raiffeisen_at",
            "meinelba_umsaetze_AT273239500000141085_suche.csv",
            None,
            lambda t: [dot(t.d), t.text, dot(t.p), comma(t.a), "EUR", f"{dot(t.d)} 10:00:00:{t.i:03d}"],
            m,
            delimiter=";",
            currency="EUR",
            account="AT273239500000141085",
            answers={**SIGNED, "columns.date": {"index": 0}},
        )
    )
    add(
        export(
            "easybank",
            "EASYBANK_Umsatzliste_20260131_1200.csv",
            None,
            lambda t: [
                "20010123456",
                t.text,
                dot(t.p),
                dot(t.d),
                comma(t.a).replace("-", "-") if t.a < 0 else f"+{comma(t.a)}",
                "EUR",
            ],
            m,
            delimiter=";",
            currency="EUR",
            account="20010123456",
            answers={
                **SIGNED,
                "columns.date": {"index": 3},
                "account": {"from": "column", "column": {"index": 0}, "kind": "checking"},
            },
        )
    )
    add(
        export(
            "bank_austria",
            "POS_2026.csv",
            (
                "Buchungsdatum;Valutadatum;Buchungstext;Interne Notiz;Währung;Betrag;Belegdaten;"
                "Belegnummer;Auftraggebername;Auftraggeberkonto;Auftraggeber BLZ;Empfängername;"
                "Empfängerkonto;Empfänger BLZ;Zahlungsgrund"
            ),
            lambda t: [
                dot(t.d),
                dot(t.p),
                t.text,
                "",
                "EUR",
                de(t.a),
                "",
                f"{t.i:05d}",
                "Max Muster",
                "AT611904300234573201",
                "",
                t.name,
                "AT021100000012345678",
                "",
                t.text,
            ],
            m,
            delimiter=";",
            currency="EUR",
            answers={
                **SIGNED,
                "account": {"from": "const", "value": "ba:main", "kind": "checking"},
                "columns.source_id": None,
            },
        )
    )
    owed = D("0")
    del owed
    add(
        export(
            "tomorrow",
            "tomorrow.csv",
            (
                '"Booking Date","Valuta Date","Sender or Recipient","IBAN","BIC","Booking Type","'
                'Purpose","Category","Amount","Currency","Balance"'
            ),
            lambda t: [
                iso(t.d),
                iso(t.p),
                t.name,
                OTHER,
                "INGDDEFF",
                "CARD",
                t.text,
                "Food",
                num(t.a),
                "EUR",
                num(t.b),
            ],
            m,
            currency="EUR",
            balance=True,
            answers={"account": {"from": "const", "value": "tomorrow:main", "kind": "checking"}},
        )
    )
    return out
