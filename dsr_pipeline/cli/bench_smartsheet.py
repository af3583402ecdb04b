"""`dsr bench smartsheet`: a thousand sheets synced from the stand-in, held against reading the same bytes.

The floor is `json.loads` of the very answers that the sync kept; the other mark is the SDK's own models. The
stand-in runs in a process of its own with its limiter off. Figures are CPU seconds of whole processes.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dsr_pipeline.cli.bench_bank import Figure
from dsr_pipeline.cli.measure import Cost, MeasuredCommandFailed, dsr, middle, run, told

SHEETS, ROWS, COLUMNS = 1_000, 550, 20
CHANGED = 0.05
ROUNDS = 3
MODELLED_SHEETS = 10  # the SDK's models take minutes for all of them
RATIO_LIMIT = 3.0
FASTER_THAN_MODELS = 12.0
COLD_CALLS, UNCHANGED_CALLS, CHANGED_CALLS = 1_010, 3, 55
PEAK_LIMIT_MB = 1_024
UNCHANGED_LIMIT = 1.0

_SELF = (sys.executable, "-m", "dsr_pipeline.cli.bench_smartsheet")
_SOURCES = """\
version: 1
sources:
  - {name: generated, workspace: Generated billing}
limits: {units_per_minute: 1000000}
# A stand-in on the same machine answers at once: more workers would only wait for each other.
reading: {workers: 2}
"""


def bench_smartsheet(tell: Callable[[str], None], sheets: int = SHEETS, rows: int = ROWS) -> list[Figure]:
    """Run all of it in a temporary folder (about 2 GB); `tell` gets progress."""
    with tempfile.TemporaryDirectory(prefix="dsr-bench-") as name:
        folder = Path(name)
        home = _home(folder)
        tell(f"stand-in: {sheets:,} sheets of {rows:,} rows")
        with _stand_in(folder, sheets, rows) as env:
            tell("start-up")
            startup = _startup(env, home)
            tell("cold sync")
            cold, first = _sync(env, home)
            tell("the same answers through json.loads, and some through the SDK's models")
            floor = _spent("floor", str(home))
            sample = first["sheets"][:MODELLED_SHEETS]
            ids = [str(sheet["sheet_id"]) for sheet in sample]
            models = _spent("models", env["SMARTSHEET_API_BASE"], env["SMARTSHEET_API_TOKEN"], *ids)
            tell("nothing changed")
            unchanged, second = _sync(env, home)
            tell(f"{CHANGED:.0%} of the sheets changed")
            run([*_SELF, "touch", str(folder / "stand_in.sqlite")])
            changed, third = _sync(env, home)
    models *= sheets / len(ids)
    beyond = cold.cpu - startup.cpu
    return [
        Figure("start-up (interpreter, imports, pandera, client)", f"{startup.cpu:.2f} CPU s", "–", True),
        Figure("cold sync beyond start-up", _per_100k(beyond, sheets * rows), "–", True),
        Figure("floor: json.loads of the same answers", _per_100k(floor, sheets * rows), "–", True),
        _at_most("cold sync against json.loads", beyond / floor, RATIO_LIMIT),
        _at_least("cold sync against SDK models (of a sample)", models / beyond, FASTER_THAN_MODELS),
        _calls("calls, cold", first, COLD_CALLS),
        _calls("calls, unchanged", second, UNCHANGED_CALLS),
        _calls(f"calls, {CHANGED:.0%} of sheets changed", third, CHANGED_CALLS),
        Figure("rows new or changed in that sync", f"{third['rows_new_or_changed']:,}", "–", True),
        Figure("CPU of that sync beyond start-up", f"{changed.cpu - startup.cpu:.2f} s", "–", True),
        Figure(
            "unchanged sync beyond start-up",
            f"{unchanged.cpu - startup.cpu:.2f} CPU s",
            f"≤ {UNCHANGED_LIMIT:.1f}",
            unchanged.cpu - startup.cpu <= UNCHANGED_LIMIT,
        ),
        _peak("peak memory, cold", cold),
        _peak(f"peak memory, {CHANGED:.0%} of sheets changed", changed),
    ]


def _home(folder: Path) -> Path:
    """A home with the shipped column rules and the generated workspace as its source."""
    from dsr_pipeline.settings import project_folder

    home = folder / "home"
    rules = home / "rules" / "billing"
    rules.mkdir(parents=True)
    shutil.copyfile(project_folder() / "rules" / "billing" / "columns.yaml", rules / "columns.yaml")
    (rules / "sources.yaml").write_text(_SOURCES, encoding="utf-8")
    return home


@contextmanager
def _stand_in(folder: Path, sheets: int, rows: int) -> Generator[dict[str, str]]:
    """A stand-in in a process of its own; gives the environment that leads to it."""
    command = dsr("sandbox", "--db", str(folder / "stand_in.sqlite"))
    command += ["--sheets", str(sheets), "--rows", str(rows)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            env = dict(os.environ)
            lines = process.stdout
            assert lines is not None
            for _ in range(2):
                name, _, value = lines.readline().strip().partition("=")
                env[name] = value
            if "SMARTSHEET_API_TOKEN" not in env:
                raise MeasuredCommandFailed("the stand-in ended before it was ready")
            yield env
        finally:
            process.terminate()


def _startup(env: dict[str, str], home: Path) -> Cost:
    """What a sync of no sheets takes: interpreter, imports, rules, one table group. The median of three."""
    bare = home.parent / "bare"
    shutil.copytree(home, bare)
    sources = bare / "rules" / "billing" / "sources.yaml"
    sources.write_text("version: 1\nsources:\n  - {name: none, sheets: [1]}\n", encoding="utf-8")
    return middle([run(dsr("sync", "--home", str(bare)), allowed=(0, 1), env=env) for _ in range(ROUNDS)])


def _sync(env: dict[str, str], home: Path) -> tuple[Cost, dict[str, Any]]:
    """One `dsr sync --json` and what it told."""
    cost, out = told(dsr("sync", "--home", str(home), "--json"), env=env)
    return cost, json.loads(out)


def _spent(*part: str) -> float:
    """CPU seconds that a part of this module measured in a process of its own."""
    return float(told([*_SELF, *part])[1])


def _per_100k(cpu: float, rows: int) -> str:
    return f"{cpu:.1f} CPU s, {cpu * 100_000 / rows:.2f} per 100,000 rows"


def _at_most(name: str, ratio: float, limit: float) -> Figure:
    return Figure(name, f"{ratio:.1f} ×", f"≤ {limit:.1f} ×", ratio <= limit)


def _at_least(name: str, ratio: float, limit: float) -> Figure:
    return Figure(name, f"{ratio:.0f} × faster", f"≥ {limit:.0f} ×", ratio >= limit)


def _peak(name: str, cost: Cost) -> Figure:
    return Figure(name, f"{cost.peak_mb:,.0f} MB", f"≤ {PEAK_LIMIT_MB:,}", cost.peak_mb <= PEAK_LIMIT_MB)


def _calls(name: str, report: dict[str, Any], limit: int) -> Figure:
    return Figure(name, f"{report['calls']:,}", f"≤ {limit:,}", report["calls"] <= limit)


def _bodies(home: str) -> Generator[bytes]:
    """Every answer that the sync kept, as it came."""
    from dsr_pipeline.lake.storage import LocalStorage
    from dsr_pipeline.smartsheet import raw

    storage = LocalStorage(Path(home) / "data" / "lake")
    for file in sorted(Path(storage.path(raw.FOLDER)).glob("*/*.json.zst")):
        yield raw.read(storage, file.name.removesuffix(".json.zst"))


def _floor(home: str) -> None:
    """`json.loads` of every kept answer; reading and unpacking them does not count."""
    spent = 0.0
    for body in _bodies(home):
        begun = time.process_time()
        json.loads(body)
        spent += time.process_time() - begun
    print(spent)


def _models(base: str, token: str, ids: list[str]) -> None:
    """Some of the sheets as the SDK gives them when it is used as its documentation shows."""
    from smartsheet import Smartsheet

    client = Smartsheet(access_token=token, api_base=base)
    client.errors_as_exceptions(True)
    begun = time.process_time()
    for sheet_id in ids:
        client.Sheets.get_sheet(int(sheet_id), include="writerInfo", level=2)
    print(time.process_time() - begun)


def _touch(file: str) -> None:
    """Edit some rows of some sheets behind the running stand-in."""
    from dsr_pipeline.sandbox.generated import touch
    from dsr_pipeline.sandbox.store import Store

    store = Store(Path(file))
    try:
        touch(store, CHANGED, seed=2)
    finally:
        store.close()


def _main(words: list[str]) -> None:
    match words:
        case ["floor", home]:
            _floor(home)
        case ["models", base, token, *ids]:
            _models(base, token, ids)
        case ["touch", file]:
            _touch(file)
        case _:
            raise SystemExit(f"unknown part of the benchmark: {words}")


if __name__ == "__main__":
    _main(sys.argv[1:])
