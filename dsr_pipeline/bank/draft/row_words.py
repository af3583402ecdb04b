"""Words inside the rows of bank exports: directions, states of a booking, balances, totals, languages.

Lives here: the lists, as facts of the trade. Looking them up is `vocabulary`; what follows from a word is
decided by the modules that infer.
"""

from __future__ import annotations

import re

# Pairs (out, in) of words that name a direction by themselves. A pair counts only as a whole column:
# every cell is one of its two words. Single letters count only when both stand in the file.
DIRECTION_PAIRS: tuple[tuple[str, str], ...] = (
    ("debit", "credit"), ("debits", "credits"), ("dr", "cr"), ("dbit", "crdt"), ("d", "c"),
    ("debet", "credit"), ("debet", "kredit"), ("debit", "kredit"), ("d", "k"), ("s", "h"),
    ("soll", "haben"), ("belastung", "gutschrift"), ("lastschrift", "gutschrift"),
    ("ausgang", "eingang"), ("ausgabe", "einnahme"), ("af", "bij"), ("out", "in"),
    ("outgoing", "incoming"), ("outflow", "inflow"), ("money out", "money in"),
    ("paid out", "paid in"), ("expense", "income"), ("withdrawal", "deposit"), ("w", "d"),
    ("-", "+"), ("debe", "haber"), ("cargo", "abono"), ("gasto", "ingreso"), ("egreso", "ingreso"),
    ("debito", "credito"), ("saida", "entrada"), ("despesa", "receita"), ("dare", "avere"),
    ("uscita", "entrata"), ("addebito", "accredito"), ("obciazenie", "uznanie"),
    ("wydatek", "przychod"), ("wyplata", "wplata"), ("vydaj", "prijem"), ("odchozi", "prichozi"),
    ("debetni", "kreditni"), ("terheles", "jovairas"), ("t", "j"), ("kiadas", "bevetel"),
    ("utgift", "inkomst"), ("uttag", "insattning"), ("ut", "inn"), ("ud", "ind"),
    ("borc", "alacak"), ("debet", "alacak"), ("sortie", "entree"), ("depense", "recette"),
    ("dbt", "cdt"), ("dbt", "crd"), ("出金", "入金"), ("支出", "収入"), ("plata", "incasare"),
    ("uit", "in"),
)  # fmt: skip

PENDING = frozenset(
    (
        "pending|processing|in progress|authorised|authorized|authorisation|authorization"
        "|unposted|unsettled|uncleared|not posted|hold|on hold|vorgemerkt|umsatz vorgemerkt|offen"
        "|ausstehend|in bearbeitung|reserviert|vormerkung|vorgemerkte umsatze|gereserveerd"
        "|in behandeling|en attente|en cours|a venir|non comptabilise|pendiente|en proceso"
        "|pendente|in attesa|non contabilizzato|da contabilizzare|oczekujaca|oczekujace"
        "|w realizacji|blokada|nierozliczona|nierozliczone|reserverat|reserverad|ej bokfort"
        "|reserveret|afventer|reservert|reservasjon|ikke bokfort|varaus|katevaraus|cekajici|ceka"
        "|nezauctovano|blokace|rezervace|cakajuca|fuggoben|zarolt|foglalas|in asteptare|beklemede"
        "|provizyon|未確定|処理中|保留"
    ).split("|")
)

POSTED = frozenset(
    (
        "posted|cleared|completed|complete|settled|booked|done|success|successful|succeeded"
        "|processed|executed|confirmed|final|finalised|approved|reconciled|paid|ok|active|gebucht"
        "|umsatz gebucht|verbucht|abgeschlossen|ausgefuhrt|geboekt|verwerkt|voltooid|uitgevoerd"
        "|comptabilise|comptabilisee|effectue|effectuee|termine|execute|contabilizado|realizado"
        "|realizada|ejecutado|efetuado|liquidado|completado|completada|concluido|concluida"
        "|contabilizzato|eseguito|eseguita|completato|completata|zaksiegowana|zaksiegowano"
        "|rozliczona|rozliczono|zrealizowana|zrealizowano|wykonana|bokfort|bokford|genomford"
        "|bogfort|gennemfort|udfort|utfort|kirjattu|toteutunut|zauctovano|zauctovana|provedeno"
        "|realizovano|zauctovane|vykonana|konyvelt|teljesult|procesat|finalizat|gerceklesti"
        "|tamamlandi|確定|完了|確定済"
    ).split("|")
)

