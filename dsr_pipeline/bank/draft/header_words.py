"""What header names mean, in the languages that bank exports are written in.

Lives here: patterns over normalised names (`vocabulary.words_of`), per kind of content. A name tells
nothing by itself: the cells of its column must be of that kind. First match wins, so the narrow patterns
stand before the wide ones. Words are facts of the trade, collected from the headers that banks print.
"""

from __future__ import annotations

# --- columns of dates -------------------------------------------------------------------------------------
# value: when interest counts · booking: when the bank posted it · transaction: when it happened ·
# plain: just "date" · other: no date of this movement
DATE_WORDS: tuple[tuple[str, str], ...] = (
    (
        "other",
        r"\b(due|expir\w*|statement|fallig\w*|verval\w*|vencimento|vencimiento|original date|export\w*|print\w*"
        r"|birth|import\w*|rechnung\w*|invoice|echeance|splatnost\w*|scadenza|period|mandat\w*|forfall\w*"
        r"|erstellt|abrechnung\w*|mandate|お支払日|支払日)\b",
    ),
    (
        "value",
        r"(\bvalu(e|ta|t)?\b|valuta|valutering|wertstellung|\bwert\b|\bvaleur\b|\bvalor\b|\bval$|date val\b"
        r"|\bwaluty\b|rente ?dat\w*|ranteda\w*|interest date|arvopaiva|ertek\w*|kamatdatum|korkopaiva|\bvaluty\b"
        r"|valor tarihi|value dat\b|\bdateval\b|data valutei)",
    ),
    (
        "transaction",
        r"(\btran(s|saction|sact)?\b|\btxn\b|transak\w*|transac\w*|tranzak\w*|tranzac\w*|transazion\w*"
        r"|purchase|started|\btrade\b|abschluss\w*"
        r"|kauf\w*|beleg\w*|\boperation\b|operazion\w*|operacion\b|operacao|operacji|operacie|\bdate op\b"
        r"|tapahtuma\w*|tehingu\w*"
        r"|uitvoer\w*|execution|proveden\w*|consumo|utilizz\w*|aankoop\w*|ご利用日|利用日|取引日|islem\w*|kjops\w*"
        r"|kop(datum|dato)|umsatzdatum|umsatztag|realizac\w*|date de l operation|transactie\w*)",
    ),
    (
        "booking",
        r"(\bpost(ed|ing)?\b|\bbook(ed|ing)?\b|buchung\w*|gebucht|boek\w*|comptab\w*|contab\w*|ksiegowania"
        r"|zauctovan\w*|uctovan\w*|completed|clearing|cleared|bokfor\w*|bogfor\w*|kirjaus\w*|konyvel\w*|lancamento|reskontra\w*"
        r"|rozliczeni\w*|bokforing\w*|dekningsdato|\bcompta\b|registrazione)",
    ),
    (
        "plain",
        r"^(date|datum|data|fecha|dato|paiva|paivamaara|pvm|kuupaev|datums|tarih|日付|年月日|day|tag|dag|jour|f"
        r"|date time|datetime|fecha mov\w*|data mov\w*|data do movimento|date mouvement|tarih saat|timestamp"
        r"|dates|date utc|date local|datum zeit|dzien|dia|giorno|ημερομηνια|дата|data lancamento)$",
    ),
)

