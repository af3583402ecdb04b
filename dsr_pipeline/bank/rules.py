"""The rule of one bank format: what a `rules/banks/<rule>.yaml` may say, and what contradicts itself.

Lives here: the pydantic model (its JSON Schema is written to `rules/schema/`). Loading many files, `extends`
and the errors with file and line are `bank.rule_set`; applying a rule to a file is `bank.matching` and
`bank.parsing`.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from dsr_pipeline.bank.rule_amounts import Amount, NumberStyle, NumberStyleName
from dsr_pipeline.bank.rule_values import (
    Const,
    DateFormat,
    Encoding,
    Extract,
    GroupRegex,
    Index,
    Join,
    Name,
    Pattern,
    Ref,
    Regex,
    RuleName,
    Source,
    Strict,
    ValueRegex,
    Zone,
    refs_of,
)

__all__ = [
    "Amount",
    "BankRule",
    "Const",
    "Extract",
    "FixedLines",
    "Index",
    "Join",
    "NumberStyle",
    "NumberStyleName",
    "OwnerFrom",
    "Pattern",
    "Ref",
    "Source",
    "StatedBalance",
    "refs_of",
]

Kind = Literal["checking", "savings", "card", "wallet", "aggregator"]

TARGETS = (
    "date",
    "post_date",
    "description",
    "payee",
    "category_src",
    "source_id",
    "balance",
    "currency",
    "check_no",
)


class Cell(Strict):
    """What every cell of a column looks like: proof that rows are this bank's, above all without a header."""

    column: Ref
    pattern: Regex


class Match(Strict):
    """How a file is recognised: by its header; name and preamble only add to the score."""

    filename: list[Regex] = Field(default=[])
    header: list[Name]
    header_optional: list[Name] = Field(default=[])
    header_absent: list[Name] = Field(default=[])
    header_pattern: list[Regex] = Field(default=[])
    content: list[Regex] = Field(default=[])
    columns: int | None = Field(default=None, ge=1, description="field count of a file without a header")
    cells: list[Cell] = Field(default=[])


class FindHeader(Strict):
    """The header is looked for in the first lines of the file."""

    find: Literal["header"] = "header"


class FixedLines(Strict):
    """The header (or, without one, the first row) follows exactly this many lines."""

    lines: int = Field(ge=0)


class Footer(Strict):
    """Lines after the rows: the first line that matches, and all that follow, are excluded."""

    stop_at: list[Regex] = Field(default=[])


class Continuation(Strict):
    """A row whose named columns are all empty continues the description of the row above it."""

    when_empty: list[Ref] = Field(min_length=1)
    append_to: Literal["description", "payee"] | Name = "description"


class FileFormat(Strict):
    """The physical shape of the file."""

    encoding: Encoding | list[Encoding]
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)]
    quote: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = '"'
    multiline_fields: bool = False
    skip_initial_space: bool = False
    preamble: FindHeader | FixedLines = FindHeader()
    footer: Footer = Footer()
    fields: Literal["exact", "trailing_empty", "short_ok"] = "exact"
    continuation: Continuation | None = None
    max_bad_ratio: float = Field(default=0.2, ge=0, le=1)

    @property
    def encodings(self) -> tuple[str, ...]:
        """The encodings in the order in which they are tried."""
        return (self.encoding,) if isinstance(self.encoding, str) else tuple(self.encoding)


class Columns(Strict):
    """Which column of the file feeds which field of a transaction."""

    date: Source
    post_date: Source | None = None
    description: Source
    payee: Source | None = None
    category_src: Source | None = None
    source_id: Source | None = None
    balance: Source | None = None
    currency: Source | None = None
    check_no: Source | None = None


