"""What the names of date columns mean, in the languages that bank exports are written in.

Lives here: patterns over normalised names (`vocabulary.words_of`), for columns whose cells are dates. First
match wins, so the narrow patterns stand before the wide ones. Facts of the trade, not of one bank.
"""

from __future__ import annotations

# value: when interest counts · booking: when the bank posted it · transaction: when it happened ·
# plain: just "date" · other: no date of this movement
DATE_WORDS: tuple[tuple[str, str], ...] = (
    (
        "other",
        (
            r"\b(due|expir\w*|statement|fallig\w*|verval\w*|vencimento|vencimiento|original date"
            r"|export\w*|print\w*|birth|import\w*|rechnung\w*|invoice|echeance|splatnost\w*"
            r"|scadenza|period|mandat\w*|forfall\w*|erstellt|abrechnung\w*|mandate|お支払日|支払日)\b"
        ),
    ),
    (
        "value",
        (
            r"(\bvalu(e|ta|t)?\b|valuta|valutering|wertstellung|\bwert\b|\bvaleur\b|\bvalor\b"
            r"|\bval$|date val\b|\bwaluty\b|rente ?dat\w*|ranteda\w*|interest date|arvopaiva"
            r"|ertek\w*|kamatdatum|korkopaiva|\bvaluty\b|valor tarihi|value dat\b|\bdateval\b"
            "|data valutei)"
        ),
    ),
    (
        "transaction",
        (
            r"(\btran(s|saction|sact)?\b|\btxn\b|transak\w*|transac\w*|tranzak\w*|tranzac\w*"
            r"|transazion\w*|purchase|started|\btrade\b|abschluss\w*|kauf\w*|beleg\w*"
            r"|\boperation\b|operazion\w*|operacion\b|operacao|operacji|operacie|\bdate op\b"
            r"|tapahtuma\w*|tehingu\w*|uitvoer\w*|execution|proveden\w*|consumo|utilizz\w*"
            r"|aankoop\w*|ご利用日|利用日|取引日|islem\w*|kjops\w*|kop(datum|dato)|umsatzdatum|umsatztag"
            r"|realizac\w*|date de l operation|transactie\w*)"
        ),
    ),
    (
        "booking",
        (
            r"(\bpost(ed|ing)?\b|\bbook(ed|ing)?\b|buchung\w*|gebucht|boek\w*|comptab\w*|contab\w*"
            r"|ksiegowania|zauctovan\w*|uctovan\w*|completed|clearing|cleared|bokfor\w*|bogfor\w*"
            r"|kirjaus\w*|konyvel\w*|lancamento|reskontra\w*|rozliczeni\w*|bokforing\w*"
            r"|dekningsdato|\bcompta\b|registrazione)"
        ),
    ),
    (
        "plain",
        (
            "^(date|datum|data|fecha|dato|paiva|paivamaara|pvm|kuupaev|datums|tarih|日付|年月日|day"
            r"|tag|dag|jour|f|date time|datetime|fecha mov\w*|data mov\w*|data do movimento"
            "|date mouvement|tarih saat|timestamp|dates|date utc|date local|datum zeit|dzien|dia"
            "|giorno|ημερομηνια|дата|data lancamento)$"
        ),
    ),
)