# --- columns of figures -----------------------------------------------------------------------------------
NUMBER_WORDS: tuple[tuple[str, str], ...] = (
    (
        "debit",
        r"^((amount )?debit(s|ed)?( amount| amt| betrag)?|debit transactions?|dr( amount| amt)?|withdrawals?( amt| amount)?"
        r"|withdrawn|withdraw|money out|paid out|payments? out|funds out|out|outflow|outgoing|amount out|spent"
        r"|soll|belastung(en)?|lastschrift(en)?|ausgang|ausgange|ausgaben?|abgang|abgange|auszahlung(en)?"
        r"|montant (au )?debit|debit montant|depenses?|sorties?"
        r"|debet|debet bedrag|af|uitgaven|uit|afschrijving(en)?|bedrag af"
        r"|debito|debiti|debitos|cargos?|importe cargos?|cargo importe|adeudos?|debe|egresos?|gastos?|retiros?|salidas?"
        r"|addebit[oi]|importo addebit[oi]|dare|uscit[ae]|importo dare"
        r"|saidas?|despesas?|obciazeni[ae]|kwota obciazenia|wydatki|wyplat[ay]|rozchod|uttag|ut|utgift(er)?"
        r"|ut fra konto|belop ut|belopp ut|ud|udgift(er)?|haevet|utbetaling(er)?|otto|otot|menot|meno|panot ulos"
        r"|terheles(ek)?|kiadas(ok)?|vydaj(e)?|na vrub|odchozi|vyber|borc|cikan( tutar)?|gider|retrageri|iesiri"
        r"|debitare|plati|出金|出金額|お引出し|お引き出し|引出額|お支払金額|支払金額|支出|支出金額|isplata)$",
    ),
    (
        "credit",
        r"^((amount )?credit(s|ed)?( amount| amt| betrag)?|credit transactions?|cr( amount| amt)?|deposits?( amt| amount)?"
        r"|deposited|money in|paid in|payments? in|funds in|in|inflow|incoming|amount in|received"
        r"|haben|gutschrift(en)?|eingang|eingange|einnahmen?|zugang|zugange|einzahlung(en)?"
        r"|montant (au )?credit|credit montant|recettes?|entrees?"
        r"|kredit|bij|inkomsten|bijschrijving(en)?|bedrag bij"
        r"|credito|crediti|creditos|abonos?|importe abonos?|abono importe|haber|ingresos?|depositos?|entradas?"
        r"|accredit[oi]|importo accredit[oi]|avere|entrat[ae]|importo avere"
        r"|receitas?|uznani[ae]|kwota uznania|wplyw|wplywy|wplat[ay]|przychod|insattning(ar)?|inkomst(er)?"
        r"|inn pa konto|inn|belop inn|belopp in|ind|indtaegt(er)?|indsat|innbetaling(er)?|pano|panot|tulot|tulo"
        r"|jovairas(ok)?|bevetel(ek)?|prijem|prijmy|ve prospech|prichozi|vklad|alacak|giren( tutar)?|gelir|depuneri"
        r"|intrari|creditare|incasari|入金|入金額|お預入れ|お預け入れ|預入額|お預り金額|預り金額|収入|収入金額|uplata)$",
    ),
    (
        "amount",
        r"^(amount|transaction amount|amount transaction|trans(action)? amt|txn amount|txn amt|value|sum|betrag|umsatz"
        r"|betrag umsatz|umsatz betrag|buchungsbetrag|umsatzbetrag|betrag in|umsatz in|gesamtbetrag|bedrag|transactiebedrag"
        r"|montant|montant operation|montant de l operation|montant net|importe|importe movimiento|monto|importo|importi"
        r"|importo operazione|importe operacion|importo in|valor|valor do lancamento|valor lancamento|quantia|montante"
        r"|valor da transacao|movimento|kwota|kwota transakcji|kwota operacji|kwota transakcji waluta rachunku"
        r"|kwota w walucie rachunku|kwota rachunku|belopp|transaktionsbelopp|belob|belop|belop i nok|maara|summa"
        r"|summe|suma|castka|castka v mene uctu|objem|zauctovana castka|suma v mene uctu|osszeg|konyvelt osszeg"
        r"|terhelt jovairt osszeg|tutar|islem tutari|金額|取引金額|ご利用金額|利用金額|amount in account currency"
        r"|booked amount|posted amount|account amount|amount in|posting amount|mutatie|mutatiebedrag|total|ποσο"
        r"|amount total|сумма|iznos|amount paid|statement amount|billing amount|ご利用額|amount account currency)$",
    ),
    ("net", r"^(net|netto|net amount|netto betrag|nettobetrag|amount net|net total|neto)$"),
    ("gross", r"^(gross|brutto|gross amount|bruttobetrag|bruto)$"),
    ("balance_before", r"\b(opening|start|beginning|before|startsaldo|previous|anterior|initial|alter)\b.*|^startsaldo$"),
    (
        "balance",
        r"((\b|account|running|konto)(balance|bal|saldo|solde|kontostand|saldi|bakiye|zustatek|zostatok|egyenleg|soldul?|saldos|atlikums"
        r"|likutis|jaak|υπολοιπο|остаток|balans)\b|kontosaldo|saldo\w*$|残高|endsaldo|kontostand\w*|bokfort saldo)",
    ),
    ("fee", r"(\b(fees?|gebuhr(en)?|gebuehr(en)?|frais|commissione?s?|comision(es)?|komis\w*|poplatek|poplatky|prowizja"
            r"|oplata|avgift(er)?|gebyr(er)?|kosten|spesen|taxa|tarifa|dij|poplatok|palkkio|provision)\b|手数料)"),
    ("tax", r"\b(vat|tax|mwst|ust|tva|iva|btw|gst|moms|dph|steuer)\b"),
    ("amount_maybe", r"\b(local|source|target|converted|settlement|native|to amount|from amount|billed|charged)\b"),
    (
        "amount_other",
        r"(\b(original|orig|oorspr\w*|foreign|fremd\w*|ursprung\w*|ursprungl\w*|instructed|devise|valuta|wahrung|waluta transakcji|walucie|mene|meny|nominal|available"
        r"|disponibile?|verfugbar\w*|limit|einzelbetrag|individual|blokady|zwolnienie|cashback|tip|discount"
        r"|remaining|cash withdrawal amount|wechsel\w*|pris|price|karta w walucie)\b|belopp i utlandsk\w*"
        r"|現地|手数料)",
    ),
    (
        "not_money",
        r"(\b(rate|kurs|koers|cours|cambio|exchange|fx|kurz|arfolyam|mcc|zip|code|latitude|longitude|quantity"
        r"|menge|percent\w*|split|points?|share|shares|units?|no|nr|number|numero|nummer|numer|cislo|num"
        r"|iban|bic|blz|phone|row|line|id|reference|ref|referenz|referentie|volgnr|radnummer|konto|account"
        r"|rekening|compte|cuenta|conto|check|cheque|slip|poradove|kod|vs|ks|ss|rachunek|rachunku"
        r"|variabilni|konstantni|specificky|symbol|sequence|seq|statement|batch|card)\b|nummer\b|dato\b|datum\b"
        r"|gegenkonto|tegenrekening)",
    ),
)

