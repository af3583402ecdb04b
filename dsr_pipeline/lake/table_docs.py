"""The contracts as a page for people: `docs/tables.md` is this text, and a test holds it to that.

Nothing is read from a lake. Run as a module, it writes the page (`COMMAND`).
"""

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from dsr_pipeline.lake.contract import Column, Contract

_HEAD = """# Tables

Made from the contracts in `dsr_pipeline/lake/contracts`; change those, then run `{command}`.
Every table is Parquet. Rows stand in the order of the sort key, ascending, nulls last. Columns marked *null*
may be empty; all others are always filled.
"""
COMMAND = "python -m dsr_pipeline.lake.table_docs docs/tables.md"


def markdown(contracts: Iterable[Contract]) -> str:
    """The page for the contracts, by group, in the order in which they are declared."""
    parts = [_HEAD.format(command=COMMAND)]
    for group, members in groupby(contracts, key=lambda contract: contract.group):
        parts.append(f"## {group}\n")
        parts += [_table(contract) for contract in members]
    return "\n".join(parts).rstrip() + "\n"


def _table(contract: Contract) -> str:
    kind = "append-only" if contract.kind == "append_only" else "derived"
    lines = [
        f"### {contract.key}",
        "",
        f"{contract.meaning} Grain: {contract.grain}.",
        "",
        f"- key: {_names(contract.primary_key)}; sorted by: {_names(contract.sort_key) or 'no column'}",
        f"- {kind}, written by `{contract.owner}`, schema version {contract.version}",
    ]
    lines += [f"- holds for every row: {_cell(str(check))}" for check in contract.checks]
    lines += ["", "| column | type | meaning | unit | values |", "|---|---|---|---|---|"]
    lines += [_row(column) for column in contract.columns]
    return "\n".join([*lines, ""])


def _row(column: Column) -> str:
    kind = f"{column.type}, *null*" if column.nullable else str(column.type)
    checks = "; ".join(str(check) for check in column.checks)
    cells = (f"`{column.name}`", kind, column.meaning, column.unit or "", checks)
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    from dsr_pipeline.lake.contracts import ALL

    Path(sys.argv[1]).write_text(markdown(ALL.values()), encoding="utf-8")
