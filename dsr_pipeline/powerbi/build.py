"""Builds the star from the bank tables and puts it where Power BI opens it.

Lives here: one call that reads, writes, checks, switches and publishes. Called by `defs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsr_pipeline.lake.contracts import of_group
from dsr_pipeline.lake.contracts.bank import TRANSACTIONS
from dsr_pipeline.lake.contracts.powerbi import GROUP
from dsr_pipeline.lake.errors import MissingTable
from dsr_pipeline.text import canonical_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from dsr_pipeline.lake.store import Lake
    from dsr_pipeline.lake.writing import GroupWriter
    from dsr_pipeline.powerbi.star import StarSources

MEMORY = "600MB"
"""DuckDB's share; with Python, Arrow and the check of ten million keys a build stays below 1 GB."""
THREADS = 2
RECIPE = 1
"""Raise it when the star is computed in another way from the same tables."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: whether anything was written, and whether the tables count now."""

    written: bool
    switched: bool
    folder: Path


def build(
    lake: Lake,
    sources: StarSources,
    folder: Path,
    *,
    run_id: str,
    quarantine: Path | None = None,
    on_wait: Callable[[str], None] | None = None,
) -> Built:
    """Write the star into the lake and publish it into `folder` under its stable names.

    Nothing is written when neither the transactions nor what is known beside them changed. When a table
    breaks its contract, the lake and the folder keep what they had. Raises `MissingTable` before the first
    import of bank exports.
    """
    contracts = of_group(GROUP)
    with lake.group(GROUP).writing(
        contracts, run_id=run_id, quarantine=quarantine, on_wait=on_wait
    ) as writer:
        inputs = _inputs(lake, sources)
        known = {contract.table: contract.hash for contract in contracts}
        current = {table: state.contract_hash for table, state in writer.before.tables.items()}
        if written := writer.before.inputs.get("star") != inputs or current != known:
            _stage(lake, sources, writer, folder)
            writer.inputs["star"] = inputs
            switched = writer.switch().switched
        else:
            switched = True
        if switched and (written or not _complete(folder)):
            _publish(lake, folder)
    return Built(written, switched, folder)


def _stage(lake: Lake, sources: StarSources, writer: GroupWriter, folder: Path) -> None:
    import duckdb

    from dsr_pipeline.lake.views import add_views
    from dsr_pipeline.powerbi.star import write_star

    with duckdb.connect(config={"memory_limit": MEMORY, "threads": THREADS}) as connection:
        connection.execute("set temp_directory = $folder", {"folder": str(folder.parent / ".powerbi-spill")})
        add_views(connection, lake, [TRANSACTIONS.group])
        write_star(connection, sources, writer.put, writer.copy)


def _publish(lake: Lake, folder: Path) -> None:
    from dsr_pipeline.lake.export import export

    export(lake, of_group(GROUP), folder, data_as_of=_data_as_of(lake), checksums=True)


def _complete(folder: Path) -> bool:
    """Whether everything is there that was published; somebody may have removed it."""
    from dsr_pipeline.lake.export import MANIFEST

    names = [MANIFEST, *(f"{contract.table}.parquet" for contract in of_group(GROUP))]
    return all((folder / name).is_file() for name in names)


def _data_as_of(lake: Lake) -> date | None:
    """The last day of any transaction in the star."""
    import duckdb

    from dsr_pipeline.lake.views import add_views

    with duckdb.connect() as connection:
        add_views(connection, lake, [GROUP])
        return connection.execute('select max("date") from powerbi.fact_transactions').fetchall()[0][0]


def _inputs(lake: Lake, sources: StarSources) -> Mapping[str, Any]:
    """What the star depends on, as JSON: equal inputs give equal tables."""
    state = lake.group(TRANSACTIONS.group).state().tables.get(TRANSACTIONS.table)
    if state is None:
        raise MissingTable(TRANSACTIONS.key)
    calendar = sources.calendar
    facts: list[list[list[str | None]]] = [
        [[key, fact.institution, fact.kind, fact.currency] for key, fact in sorted(sources.accounts.items())],
        [[name, fact.institution, fact.kind] for name, fact in sorted(sources.rules.items())],
        [[category, group] for category, group in sorted(sources.category_groups.items())],
    ]
    counted = [calendar.week_ends_on, calendar.fiscal_year_starts]
    return {"transactions": state.path, "facts": canonical_hash(*facts, counted), "recipe": RECIPE}