NOT_DONE = frozenset(
    (
        "reverted|declined|failed|cancelled|canceled|rejected|voided|void|expired|denied|refused"
        "|error|not executed|abgelehnt|abgebrochen|fehlgeschlagen|nicht ausgefuhrt|geweigerd"
        "|geannuleerd|mislukt|refuse|refusee|annule|annulee|echoue|rechazado|rechazada|cancelado"
        "|cancelada|anulado|anulada|fallido|recusado|recusada|rifiutato|rifiutata|annullato"
        "|annullata|odrzucona|odrzucono|anulowana|nieudana|nekad|avbruten|misslyckad|afvist"
        "|annulleret|avvist|kansellert|hylatty|peruutettu|zamitnuto|zruseno|zamietnuta|elutasitva"
        "|respins|reddedildi|iptal|取消|失敗"
    ).split("|")
)

# Rows that state a balance or a total; a phrase counts where the cell begins with it.
BALANCE_ROWS = re.compile(
    "^(opening (ledger )?balance|closing (ledger )?balance|beginning balance|ending balance"
    "|starting balance|start balance|end balance|balance (brought|carried) forward|balance b f"
    "|balance c f|brought forward|previous balance|current balance|available balance"
    "|ledger balance|balance as (of|at|on)|statement balance|final balance|anfangssaldo|endsaldo"
    "|alter kontostand|neuer kontostand|alter saldo|neuer saldo|kontostand|saldovortrag|saldo vom"
    "|schlusssaldo|eroffnungssaldo|anfangsbestand|endbestand|abschlusssaldo|tagessaldo"
    "|saldo ubertrag|saldo$|solde (initial|final|precedent|anterieur|crediteur|debiteur|au)"
    "|ancien solde|nouveau solde|saldo (anterior|inicial|final|actual|disponible|iniziale|finale"
    "|contabile|precedente|poczatkowe|koncowe|do dia|em conta|al|au|per)|beginsaldo|eindsaldo"
    "|vorig saldo|nieuw saldo|ingaende saldo|utgaende saldo|ingaende balans|utgaende balans"
    "|primosaldo|ultimosaldo|inngaende saldo|alkusaldo|loppusaldo|alkuperainen saldo"
    "|pocatecni zustatek|konecny zustatek|pociatocny zostatok|konecny zostatok|nyito egyenleg"
    "|zaro egyenleg|sold initial|sold final|sakuma atlikums|beigu atlikums|pradinis likutis"
    "|galutinis likutis|algsaldo|loppsaldo|前月繰越|前頁繰越|繰越残高|期首残高|期末残高)"
)
TOTAL_ROWS = re.compile(
    r"^(totals?\b|sub ?total|grand total|sum of|summe\b|gesamt\b|gesamtsumme|total (credits?"
    r"|debits?|des)|turnover|umsatzsumme|zwischensumme|totaal\b|totale\b|totalt\b|suma\b|summa\b"
    r"|yhteensa|celkem\b|spolu\b|osszesen|toplam\b|apgrozijums|kaive|apyvarta|razem\b|obroty\b|合計"
    "|総合計|小計)"
)
OPENING_WORDS = re.compile(
    r"\b(opening|beginning|starting|start|brought forward|previous|anfangs\w*|alter|eroffnungs\w*"
    "|saldovortrag|initial|precedent|ancien|anterior|inicial|iniziale|precedente|poczatkowe"
    r"|beginsaldo|vorig|ingaende|primo\w*|inngaende|alkusaldo|pocatecni|pociatocny|nyito|sakuma"
    r"|pradinis|algsaldo|startsaldo|前月繰越|期首残高)\b"
)
CLOSING_WORDS = re.compile(
    r"\b(closing|ending|end|carried forward|final|endsaldo|neuer|schluss\w*|endbestand"
    r"|abschluss\w*|nouveau|finale|koncowe|eindsaldo|nieuw|utgaende|ultimo\w*|loppusaldo|konecny"
    r"|zaro|beigu|galutinis|loppsaldo|期末残高)\b"
)

# A closed list of movement kinds whose direction no view changes:
# what a holder buys leaves the account.
OUT_KINDS = frozenset(
    (
        "debit|debits|dr|dbit|purchase|purchases|sale|pos purchase|pos|point of sale"
        "|card purchase|visa purchase|purchase authorization|withdrawal|withdrawals"
        "|cash withdrawal|atm withdrawal|atm|money out|paid out|outgoing|out|outflow|expense"
        "|spend|spending|fee|fees|service charge|bank charge|charge|cash advance|direct debit"
        "|standing order|bill payment|debit card|ausgang|belastung|soll|kauf|kartenzahlung"
        "|bargeldauszahlung|barauszahlung|auszahlung|lastschrift|dauerauftrag|lastschrifteinzug"
        "|folgelastschrift|entgelt|kontofuhrung|ausgabe|af|aankoop|betaalautomaat|geldautomaat"
        "|incasso|achat|retrait|paiement carte|carte bancaire|prelevement|frais|debe|cargo|compra"
        "|compra con tarjeta|retiro|retirada|recibo|gasto|debito|acquisto|prelievo"
        "|prelievo bancomat|addebito|pagamento pos|uscita|dare|zakup|platnosc karta|wyplata"
        "|wyplata z bankomatu|obciazenie|platba kartou|vyber|vyber z bankomatu|inkaso|poplatek"
        "|vydaj|kop|kortkop|uttag|autogiro|kjop|varekjop|kob|dankort kob|korttiosto|osto|nosto"
        "|vasarlas|terheles|kartyas vasarlas|出金|引出"
    ).split("|")
)

