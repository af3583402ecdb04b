"""Two exports of one account that meet on a day: does the day stand in both, or is it cut in two?

Lives here: finding such meetings, and settling them by the running balance where there is one. It leaves the
table `day_offsets`, with which `bank.deduplication` goes on counting; what stays open becomes a question.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
import pyarrow as pa

from dsr_pipeline.bank.sources import Export, Sources, Stream
from dsr_pipeline.bank.workbench import keep_table, run_script
from dsr_pipeline.money import MONEY_TYPE

MOST_EXPORTS_A_DAY = 40
"""Of exports that all meet on one day, so many of the newest are compared with each other."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """The left export ends on the day on which the right one begins. `covered`: a third export holds the
    whole day, so that nothing is open."""

    stream: Stream
    day: date
    left: Export
    right: Export
    covered: bool

    @property
    def chained(self) -> bool:
        """Whether the balances of both can say where the right one begins."""
        return self.left.chained and self.right.chained

    @property
    def opening(self) -> Decimal | None:
        """The balance with which the right export begins."""
        return self.right.fact.opening


def settle_edge_days(con: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """Make `day_offsets` (file_no, kh, already): how many equal rows of its stream precede the rows of an
    export on its first day. Makes `meetings` too, with `settled` for those that the balances decided."""
    meetings = [meeting for stream in sources.streams for meeting in _meetings(sources, stream)]
    keep_table(con, "meetings", _table(meetings))
    offsets: dict[tuple[int, int], int] = {}
    if any(meeting.chained for meeting in meetings):
        run_script(con, "edge_days")
        offsets = _offsets(con)
        con.execute("""
            create or replace temp table meetings as
            select m.*, c.meeting is not null and not c.ambiguous as settled
            from meetings m left join cuts c using (meeting)""")
    else:
        con.execute("alter table meetings add column settled boolean default false")
    files, hashes = [file for file, _ in offsets], [kh for _, kh in offsets]
    columns = [
        pa.array(files, pa.int32()),
        pa.array(hashes, pa.uint64()),
        pa.array(offsets.values(), pa.int64()),
    ]
    keep_table(con, "day_offsets", pa.table(columns, names=["file_no", "kh", "already"]))


def ask_about_edge_days(con: duckdb.DuckDBPyConnection) -> None:
    """A question for every key that both exports hold equally often on a day that nothing settles."""
    con.execute("""
        insert into questions
        with sides as (
            select m.meeting, m.day, r.kh, r.k2, r.amount, r.rep, r.file_no = m.left_file as is_left
            from members r
            join meetings m on m.stream = r.stream and m.day = r.key_date
                and r.file_no in (m.left_file, m.right_file)
            where not r.has_id and not m.settled and not m.covered
        )
        select 'edge_day', list_sort(list(distinct rep)),
            format('One export ends on {0} and another begins on it; each holds this row of {1} {2} time(s). '
                || 'They are taken for the same: is that right, or was the day cut in two?',
                any_value(day), shown(any_value(amount)), count(*) filter (is_left)),
            0.5
        from sides
        group by meeting, kh, k2
        having count(*) filter (is_left) = count(*) filter (not is_left)""")


def _meetings(sources: Sources, stream: Stream) -> list[Meeting]:
    exports = [export for export in sources.exports_of(stream) if export.key_days is not None]
    ends: defaultdict[date, list[Export]] = defaultdict(list)
    begins: defaultdict[date, list[Export]] = defaultdict(list)
    for export in exports:
        assert export.key_days is not None
        begins[export.key_days.first].append(export)
        ends[export.key_days.last].append(export)
    found: list[Meeting] = []
    for day in sorted(begins.keys() & ends.keys()):
        lefts, rights = ends[day][-MOST_EXPORTS_A_DAY:], begins[day][-MOST_EXPORTS_A_DAY:]
        if len(lefts) == len(rights) == 1 and lefts == rights:
            continue
        covered = any(e.key_days is not None and e.key_days.first < day < e.key_days.last for e in exports)
        found += [
            Meeting(stream, day, left, right, covered)
            for left in lefts
            for right in rights
            if left is not right
        ]
    return found


def _table(meetings: list[Meeting]) -> pa.Table:
    columns: dict[str, tuple[pa.DataType, list[object]]] = {
        "meeting": (pa.int32(), list(range(len(meetings)))),
        "stream": (pa.int32(), [m.stream.number for m in meetings]),
        "day": (pa.date32(), [m.day for m in meetings]),
        "left_file": (pa.int32(), [m.left.number for m in meetings]),
        "right_file": (pa.int32(), [m.right.number for m in meetings]),
        "opening": (MONEY_TYPE, [m.opening for m in meetings]),
        "chained": (pa.bool_(), [m.chained for m in meetings]),
        "covered": (pa.bool_(), [m.covered for m in meetings]),
    }
    return pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()})


def _offsets(con: duckdb.DuckDBPyConnection) -> dict[tuple[int, int], int]:
    """Per export and key the rows that come before it on the day, through several exports of the day if need
    be.

    Two exports of a single day may each open with the balance with which the other closes; then the balances
    say nothing about their order, and neither comes before the other.
    """
    before: defaultdict[tuple[int, int], dict[int, int]] = defaultdict(dict)
    for left, right, kh, already in con.execute(
        "select left_file, right_file, kh, already from rows_before order by all"
    ).fetchall():
        before[right, kh][left] = already
    offsets: dict[tuple[int, int], int] = {}

    def offset(file: int, kh: int, seen: frozenset[int]) -> int:
        known = offsets.get((file, kh))
        if known is not None:
            return known
        lefts = before.get((file, kh), {})
        one_way = {left: n for left, n in lefts.items() if file not in before.get((left, kh), {})}
        counts = [offset(left, kh, seen | {file}) + n for left, n in one_way.items() if left not in seen]
        offsets[file, kh] = max(counts, default=0)
        return offsets[file, kh]

    for file, kh in sorted(before):
        offset(file, kh, frozenset())
    return {key: already for key, already in offsets.items() if already}
