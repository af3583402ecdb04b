"""What the names of columns of figures mean, in the languages that bank exports are written in.

Lives here: patterns over normalised names (`vocabulary.words_of`), for columns whose cells are figures. First
match wins: whole names stand before words that may be part of one. Facts of the trade, not of one bank.
"""

from __future__ import annotations

NUMBER_WORDS: tuple[tuple[str, str], ...] = (
    (
        "debit",
        (
            "^((amount )?debit(s|ed)?( amount| amt| betrag)?|debit transactions?|dr( amount"
            "| amt)?|withdrawals?( amt| amount)?|withdrawn|withdraw|money out|paid out"
            "|payments? out|funds out|out|outflow|outgoing|amount out|spent|soll|belastung(en)?"
            "|lastschrift(en)?|ausgang|ausgange|ausgaben?|abgang|abgange|auszahlung(en)?"
            "|montant (au )?debit|debit montant|depenses?|sorties?|debet|debet bedrag|af|uitgaven"
            "|uit|afschrijving(en)?|bedrag af|debito|debiti|debitos|cargos?|importe cargos?"
            "|cargo importe|adeudos?|debe|egresos?|gastos?|retiros?|salidas?|addebit[oi]"
            "|importo addebit[oi]|dare|uscit[ae]|importo dare|saidas?|despesas?|obciazeni[ae]"
            "|kwota obciazenia|wydatki|wyplat[ay]|rozchod|uttag|ut|utgift(er)?|ut fra konto"
            "|belop ut|belopp ut|ud|udgift(er)?|haevet|utbetaling(er)?|otto|otot|menot|meno"
            "|panot ulos|terheles(ek)?|kiadas(ok)?|vydaj(e)?|na vrub|odchozi|vyber|borc"
            "|cikan( tutar)?|gider|retrageri|iesiri|debitare|plati|出金|出金額|お引出し|お引き出し"
            "|引出額|お支払金額"
            "|支払金額|支出|支出金額|isplata)$"
        ),
    ),
    (
        "credit",
        (
            "^((amount )?credit(s|ed)?( amount| amt| betrag)?|credit transactions?|cr( amount"
            "| amt)?|deposits?( amt| amount)?|deposited|money in|paid in|payments? in|funds in|in"
            "|inflow|incoming|amount in|received|haben|gutschrift(en)?|eingang|eingange"
            "|einnahmen?|zugang|zugange|einzahlung(en)?|montant (au )?credit|credit montant"
            "|recettes?|entrees?|kredit|bij|inkomsten|bijschrijving(en)?|bedrag bij|credito"
            "|crediti|creditos|abonos?|importe abonos?|abono importe|haber|ingresos?|depositos?"
            "|entradas?|accredit[oi]|importo accredit[oi]|avere|entrat[ae]|importo avere"
            "|receitas?|uznani[ae]|kwota uznania|wplyw|wplywy|wplat[ay]|przychod|insattning(ar)?"
            "|inkomst(er)?|inn pa konto|inn|belop inn|belopp in|ind|indtaegt(er)?|indsat"
            "|innbetaling(er)?|pano|panot|tulot|tulo|jovairas(ok)?|bevetel(ek)?|prijem|prijmy"
            "|ve prospech|prichozi|vklad|alacak|giren( tutar)?|gelir|depuneri|intrari|creditare"
            "|incasari|入金|入金額|お預入れ|お預け入れ|預入額|お預り金額|預り金額|収入|収入金額|uplata)$"
        ),
    ),
    (
        "amount",
        (
            "^(amount|transaction amount|amount transaction|trans(action)? amt|txn amount|txn amt"
            "|value|sum|betrag|umsatz|betrag umsatz|umsatz betrag|buchungsbetrag|umsatzbetrag"
            "|betrag in|umsatz in|gesamtbetrag|bedrag|transactiebedrag|montant|montant operation"
            "|montant de l operation|montant net|importe|importe movimiento|monto|importo|importi"
            "|importo operazione|importe operacion|importo in|valor|valor do lancamento"
            "|valor lancamento|quantia|montante|valor da transacao|movimento|kwota"
            "|kwota transakcji|kwota operacji|kwota transakcji waluta rachunku"
            "|kwota w walucie rachunku|kwota rachunku|belopp|transaktionsbelopp|belob|belop"
            "|belop i nok|maara|summa|summe|suma|castka|castka v mene uctu|objem"
            "|zauctovana castka|suma v mene uctu|osszeg|konyvelt osszeg|terhelt jovairt osszeg"
            "|tutar|islem tutari|金額|取引金額|ご利用金額|利用金額|amount in account currency|booked amount"
            "|posted amount|account amount|amount in|posting amount|mutatie|mutatiebedrag|total"
            "|ποσο|amount total|сумма|iznos|amount paid|statement amount|billing amount|ご利用額"
            "|amount account currency)$"
        ),
    ),
    ("net", "^(net|netto|net amount|netto betrag|nettobetrag|amount net|net total|neto)$"),
    ("gross", "^(gross|brutto|gross amount|bruttobetrag|bruto)$"),
    (
        "balance_before",
        (
            r"\b(opening|start|beginning|before|startsaldo|previous|anterior|initial|alter)\b.*"
            "|^startsaldo$"
        ),
    ),
    (
        "balance",
        (
            r"((\b|account|running|konto)(balance|bal|saldo|solde|kontostand|saldi|bakiye|zustatek"
            r"|zostatok|egyenleg|soldul?|saldos|atlikums|likutis|jaak|υπολοιπο|остаток|balans)\b"
            r"|kontosaldo|saldo\w*$|残高|endsaldo|kontostand\w*|bokfort saldo)"
        ),
    ),
    (
        "fee",
        (
            r"(\b(fees?|gebuhr(en)?|gebuehr(en)?|frais|commissione?s?|comision(es)?|komis\w*"
            "|poplatek|poplatky|prowizja|oplata|avgift(er)?|gebyr(er)?|kosten|spesen|taxa|tarifa"
            r"|dij|poplatok|palkkio|provision)\b|手数料)"
        ),
    ),
    ("tax", r"\b(vat|tax|mwst|ust|tva|iva|btw|gst|moms|dph|steuer)\b"),
    (
        "amount_maybe",
        (
            r"\b(local|source|target|converted|settlement|native|to amount|from amount|billed"
            r"|charged)\b"
        ),
    ),
    (
        "amount_other",
        (
            r"(\b(original|orig|oorspr\w*|foreign|fremd\w*|ursprung\w*|ursprungl\w*|instructed"
            "|devise|valuta|wahrung|waluta transakcji|walucie|mene|meny|nominal|available"
            r"|disponibile?|verfugbar\w*|limit|einzelbetrag|individual|blokady|zwolnienie|cashback"
            r"|tip|discount|remaining|cash withdrawal amount|wechsel\w*|pris|price"
            r"|karta w walucie)\b|belopp i utlandsk\w*|現地|手数料)"
        ),
    ),
    (
        "not_money",
        (
            r"(\b(rate|kurs|koers|cours|cambio|exchange|fx|kurz|arfolyam|mcc|zip|code|latitude"
            r"|longitude|quantity|menge|percent\w*|split|points?|share|shares|units?|no|nr|number"
            "|numero|nummer|numer|cislo|num|iban|bic|blz|phone|row|line|id|reference|ref|referenz"
            "|referentie|volgnr|radnummer|konto|account|rekening|compte|cuenta|conto|check|cheque"
            "|slip|poradove|kod|vs|ks|ss|rachunek|rachunku|variabilni|konstantni|specificky"
            r"|symbol|sequence|seq|statement|batch|card)\b|nummer\b|dato\b|datum\b|gegenkonto"
            "|tegenrekening)"
        ),
    ),
)