IN_KINDS = frozenset(
    (
        "credit|credits|cr|crdt|refund|refunds|return|returns|merchandise return|purchase return"
        "|deposit|deposits|direct deposit|atm deposit|cash deposit|money in|paid in|incoming|in"
        "|inflow|income|salary|payroll|cashback|cash back|interest earned|dividend|rebate|eingang"
        "|gutschrift|haben|gehalt|lohn gehalt|gehalt rente|lohn|rente|einzahlung|erstattung"
        "|ruckerstattung|zinsgutschrift|einnahme|bij|bijschrijving|salaris|storting|remboursement"
        "|salaire|virement recu|versement|haber|abono|ingreso|nomina|devolucion|credito|accredito"
        "|stipendio|rimborso|entrata|avere|bonifico in entrata|bonifico a vostro favore|uznanie"
        "|wplata|wynagrodzenie|zwrot|przelew przychodzacy|prijem|prichozi platba|prichozi uhrada"
        "|mzda|vklad|insattning|lon|aterbetalning|lonn|innskudd|retur|palkka|pano|jovairas"
        "|munkaber|入金|預入"
    ).split("|")
)

# Kinds that a shop's own export has as well, with the signs the other way round.
SELLERS_KINDS = frozenset("sale sales refund refunds return returns fee fees charge payout".split())

# Words that tell the language of a file, for months and code pages.
LANGUAGES: dict[str, str] = {
    "de": (
        r"buchung\w*|betrag|umsatz\w*|verwendungszweck|konto\w*|wertstellung|auftraggeber|waehrung"
        "|gegenkonto|zeitraum|und|der"
    ),
    "fr": (
        "libelle|montant|solde|compte|operation|releve|debit euros?|du|au|achat|virement"
        "|prelevement|carte|valeur"
    ),
    "es": (
        r"fecha|importe|saldo|concepto|cuenta|movimiento\w*|tarjeta|nomina|cargo|abono|compra"
        "|descripcion"
    ),
    "it": (
        r"importo|causale|descrizione|operazione|addebit\w|accredit\w|conto|contabile|dare|avere"
        "|stipendio|entrate|uscite"
    ),
    "nl": (
        r"bedrag|omschrijving|rekening\w*|tegenrekening|mededelingen|datum|naam|saldo na|af bij"
        "|rentedatum|salaris"
    ),
    "pt": (
        r"descricao|saldo|conta|historico|lancamento|movimento\w*|debito|credito|salario|compra"
        "|valor"
    ),
    "pl": (
        r"data|kwota|opis|operacji|transakcji|waluta|saldo|rachun\w*|konto|tytul|przelew|nadawca"
        "|ksiegowania|wynagrodzenie"
    ),
    "cs": (
        r"datum|castka|mena|zprava|typ|nazev|protiuct\w*|popis|ucet|uctu|platba|symbol|uhrada|mzda"
        "|zustatek"
    ),
    "hu": (
        r"osszeg|egyenleg|datum|partner|kozlemeny|szamla\w*|tranzakcio\w*|terheles|jovairas"
        r"|penznem|forint|konyveles\w*"
    ),
    "ro": r"data|suma|detalii|descriere|cont|tranzactie\w*|debit|credit|sold|plata|incasare|lei",
    "sv": (
        r"belopp|saldo|bokfor\w*|transaktions\w*|rubrik|mottagare|avsandare|datum|insattning|uttag"
        "|lon|kop"
    ),
    "da": r"dato|belob|saldo|tekst|bogfor\w*|afsender|modtager|lon|kob|rentedato|posteringstekst",
    "no": (
        r"dato|belop|forklaring|rentedato|inn|ut|konto|bokfor\w*|lonn|kjop|beskrivelse"
        "|ut fra konto"
    ),
    "fi": (
        r"maara|saaja|maksaja|saldo|kirjauspaiva|arvopaiva|viesti|tili\w*|selitys|palkka|osto"
        "|viite"
    ),
    "tr": "tarih|tutar|aciklama|bakiye|hesap|islem|borc|alacak|dekont",
    "en": (
        "date|amount|description|balance|account|transaction|type|category|payment|debit|credit"
        "|details|paid|the|posted|reference|value"
    ),
}
