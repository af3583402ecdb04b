"""Invented exports in the layouts of real banks: movements, the file that a bank would make of them, the truth.

Lives here: the movements and the ways of writing them. The layouts are in `layouts_*.py`; judging a draft is
`judging.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

D = Decimal


@dataclass(frozen=True)
class Move:
    """One movement; `a` in the holder's view, `b` the balance after it (None while pending)."""

    i: int
    d: date  # when it happened
    p: date  # when it was booked
    a: Decimal
    b: Decimal | None
    text: str
    name: str
    kind: str  # salary, purchase, refund, transfer, fee, payment
    pending: bool = False

    @property
    def id(self) -> str:
        """A bank's id."""
        return f"T26{self.i:04d}{(self.i * 7919) % 100000:05d}"

    @property
    def out(self) -> Decimal | None:
        """The amount of money out, without a sign."""
        return -self.a if self.a < 0 else None

    @property
    def into(self) -> Decimal | None:
        """The amount of money in."""
        return self.a if self.a >= 0 else None


@dataclass
class Export:
    """A file and its truth: one expected row per transaction, in any order, and the answers to questions."""

    id: str
    name: str
    data: bytes
    rows: list[dict[str, Any]]
    answers: dict[str, Any] = field(default_factory=dict)
    must_ask: str | None = None  # the key of the question that the file cannot answer
    answerable: bool = True  # False: no answer can mend the draft, the export must be made another way
    must_tell: bool = False  # the file proves everything: no question is excused


