"""Words of bank exports: how a name is normalised, what role it announces, and the words inside rows.

Lives here: looking words up. The header patterns themselves are `header_words`; what follows from a role is
decided by the modules that infer. A word that is not listed announces nothing, and then content or a
question decides.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from dsr_pipeline.bank.draft.header_words import DATE_WORDS, NUMBER_WORDS, PLACE_WORDS, TEXT_WORDS
from dsr_pipeline.bank.draft.shapes import CURRENCY_CODES, currency_of

_PLAIN = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "ß": "ss"})
_JOINED = str.maketrans({"æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe"})
_UNIT = re.compile(r"\b(?:CAD|USD|US|CA|NZ|AU|HK|MX|R|C|A|S)?\$|[€£$¥]|\b(?:in )?(?:" + "|".join(sorted(CURRENCY_CODES)) + r"|Euros?|euros?|EUROS?)\b")
_CODE_IN_NAME = re.compile(r"(?<![A-Za-z])(?:" + "|".join(sorted(CURRENCY_CODES)) + r")(?![A-Za-z])")
_SIGN_IN_NAME = re.compile(r"(?:CAD|USD|US|CA|NZ|AU|HK|MX|R|C|A|S)?\$|[€£₹₺₽₪₩฿₱₫₴]|\bzł\b|\bKč\b|\bEuros?\b|\beuros?\b|\bEUROS?\b")


@lru_cache(maxsize=8192)
def words_of(name: str) -> str:
    """A header name as lower-case words without accents, punctuation and currency: `Betrag (€)` → `betrag`."""
    text = unicodedata.normalize("NFKC", name).translate(_JOINED).translate(_PLAIN)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)  # dateOp, accountNumber
    text = _UNIT.sub(" ", text)
    if re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", text):
        return re.sub(r"[^\w]+|[・:：()（）]", "", text)
    text = "".join(part for part in unicodedata.normalize("NFKD", text) if not unicodedata.combining(part))
    return re.sub(r"[\W_]+", " ", text).strip().lower()


@lru_cache(maxsize=8192)
def date_role(name: str) -> str | None:
    """value, transaction, booking, plain or other; None for an unknown name."""
    return _role(words_of(name), DATE_WORDS)


@lru_cache(maxsize=8192)
def number_role(name: str) -> str | None:
    """debit, credit, amount, balance, fee …; None for an unknown name."""
    return _role(words_of(name), NUMBER_WORDS)


@lru_cache(maxsize=8192)
def text_role(name: str) -> str | None:
    """description, payee, status, account …; None for an unknown name."""
    words = words_of(name)
    if (role := _role(words, TEXT_WORDS)) is not None:
        return role
    return "place" if re.search(PLACE_WORDS, words) else None


def is_known(name: str) -> bool:
    """Whether a name is one that bank exports print in headers."""
    return bool(name) and any(look(name) is not None for look in (date_role, number_role, text_role))


def currency_in_name(name: str) -> tuple[str | None, bool]:
    """The currency that a header name states, and whether it states one at all (`$` alone says none)."""
    text = unicodedata.normalize("NFKC", name)
    codes = set(_CODE_IN_NAME.findall(text))
    signs = set(_SIGN_IN_NAME.findall(text))
    found = codes | {code for sign in signs if (code := currency_of(sign)) is not None}
    return (next(iter(found)) if len(found) == 1 else None, bool(codes or signs))


def _role(words: str, table: tuple[tuple[str, str], ...]) -> str | None:
    if not words:
        return None
    for role, pattern in table:
        if re.search(pattern, words):
            return role
    return None


_NO_WORD = re.compile(r"[\W_]+")

# --- words inside rows ------------------------------------------------------------------------------------
# Pairs (out, in) of words that name a direction by themselves. A pair counts only as a whole column:
# every cell is one of its two words. Single letters count only when both stand in the file.
DIRECTION_PAIRS: tuple[tuple[str, str], ...] = (
    ("debit", "credit"), ("debits", "credits"), ("dr", "cr"), ("dbit", "crdt"), ("d", "c"), ("debet", "credit"),
    ("debet", "kredit"), ("debit", "kredit"), ("d", "k"), ("s", "h"), ("soll", "haben"), ("belastung", "gutschrift"),
    ("lastschrift", "gutschrift"), ("ausgang", "eingang"), ("ausgabe", "einnahme"), ("af", "bij"), ("out", "in"),
    ("outgoing", "incoming"), ("outflow", "inflow"), ("money out", "money in"), ("paid out", "paid in"),
    ("expense", "income"), ("withdrawal", "deposit"), ("w", "d"), ("-", "+"), ("debe", "haber"), ("cargo", "abono"),
    ("gasto", "ingreso"), ("egreso", "ingreso"), ("debito", "credito"), ("saida", "entrada"), ("despesa", "receita"),
    ("dare", "avere"), ("uscita", "entrata"), ("addebito", "accredito"), ("obciazenie", "uznanie"), ("wydatek", "przychod"),
    ("wyplata", "wplata"), ("vydaj", "prijem"), ("odchozi", "prichozi"), ("debetni", "kreditni"),
    ("terheles", "jovairas"), ("t", "j"), ("kiadas", "bevetel"), ("utgift", "inkomst"), ("uttag", "insattning"),
    ("ut", "inn"), ("ud", "ind"), ("borc", "alacak"), ("debet", "alacak"), ("sortie", "entree"), ("depense", "recette"),
    ("dbt", "cdt"), ("dbt", "crd"), ("出金", "入金"), ("支出", "収入"), ("plata", "incasare"), ("uit", "in"),
)  # fmt: skip

_PENDING = frozenset(
    "pending|processing|in progress|authorised|authorized|authorisation|authorization|unposted|unsettled|uncleared|not posted|hold|on hold"
    "|vorgemerkt|umsatz vorgemerkt|offen|ausstehend|in bearbeitung|reserviert|vormerkung|vorgemerkte umsatze|gereserveerd|in behandeling"
    "|en attente|en cours|a venir|non comptabilise|pendiente|en proceso|pendente|in attesa|non contabilizzato|da contabilizzare"
    "|oczekujaca|oczekujace|w realizacji|blokada|nierozliczona|nierozliczone|reserverat|reserverad|ej bokfort|reserveret|afventer|reservert|reservasjon|ikke bokfort|varaus|katevaraus"
    "|cekajici|ceka|nezauctovano|blokace|rezervace|cakajuca|fuggoben|zarolt|foglalas|in asteptare|beklemede|provizyon"
    "|未確定|処理中|保留".split("|")
)
_POSTED = frozenset(
    "posted|cleared|completed|complete|settled|booked|done|success|successful|succeeded|processed|executed|confirmed|final|finalised|approved|reconciled|paid|ok|active"
    "|gebucht|umsatz gebucht|verbucht|abgeschlossen|ausgefuhrt|geboekt|verwerkt|voltooid|uitgevoerd"
    "|comptabilise|comptabilisee|effectue|effectuee|termine|execute|contabilizado|realizado|realizada|ejecutado|efetuado|liquidado|completado|completada|concluido|concluida|contabilizzato|eseguito|eseguita|completato|completata"
    "|zaksiegowana|zaksiegowano|rozliczona|rozliczono|zrealizowana|zrealizowano|wykonana|bokfort|bokford|genomford|bogfort|gennemfort|udfort|bokfort|utfort|kirjattu|toteutunut"
    "|zauctovano|zauctovana|provedeno|realizovano|zauctovane|vykonana|konyvelt|teljesult|procesat|finalizat|gerceklesti|tamamlandi|確定|完了|確定済".split("|")
)
_NOT_DONE = frozenset(
    "reverted|declined|failed|cancelled|canceled|rejected|voided|void|expired|denied|refused|error|not executed|abgelehnt|abgebrochen|fehlgeschlagen|nicht ausgefuhrt"
    "|geweigerd|geannuleerd|mislukt|refuse|refusee|annule|annulee|echoue|rechazado|rechazada|cancelado|cancelada|anulado|anulada|fallido|recusado|recusada|rifiutato|rifiutata|annullato|annullata"
    "|odrzucona|odrzucono|anulowana|nieudana|nekad|avbruten|misslyckad|afvist|annulleret|avvist|kansellert|hylatty|peruutettu|zamitnuto|zruseno|zamietnuta|elutasitva|respins|reddedildi|iptal|取消|失敗".split("|")
)

# Rows that state a balance or a total; a phrase counts where the cell begins with it.
_BALANCE_ROWS = re.compile(
    r"^(opening (ledger )?balance|closing (ledger )?balance|beginning balance|ending balance|starting balance|start balance|end balance|balance (brought|carried) forward"
    r"|balance b f|balance c f|brought forward|previous balance|current balance|available balance|ledger balance|balance as (of|at|on)|statement balance|final balance"
    r"|anfangssaldo|endsaldo|alter kontostand|neuer kontostand|alter saldo|neuer saldo|kontostand|saldovortrag|saldo vom|schlusssaldo|eroffnungssaldo|anfangsbestand|endbestand|abschlusssaldo|tagessaldo|saldo ubertrag|saldo$"
    r"|solde (initial|final|precedent|anterieur|crediteur|debiteur|au)|ancien solde|nouveau solde|saldo (anterior|inicial|final|actual|disponible|iniziale|finale|contabile|precedente|poczatkowe|koncowe|do dia|em conta|al|au|per)"
    r"|beginsaldo|eindsaldo|vorig saldo|nieuw saldo|ingaende saldo|utgaende saldo|ingaende balans|utgaende balans|primosaldo|ultimosaldo|inngaende saldo|alkusaldo|loppusaldo|alkuperainen saldo"
    r"|pocatecni zustatek|konecny zustatek|pociatocny zostatok|konecny zostatok|nyito egyenleg|zaro egyenleg|sold initial|sold final|sakuma atlikums|beigu atlikums|pradinis likutis|galutinis likutis|algsaldo|loppsaldo"
    r"|前月繰越|前頁繰越|繰越残高|期首残高|期末残高)"
)
_TOTAL_ROWS = re.compile(
    r"^(totals?\b|sub ?total|grand total|sum of|summe\b|gesamt\b|gesamtsumme|total (credits?|debits?|des)|turnover|umsatzsumme|zwischensumme|totaal\b|totale\b|totalt\b|suma\b|summa\b|yhteensa|celkem\b|spolu\b|osszesen|toplam\b|apgrozijums"
    r"|kaive|apyvarta|razem\b|obroty\b|合計|総合計|小計)"
)
_OPENING_WORDS = re.compile(
    r"\b(opening|beginning|starting|start|brought forward|previous|anfangs\w*|alter|eroffnungs\w*|saldovortrag|initial|precedent|ancien|anterior|inicial|iniziale|precedente|poczatkowe"
    r"|beginsaldo|vorig|ingaende|primo\w*|inngaende|alkusaldo|pocatecni|pociatocny|nyito|sakuma|pradinis|algsaldo|startsaldo|前月繰越|期首残高)\b"
)
_CLOSING_WORDS = re.compile(
    r"\b(closing|ending|end|carried forward|final|endsaldo|neuer|schluss\w*|endbestand|abschluss\w*|nouveau|finale|koncowe|eindsaldo|nieuw|utgaende|ultimo\w*|loppusaldo"
    r"|konecny|zaro|beigu|galutinis|loppsaldo|期末残高)\b"
)

# A closed list of movement kinds whose direction no bank view changes: what a holder buys leaves the account.
_OUT_KINDS = frozenset(
    "debit|debits|dr|dbit|purchase|purchases|sale|pos purchase|pos|point of sale|card purchase|visa purchase|purchase authorization|withdrawal|withdrawals|cash withdrawal|atm withdrawal|atm|money out|paid out|outgoing|out|outflow|expense|spend|spending"
    "|fee|fees|service charge|bank charge|charge|cash advance|direct debit|standing order|bill payment|debit card"
    "|ausgang|belastung|soll|kauf|kartenzahlung|bargeldauszahlung|barauszahlung|auszahlung|lastschrift|dauerauftrag|lastschrifteinzug|folgelastschrift|entgelt|kontofuhrung|ausgabe"
    "|af|aankoop|betaalautomaat|geldautomaat|incasso|achat|retrait|paiement carte|carte bancaire|prelevement|frais|debe|cargo|compra|compra con tarjeta|retiro|retirada|recibo|gasto|debito|acquisto|prelievo|prelievo bancomat|addebito|pagamento pos|uscita|dare"
    "|zakup|platnosc karta|wyplata|wyplata z bankomatu|obciazenie|platba kartou|vyber|vyber z bankomatu|inkaso|poplatek|vydaj|kop|kortkop|uttag|autogiro|kjop|varekjop|kob|dankort kob|korttiosto|osto|nosto|vasarlas|terheles|kartyas vasarlas|出金|引出".split("|")
)
_IN_KINDS = frozenset(
    "credit|credits|cr|crdt|refund|refunds|return|returns|merchandise return|purchase return|deposit|deposits|direct deposit|atm deposit|cash deposit|money in|paid in|incoming|in|inflow|income|salary|payroll|cashback|cash back|interest earned|dividend|rebate"
    "|eingang|gutschrift|haben|gehalt|lohn gehalt|gehalt rente|lohn|rente|einzahlung|erstattung|ruckerstattung|zinsgutschrift|einnahme"
    "|bij|bijschrijving|salaris|storting|remboursement|salaire|virement recu|versement|haber|abono|ingreso|nomina|devolucion|credito|accredito|stipendio|rimborso|entrata|avere|bonifico in entrata|bonifico a vostro favore"
    "|uznanie|wplata|wynagrodzenie|zwrot|przelew przychodzacy|prijem|prichozi platba|prichozi uhrada|mzda|vklad|insattning|lon|aterbetalning|lonn|innskudd|retur|palkka|pano|jovairas|munkaber|入金|預入".split("|")
)


@lru_cache(maxsize=1 << 18)
def plain(text: str) -> str:
    """A cell as lower-case words without accents, to be compared with the word lists."""
    if text.isascii():
        return _NO_WORD.sub(" ", text).strip().lower() or text.strip()
    if text.strip() == "−":
        return "-"
    return words_of(text) or text.strip().lower()


def status_kind(text: str) -> str | None:
    """pending, posted or not_executed; None for a word that is not known."""
    word = plain(text)
    if word in _PENDING:
        return "pending"
    if word in _POSTED:
        return "posted"
    return "not_executed" if word in _NOT_DONE else None


def pending_words() -> frozenset[str]:
    """Every word that is known to mean that the bank has not booked a row yet."""
    return _PENDING


def direction_kind(text: str) -> str | None:
    """out or in, for a cell of a type column that names a movement of known direction."""
    word = plain(text)
    return "out" if word in _OUT_KINDS else "in" if word in _IN_KINDS else None


def states_balance(text: str) -> bool:
    """Whether a cell begins like a line that states a balance."""
    return _BALANCE_ROWS.search(plain(text)) is not None


def states_total(text: str) -> bool:
    """Whether a cell begins like a line that states a total."""
    return _TOTAL_ROWS.search(plain(text)) is not None


def opening_or_closing(text: str) -> str | None:
    """opening or closing, for a text that states a balance; None where it says neither or both."""
    words = plain(text)
    opening, closing = _OPENING_WORDS.search(words), _CLOSING_WORDS.search(words)
    if (opening is None) == (closing is None):
        return None
    return "opening" if opening else "closing"


# Words that only one of the languages of bank exports has, for months and code pages.
_LANGUAGES: dict[str, str] = {
    "de": r"buchung\w*|betrag|umsatz\w*|verwendungszweck|konto\w*|wertstellung|auftraggeber|waehrung|gegenkonto|zeitraum|und|der",
    "fr": r"libelle|montant|solde|compte|operation|releve|debit euros?|du|au|achat|virement|prelevement|carte|valeur",
    "es": r"fecha|importe|saldo|concepto|cuenta|movimiento\w*|tarjeta|nomina|cargo|abono|compra|descripcion",
    "it": r"importo|causale|descrizione|operazione|addebit\w|accredit\w|conto|contabile|dare|avere|stipendio|entrate|uscite",
    "nl": r"bedrag|omschrijving|rekening\w*|tegenrekening|mededelingen|datum|naam|saldo na|af bij|rentedatum|salaris",
    "pt": r"descricao|saldo|conta|historico|lancamento|movimento\w*|debito|credito|salario|compra|valor",
    "pl": r"data|kwota|opis|operacji|transakcji|waluta|saldo|rachun\w*|konto|tytul|przelew|nadawca|ksiegowania|wynagrodzenie",
    "cs": r"datum|castka|mena|zprava|typ|nazev|protiuct\w*|popis|ucet|uctu|platba|symbol|uhrada|mzda|zustatek",
    "hu": r"osszeg|egyenleg|datum|partner|kozlemeny|szamla\w*|tranzakcio\w*|terheles|jovairas|penznem|forint|konyveles\w*",
    "ro": r"data|suma|detalii|descriere|cont|tranzactie\w*|debit|credit|sold|plata|incasare|lei",
    "sv": r"belopp|saldo|bokfor\w*|transaktions\w*|rubrik|mottagare|avsandare|datum|insattning|uttag|lon|kop",
    "da": r"dato|belob|saldo|tekst|bogfor\w*|afsender|modtager|lon|kob|rentedato|posteringstekst",
    "no": r"dato|belop|forklaring|rentedato|inn|ut|konto|bokfor\w*|lonn|kjop|beskrivelse|ut fra konto",
    "fi": r"maara|saaja|maksaja|saldo|kirjauspaiva|arvopaiva|viesti|tili\w*|selitys|palkka|osto|viite",
    "tr": r"tarih|tutar|aciklama|bakiye|hesap|islem|borc|alacak|dekont",
    "en": r"date|amount|description|balance|account|transaction|type|category|payment|debit|credit|details|paid|the|posted|reference|value",
}


def language_of(text: str) -> str | None:
    """The language that most of the words of a file's beginning belong to; None where two come level."""
    head = text[:6000].translate(_JOINED).translate(_PLAIN).replace("\ufffd", "")
    plain_head = "".join(
        part for part in unicodedata.normalize("NFKD", head) if not unicodedata.combining(part)
    ).lower()
    plain_head = re.sub(r"[\W_]+", " ", plain_head)
    counts = {
        language: len(set(re.findall(rf"\b(?:{words})\b", plain_head))) for language, words in _LANGUAGES.items()
    }
    best = max(counts.values())
    leaders = [language for language, count in counts.items() if count == best]
    return leaders[0] if best >= 2 and len(leaders) == 1 else None
