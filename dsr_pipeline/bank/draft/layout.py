"""Where the table stands in a file: its header among the lines before the rows, its rows, its odd lines.

Lives here: header or none, preamble, width of the rows against the header. What the columns mean is told
later; a record counts as a row here when it has a date and a figure. Called by `bank.draft.drafting`.
"""

from __future__ import annotations

from collections import Counter

from dsr_pipeline.bank.binding import clean_name
from dsr_pipeline.bank.draft.dialect import Split, looks_like_row
from dsr_pipeline.bank.draft.model import Column, DraftError, Line, Questions, Sheet
from dsr_pipeline.bank.draft.shapes import figure, is_date
from dsr_pipeline.bank.draft.vocabulary import is_known, states_balance, states_total
from dsr_pipeline.bank.matching import HEAD_LINES
from dsr_pipeline.bank.reading import Lines, Record

_LOOK_BACK = 15  # pending rows and opening balances may stand between the header and the first row


def find_table(file: str, lines: Lines, split: Split, questions: Questions) -> Sheet:
    """Find header, rows and the lines around them; raises `DraftError` where the widths contradict it."""
    records = [record for record in split.records if not _blank(record, split)]
    alike = {
        record.line_no
        for record in records
        if record.fields is not None and looks_like_row(record.fields) and _near(record.fields, split.width)
    }
    likely = [
        place
        for place, record in enumerate(records)
        if record.line_no in alike and not _states_something(record.fields or [], split.width)
    ]
    if not likely:
        raise DraftError(
            file, "holds no table of transactions: its lines with a date and a figure only state balances"
        )
    dated = _dated_places([records[place].fields or [] for place in likely])
    rows = frozenset(
        records[place].line_no for place in likely if _has_date(records[place].fields or [], dated)
    )
    likely = [place for place in likely if records[place].line_no in rows]
    first = likely[0]
    header = _header_place(records, first, split.width)
    if header is None:
        first = _first_of_table(records, first, split.width)
    names = tuple(clean_name(name) for name in records[header].fields or ()) if header is not None else None
    body = records[header + 1 if header is not None else first :]
    width, mode, why = _width(file, names, split.width, [r for r in body if r.line_no in rows], questions)
    lines_of_rows, odd, misshapen = _sorted_out(body, width, mode, names, rows)
    if not lines_of_rows:
        raise DraftError(file, "has a header but no row with a date and an amount under it: nothing to prove")
    start = records[header] if header is not None else records[first]
    top = start.line_no - 1
    evidence = dict(split.evidence)
    evidence["fields"] = why
    evidence["preamble"] = _preamble_evidence(records, header, first)
    if top >= HEAD_LINES:
        raise DraftError(
            file, f"has its header in line {top + 1}; headers are looked for in {HEAD_LINES} lines"
        )
    columns = tuple(
        Column(
            place,
            names[place] if names else "",
            tuple(row.fields[place].strip() for row in lines_of_rows),
            tuple(text for line in odd if (text := line.fields[place].strip())),
        )
        for place in range(width)
    )
    return Sheet(
        file,
        lines,
        split.dialect,
        split.multiline,
        names,
        top if header is not None else None,
        start.line_no - 1 + (start.span if header is not None else 0),
        mode,
        columns,
        tuple(lines_of_rows),
        tuple(odd),
        tuple(misshapen),
        tuple(lines.texts[:top]),
        evidence,
    )


def _blank(record: Record, split: Split) -> bool:
    return not record.text.strip(f"{split.dialect.delimiter} \t\u00a0{split.dialect.quote or ''}")


def _dated_places(rows: list[list[str]]) -> frozenset[int]:
    """The fields that hold a date in most rows; a date elsewhere (in a footer) makes no row."""
    counts = Counter(place for row in rows for place, field in enumerate(row) if is_date(field.strip()))
    most = max(counts.values())
    return frozenset(place for place, count in counts.items() if count * 2 >= most)


def _has_date(fields: list[str], dated: frozenset[int]) -> bool:
    return any(place in dated and is_date(field.strip()) for place, field in enumerate(fields))


def _states_something(fields: list[str], width: int) -> bool:
    """A line of another width that states a balance or a total: its date makes it no row."""
    return len(fields) != width and any(states_balance(field) or states_total(field) for field in fields)


