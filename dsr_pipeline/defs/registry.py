"""What every asset is called and tagged with: groups, owners, kinds, tags, and the spec made of a contract.

Lives here: naming, once for all assets. Which assets there are is in `assets/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from dsr_pipeline.lake.contracts import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dsr_pipeline.lake.contract import Contract

INBOX = dg.AssetKey(["inbox", "bank_exports"])
ACCOUNT = dg.AssetKey(["account", "smartsheet_sheets"])
CHECKED_BY = "dsr/contract"


@dataclass(frozen=True, slots=True)
class Group:
    """A group of assets in the UI: the tables of one group of the lake, switched together."""

    name: str
    meaning: str
    kinds: tuple[str, ...]


GROUPS = {
    group.name: group
    for group in (
        Group(
            "bank", "Bank exports become one verified, deduplicated transaction table.", ("duckdb", "parquet")
        ),
        Group(
            "smartsheet",
            "Every sheet as it is now, and every version of every row for ever.",
            ("smartsheet", "parquet"),
        ),
        Group("powerbi", "The star schema that Power BI opens.", ("powerbi", "parquet")),
    )
}


def contract_of(key: dg.AssetKey) -> Contract:
    """The contract of an asset; its key is the table's key in the lake."""
    return ALL[key.to_user_string()]


def key_of(contract: Contract) -> dg.AssetKey:
    """The asset key `group/table`."""
    return dg.AssetKey([contract.group, contract.table])


def table_spec(
    contract: Contract, deps: Iterable[dg.AssetKey] = (), extra_kinds: Sequence[str] = ()
) -> dg.AssetSpec:
    """The spec of the asset that writes this table: everything the UI shows comes from the contract."""
    group = GROUPS[contract.group]
    keys = ", ".join(contract.primary_key)
    return dg.AssetSpec(
        key=key_of(contract),
        deps=list(deps),
        description=f"{contract.meaning}\n\nGrain: {contract.grain}. Primary key: {keys}.",
        group_name=group.name,
        kinds={*group.kinds, *extra_kinds},
        owners=[f"team:{contract.owner}"],
        tags={"dsr/group": group.name, "dsr/table": contract.kind},
        code_version=contract.hash,
        metadata={"dagster/column_schema": column_schema(contract)},
    )


def inbox_spec() -> dg.AssetSpec:
    """The folder that bank exports are dropped into: the program reads it and never writes it."""
    return dg.AssetSpec(
        key=INBOX,
        description="Bank exports as downloaded, in `csv_inbox/`; the program never moves or deletes one.",
        group_name="inbox",
        kinds={"csv", "file"},
        owners=["team:office"],
        tags={"dsr/group": "inbox"},
    )


def account_spec() -> dg.AssetSpec:
    """The sheets in Smartsheet: the sync reads them and never writes them."""
    return dg.AssetSpec(
        key=ACCOUNT,
        description="The sheets that `rules/billing/sources.yaml` names, in Smartsheet. Without a token "
        "nobody is asked.",
        group_name="account",
        kinds={"smartsheet", "api"},
        owners=["team:office"],
        tags={"dsr/group": "account"},
    )


def column_schema(contract: Contract) -> dg.TableSchema:
    """The columns for the UI: type, meaning with unit, and what they promise."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=str(column.type),
                description=f"{column.meaning} Unit: {column.unit}." if column.unit else column.meaning,
                constraints=dg.TableColumnConstraints(
                    nullable=column.nullable,
                    unique=contract.primary_key == (column.name,),
                    other=[str(check) for check in column.checks],
                ),
            )
            for column in contract.columns
        ]
    )
