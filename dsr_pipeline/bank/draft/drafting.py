"""From a file to its drafted rule: the order in which the parts are told.

Lives here: `draft`, and nothing that infers. The last step reads the file with the rule just made, so that a
row that the rule could not read becomes a question and not a surprise. Called by `dsr inbox draft`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dsr_pipeline.bank.draft.account import infer_account
from dsr_pipeline.bank.draft.amount_inference import infer_amount, whole_figures
from dsr_pipeline.bank.draft.amount_plan import AmountPlan
from dsr_pipeline.bank.draft.column_kinds import KnownColumn, know_columns, with_role
from dsr_pipeline.bank.draft.currency import Currency, infer_currency
from dsr_pipeline.bank.draft.date_columns import Dated, infer_dates
from dsr_pipeline.bank.draft.dialect import infer_dialect
from dsr_pipeline.bank.draft.encoding import infer_encoding
from dsr_pipeline.bank.draft.findings import Findings
from dsr_pipeline.bank.draft.flags import find_flag
from dsr_pipeline.bank.draft.layout import find_table
from dsr_pipeline.bank.draft.ledger import Ledger
from dsr_pipeline.bank.draft.model import Draft, DraftError, Questions, Sheet, Told
from dsr_pipeline.bank.draft.naming import account_kind, rule_name
from dsr_pipeline.bank.draft.odd_lines import OddLines, explain, footer_lines
from dsr_pipeline.bank.draft.row_states import RowStates, infer_states
from dsr_pipeline.bank.draft.statements import Statement, find_statements
from dsr_pipeline.bank.draft.text_columns import infer_texts
from dsr_pipeline.bank.draft.total_rows import settle_balances, settle_totals
from dsr_pipeline.bank.draft.trial import try_rule
from dsr_pipeline.bank.draft.writer import write_rule

_WHOLE_CURRENCIES = frozenset(
    {"JPY", "KRW", "CLP", "ISK", "VND", "IDR", "HUF", "COP", "TWD", "CRC", "PYG", "UGX"}
)


def draft(path: Path) -> Draft:
    """Draft the rule of one export.

    Raises `DraftError` for a file that is empty, no text, or without a table of transactions.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DraftError(path.name, f"cannot be read: {error.strerror}") from error
    return draft_bytes(path.name, data)


def draft_bytes(name: str, data: bytes) -> Draft:
    """Draft the rule of one export from its base name and its bytes."""
    questions = Questions()
    found = find_out(name, data, questions)
    text = write_rule(found, questions.asked)
    before = len(questions.asked)
    try_rule(found, text, data, questions)
    if len(questions.asked) != before:
        text = write_rule(found, questions.asked)
    return Draft(found.rule.value, text, tuple(questions.asked))


def find_out(name: str, data: bytes, questions: Questions) -> Findings:
    """Everything that the file proves, and the questions that it leaves."""
    decoded = infer_encoding(name, data, questions)
    split = infer_dialect(name, decoded.lines)
    sheet = find_table(name, decoded.lines, split, questions)
    columns = know_columns(sheet)
    states = infer_states(sheet, columns, questions)
    footer = footer_lines(sheet)
    statements = find_statements(sheet.preamble, footer)
    dated = infer_dates(sheet, columns, footer, questions)
    ledger = _ledger(sheet, columns, states, dated, footer)
    plan = _amounts(ledger, statements, questions)
    currency = infer_currency(sheet, ledger, plan, footer, questions)
    codes = {currency.code} if currency.column is None else set(currency.column.column.cells)
    if whole_figures(plan, ledger) and not codes <= _WHOLE_CURRENCIES:
        _ask_for_minor_units(currency, questions)
    rule = rule_name(sheet)
    account = infer_account(sheet, columns, rule.value, questions)
    taken = [*plan.columns, dated.date.value]
    taken += [c for c in (dated.post.value, currency.column, account.column, states.status) if c is not None]
    if (flag := find_flag(columns)) is not None and flag.certain:
        taken.append(flag.column)  # a word of direction describes nothing
    texts = infer_texts(columns, taken, ledger.booked, questions)
    odd = explain(sheet, plan, dated, states, texts.description.value, questions)
    _ask_for_gaps(plan, ledger, questions)
    _ask_for_undated(plan, ledger, odd, questions)
    return Findings(
        sheet,
        decoded,
        columns,
        ledger,
        dated,
        plan,
        texts,
        odd,
        (*states.exclusions, *odd.exclusions),
        odd.pending or states.pending,
        _order(ledger, plan),
        currency,
        account,
        rule,
        account_kind(sheet, columns, has_balance=plan.balance is not None),
    )


