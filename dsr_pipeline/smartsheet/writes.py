"""Rows written once: appended under a key that tells whether they are there, changed, deleted.

The API has no idempotency key, so a POST whose answer was lost is never sent again before the keys of the
sheet were read back. `client` calls this; conversion of values is `cell_values`'.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from dsr_pipeline.smartsheet.cell_values import ChangedRow, NewRow, changed_rows, new_rows
from dsr_pipeline.smartsheet.errors import AnswerLost, BadAnswer, CellRefused, RowsDoubled
from dsr_pipeline.smartsheet.transport import Transport
from dsr_pipeline.smartsheet.wire import CellValue, Row, RowsDeleted, RowsWritten, decoder

ROWS_PER_CALL = 500
"""The vendor's bound for one call that adds or changes rows."""
IDS_PER_CALL = 300
"""Ids to delete travel in the address: 300 of 16 digits stay below 8 KB."""
LOOKS = 4
"""How often a lost answer is looked up and the rest sent again."""

Item = TypeVar("Item")
ReadKeys = Callable[[], list[tuple[int, CellValue]]]
"""Reads (row id, key) of every row of the sheet."""

_written = decoder(RowsWritten)
_deleted = decoder(RowsDeleted)


def add_rows(
    transport: Transport, sheet_id: int, rows: Sequence[NewRow], key_column: int, read_keys: ReadKeys
) -> list[int]:
    """Append the rows whose key is not in the sheet yet; the row ids in the order of `rows`.

    Raises `CellRefused` before anything is sent, `AnswerLost` where it stays unknown what was applied, and
    `RowsDoubled` where a request that was given up for lost was applied late.
    """
    if not rows:
        return []
    keys = [_key(row, key_column, place) for place, row in enumerate(rows, start=1)]
    if len(set(keys)) < len(keys):
        doubled = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise CellRefused(f"two of the new rows have the key {doubled!r}: a key names one row")
    sent = dict(zip(keys, new_rows(rows), strict=True))
    lost: AnswerLost | None = None
    for look in range(1, LOOKS + 1):
        known = _known(read_keys(), sent, sheet_id)
        missing = [key for key in keys if key not in known]
        try:
            for batch in _batches(missing, ROWS_PER_CALL):
                body = [sent[key] for key in batch]
                ids = transport.call(
                    "POST", f"/sheets/{sheet_id}/rows", _ids_of(batch, key_column), json=body
                )
                known |= zip(batch, ids, strict=True)
        except AnswerLost as problem:
            lost = problem
            transport.backoff(look)
            continue
        if lost is not None:
            _known(read_keys(), sent, sheet_id)
        return [known[key] for key in keys]
    assert lost is not None
    raise lost


def update_rows(transport: Transport, sheet_id: int, rows: Sequence[ChangedRow]) -> None:
    """Change the named cells of rows; the same change twice is the same change, so it may be repeated."""
    for batch in _batches(changed_rows(rows), ROWS_PER_CALL):
        size = len(batch)
        transport.call("PUT", f"/sheets/{sheet_id}/rows", lambda body: _all(body, size), json=batch)  # noqa: B023


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
    if not isinstance(key, str) or not key:
        raise CellRefused(f"new row {place}: its key (column {key_column}) must be a text, and not empty")
    return key


def _known(
    read: list[tuple[int, CellValue]], wanted: dict[str, dict[str, object]], sheet: int
) -> dict[str, int]:
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


def _ids_of(keys: Sequence[str], key_column: int) -> Callable[[bytes], list[int]]:
    """Reads the answer to an append; what it says must be what was sent, or it counts as lost."""

    def decode(body: bytes) -> list[int]:
        rows = _all(body, len(keys))
        for row, key in zip(rows, keys, strict=True):
            if any(cell.column_id == key_column and cell.value != key for cell in row.cells):
                raise BadAnswer("the rows in the answer are not those that were sent")
        return [row.id for row in rows]

    return decode


def _all(body: bytes, size: int) -> list[Row]:
    answer: RowsWritten = _written.decode(body)
    if answer.result_code != 0 or len(answer.result) != size:
        raise BadAnswer(f"{len(answer.result)} of {size} rows were written")
    return answer.result


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
