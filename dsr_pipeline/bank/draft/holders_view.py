"""Whose view a signed series is in: the account holder's, or that of a debt which grows with spending.

Lives here: why a chain of balances alone is no full proof of the sign. A card that prints what is owed as a
positive balance chains just as well with its charges positive. What tells the two apart is what the rows
are: people spend more often than they are paid, and some movements name their direction.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dsr_pipeline.bank.draft.vocabulary import plain

_IN_TEXT = re.compile(
    r"\b(salary|payroll|wages|direct dep|paycheck|refund|cashback|interest (paid|earned"
    "|received|payment)|dividend|gehalt|lohn|rente|gutschrift|erstattung|ruckerstattung"
    "|salaire|remboursement|versement|nomina|devolucion|reembolso|abono de nomina|stipendio"
    "|rimborso|salaris|terugbetaling|wynagrodzenie|zwrot|pensja|lon|lonn|salario"
    r"|aterbetalning|palkka|mzda|vyplata mzdy|munkaber|maas|salariu|ordenado|vencimento"
    r"|給与|給料|振込入金|利息)\b"
)
_OUT_TEXT = re.compile(
    r"\b(service fee|monthly fee|account fee|maintenance fee|withdrawal|atm|purchase|pos"
    r"|grocer\w*|supermar\w*|coffee|cafe|restaurant|fuel|gas station|petrol|pharmacy|utilit\w*"
    "|util|rent|insurance|subscription"
    r"|parking|tickets?|pub|stores?|books?|airways|airlines|hardware|kontofuhrung\w*|entgelt"
    "|gebuhr|miete|stadtwerke|backerei|supermarkt|kraftstoff|lastschrift|kartenzahlung|loyer"
    "|prelevement|achat|retrait|boulangerie|frais"
    "|alquiler|compra|supermercado|comision|recibo|affitto|spesa|prelievo|commissione|huur"
    "|betaalautomaat|geldautomaat|czynsz|zakup|sklep|oplata|prowizja|hyra|kop|bensin|husleie"
    "|husleje|vuokra|osto|najem|nakup|lekarna|poplatek|potraviny"
    r"|vasarlas|berleti|kira|market|電気|ガス|水道|手数料|家賃)\b"
)
_LOAN = re.compile(
    r"\b(loan|mortgage|darlehen|kreditkonto|hypothe\w*|pret immobilier|prestamo|hipoteca|mutuo"
    r"|lening|hypotheek|kredyt|pozyczka|uver|hitel|lan|laina)\b"
)
_CARD = re.compile(
    r"\b(credit ?cards?|kreditkarte\w*|kreditkort\w*|creditcard\w*|carte de credit|tarjeta de "
    r"credito|carta di credito|karta kredytowa|visa|mastercard|amex)\b|カード"
)
_MORE = 2  # times as many rows of money out as of money in: people spend more often than they are paid
_MANY = 5  # rows of money out, below which such a majority may be chance
_FEW_AGAINST = 5  # rows that agree for each one that does not (a shop's refund without the word)
_ENOUGH = 2  # rows that name their direction, against which no row speaks


@dataclass(frozen=True, slots=True)
class View:
    """Counts behind the judgement, for a series in which negative is supposed to be money out."""

    outs: int
    ins: int
    agree: int
    agree_in: int  # of those that agree, money in: wages, refunds, interest paid out to the holder
    against: int
    loan: bool
    card: bool

    @property
    def holders(self) -> bool:
        """Whether the rows fit the holder's view of an account, and nothing fits a debt better."""
        if self.loan:
            return False
        named = self.agree >= _ENOUGH and self.agree >= _FEW_AGAINST * self.against
        many = self.outs >= _MORE * self.ins and self.outs >= _MANY
        if self.against:
            return named and many
        if named and (self.outs > self.ins or self.agree_in >= _ENOUGH):
            return True
        return many and not self.card

    @property
    def told(self) -> str:
        """The counts as a sentence."""
        words = f"; {self.agree} rows whose text names a direction agree, {self.against} do not"
        return f"{self.outs} rows of money out, {self.ins} of money in" + (
            words if self.agree or self.against else ""
        )


def judge_view(amounts: Sequence[Decimal | None], texts: Sequence[str], about: str) -> View:
    """Judge a series against the texts of its rows; `about` is the preamble, file name and header."""
    outs = sum(amount is not None and amount < 0 for amount in amounts)
    ins = sum(amount is not None and amount > 0 for amount in amounts)
    agree = agree_in = against = 0
    for amount, text in zip(amounts, texts, strict=True):
        direction = text_direction(text)
        if not amount or not direction:
            continue
        if (amount > 0) == (direction > 0):
            agree += 1
            agree_in += direction > 0
        else:
            against += 1
    words = plain(about)
    return View(
        outs, ins, agree, agree_in, against, _LOAN.search(words) is not None, _CARD.search(words) is not None
    )


def text_direction(text: str) -> int:
    """1 for a text that names money in, -1 for money out, 0 for neither or both."""
    words = plain(text)
    inward, outward = _IN_TEXT.search(words) is not None, _OUT_TEXT.search(words) is not None
    if inward == outward:
        return 0
    return 1 if inward else -1