def _ledger(
    sheet: Sheet, columns: tuple[KnownColumn, ...], states: RowStates, dated: Dated, footer: Sequence[str]
) -> Ledger:
    texts = [column for column in columns if column.kind == "text"]
    words = tuple(
        " ".join(column.column.cells[place] for column in texts if column.column.cells[place])
        for place in range(len(sheet.rows))
    )
    about = " ".join([sheet.file.replace("_", " "), *sheet.preamble, *footer, *(sheet.names or ())])
    return Ledger(sheet, columns, states, dated.days, words, about, _groupings(sheet, columns))


def _groupings(sheet: Sheet, columns: tuple[KnownColumn, ...]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Ways to keep accounts apart, the one that keeps least apart first."""
    accounts = [
        c
        for c in with_role(columns, "account", "account_name", "account_maybe")
        if len(set(c.column.cells)) > 1
    ]
    currencies = [c for c in with_role(columns, "currency") if len(set(c.column.cells)) > 1]
    found: dict[str, tuple[str, ...]] = {"none": ("",) * len(sheet.rows)}
    for name, chosen in (
        ("account", accounts),
        ("currency", currencies),
        ("account and currency", accounts + currencies),
    ):
        if chosen:
            found[name] = tuple(
                "\x1f".join(row) for row in zip(*(c.column.cells for c in chosen), strict=True)
            )
    return tuple(found.items())


def _amounts(ledger: Ledger, statements: Sequence[Statement], questions: Questions) -> AmountPlan:
    """Amounts; once more without the rows that turn out to be totals."""
    trial = Questions()
    plan = infer_amount(ledger, statements, trial)
    if settle_totals(ledger, plan, questions):
        trial = Questions()
        plan = infer_amount(ledger, statements, trial)
    questions.asked.extend(trial.asked)
    settle_balances(ledger, plan, questions)
    return plan


def _ask_for_minor_units(currency: Currency, questions: Questions) -> None:
    questions.ask(
        "amount.decimal",
        "No figure of the file has decimals. Are these whole units of the currency, or hundredths "
        "(cents)? Hundredths cannot be declared: export the file another way.",
        ["whole units", "hundredths"],
        f"currency {currency.code or 'of each row' if currency.column or currency.code else 'unknown'}",
    )


def _ask_for_gaps(plan: AmountPlan, ledger: Ledger, questions: Questions) -> None:
    """Booked rows without a balance beside rows that have one: not yet booked, or only the day's end."""
    if plan.balance is None or questions.open("rows.pending"):
        return
    gaps = [place for place in ledger.booked if not plan.balance.column.cells[place]]
    if not gaps or (
        plan.chain is not None and plan.chain.whole and plan.chain.links and not _at_newest_end(gaps, ledger)
    ):
        return
    questions.ask(
        "rows.pending",
        f"Are the rows without a figure in {plan.balance.label} not yet booked "
        '(pending: {column: …, pattern: "^$"}), or '
        "does only the last row of a day carry the balance (verify.balance: end_of_day)?",
        ["pending", "end_of_day"],
        f"{len(gaps)} of {len(ledger.booked)} rows, first line {ledger.sheet.rows[gaps[0]].line_no}",
    )


def _ask_for_undated(plan: AmountPlan, ledger: Ledger, odd: OddLines, questions: Questions) -> None:
    """Booked rows without the second date that others have, where no status and no balance speaks."""
    if ledger.states.status is not None or questions.open("rows.pending"):
        return
    second = [c for c in ledger.columns if c.kind == "date" and c.role in ("booking", "value", None)]
    for column in second:
        gaps = [
            place
            for place in ledger.booked
            if not column.column.cells[place] and ledger.days[place] is not None
        ]
        if plan.balance is not None and plan.chain is not None and plan.chain.whole:
            gaps = [place for place in gaps if not plan.balance.column.cells[place]]
        if gaps and len(gaps) < len(ledger.booked) and not (odd.pending and odd.pending.value):
            questions.ask(
                "rows.pending",
                f"Are the rows without a date in {column.label} not yet booked "
                '(pending: {column: …, pattern: "^$"})?',
                ["pending", "booked"],
                f"{len(gaps)} of {len(ledger.booked)} rows, first line {ledger.sheet.rows[gaps[0]].line_no}",
            )
            return


def _at_newest_end(gaps: Sequence[int], ledger: Ledger) -> bool:
    """Whether the newest rows have no balance: no later balance shows that they count."""
    order = ledger.file_order
    booked = ledger.booked
    ends = (
        {booked[0]}
        if order == "newest_first"
        else {booked[-1]}
        if order == "oldest_first"
        else {booked[0], booked[-1]}
    )
    return bool(ends & set(gaps))


def _order(ledger: Ledger, plan: AmountPlan) -> Told[str]:
    order = ledger.file_order
    if order in ("newest_first", "oldest_first"):
        word = "fall" if order == "newest_first" else "rise"
        return Told(order, f"the dates {word} from the first row to the last")
    if plan.chain is not None and plan.chain.whole and not plan.chain.by_day:
        return Told(plan.chain.order, "the balances chain in this order")
    return Told("any", "the dates neither rise nor fall through the file, and no balance tells the order")
