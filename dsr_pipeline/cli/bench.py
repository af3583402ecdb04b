"""`dsr bench`: the benchmarks by name, and their figures against what was asked.

Lives here: choosing and printing. Each benchmark is a module beside this one; none of them is a test, because
a shared machine would make it fail for no reason.
"""

from __future__ import annotations

import platform
from dataclasses import asdict

from rich.table import Table

from dsr_pipeline.cli.bench_bank import Figure, bench_bank
from dsr_pipeline.cli.bench_billing import bench_billing
from dsr_pipeline.cli.bench_smartsheet import bench_smartsheet
from dsr_pipeline.cli.screen import print_json, stderr, stdout, table

BENCHMARKS = {"bank": bench_bank, "smartsheet": bench_smartsheet, "billing": bench_billing}


class UnknownBenchmark(Exception):
    """A benchmark that does not exist was asked for."""


def bench(name: str | None, *, as_json: bool) -> int:
    """Run one benchmark, or all; 1 when a figure is not what was asked."""
    if name is not None and name not in BENCHMARKS:
        raise UnknownBenchmark(f"there is no benchmark '{name}': choose {', '.join(BENCHMARKS)}")
    chosen = [name] if name is not None else list(BENCHMARKS)
    notes = stderr()
    figures = {one: BENCHMARKS[one](notes.print) for one in chosen}
    if as_json:
        print_json(
            {
                "machine": machine(),
                "figures": {one: [asdict(f) for f in found] for one, found in figures.items()},
            }
        )
    else:
        for one, found in figures.items():
            stdout().print(_table(one, found))
        stdout().print(machine())
    return 0 if all(figure.holds for found in figures.values() for figure in found) else 1


def machine() -> str:
    """The machine and the versions that the figures belong to."""
    import os

    import duckdb
    import pyarrow as pa

    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, "
        f"Python {platform.python_version()}, "
        f"duckdb {duckdb.__version__}, pyarrow {pa.__version__}"
    )


def _table(name: str, figures: list[Figure]) -> Table:
    shown = table(f"bench {name}", ["measure", "measured", "asked", ""])
    for figure in figures:
        shown.add_row(
            figure.name,
            figure.measured,
            figure.asked,
            "" if figure.asked == "–" else ("ok" if figure.holds else "MISSED"),
        )
    return shown
