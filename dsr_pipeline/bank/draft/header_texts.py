"""What the names of text columns mean, in the languages that bank exports are written in.

Lives here: patterns over normalised names (`vocabulary.words_of`), for columns of words, codes and numbers
that are no amounts. First match wins. Facts of the trade, not of one bank.
"""

from __future__ import annotations

TEXT_WORDS: tuple[tuple[str, str], ...] = (
    (
        "status",
        (
            "^(status|state|stato|statut|estado|etat|tila|stav|allapot|situacao|booking status"
            "|transaction status|buchungsstatus|umsatzstatus|status transakcji|stav transakce"
            "|payment status|settlement status|durum)$"
        ),
    ),
    (
        "original_text",
        ("^(original (statement|description|text)|bank description|statement description|raw description)$"),
    ),
    (
        "currency_other",
        (
            r"(\b(original|orig|oorspr\w*|local|foreign|fremd\w*|ursprung\w*|source|target"
            "|instructed|exchange|transaction|to|from|transakcji|transakce|settlement"
            r"|charge)\b.*(currency|wahrung|waehrung|munt|devise|divisa|moneda|valuta|waluta|mena"
            r"|meny)|fremdwahrung\w*|local currency|(currency|devise|wahrung|waehrung|divisa"
            r"|waluta|mena) (original|d origine|transakcji|transakce|transaction)\b)"
        ),
    ),
    (
        "currency",
        (
            "^(currency( code)?|cur|ccy|curr|wahrung|waehrung|whg|wrg|devise|divisa|moneda|moeda"
            "|munt|muntsoort|munteenheid|valuta|valuutta|waluta|waluta rachunku|mena|mena uctu"
            "|deviza|devizanem|para birimi|doviz|doviz cinsi|vyk|account currency"
            "|currency of account|booking currency|konto ?wahrung|kontowahrung|mena|valiuta"
            "|valuuta|通貨|monnaie|валюта|transaction currency|posting currency)$"
        ),
    ),
    (
        "not_id",
        (
            r"(mandat\w*|glaubiger|glaeubiger|creditor|sammler\w*|kundenreferenz|customer ref\w*"
            r"|end to end|endtoend|lastschrift ?ursprung\w*|ursprungsbetrag|incassant"
            r"|machtiging\w*|betalingskenmerk|batch|statement (no|number)|sammlerreferenz"
            "|mandatsreferenz|auszug|row|line|radnr|radnummer|rownumber|lfd|zeile|s no|sl no"
            "|sr no|serial|zip|mcc|phone|terminal|blz|bankleitzahl|bank code|kod banku|bankcode"
            r"|\bbic\b|swift|sort ?code|bank id|branch|tax id|uci|kunden|customer|auslagenersatz"
            r"|variab\w*|konstant\w*|specif\w*|\bvs\b|\bks\b|\bss\b|mcc|auth\w* (code|no|number)"
            r"|approval|kassensymbol|kid\b|ocr|melding|structured|reference client|free format"
            r"|\bcode\b|latitude|longitude|cislo banky|kod|receipt|invoice|image|url|device)"
        ),
    ),
    (
        "check_no",
        r"(\b(check|cheque|chq|scheck|cheque no|chequenumber)\b|assegno|^slip$|chq ref)",
    ),
    (
        "account_other",
        (
            r"(\b(counter ?(party|parties)?|gegen\w*|tegen\w*|beneficiary|begunst\w*|beguenst\w*"
            r"|recipient|destin\w*|partner|contra|controparte|modpart\w*|motpart\w*|mottaker\w*"
            r"|mottagare\w*|avsender\w*|avsandare\w*|proti\w*|vasta\w*|nadawc\w*|odbiorc\w*"
            r"|kontrah\w*|remitter|payee|zahl\w*|other|til|fra|to|from|saaja\w*|kontoinhaber"
            r"|empfang\w*|auftraggeber|ordenante|ellen\w*|partie|alici|gonderen|target|destination"
            r"|afzender)\b.*\b(account|acct|konto\w*|kontonr|iban|rekening\w*|compte|cuenta|conto"
            r"|rachun\w*|uctu|ucet|szamla\w*|tili\w*|no|number|nr|nummer|kontonummer|bban)\b"
            "|^(gegenkonto|tegenrekening|protiucet|protiuctu|vastatili|kontonummer iban"
            "|iban kontonummer|iban zahlungsbeteiligter|account to|account from|til konto"
            "|fra konto|konto des begunstigten|motkonto|tegenrekening iban bban|cislo protiuctu"
            "|iban kontrahenta|counterparty|partner iban|account receiving"
            "|rachunek kontrahenta)$)"
        ),
    ),
    (
        "account",
        (
            "^(account( no| number| id)?|acct( no| number)?|account iban|auftragskonto"
            "|iban auftragskonto|konto auftraggeber|auftraggeberkonto|own account|konta nr|konto nr"
            "|numer rachunku karty|eigenes konto"
            "|eigene iban|kontonummer auftragskonto|rekening|rekeningnummer|eigen rekening"
            "|accountnumber|iban bban|compte|numero de compte|numero compte|n compte|compte num"
            "|accountnum|cuenta|numero de cuenta|conto|numero conto|konto|konta|numer rachunku"
            "|nr rachunku|rachunek|numer konta|kontonr|cislo uctu|ucet|cislo vlastniho uctu"
            "|nazev uctu|szamlaszam|konyvelesi szamla|tili|tilinumero|card( no| number)|card"
            "|kartennummer|karte|kartennr|kaartnummer|card last 4( digits)?|masked card number"
            "|account from|numero de carte|numero de tarjeta|clearingnummer kontonummer|carta"
            "|numer karty|card account|credit card|account card|bank account|this party account"
            "|posted account|own iban|my account|conta|hesap( no)?|account iban number"
            "|numero tarjeta|tarjeta)$"
        ),
    ),
    (
        "account_name",
        (
            "^(account name|account title|kontoname|kontobezeichnung|bezeichnung auftragskonto"
            "|kontonamn|konto name|accountlabel|account label|compte libelle|nazwa rachunku"
            "|product|produkt|account type|kontotyp|nom du compte|produktnamn)$"
        ),
    ),
    (
        "account_maybe",
        (
            r"(^iban$|\b(iban|kontonummer|bban|accounts?|konto|kontonr|compte|cuenta|conto"
            r"|rekening|rachunek|rachunku|tili|ucet|uctu|szamlaszam)\b)"
        ),
    ),
    (
        "institution",
        ("^(institution( name)?|bank( name)?|financial institution|provider|bankname( auftragskonto)?)$"),
    ),
    (
        "holder",
        (
            "^(card ?member|member name|card ?holder( name)?|account holder|account owner|owner"
            "|heading name|karteninhaber|titulaire|titular|name account holder|user|inhaber"
            "|name auftraggeber?konto)$"
        ),
    ),
    (
        "category",
        (
            r"(^|\b)(sub ?|umsatz|haupt|unter|buchungs)?(category|categories|kategorie|categorie"
            "|categoria|kategori|kategoria|luokka|kategorija|unterkategorie|hauptkategorie"
            "|sous categorie|categorie parent|category parent|subcategoria|mcc description"
            r"|merchant category|category group|カテゴリ)\b"
        ),
    ),
    (
        "id",
        (
            "^(id|transaction ?(id|identifier|uuid|no|nr|number|num|reference|reference number"
            "|ref)|trans(action)? id|fit ?id|txn id|transaktions?( ?id| ?nr| no| nummer"
            "| referenz)|transaktionsnummer|transaktionsnr|transactiereferentie|volgnr|volgnummer"
            "|identificador|identifier|identificatore|id operace|id pohybu|id transakcji"
            "|id transakce|id transaction|numero de transaction|numer transakcji|id transaccion"
            "|id da transacao|tranzakcio( azonosito| azonositoja| szama)|archive id"
            "|archivierungs? ?id|arkistointitunnus|arkiveringskode|record id|unique id|uuid|guid"
            "|transfer ?wise id|reference number|journal no|sequence number|id transazione"
            "|banking id|entry reference|transactienummer|numero sequence|numero de sequence"
            "|externe id|external id|nr transakcji|ref number|arkivref(erens)?|referensnummer"
            "|unique transaction identifier|tran id)$"
        ),
    ),
    (
        "id_weak",
        (
            r"(\b(id|reference|ref|referencia|riferimento|referentie|referens|referanse"
            r"|reference no|ref no|uuid)\b|id$|referenz)"
        ),
    ),
    (
        "description",
        (
            "^(description|transaction description|trans(action)? details|details|detail"
            "|particulars|narration|narrative|remarks?|transaction remarks|transaction narrative"
            "|descriptions?|detailed description|full description|text|verwendungszweck|vwz|zweck"
            "|beschreibung|bezeichnung|buchungsdetails|avisierungstext|umsatztext"
            "|verwendungszweckzeile|zahlungsgrund|zahlungszweck|buchungsinformationen"
            "|umsatzbeschreibung|vorgang verwendungszweck|libelle|libelle operation"
            "|libelle de l operation|libelle complet|libelle simplifie|label|intitule"
            "|communications?|nature de l operation|mededelingen?|omschrijving|beschrijving"
            "|vrije mededeling|concepto|descripcion|detalle|descripcion operacion"
            "|descripcion del movimiento|concepto movimiento|dettagli|dettaglio|descrizione"
            "|descrizione operazione|causale|causale descrizione|descrizione completa|descricao"
            "|descritivo|historico|lancamento|descricao do lancamento|titulo|tytul|opis"
            "|opis operacji|opis transakcji|tytul operacji|tytulem|szczegoly|dane transakcji"
            "|meddelande|beskrivning|transaktionstext|rubrik|specifikation|beskrivelse|forklaring"
            "|tekst|posteringstekst|spesifikasjon|selite|viesti|selitys|tapahtuman tiedot|popis"
            "|popis operace|popis transakcie|zprava|zprava pro prijemce|sprava pre prijemcu"
            "|ucel platby|poznamka|popis pro me|informacia pre prijemcu|kozlemeny|leiras"
            "|tranzakcio leirasa|megnevezes|jogcim|descriere|detalii|descrierea tranzactiei"
            "|aciklama|islem aciklamasi|selgitus|paskirtis|maksajuma merkis|αιτιολογια|περιγραφη"
            "|описание|назначение|opis placanja|摘要|内容|お取り扱い内容|取扱内容"
            "|取引内容|お取引内容|利用店名|ご利用店名|利用店名 商品名"
            r"|利用店名・商品名|ご利用先)( \d{1,2}| i{1,3})?$"
        ),
    ),
    (
        "payee",
        (
            "(^(payee|merchant|merchant name|name|counter ?party|counter ?party name"
            "|name of counterparty|beneficiary|beneficiary name|recipient|recipient name"
            "|other party|partner ?name|partner|name zahlungsbeteiligter|naam|naam omschrijving"
            "|naam tegenpartij|tegenpartij naam|tegenpartij|naam ontvanger|payee name|counterpart"
            "|counterpart name|empfanger|empfaenger|zahlungsempfanger( in)?|zahlungsempfaenger"
            "|begunstigter|beguenstigter|begunstigter zahlungspflichtiger"
            "|beguenstigter zahlungspflichtiger|auftraggeber|auftraggeber empfanger"
            "|auftraggeber empfaenger|auftraggeber begunstigter|auftraggeber beguenstigter"
            "|auftraggeber zahlungsempfanger|empfanger zahlungspflichtiger|empfanger auftraggeber"
            "|absender empfanger|zahlungspflichtige r|zahlungspflichtiger|zahler|sender empfanger"
            "|sender oder empfanger|sender|from|to|tiers|beneficiaire|nom tiers|nom du tiers"
            "|nom de la contrepartie|nom contrepartie|nazwa kontrahenta|kontrahent"
            "|dane kontrahenta|nadawca odbiorca|odbiorca|nadawca|odbiorca zleceniodawca|mottagare"
            "|avsandare|motpart|modpart|mottaker|betalningsmottagare|modtager|afsender|avsender"
            "|navn|namn|saaja|maksaja|saaja maksaja|saajan nimi|nimi|nazev protiuctu|protistrana"
            "|nazev protistrany|nazev prijemce|partner neve|ellenoldali nev|kedvezmenyezett"
            "|beneficiario|ordenante|destinatario|controparte|nome|commerce|commercant|comercio"
            "|establecimiento|estabelecimento|esercente|sprzedawca|obchodnik|obchodnik"
            "|betaald aan|paid to|store|saaja nimi|beneficiary remitter|nazov protiuctu|partija"
            "|имя|contrepartie|counterparty details|custom name|favorecido"
            "|remetente destinatario)$|zahlungsempfanger|kontrahenta$|counterparty name"
            r"|beneficiary name|^handler\b|^haendler\b|^merchant name\b)"
        ),
    ),
    (
        "detail",
        (
            "^(buchungstext|memo|memo description|notes?|note|notiz|comment|comments|bemerkung"
            r"|extended details|additional info\w*|information|infos?|weitere infos?"
            "|informations? complementaires?|appears on your statement as|extra information"
            "|message|messages|user message|nachricht|customer comment|poznamky|kommentti"
            "|kommentar|reference|payment reference|reference text|zahlungsreferenz"
            "|your reference|own reference|title|subject|betreff|purpose|zusatzinformation"
            "|komentar|mitteilung|information detaillee|observaciones|observacoes|mas datos"
            "|otros datos|notas?|notater|tags?|labels?|hashtags|detalle adicional"
            r"|complementary information)( \d{1,2})?$"
        ),
    ),
    (
        "type",
        (
            "^(type|transaction type|trans type|trans(action)? code|txn type|umsatztyp|umsatzart"
            "|vorgang|buchungsart|art|transaktionsart|transaktionstyp|mutatiesoort|mutatie soort"
            "|code|soort|soort mutatie|tipo|tipo de operacion|tipo operacion|tipo movimento"
            "|tipo de movimento|tipo movimiento|movimiento|operacion|operazione|tipologia"
            "|typ operacji|typ transakcji|rodzaj transakcji|rodzaj operacji|typ|druh"
            "|druh transakce|typ transakce|typ pohybu|druh pohybu|type operation|type d operation"
            "|type de transaction|operation|transactiesoort|transaktionstype|typ av transaktion"
            "|laji|tapahtumalaji|tipus|tranzakcio tipusa|forgalom tipusa|islem tipi|tip"
            "|kategorie buchung|payment type|direction|debit credit|credit debit|cr dr|dr cr"
            "|debit or credit|d k|dc|cdt dbt|d c|indicator|credit debit indicator|kind|activity"
            "|soll haben|sh|af bij|debet credit|amount type|money in or out)$"
        ),
    ),
)

# Columns that go with a movement but are no part of it; nothing in the rule reads them.
PLACE_WORDS = (
    r"\b(city|state|town|address|street|country|zip|postcode|post code|county|emoji|time|zone"
    "|timezone|land|ort|receipt|website|email|mail|merchant type|location|ignored from"
    r"|tax deductible|excluded?|recurring|attachments?|website)\b"
)