TEXTS: dict[str, dict[str, tuple[str, str]]] = {
    "en": {
        "salary": ("ACME WIDGETS PAYROLL 000123", "Acme Widgets"),
        "purchase": ("BLUE HERON COFFEE AUSTIN", "Blue Heron Coffee"),
        "purchase2": ("NORTHWIND GROCERS #118, UNIT B", "Northwind Grocers"),
        "purchase3": ("HARBOR FUEL 00412", "Harbor Fuel"),
        "refund": ("NORTHWIND GROCERS REFUND", "Northwind Grocers"),
        "transfer": ("ONLINE TRANSFER TO SAVINGS", "Savings"),
        "fee": ("MONTHLY SERVICE FEE", "Bank"),
        "payment": ("AUTOPAY PAYMENT - THANK YOU", "Payment"),
    },
    "de": {
        "salary": ("Gehalt 01/2026 Beispiel AG", "Beispiel AG"),
        "purchase": ("Bäckerei Sonnenkorn Köln", "Sonnenkorn"),
        "purchase2": ("Supermarkt Grünwald SAGT DANKE", "Grünwald Handels GmbH"),
        "purchase3": ("Stadtwerke Musterstadt Abschlag", "Stadtwerke Musterstadt"),
        "refund": ("Buchhandlung Weiß Erstattung", "Buchhandlung Weiß & Söhne"),
        "transfer": ("Umbuchung Tagesgeld", "Max Mustermann"),
        "fee": ("Kontoführungsentgelt", "Musterbank"),
        "payment": ("Zahlungseingang Lastschrift - Danke", "Zahlung"),
    },
    "fr": {
        "salary": ("VIR SEPA EXEMPLE SA SALAIRE", "Exemple SA"),
        "purchase": ("CARTE 05/01 BOULANGERIE DU PONT", "Boulangerie du Pont"),
        "purchase2": ("CARTE 07/01 ÉPICERIE LUMIÈRE", "Épicerie Lumière"),
        "purchase3": ("PRLV EAUX DE VILLENEUVE", "Eaux de Villeneuve"),
        "refund": ("AVOIR ÉPICERIE LUMIÈRE", "Épicerie Lumière"),
        "transfer": ("VIR LIVRET ÉPARGNE", "Livret"),
        "fee": ("COTISATION MENSUELLE", "Banque"),
        "payment": ("VOTRE REGLEMENT MERCI", "Reglement"),
    },
    "nl": {
        "salary": ("Salaris januari Voorbeeld BV", "Voorbeeld BV"),
        "purchase": ("Betaalautomaat Bakkerij Molen", "Bakkerij Molen"),
        "purchase2": ("Kruidenier De Hoek Utrecht", "Kruidenier De Hoek"),
        "purchase3": ("Waterbedrijf Rivierland", "Waterbedrijf Rivierland"),
        "refund": ("Retour Kruidenier De Hoek", "Kruidenier De Hoek"),
        "transfer": ("Naar spaarrekening", "J Jansen"),
        "fee": ("Kosten betaalpakket", "Bank"),
        "payment": ("Aflossing dank u", "Aflossing"),
    },
    "es": {
        "salary": ("NOMINA EJEMPLO SL", "Ejemplo SL"),
        "purchase": ("COMPRA PANADERIA LA ESPIGA", "Panadería La Espiga"),
        "purchase2": ("COMPRA MERCADO PEÑA ALTA", "Mercado Peña Alta"),
        "purchase3": ("RECIBO AGUAS DEL RIO", "Aguas del Río"),
        "refund": ("DEVOLUCION MERCADO PEÑA ALTA", "Mercado Peña Alta"),
        "transfer": ("TRASPASO A CUENTA AHORRO", "Ahorro"),
        "fee": ("CUOTA MANTENIMIENTO", "Banco"),
        "payment": ("PAGO RECIBIDO GRACIAS", "Pago"),
    },
    "it": {
        "salary": ("STIPENDIO GENNAIO ESEMPIO SRL", "Esempio SRL"),
        "purchase": ("PAGAMENTO POS PANIFICIO ROSSI", "Panificio Rossi"),
        "purchase2": ("PAGAMENTO POS ALIMENTARI PERÒ", "Alimentari Però"),
        "purchase3": ("ADDEBITO ACQUEDOTTO VALLE", "Acquedotto Valle"),
        "refund": ("STORNO ALIMENTARI PERÒ", "Alimentari Però"),
        "transfer": ("GIROCONTO A DEPOSITO", "Deposito"),
        "fee": ("CANONE MENSILE", "Banca"),
        "payment": ("PAGAMENTO RICEVUTO", "Pagamento"),
    },
    "pl": {
        "salary": ("PRZELEW WYNAGRODZENIE PRZYKŁAD SP. Z O.O.", "Przykład Sp. z o.o."),
        "purchase": ("ZAKUP PIEKARNIA ŻYTKO ŁÓDŹ", "Piekarnia Żytko"),
        "purchase2": ("ZAKUP SKLEP ŚWIERK KRAKÓW", "Sklep Świerk"),
        "purchase3": ("WODOCIĄGI MIEJSKIE", "Wodociągi Miejskie"),
        "refund": ("ZWROT SKLEP ŚWIERK", "Sklep Świerk"),
        "transfer": ("PRZELEW NA OSZCZĘDNOŚCI", "Jan Przykład"),
        "fee": ("OPŁATA ZA PROWADZENIE RACHUNKU", "Bank"),
        "payment": ("SPŁATA KARTY", "Spłata"),
    },
    "cs": {
        "salary": ("Mzda leden Příklad s.r.o.", "Příklad s.r.o."),
        "purchase": ("Pekárna U Mlýna Brno", "Pekárna U Mlýna"),
        "purchase2": ("Potraviny Šťastný Praha", "Potraviny Šťastný"),
        "purchase3": ("Vodárny Žďár", "Vodárny Žďár"),
        "refund": ("Vrácení Potraviny Šťastný", "Potraviny Šťastný"),
        "transfer": ("Převod na spoření", "Jan Příklad"),
        "fee": ("Poplatek za vedení účtu", "Banka"),
        "payment": ("Splátka karty", "Splátka"),
    },
    "hu": {
        "salary": ("Munkabér január Példa Kft.", "Példa Kft."),
        "purchase": ("Vásárlás Őszi Pékség Győr", "Őszi Pékség"),
        "purchase2": ("Vásárlás Zöldség Közért", "Zöldség Közért"),
        "purchase3": ("Vízmű számla", "Vízmű"),
        "refund": ("Visszatérítés Zöldség Közért", "Zöldség Közért"),
        "transfer": ("Átvezetés megtakarításra", "Példa Pál"),
        "fee": ("Számlavezetési díj", "Bank"),
        "payment": ("Törlesztés", "Törlesztés"),
    },
    "sv": {
        "salary": ("LÖN EXEMPEL AB", "Exempel AB"),
        "purchase": ("KORTKÖP BAGERI SÖDERMALM", "Bageri Södermalm"),
        "purchase2": ("KORTKÖP LIVS ÅKERBY", "Livs Åkerby"),
        "purchase3": ("AUTOGIRO VATTENVERKET", "Vattenverket"),
        "refund": ("RETUR LIVS ÅKERBY", "Livs Åkerby"),
        "transfer": ("ÖVERFÖRING SPAR", "Sparkonto"),
        "fee": ("MÅNADSAVGIFT", "Bank"),
        "payment": ("INBETALNING TACK", "Inbetalning"),
    },
    "da": {
        "salary": ("Løn januar Eksempel ApS", "Eksempel ApS"),
        "purchase": ("Dankort-køb Bageri Søborg", "Bageri Søborg"),
        "purchase2": ("Køb Købmand Ærø", "Købmand Ærø"),
        "purchase3": ("BS Vandværket Åby", "Vandværket Åby"),
        "refund": ("Retur Købmand Ærø", "Købmand Ærø"),
        "transfer": ("Overførsel opsparing", "Opsparing"),
        "fee": ("Gebyr konto", "Bank"),
        "payment": ("Indbetaling", "Indbetaling"),
    },
    "fi": {
        "salary": ("PALKKA ESIMERKKI OY", "Esimerkki Oy"),
        "purchase": ("KORTTIOSTO LEIPOMO MÄKELÄ", "Leipomo Mäkelä"),
        "purchase2": ("KORTTIOSTO KAUPPA YLÖJÄRVI", "Kauppa Ylöjärvi"),
        "purchase3": ("VESILAITOS LASKU", "Vesilaitos"),
        "refund": ("HYVITYS KAUPPA YLÖJÄRVI", "Kauppa Ylöjärvi"),
        "transfer": ("OMA SIIRTO SÄÄSTÖ", "Matti Esimerkki"),
        "fee": ("PALVELUMAKSU", "Pankki"),
        "payment": ("MAKSU KIITOS", "Maksu"),
    },
    "pt": {
        "salary": ("SALARIO EXEMPLO LDA", "Exemplo Lda"),
        "purchase": ("COMPRA PADARIA SÃO JOÃO", "Padaria São João"),
        "purchase2": ("COMPRA MERCEARIA AÇORES", "Mercearia Açores"),
        "purchase3": ("DEBITO AGUAS DO VALE", "Águas do Vale"),
        "refund": ("DEVOLUÇÃO MERCEARIA AÇORES", "Mercearia Açores"),
        "transfer": ("TRANSFERENCIA POUPANÇA", "Poupança"),
        "fee": ("COMISSÃO MANUTENÇÃO", "Banco"),
        "payment": ("PAGAMENTO RECEBIDO", "Pagamento"),
    },
    "ja": {
        "salary": ("給与 サンプル株式会社", "サンプル株式会社"),
        "purchase": ("カフェ アオサギ", "カフェ アオサギ"),
        "purchase2": ("スーパー キタカゼ", "スーパー キタカゼ"),
        "purchase3": ("水道局", "水道局"),
        "refund": ("返金 スーパー キタカゼ", "スーパー キタカゼ"),
        "transfer": ("振替 貯蓄預金", "貯蓄"),
        "fee": ("手数料", "銀行"),
        "payment": ("口座振替入金", "入金"),
    },
}

