"""What every asset is called and tagged with: groups, owners, kinds, tags, and the spec made of a contract.

Lives here: naming, once for all assets. Which assets there are is in `assets/`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from dsr_pipeline.lake.contracts import ALL
from dsr_pipeline.lake.contracts.reports import ATTACHMENTS, PUBLICATIONS, REPORT_FILES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dsr_pipeline.lake.contract import Contract

INBOX = dg.AssetKey(["inbox", "bank_exports"])
ACCOUNT = dg.AssetKey(["account", "smartsheet_sheets"])
RULES = dg.AssetKey(["rules", "billing_rules"])
WEEKLY_WORKBOOKS = dg.AssetKey(["reports", "weekly_workbooks"])
REJECTED_LEDGER = dg.AssetKey(["reports", "rejected_ledger"])
REPORT_ATTACHMENTS = dg.AssetKey(["publish", "report_attachments"])


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
        Group(
            "billing",
            "Every recorded row judged, priced and claimed, and what is billed together.",
            ("duckdb", "parquet"),
        ),
        Group("reports", "The workbooks that the office sends.", ("excel",)),
        Group("publish", "What of them is attached in Smartsheet.", ("smartsheet",)),
        Group("powerbi", "The star schema that Power BI opens.", ("powerbi", "parquet")),
    )
}

PRODUCTS: Mapping[dg.AssetKey, tuple[Contract, ...]] = {
    WEEKLY_WORKBOOKS: (REPORT_FILES,),
    REPORT_ATTACHMENTS: (ATTACHMENTS, PUBLICATIONS),
    REJECTED_LEDGER: (),
}
"""Assets that are files or attachments and no table, with the tables that are the record of them."""
_PRODUCT_OF = {contract.key: key for key, contracts in PRODUCTS.items() for contract in contracts}


def contracts_of(key: dg.AssetKey) -> tuple[Contract, ...]:
    """The tables that an asset writes: the one of its name, or those that are the record of a product."""
    return PRODUCTS[key] if key in PRODUCTS else (ALL[key.to_user_string()],)


def contract_of(key: dg.AssetKey) -> Contract:
    """The table that is read as an asset: the one of its name, or the first record of a product."""
    return contracts_of(key)[0]


def key_of(contract: Contract) -> dg.AssetKey:
    """The asset that writes a table: `group/table`, or the product that the table is a record of."""
    return _PRODUCT_OF.get(contract.key, dg.AssetKey([contract.group, contract.table]))


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


def product_spec(
    key: dg.AssetKey, description: str, *, owner: str, deps: Iterable[dg.AssetKey]
) -> dg.AssetSpec:
    """The spec of an asset that is no table; the columns are those of the table that is its record."""
    group, recorded = GROUPS[key.path[0]], contracts_of(key)
    return dg.AssetSpec(
        key=key,
        deps=list(deps),
        description="\n\n".join(
            [description, *(f"Recorded in `{one.key}`: {one.grain}." for one in recorded)]
        ),
        group_name=group.name,
        kinds={*group.kinds},
        owners=[f"team:{owner}"],
        tags={"dsr/group": group.name},
        code_version=recorded[0].hash if recorded else None,
        metadata={"dagster/column_schema": column_schema(recorded[0])} if recorded else {},
    )


def rules_spec() -> dg.AssetSpec:
    """What the office decides about billing: the program reads it and never writes it."""
    return dg.AssetSpec(
        key=RULES,
        description="`rules/billing/`: weeks, variants, rate tables, where reports are attached.",
        group_name="rules",
        kinds={"yaml", "csv"},
        owners=["team:office"],
        tags={"dsr/group": "rules"},
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
