"""`dsr bench bank`: reading bank exports, held against the cheapest thing that could be called reading them.

The floor is DuckDB reading every column as text, casting date and amounts, taking an MD5 and writing Parquet,
on the same file in the same session. Ours is `dsr ingest` with the full contract. Figures are CPU seconds of
whole processes; floor and candidate take turns.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dsr_pipeline.cli.measure import Cost, dsr, middle, run

HEADER = "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #"
REPEATED_PER_THOUSAND = 20
ROUNDS = {1_000_000: 3, 10_000_000: 1}
SMALL_FILES, SMALL_ROWS = 1_000, 200
RATIO_LIMIT, RATIO_STRETCH = 3.0, 2.2
PEAK_LIMIT_MB = 1_024
PER_FILE_LIMIT_MS = 15.0
UNCHANGED_LIMIT = 1.0

_SELF = (sys.executable, "-m", "dsr_pipeline.cli.bench_bank")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: what was measured, against what, and whether it is what was asked."""

    name: str
    measured: str
    asked: str
    holds: bool


def bench_bank(tell: Callable[[str], None], sizes: tuple[int, ...] = (1_000_000, 10_000_000)) -> list[Figure]:
    """Run all of it in a temporary folder (about 4 GB at ten million rows); `tell` gets progress."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="dsr-bench-") as name:
        folder = Path(name)
        rules = _rules(folder)
        tell("start-up: an empty inbox")
        startup = _startup(folder, rules)
        figures.append(
            Figure("start-up (interpreter, imports, empty inbox)", f"{startup.cpu:.2f} CPU s", "–", True)
        )
        per_row: list[float] = []
        for rows in sizes:
            figures += _large(folder, rules, rows, startup, per_row, tell)
        if len(per_row) > 1:
            growth = per_row[-1] / per_row[0]
            figures.append(
                Figure(f"CPU per row, {sizes[-1]:,} against {sizes[0]:,} rows", f"{growth:.2f}", "–", True)
            )
        figures += _small(folder, rules, startup, tell)
    return figures


def chase_like(path: Path, rows: int, *, seed: int = 1) -> None:
    """Write a checking export of so many rows: newest first, running balance, quotes, 2 % repeated keys.

    One row in seven has a text of its own (order numbers, check numbers), the others are of some 3,500 shops
    and payees; one in a hundred is a transfer. The values are a function of row number and seed: two calls
    give the same bytes.
    """
    connection = duckdb.connect()
    try:
        with tempfile.TemporaryDirectory(prefix="dsr-bench-") as scratch:
            connection.execute(f"set threads=2; set memory_limit='2GB'; set temp_directory='{scratch}'")
            body = Path(scratch) / "body.csv"
            connection.execute(
                _GENERATOR.format(rows=rows, seed=seed, repeated=REPEATED_PER_THOUSAND, body=body)
            )
            with path.open("wb") as target:
                target.write(f"{HEADER}\n".encode())
                with body.open("rb") as source:
                    shutil.copyfileobj(source, target, 1 << 20)
    finally:
        connection.close()


def _write(path: Path, rows: int, *, seed: int = 1) -> None:
    # In a process of its own: a child is charged with the memory that its parent had when it was started.
    run([*_SELF, "write", str(path), str(rows), str(seed)])


def floor(source: Path, target: Path) -> None:
    """The floor: all columns as text, date and amounts cast, an MD5, Parquet."""
    connection = duckdb.connect()
    try:
        connection.execute("set threads=2")
        connection.execute(_FLOOR.format(source=source, target=target))
    finally:
        connection.close()


def _rules(folder: Path) -> Path:
    """The project's own rules, in a place of the bench's own."""
    root = Path(__file__).parents[2] / "rules"
    copy = folder / "rules"
    shutil.copytree(root, copy)
    return copy


def _startup(folder: Path, rules: Path) -> Cost:
    inbox = folder / "empty"
    inbox.mkdir()
    command = dsr("ingest", str(inbox), "--rules", str(rules), "--out", str(folder / "out-empty"))
    return middle([run(command) for _ in range(3)])


def _large(
    folder: Path, rules: Path, rows: int, startup: Cost, per_row: list[float], tell: Callable[[str], None]
) -> list[Figure]:
    inbox = folder / f"inbox-{rows}"
    inbox.mkdir()
    source = inbox / "Chase1111_Activity.CSV"
    tell(f"writing {rows:,} rows")
    _write(source, rows)
    floors: list[Cost] = []
    ours: list[Cost] = []
    again: list[Cost] = []
    for place in range(ROUNDS.get(rows, 1)):
        tell(f"{rows:,} rows, round {place + 1}: floor")
        floors.append(run([*_SELF, "floor", str(source), str(folder / "floor.parquet")]))
        out = folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        command = dsr("ingest", str(inbox), "--rules", str(rules), "--out", str(out))
        tell(f"{rows:,} rows, round {place + 1}: dsr ingest")
        ours.append(run(command))
        again.append(run(command))
    base, full, unchanged = middle(floors), middle(ours), middle(again)
    shutil.rmtree(folder / "out", ignore_errors=True)
    source.unlink()
    ratio = (full.cpu - startup.cpu) / base.cpu
    per_row.append((full.cpu - startup.cpu) / rows)
    label = f"{rows:,} rows"
    return [
        Figure(f"{label}: floor", f"{base.cpu:.2f} CPU s, {base.peak_mb:.0f} MB", "–", True),
        Figure(
            f"{label}: dsr ingest",
            f"{full.cpu:.2f} CPU s, {rows / full.cpu:,.0f} rows per CPU s",
            "–",
            True,
        ),
        Figure(
            f"{label}: ratio to the floor, start-up apart",
            f"{ratio:.2f}",
            f"≤ {RATIO_LIMIT} (stretch {RATIO_STRETCH})",
            ratio <= RATIO_LIMIT,
        ),
        Figure(
            f"{label}: peak memory",
            f"{full.peak_mb:.0f} MB",
            f"≤ {PEAK_LIMIT_MB} MB",
            full.peak_mb <= PEAK_LIMIT_MB,
        ),
        _unchanged(f"{label}: second run, nothing new", unchanged, startup),
    ]


def _small(folder: Path, rules: Path, startup: Cost, tell: Callable[[str], None]) -> list[Figure]:
    inbox = folder / "inbox-small"
    inbox.mkdir()
    tell(f"writing {SMALL_FILES:,} files of {SMALL_ROWS} rows")
    whole = folder / "whole.csv"
    _write(whole, SMALL_FILES * SMALL_ROWS, seed=2)
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    for place in range(SMALL_FILES):
        part = lines[1 + place * SMALL_ROWS : 1 + (place + 1) * SMALL_ROWS]
        (inbox / f"Chase{1000 + place % 20}_Activity_{place:04d}.CSV").write_text(
            lines[0] + "".join(part), encoding="utf-8"
        )
    out = folder / "out-small"
    command = dsr("ingest", str(inbox), "--rules", str(rules), "--out", str(out))
    tell(f"{SMALL_FILES:,} files: dsr ingest")
    first = run(command, allowed=(0, 1))
    tell(f"{SMALL_FILES:,} files: again")
    again = middle([run(command, allowed=(0, 1)) for _ in range(2)])
    each = (first.cpu - startup.cpu) / SMALL_FILES * 1_000
    return [
        Figure(
            f"{SMALL_FILES:,} files of {SMALL_ROWS} rows, per file",
            f"{each:.1f} ms CPU",
            f"≤ {PER_FILE_LIMIT_MS:.0f} ms",
            each <= PER_FILE_LIMIT_MS,
        ),
        _unchanged(f"{SMALL_FILES:,} files: second run, nothing new", again, startup),
    ]


def _unchanged(name: str, cost: Cost, startup: Cost) -> Figure:
    beyond = cost.cpu - startup.cpu
    return Figure(
        name,
        f"{beyond:+.2f} CPU s beyond start-up",
        f"≤ {UNCHANGED_LIMIT:.0f} s",
        beyond <= UNCHANGED_LIMIT,
    )


_GENERATOR = """
copy (
    with base as (
        select i, case when hash(i * 7 + {seed}) % 1000 < {repeated} and i > 0 then i - 1 else i end as k
        from range({rows}) as numbers(i)
    ),
    drawn as (
        select
            i, k, hash(k + {seed} * 1000003) as h1, hash(k * 31 + {seed}) as h2, hash(k * 17 + 5) as h3,
            date '2016-01-01' + (k // greatest(1, {rows} // 3650))::integer as day
        from base
    ),
    typed as (
        select
            i, day,
            case when h1 % 20 = 0 then (h2 % 500000)::bigint + 1000 else -((h2 % 20000)::bigint + 100) end
                as cents,
            case
                when h3 % 100 < 40
                    then 'NORTHWIND GROCERS #' || (h1 % 800) || ', UNIT ' || chr(65 + (h1 % 26)::integer)
                when h3 % 100 < 55
                    then 'HARBOR FUEL ' || lpad((h1 % 1500)::varchar, 5, '0') || ' GALVESTON TX'
                when h3 % 100 < 70 then 'TST* THE COPPER KETTLE ' || (h1 % 900) || ' DENVER CO'
                when h3 % 100 < 80
                    then 'AMZN Mktp US*' || upper(substr(md5(h2::varchar), 1, 9)) || ' Amzn.com/bill WA'
                when h3 % 100 < 86 then 'PAYPAL *RIVERSTONE GAMES ' || (4029357700 + h1 % 40)
                when h3 % 100 < 91 then 'CITY OF FAIRPORT UTIL WEB PMT'
                when h3 % 100 < 95 then 'CHECK ' || (h1 % 99999)
                when h3 % 100 < 97
                    then 'ACME WIDGETS INC DES:PAYROLL ID:' || lpad((h1 % 60)::varchar, 6, '0')
                when h3 % 100 < 99
                    then 'SQ *BLUE HERON COFFEE ' || lpad((h1 % 300)::varchar, 4, '0') || ' AUSTIN TX'
                else 'ONLINE TRANSFER TO SAVINGS XXXXX' || (7700 + h1 % 8)
            end as description,
            (array['DEBIT_CARD', 'ACH_DEBIT', 'ACCT_XFER', 'MISC_DEBIT'])[1 + (h3 % 4)::integer] as kind
        from drawn
    ),
    running as (
        select *, (500000 + sum(cents) over (order by i))::bigint as level from typed
    )
    select
        case when cents > 0 then 'CREDIT' else 'DEBIT' end || ',' || strftime(day, '%m/%d/%Y') || ','
        || case when contains(description, ',') or i % 40 = 0 then '"' || description || '"'
                else description end
        || ',' || case when cents < 0 then '-' else '' end
        || (abs(cents) // 100) || '.' || lpad((abs(cents) % 100)::varchar, 2, '0') || ',' || kind || ','
        || case when level < 0 then '-' else '' end
        || (abs(level) // 100) || '.' || lpad((abs(level) % 100)::varchar, 2, '0') || ',,' as line
    from running order by i desc
) to '{body}' (format csv, header false, quote '', delimiter '\x01')
"""

_FLOOR = """
copy (
    select
        try_strptime(c1, '%m/%d/%Y')::date as day, c2 as description,
        try_cast(c3 as decimal(18, 4)) as amount,
        c0 as details, c4 as kind, try_cast(c5 as decimal(18, 4)) as balance, c6 as slip,
        md5(concat_ws('|', c1, c2, c3)) as fingerprint
    from read_csv(
        '{source}', header = false, skip = 1, all_varchar = true, auto_detect = false, delim = ',',
        quote = '"', escape = '"', columns = {{
            'c0': 'VARCHAR', 'c1': 'VARCHAR', 'c2': 'VARCHAR', 'c3': 'VARCHAR', 'c4': 'VARCHAR',
            'c5': 'VARCHAR', 'c6': 'VARCHAR', 'c7': 'VARCHAR'
        }}
    )
) to '{target}' (format parquet, compression zstd)
"""

if __name__ == "__main__":
    if sys.argv[1] == "write":
        chase_like(Path(sys.argv[2]), int(sys.argv[3]), seed=int(sys.argv[4]))
    else:
        floor(Path(sys.argv[2]), Path(sys.argv[3]))