_CHECKING = [
    (5, 0, "salary", "3150.75"),
    (7, 1, "purchase", "-6.05"),
    (9, 1, "purchase2", "-82.35"),
    (9, 1, "purchase2", "-82.35"),
    (12, 2, "purchase3", "-29.44"),
    (13, 1, "purchase", "-4.60"),
    (15, 1, "refund", "24.19"),
    (19, 0, "transfer", "-1200.00"),
    (20, 1, "purchase2", "-141.59"),
    (22, 0, "fee", "-4.95"),
]
_CARD = [
    (5, 0, "payment", "1250.40"),
    (6, 1, "purchase", "-7.42"),
    (8, 1, "purchase2", "-116.19"),
    (9, 1, "purchase", "-31.07"),
    (9, 1, "purchase", "-31.07"),
    (12, 2, "purchase3", "-56.33"),
    (15, 1, "purchase2", "-104.74"),
    (16, 1, "refund", "23.79"),
    (18, 1, "purchase3", "-1349.00"),
]


def moves(
    lang: str = "en",
    *,
    card: bool = False,
    opening: str = "2500.00",
    whole: bool = False,
    pending: int = 0,
    early: bool = False,
    count: int | None = None,
) -> list[Move]:
    """Movements, oldest first. `whole`: no decimals; `pending`: that many newest are not booked yet;
    `early`: no day beyond the 12th; `count`: only the first so many."""
    plan = (_CARD if card else _CHECKING)[:count]
    balance = D(opening)
    out: list[Move] = []
    for i, (day, later, kind, amount) in enumerate(plan):
        value = D(amount)
        if whole:
            value = (value * 100).to_integral_value()
        month, number = (1 + i // 5, 2 + (day * 2 + i) % 10) if early else (1, day)
        when = date(2026, month, number)
        waiting = i >= len(plan) - pending
        balance = balance if waiting else balance + value
        text, name = TEXTS[lang][kind]
        plain_kind = kind.rstrip("23")
        out.append(
            Move(i, when, when + timedelta(days=later), value, None if waiting else balance, text, name, plain_kind, waiting)
        )
    if early:
        out.sort(key=lambda move: move.d)
        balance = D(opening)
        rebuilt = []
        for i, move in enumerate(out):
            balance += move.a
            rebuilt.append(Move(i, move.d, move.p, move.a, balance, move.text, move.name, move.kind))
        out = rebuilt
    return out


def num(value: Decimal | None, decimal: str = ".", thousands: str = "", *, plus: bool = False, places: int = 2) -> str:
    """A figure as a bank writes it; None is an empty cell."""
    if value is None:
        return ""
    text = f"{abs(value):,.{places}f}"
    text = text.replace(",", "\x00").replace(".", decimal).replace("\x00", thousands)
    return ("-" if value < 0 else "+" if plus else "") + text


def de(value: Decimal | None) -> str:
    """1.234,56"""
    return num(value, ",", ".")


def comma(value: Decimal | None) -> str:
    """1234,56"""
    return num(value, ",")


def nbsp(value: Decimal | None) -> str:
    """1 234,56 with a no-break space"""
    return num(value, ",", "\u00a0")


def us(day: date) -> str:
    """01/31/2026"""
    return f"{day:%m/%d/%Y}"


def uk(day: date) -> str:
    """31/01/2026"""
    return f"{day:%d/%m/%Y}"


def dot(day: date) -> str:
    """31.01.2026"""
    return f"{day:%d.%m.%Y}"


def dot2(day: date) -> str:
    """31.01.26"""
    return f"{day:%d.%m.%y}"


def dash(day: date) -> str:
    """31-01-2026"""
    return f"{day:%d-%m-%Y}"


def iso(day: date) -> str:
    """2026-01-31"""
    return f"{day:%Y-%m-%d}"


def table(
    records: Sequence[Sequence[str]], delimiter: str = ",", *, quote: str = "some", end: str = "\n"
) -> str:
    """Records as lines; quote: some (where needed), all, none."""
    lines = []
    for record in records:
        cells = []
        for cell in record:
            if quote == "all" or (quote == "some" and any(mark in cell for mark in (delimiter, '"', "\n"))):
                cell = '"' + cell.replace('"', '""') + '"'
            cells.append(cell)
        lines.append(delimiter.join(cells))
    return end.join(lines) + end


def truth(
    made: Sequence[Move],
    *,
    day: str = "d",
    post: str | None = None,
    currency: str | None = None,
    balance: bool = False,
    account: str | None = None,
    ids: bool = False,
    words: Callable[[Move], str] | None = None,
) -> list[dict[str, Any]]:
    """The expected rows."""
    return [
        {
            "date": getattr(move, day),
            "post_date": getattr(move, post) if post and not (move.pending and post == "p") else None,
            "amount": move.a,
            "currency": currency,
            "balance": move.b if balance else None,
            "account": account,
            "pending": move.pending,
            "source_id": move.id if ids else None,
            "words": words(move) if words else move.text,
        }
        for move in made
    ]


def export(
    id: str,
    name: str,
    header: str | None,
    cells: Callable[[Move], Sequence[str]],
    made: Sequence[Move],
    *,
    delimiter: str = ",",
    newest: bool = True,
    quote: str = "some",
    encoding: str = "utf-8",
    before: str = "",
    after: str = "",
    end: str = "\n",
    answers: dict[str, Any] | None = None,
    rows: list[dict[str, Any]] | None = None,
    must_ask: str | None = None,
    must_tell: bool = False,
    answerable: bool = True,
    **about: Any,
) -> Export:
    """A file of one record per movement, with its truth (`about` goes to `truth`)."""
    ordered = list(reversed(made)) if newest else list(made)
    text = before
    text += f"{header}{end}" if header is not None else ""
    text += table([list(cells(move)) for move in ordered], delimiter, quote=quote, end=end) + after
    expected = rows if rows is not None else truth(made, **about)
    return Export(id, name, text.encode(encoding), expected, answers or {}, must_ask, answerable, must_tell)