class Dates(Strict):
    """How dates are written. A list holds only if the whole file parses with one of its formats."""

    format: DateFormat | list[DateFormat]
    post_format: DateFormat | None = None
    timezone: Zone | None = None
    months: list[Literal["en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "no", "cs"]] = Field(
        default=["en"]
    )

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats in the order in which they are tried."""
        return (self.format,) if isinstance(self.format, str) else tuple(self.format)


class Exclude(Strict):
    """Rows that are not transactions; they are counted with this reason."""

    column: Ref
    pattern: Regex
    reason: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")]


class Pending(Strict):
    """Rows that are not yet booked. `date: null` says that the date cell then holds a word, not a date."""

    column: Ref
    pattern: Regex
    date: Literal["parse"] | None = "parse"


class Rows(Strict):
    """Which rows count, and in which order they stand."""

    exclude: list[Exclude] = Field(default=[])
    pending: Pending | None = None
    order: Literal["newest_first", "oldest_first", "any"]


class Account(Strict):
    """Where the account of a row comes from. A captured value becomes `<rule>:<value>` unless it is an
    alias in `rules/accounts.yaml`."""

    origin: Literal["const", "filename", "preamble", "column"] = Field(alias="from")
    value: Name | None = None
    pattern: ValueRegex | None = None
    column: Ref | list[Ref] | Join | None = None
    kind: Kind
    aliases_file: Literal["accounts.yaml"] = "accounts.yaml"

    @model_validator(mode="after")
    def _has_what_its_origin_needs(self) -> Self:
        needs = {"const": "value", "filename": "pattern", "preamble": "pattern", "column": "column"}
        wanted = needs[self.origin]
        given = [name for name in ("value", "pattern", "column") if getattr(self, name) is not None]
        if given != [wanted]:
            raise ValueError(f"an account from {self.origin} needs '{wanted}' and nothing else")
        return self


class StatedBalance(Strict):
    """A balance that the file states: a regex with one group over the preamble or the footer, or the text
    of an excluded row whose balance (else amount) cell holds it."""

    preamble: GroupRegex | None = None
    footer: GroupRegex | None = None
    row: Name | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(place is not None for place in (self.preamble, self.footer, self.row)) != 1:
            raise ValueError("a stated balance stands in one place: preamble, footer or row")
        return self


class Totals(Strict):
    """Totals that the preamble or footer states; each regex has one group."""

    credits: GroupRegex | None = None
    debits: GroupRegex | None = None
    rows: GroupRegex | None = None


class Verify(Strict):
    """What the file lets us prove about its own completeness."""

    balance: Literal["running", "end_of_day", "opening_closing", "none"]
    opening: StatedBalance | None = None
    closing: StatedBalance | None = None
    totals: Totals | None = None


class Dedup(Strict):
    """Whether the bank's own id tells transactions apart. The key without an id is fixed for all rules."""

    id: Literal["source_id"] | None = None
    key: list[Literal["account", "date", "post_date", "amount", "currency", "description_norm"]] = Field(
        default=[
            "account",
            "post_date",
            "amount",
            "currency",
            "description_norm",
        ]
    )
    id_scope: Literal["account"] = "account"

    @model_validator(mode="after")
    def _key_is_the_one_there_is(self) -> Self:
        told = {*self.key, "currency"}
        if told != {"account", "post_date", "amount", "currency", "description_norm"}:
            raise ValueError(
                "key: is the same for all rules (account, post_date, amount, currency, description_norm); "
                "leave it out"
            )
        return self


class Drop(Strict):
    """Unmapped columns that are not kept; each is named."""

    drop: list[Name] = Field(min_length=1)


class OwnerFrom(Strict):
    """The owner of a row, from a column or from the file name."""

    origin: Literal["column", "filename"] = Field(alias="from")
    column: Ref | None = None
    pattern: ValueRegex | None = None

    @model_validator(mode="after")
    def _has_what_its_origin_needs(self) -> Self:
        if (self.origin == "column") != (self.column is not None) or (self.origin == "filename") != (
            self.pattern is not None
        ):
            raise ValueError("an owner from a column needs 'column', one from the file name 'pattern'")
        return self


class OpenQuestion(Strict):
    """Something the file could not prove. A rule with an open question does not load: answer it by setting
    the named key, then delete the question."""

    key: Name
    question: Name
    choices: list[str] = Field(default=[])
    evidence: str | None = None


class BankRule(Strict):
    """One bank format, complete."""

    open_questions: list[OpenQuestion] = Field(default=[])
    rule: RuleName
    version: int = Field(ge=1)
    bank: Name
    extends: RuleName | None = None
    match: Match
    file: FileFormat
    columns: Columns
    dates: Dates
    amount: Amount
    rows: Rows
    account: Account
    verify: Verify
    dedup: Dedup = Dedup()
    extras: Literal["keep"] | Drop = "keep"
    owner: Name | OwnerFrom | None = None
    tests: list[str] = Field(default=[])

    @property
    def headerless(self) -> bool:
        """Whether the file has no header line."""
        return not self.match.header and not self.match.header_pattern

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        if self.headerless:
            self._check_headerless()
        elif self.match.columns is not None:
            raise ValueError("match.columns: belongs to a file without a header (match.header: [])")
        self._check_names()
        if self.dedup.id is not None and self.columns.source_id is None:
            raise ValueError("dedup.id: is source_id, but columns.source_id names no column")
        if self.verify.balance in ("running", "end_of_day") and self.columns.balance is None:
            mode = self.verify.balance
            raise ValueError(f"verify.balance: is {mode}, but columns.balance names no column")
        if self.verify.balance == "opening_closing" and not (self.verify.opening and self.verify.closing):
            raise ValueError("verify.balance: opening_closing needs verify.opening and verify.closing")
        self._check_named_columns()
        if self.amount.by_currency and self.columns.currency is not None:
            raise ValueError("amount.by_currency: sets the currency, so leave columns.currency out")
        return self

    def _check_headerless(self) -> None:
        if self.match.columns is None:
            raise ValueError("match.columns: a file without a header needs it, the exact field count")
        if not isinstance(self.file.preamble, FixedLines):
            raise ValueError(
                "file.preamble: a file without a header needs {lines: n} (0 when rows start at once)"
            )
        for place, ref in self.references():
            if not isinstance(ref, Index):
                raise ValueError(f"{place}: without a header a column is named by {{index: n}}")
            if ref.index >= self.match.columns:
                raise ValueError(f"{place}: index {ref.index} is beyond the {self.match.columns} columns")

    def _check_names(self) -> None:
        match = self.match
        for kind, names in (("header", match.header), ("header_optional", match.header_optional)):
            if repeated := {name for name in names if names.count(name) > 1}:
                raise ValueError(f"match.{kind}: names {sorted(repeated)} twice")
        if clash := set(match.header) & set(match.header_absent):
            raise ValueError(f"match.header_absent: {sorted(clash)} stand in match.header as well")
        known = {*match.header, *match.header_optional}
        for place, ref in self.references():
            if isinstance(ref, str) and ref not in known:
                raise ValueError(f"{place}: column '{ref}' is not in match.header or match.header_optional")
            if isinstance(ref, Pattern) and ref.pattern not in match.header_pattern:
                raise ValueError(f"{place}: pattern '{ref.pattern}' is not in match.header_pattern")

    def _check_named_columns(self) -> None:
        known = {*self.match.header, *self.match.header_optional}
        if isinstance(self.extras, Drop) and (unknown := [n for n in self.extras.drop if n not in known]):
            raise ValueError(f"extras.drop: {unknown} are not in match.header or match.header_optional")
        if (continuation := self.file.continuation) is None:
            return
        texts = [*refs_of(self.columns.description), *refs_of(self.columns.payee)]
        if continuation.append_to not in ("description", "payee", *texts):
            raise ValueError(
                f"file.continuation.append_to: '{continuation.append_to}' feeds neither description nor payee"
            )

    def references(self) -> list[tuple[str, Ref]]:
        """Every column that the rule reads, with the place in the rule that names it."""
        found: list[tuple[str, Ref]] = []
        for target in TARGETS:
            found += [(f"columns.{target}", ref) for ref in refs_of(getattr(self.columns, target))]
        amount = self.amount
        for part in ("column", "debit", "credit"):
            if (ref := getattr(amount, part)) is not None:
                found.append((f"amount.{part}", ref))
        found += [(f"amount.by_currency.{code}", ref) for code, ref in amount.by_currency.items()]
        if amount.flag is not None:
            found.append(("amount.flag.column", amount.flag.column))
        if amount.fee is not None:
            found.append(("amount.fee.column", amount.fee.column))
        found += [(f"rows.exclude.{i}.column", item.column) for i, item in enumerate(self.rows.exclude)]
        if self.rows.pending is not None:
            found.append(("rows.pending.column", self.rows.pending.column))
        found += [("account.column", ref) for ref in refs_of(self.account.column)]
        found += [(f"match.cells.{i}.column", cell.column) for i, cell in enumerate(self.match.cells)]
        if self.file.continuation is not None:
            found += [("file.continuation.when_empty", ref) for ref in self.file.continuation.when_empty]
        if isinstance(self.owner, OwnerFrom) and self.owner.column is not None:
            found.append(("owner.column", self.owner.column))
        return found
