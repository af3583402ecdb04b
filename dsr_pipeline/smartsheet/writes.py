"""Rows written once: appended under a key that tells whether they are there, changed, deleted.

The API has no idempotency key, so a POST whose answer was lost is never sent again before the keys of the
sheet were read back. `client` calls this; conversion of values is `cell_values`'.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from dsr_pipeline.smartsheet.cell_values import ChangedRow, NewRow, changed_rows, new_rows
from dsr_pipeline.smartsheet.errors import AnswerLost, BadAnswer, CellRefused, KeyChanged, RowsDoubled
from dsr_pipeline.smartsheet.transport import Transport
from dsr_pipeline.smartsheet.wire import CellValue, Row, RowsDeleted, RowsWritten, decoder

ROWS_PER_CALL = 500
"""The vendor's bound for one call that adds or changes rows."""
IDS_PER_CALL = 300
"""Ids to delete travel in the address: 300 of 16 digits stay below 8 KB."""
LOOKS = 4
"""How often in a row an answer may be lost and nothing new be found in the sheet."""

Item = TypeVar("Item")
ReadKeys = Callable[[], list[tuple[int, CellValue]]]
"""Reads (row id, key) of every row of the sheet."""

_written = decoder(RowsWritten)
_deleted = decoder(RowsDeleted)


def add_rows(
    transport: Transport, sheet_id: int, rows: Sequence[NewRow], key_column: int, read_keys: ReadKeys
) -> list[int]:
    """Append the rows whose key is not in the sheet yet; the row ids in the order of `rows`.

    Raises `CellRefused` before anything is sent, `AnswerLost` where it stays unknown what was applied,
    `RowsDoubled` where a request that was given up for lost was applied late, `KeyChanged` where the sheet
    does not keep the keys.
    """
    if not rows:
        return []
    keys = [_key(row, key_column, place) for place, row in enumerate(rows, start=1)]
    doubled = next((key for key, count in Counter(keys).items() if count > 1), None)
    if doubled is not None:
        raise CellRefused(f"two of the new rows have the key {doubled!r}: a key names one row")
    sent = dict(zip(keys, new_rows(rows), strict=True))
    known = _known(read_keys(), sent, sheet_id)
    lost: AnswerLost | None = None
    looks = 0
    while True:
        before = len(known)
        try:
            _append(transport, sheet_id, sent, known, key_column)
        except AnswerLost as problem:
            lost = problem
        else:
            if lost is not None:
                _known(read_keys(), sent, sheet_id)
            return [known[key] for key in keys]
        transport.backoff(looks + 1)
        known = _known(read_keys(), sent, sheet_id)
        looks = looks + 1 if len(known) <= before else 0
        if looks >= LOOKS:
            raise lost


def _append(
    transport: Transport,
    sheet_id: int,
    sent: dict[str, dict[str, object]],
    known: dict[str, int],
    key_column: int,
) -> None:
    """Send what is not known yet, a batch at a time; what Smartsheet confirms becomes known."""
    missing = [key for key in sent if key not in known]
    for batch in _batches(missing, ROWS_PER_CALL):
        body = [sent[key] for key in batch]
        decode = partial(_all, size=len(batch))
        rows = transport.call("POST", f"/sheets/{sheet_id}/rows", decode, json=body)
        for row, key in zip(rows, batch, strict=True):
            for cell in row.cells:
                if cell.column_id == key_column and cell.value != key:
                    raise KeyChanged(
                        f"sheet {sheet_id} keeps the key {key!r} of row {row.id} as {cell.value!r}: "
                        "it would not be found again; make the key column plain text"
                    )
            known[key] = row.id


def update_rows(transport: Transport, sheet_id: int, rows: Sequence[ChangedRow]) -> None:
    """Change the named cells of rows; the same change twice is the same change, so it may be repeated."""
    for batch in _batches(changed_rows(rows), ROWS_PER_CALL):
        transport.call("PUT", f"/sheets/{sheet_id}/rows", partial(_all, size=len(batch)), json=batch)


def delete_rows(transport: Transport, sheet_id: int, row_ids: Sequence[int]) -> None:
    """Delete rows and their children; those that are gone already are no error."""
    for batch in _batches(row_ids, IDS_PER_CALL):
        ids = ",".join(map(str, batch))
        transport.call(
            "DELETE",
            f"/sheets/{sheet_id}/rows",
            _deleted.decode,
            params={"ids": ids, "ignoreRowsNotFound": "true"},
        )


def _key(row: NewRow, key_column: int, place: int) -> str:
    key = row.cells.get(key_column)
    if not isinstance(key, str) or not any(sign.isalpha() for sign in key):
        raise CellRefused(
            f"new row {place}: its key (column {key_column}) must be a text with a letter in it: what looks "
            "like a number or a day may be kept as one, and would not be found again"
        )
    if key != key.strip() or key.startswith(("=", "'")):
        raise CellRefused(
            f"new row {place}: its key (column {key_column}) must not begin with = or ' and have no blanks "
            "around it: it might be kept otherwise than it is sent"
        )
    return key


def _known(
    read: list[tuple[int, CellValue]], wanted: dict[str, dict[str, object]], sheet: int
) -> dict[str, int]:
    """Key → row id of the wanted rows that are in the sheet."""
    known: dict[str, int] = {}
    for row_id, key in read:
        if not isinstance(key, str) or key not in wanted:
            continue
        if key in known:
            raise RowsDoubled(
                f"sheet {sheet} has two rows with the key {key!r} (rows {known[key]} and {row_id}): "
                "delete one"
            )
        known[key] = row_id
    return known


def _all(body: bytes, size: int) -> list[Row]:
    answer: RowsWritten = _written.decode(body)
    if answer.result_code != 0 or len(answer.result) != size:
        raise BadAnswer(f"{len(answer.result)} of {size} rows were written")
    return answer.result


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
