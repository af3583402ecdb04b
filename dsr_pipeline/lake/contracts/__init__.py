"""Every table contract of the program by its key `group/table`.

A table is added by declaring its contract in the module of its group and listing it there.
"""

from dsr_pipeline.lake.contract import Contract, View
from dsr_pipeline.lake.contracts import bank, billing, powerbi, reports, smartsheet

ALL: dict[str, Contract] = {
    contract.key: contract
    for contract in (
        *bank.CONTRACTS,
        *smartsheet.CONTRACTS,
        *billing.CONTRACTS,
        *reports.CONTRACTS,
        *powerbi.CONTRACTS,
    )
}
VIEWS: dict[str, View] = {view.key: view for view in bank.VIEWS}


def of_group(group: str) -> tuple[Contract, ...]:
    """The contracts of one group, in the order in which they are declared."""
    return tuple(contract for contract in ALL.values() if contract.group == group)