def _near(fields: list[str], width: int) -> bool:
    return abs(len(fields) - width) <= max(2, width // 3)


def _header_place(records: list[Record], first: int, width: int) -> int | None:
    """The nearest record above the first row that reads like names; None where there is none."""
    for place in range(first - 1, max(-1, first - 1 - _LOOK_BACK), -1):
        fields = records[place].fields
        if fields is not None and _reads_like_names([field.strip() for field in fields], width):
            return place
    return None


def _first_of_table(records: list[Record], first: int, width: int) -> int:
    """Without a header, records of its width with a figure belong to the table: a row may lack its date."""
    while first:
        fields = records[first - 1].fields
        if fields is None or len(fields) != width or not any(figure(field.strip()) for field in fields):
            break
        first -= 1
    return first


def _reads_like_names(fields: list[str], width: int) -> bool:
    filled = [field for field in fields if field]
    if len(filled) < 2 or not -max(2, width // 3) <= len(fields) - width <= max(2, width // 3):
        return False
    if any(is_date(field) or figure(field) is not None for field in filled):
        return False
    known = sum(is_known(clean_name(field)) for field in filled)
    # Names of a language that the word lists do not know still are short, distinct and nearly all there.
    named = len(filled) >= 0.8 * len(fields) and len(set(filled)) == len(filled)
    return (
        known >= 2 or (known >= 1 and named) or (named and len(filled) >= 3 and max(map(len, filled)) <= 40)
    )


def _width(
    file: str, names: tuple[str, ...] | None, width: int, body: list[Record], questions: Questions
) -> tuple[int, str, str]:
    """The number of columns and how the rows may differ from it."""
    rows = [record.fields for record in body if record.fields is not None]
    counts = Counter(len(fields) for fields in rows)
    told = ", ".join(f"{count} rows of {size} fields" for size, count in sorted(counts.items()))
    if names is None:
        return width, "exact", f"{told}; there is no header"
    wanted = len(names)
    over = [fields for fields in rows if len(fields) > wanted]
    under = sum(count for size, count in counts.items() if size < wanted)
    if not over and not under:
        return wanted, "exact", f"{told} under {wanted} names"
    if over and not under and not any(part.strip() for fields in over for part in fields[wanted:]):
        return wanted, "trailing_empty", f"{told} under {wanted} names; what is beyond them is empty"
    if not over and under >= 2:
        return wanted, "short_ok", f"{told} under {wanted} names; short rows lack the last columns"
    if len(over) * 2 > len(rows):
        raise DraftError(
            file,
            f"has {told} under {wanted} names, and the fields beyond them are not empty: an unquoted "
            "delimiter stands inside the fields (decimal commas in a comma file?); export it again, "
            "quoted",
        )
    questions.ask(
        "file.fields",
        f"Most rows have {wanted} fields, some have more or fewer. Are those rows damaged (exact), or may "
        "the last columns be missing (short_ok)?",
        ["exact", "short_ok"],
        f"{told} under {wanted} names",
    )
    return wanted, "exact", f"open: {told} under {wanted} names"


def _sorted_out(
    body: list[Record], width: int, mode: str, names: tuple[str, ...] | None, numbers: frozenset[int]
) -> tuple[list[Line], list[Line], list[Record]]:
    rows: list[Line] = []
    odd: list[Line] = []
    misshapen: list[Record] = []
    for record in body:
        fields = _fitted(record.fields, width, mode)
        if fields is None:
            misshapen.append(record)
            continue
        if names is not None and tuple(clean_name(field) for field in fields) == names:
            continue  # the header again, as on printed pages
        line = Line(record.line_no, tuple(fields), record.text)
        (rows if record.line_no in numbers else odd).append(line)
    return rows, odd, misshapen


def _fitted(fields: list[str] | None, width: int, mode: str) -> list[str] | None:
    if fields is None:
        return None
    if len(fields) == width:
        return fields
    if len(fields) > width:
        surplus = any(part.strip() for part in fields[width:])
        return fields[:width] if mode == "trailing_empty" and not surplus else None
    return fields + [""] * (width - len(fields)) if mode == "short_ok" else None


def _preamble_evidence(records: list[Record], header: int | None, first: int) -> str:
    if header is None:
        return "no line above the first row reads like names" if first else "the first line is a row already"
    line = records[header].line_no
    return f"line {line} holds the names, rows with a date and a figure follow it"