# --- columns of words -------------------------------------------------------------------------------------
TEXT_WORDS: tuple[tuple[str, str], ...] = (
    (
        "status",
        r"^(status|state|stato|statut|estado|etat|tila|stav|allapot|situacao|booking status|transaction status"
        r"|buchungsstatus|umsatzstatus|status transakcji|stav transakce|payment status|settlement status|durum)$",
    ),
    ("original_text", r"^(original (statement|description|text)|bank description|statement description|raw description)$"),
    (
        "currency_other",
        r"(\b(original|orig|oorspr\w*|local|foreign|fremd\w*|ursprung\w*|source|target|instructed|exchange"
        r"|transaction|to|from|transakcji|transakce|settlement|charge)\b.*(currency|wahrung|waehrung|munt|devise"
        r"|divisa|moneda|valuta|waluta|mena|meny)|fremdwahrung\w*|local currency|(currency|devise|wahrung|waehrung|divisa"
        r"|waluta|mena) (original|d origine|transakcji|transakce|transaction)\b)",
    ),
    (
        "currency",
        r"^(currency( code)?|cur|ccy|curr|wahrung|waehrung|whg|wrg|devise|divisa|moneda|moeda|munt|muntsoort|munteenheid"
        r"|valuta|valuutta|waluta|waluta rachunku|mena|mena uctu|deviza|devizanem|para birimi|doviz|doviz cinsi|vyk"
        r"|account currency|currency of account|booking currency|konto ?wahrung|kontowahrung|mena|valiuta|valuuta"
        r"|通貨|monnaie|валюта|transaction currency|posting currency)$",
    ),
    (
        "not_id",
        r"(mandat\w*|glaubiger|glaeubiger|creditor|sammler\w*|kundenreferenz|customer ref\w*|end to end|endtoend"
        r"|lastschrift ?ursprung\w*|ursprungsbetrag|incassant|machtiging\w*|betalingskenmerk|batch|statement (no|number)|sammlerreferenz|mandatsreferenz"
        r"|auszug|row|line|radnr|radnummer|rownumber|lfd|zeile|s no|sl no|sr no|serial|zip|mcc|phone|terminal|blz|bankleitzahl"
        r"|bank code|kod banku|bankcode|\bbic\b|swift|sort ?code|bank id|branch|tax id|uci|kunden|customer|auslagenersatz"
        r"|variab\w*|konstant\w*|specif\w*|\bvs\b|\bks\b|\bss\b|mcc|auth\w* (code|no|number)|approval"
        r"|kassensymbol|kid\b|ocr|melding|structured|reference client|free format|\bcode\b|latitude|longitude"
        r"|cislo banky|kod|receipt|invoice|image|url|device)",
    ),
    (
        "check_no",
        r"(\b(check|cheque|chq|scheck|cheque no|chequenumber)\b|assegno|^slip$|chq ref)",
    ),
    (
        "account_other",
        r"(\b(counter ?(party|parties)?|gegen\w*|tegen\w*|beneficiary|begunst\w*|beguenst\w*|recipient|destin\w*|partner"
        r"|contra|controparte|modpart\w*|motpart\w*|mottaker\w*|mottagare\w*|avsender\w*|avsandare\w*|proti\w*|vasta\w*|nadawc\w*|odbiorc\w*"
        r"|kontrah\w*|remitter|payee|zahl\w*|other|til|fra|to|from|saaja\w*|kontoinhaber|empfang\w*|auftraggeber"
        r"|ordenante|ellen\w*|partie|alici|gonderen|target|destination|afzender)\b"
        r".*\b(account|acct|konto\w*|kontonr|iban|rekening\w*|compte|cuenta|conto|rachun\w*|uctu|ucet|szamla\w*|tili\w*|"
        r"no|number|nr|nummer|kontonummer|bban)\b"
        r"|^(gegenkonto|tegenrekening|protiucet|protiuctu|vastatili|kontonummer iban|iban kontonummer|iban zahlungsbeteiligter"
        r"|account to|account from|til konto|fra konto|konto des begunstigten|motkonto|tegenrekening iban bban"
        r"|cislo protiuctu|iban kontrahenta|counterparty|partner iban|account receiving|rachunek kontrahenta)$)",
    ),
    (
        "account",
        r"^(account( no| number| id)?|acct( no| number)?|account iban|auftragskonto|iban auftragskonto|konto auftraggeber"
        r"|auftraggeberkonto|own account|eigenes konto|eigene iban|kontonummer auftragskonto|rekening|rekeningnummer|eigen rekening"
        r"|accountnumber|iban bban|compte|numero de compte|numero compte|n compte|compte num|accountnum|cuenta|numero de cuenta"
        r"|conto|numero conto|konto|konta|numer rachunku|nr rachunku|rachunek|numer konta|kontonr|cislo uctu|ucet|cislo vlastniho uctu"
        r"|nazev uctu|szamlaszam|konyvelesi szamla|tili|tilinumero|card( no| number)|card|kartennummer|karte|kartennr"
        r"|kaartnummer|card last 4( digits)?|masked card number|account from|numero de carte|numero de tarjeta|clearingnummer kontonummer"
        r"|carta|numer karty|card account|credit card|account card|bank account|this party account|posted account|own iban|my account|conta|hesap( no)?|account iban number|numero tarjeta|tarjeta)$",
    ),
    (
        "account_name",
        r"^(account name|account title|kontoname|kontobezeichnung|bezeichnung auftragskonto|kontonamn|konto name|accountlabel"
        r"|account label|compte libelle|nazwa rachunku|product|produkt|account type|kontotyp|nom du compte|produktnamn)$",
    ),
    (
        "account_maybe",
        r"(^iban$|\b(iban|kontonummer|bban|accounts?|konto|kontonr|compte|cuenta|conto|rekening|rachunek|rachunku|tili|ucet|uctu|szamlaszam)\b)",
    ),
    ("institution", r"^(institution( name)?|bank( name)?|financial institution|provider|bankname( auftragskonto)?)$"),
    (
        "holder",
        r"^(card ?member|member name|card ?holder( name)?|account holder|account owner|owner|heading name|karteninhaber"
        r"|titulaire|titular|name account holder|user|inhaber|name auftraggeber?konto)$",
    ),
    ("category", r"(^|\b)(sub ?|umsatz|haupt|unter|buchungs)?(category|categories|kategorie|categorie|categoria|kategori|kategoria|luokka|kategorija"
                 r"|unterkategorie|hauptkategorie|sous categorie|categorie parent|category parent|subcategoria|mcc description"
                 r"|merchant category|category group|カテゴリ)\b"),
    (
        "id",
        r"^(id|transaction ?(id|identifier|uuid|no|nr|number|num|reference|reference number|ref)|trans(action)? id|fit ?id|txn id|transaktions?( ?id| ?nr| no| nummer| referenz)"
        r"|transaktionsnummer|transaktionsnr|transactiereferentie|volgnr|volgnummer|identificador|identifier|identificatore"
        r"|id operace|id pohybu|id transakcji|id transakce|id transaction|numero de transaction|numer transakcji"
        r"|id transaccion|id da transacao|tranzakcio( azonosito| azonositoja| szama)|archive id|archivierungs? ?id|arkistointitunnus|arkiveringskode"
        r"|record id|unique id|uuid|guid|transfer ?wise id|reference number|journal no|sequence number|id transazione|banking id"
        r"|entry reference|transactienummer|numero sequence|numero de sequence|externe id|external id|nr transakcji|ref number"
        r"|arkivref(erens)?|referensnummer|unique transaction identifier|tran id)$",
    ),
    ("id_weak", r"(\b(id|reference|ref|referencia|riferimento|referentie|referens|referanse|reference no|ref no|uuid)\b|id$|referenz)"),
    (
        "description",
        r"^(description|transaction description|trans(action)? details|details|detail|particulars|narration|narrative|remarks?"
        r"|transaction remarks|transaction narrative|descriptions?|detailed description|full description|text|verwendungszweck|vwz|zweck|beschreibung|bezeichnung"
        r"|buchungsdetails|avisierungstext|umsatztext|verwendungszweckzeile|zahlungsgrund|zahlungszweck|buchungsinformationen|umsatzbeschreibung|vorgang verwendungszweck"
        r"|libelle|libelle operation|libelle de l operation|libelle complet|libelle simplifie|label|intitule|communications?|nature de l operation"
        r"|mededelingen?|omschrijving|beschrijving|vrije mededeling"
        r"|concepto|descripcion|detalle|descripcion operacion|descripcion del movimiento|concepto movimiento"
        r"|dettagli|dettaglio|descrizione|descrizione operazione|causale|causale descrizione|descrizione completa"
        r"|descricao|descritivo|historico|lancamento|descricao do lancamento|titulo"
        r"|tytul|opis|opis operacji|opis transakcji|tytul operacji|tytulem|szczegoly|dane transakcji"
        r"|meddelande|beskrivning|transaktionstext|rubrik|specifikation|beskrivelse|forklaring|tekst|posteringstekst|spesifikasjon"
        r"|selite|viesti|selitys|tapahtuman tiedot"
        r"|popis|popis operace|popis transakcie|zprava|zprava pro prijemce|sprava pre prijemcu|ucel platby|poznamka|popis pro me|informacia pre prijemcu"
        r"|kozlemeny|leiras|tranzakcio leirasa|megnevezes|jogcim|descriere|detalii|descrierea tranzactiei|aciklama|islem aciklamasi"
        r"|selgitus|paskirtis|maksajuma merkis|αιτιολογια|περιγραφη|описание|назначение|opis placanja"
        r"|摘要|内容|お取り扱い内容|取扱内容|取引内容|お取引内容|利用店名|ご利用店名|利用店名 商品名|利用店名・商品名|ご利用先)( \d{1,2}| i{1,3})?$",
    ),
    (
        "payee",
        r"(^(payee|merchant|merchant name|name|counter ?party|counter ?party name|name of counterparty|beneficiary|beneficiary name|recipient|recipient name|other party"
        r"|partner ?name|partner|name zahlungsbeteiligter|naam|naam omschrijving|naam tegenpartij|tegenpartij naam|tegenpartij|naam ontvanger|payee name|counterpart|counterpart name"
        r"|empfanger|empfaenger|zahlungsempfanger( in)?|zahlungsempfaenger|begunstigter|beguenstigter|begunstigter zahlungspflichtiger|beguenstigter zahlungspflichtiger"
        r"|auftraggeber|auftraggeber empfanger|auftraggeber empfaenger|auftraggeber begunstigter|auftraggeber beguenstigter|auftraggeber zahlungsempfanger|empfanger zahlungspflichtiger"
        r"|empfanger auftraggeber|absender empfanger|zahlungspflichtige r|zahlungspflichtiger|zahler|sender empfanger|sender oder empfanger|sender|from|to|tiers|beneficiaire|nom tiers|nom du tiers|nom de la contrepartie|nom contrepartie"
        r"|nazwa kontrahenta|kontrahent|dane kontrahenta|nadawca odbiorca|odbiorca|nadawca|odbiorca zleceniodawca|mottagare|avsandare|motpart|modpart|mottaker|betalningsmottagare|modtager|afsender|avsender|navn|namn"
        r"|saaja|maksaja|saaja maksaja|saajan nimi|nimi|nazev protiuctu|protistrana|nazev protistrany|nazev prijemce|partner neve|ellenoldali nev|kedvezmenyezett|beneficiario|ordenante|destinatario|controparte|nome"
        r"|commerce|commercant|comercio|establecimiento|estabelecimento|esercente|sprzedawca|obchodnik|obchodnik|betaald aan|paid to|store|saaja nimi|beneficiary remitter|nazov protiuctu|partija|имя|contrepartie|counterparty details|custom name|favorecido|remetente destinatario)$"
        r"|zahlungsempfanger|kontrahenta$|counterparty name|beneficiary name|^handler\b|^haendler\b|^merchant name\b)",
    ),
    (
        "detail",
        r"^(buchungstext|memo|memo description|notes?|note|notiz|comment|comments|bemerkung|extended details|additional info\w*|information|infos?|weitere infos?"
        r"|informations? complementaires?|appears on your statement as|extra information|message|messages|user message|nachricht"
        r"|customer comment|poznamky|kommentti|kommentar|reference|payment reference|reference text|zahlungsreferenz|your reference|own reference"
        r"|title|subject|betreff|purpose|zusatzinformation|komentar|mitteilung|information detaillee|observaciones|observacoes|mas datos|otros datos|notas?|notater|tags?|labels?|hashtags|detalle adicional|complementary information)( \d{1,2})?$",
    ),
    (
        "type",
        r"^(type|transaction type|trans type|trans(action)? code|txn type|umsatztyp|umsatzart|vorgang|buchungsart|art|transaktionsart|transaktionstyp|mutatiesoort|mutatie soort|code|soort|soort mutatie"
        r"|tipo|tipo de operacion|tipo operacion|tipo movimento|tipo de movimento|tipo movimiento|movimiento|operacion|operazione|tipologia|typ operacji|typ transakcji|rodzaj transakcji|rodzaj operacji|typ|druh|druh transakce|typ transakce|typ pohybu|druh pohybu"
        r"|type operation|type d operation|type de transaction|operation|transactiesoort|transaktionstype|typ av transaktion|laji|tapahtumalaji|tipus|tranzakcio tipusa|forgalom tipusa|islem tipi|tip|kategorie buchung|payment type|direction|debit credit|credit debit|cr dr|dr cr|debit or credit|d k|dc|cdt dbt|d c|indicator|credit debit indicator|kind|activity|soll haben|sh|af bij|debet credit|amount type|money in or out)$",
    ),
)

# Columns that go with a figure but are no part of the movement; nothing in the rule reads them.
PLACE_WORDS = r"\b(city|state|town|address|street|country|zip|postcode|post code|county|emoji|time|zone|timezone|land|ort|receipt|website|email|mail|merchant type|location|ignored from|tax deductible|excluded?|recurring|attachments?|website)\b"
