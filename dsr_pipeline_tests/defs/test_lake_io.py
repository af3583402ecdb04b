"""Tables of the lake as inputs of assets, in the form that the parameter's annotation asks for."""

from collections.abc import Callable
from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from dsr_pipeline.defs.lake_io import LakeIO, TablePath
from dsr_pipeline.defs.resources import Home
from dsr_pipeline.lake.contracts.bank import TRANSACTIONS
from dsr_pipeline.lake.errors import MissingTable
from dsr_pipeline.lake.store import Lake
from dsr_pipeline.settings import Settings
from dsr_pipeline_tests.bank_world import lake_with

UPSTREAM = dg.AssetSpec(["bank", "transactions"])


def read_as(annotation: Any, settings: Settings, use: Callable[[Any], Any]) -> dg.ExecuteInProcessResult:
    """Run an asset that takes the transactions in some form and reports what `use` makes of them."""

    def reader(table: Any) -> dg.MaterializeResult[Any]:
        return dg.MaterializeResult(metadata={"found": use(table)})

    reader.__annotations__["table"] = annotation
    made = dg.asset(ins={"table": dg.AssetIn(key=UPSTREAM.key)}, key=["test", "reader"])(reader)
    return dg.materialize(
        [UPSTREAM, made],
        resources={"io_manager": LakeIO(home=Home.of(settings))},
        raise_on_error=False,
    )


def found(result: dg.ExecuteInProcessResult) -> Any:
    (event,) = result.get_asset_materialization_events()
    return event.materialization.metadata["found"].value


@pytest.mark.parametrize(
    ("annotation", "use"),
    [
        (pa.Table, lambda table: table.num_rows),
        (pd.DataFrame, lambda frame: len(frame) if isinstance(frame["amount"].dtype, pd.ArrowDtype) else -1),
        (TablePath, lambda path: duckdb.sql(f"select count(*) from read_parquet('{path}')").fetchall()[0][0]),
    ],
)
def test_a_table_comes_as_the_annotation_says(annotation: Any, use: Any, settings: Settings) -> None:
    lake_with(Lake(settings.lake_url), [{}, {"occurrence": 2}])
    assert found(read_as(annotation, settings, use)) == 2


def failure(result: dg.ExecuteInProcessResult) -> str:
    (event,) = result.get_step_failure_events()
    return str(event.step_failure_data.error)


def test_a_table_that_was_never_written_says_what_to_run(settings: Settings) -> None:
    for annotation in (pa.Table, TablePath):
        said = failure(read_as(annotation, settings, len))
        assert MissingTable.__name__ in said
        assert "run the job that makes it" in said


def test_another_annotation_is_refused_with_those_that_work(settings: Settings) -> None:
    lake_with(Lake(settings.lake_url), [{}])
    assert "annotate the parameter with TablePath, pyarrow.Table" in failure(read_as(dict, settings, len))


def test_a_table_is_not_returned_but_written_through_the_lake(settings: Settings) -> None:
    """One table of a group under its new name beside the old others would never tie out."""

    @dg.asset(key=["bank", "transactions"])
    def careless() -> pa.Table:
        return TRANSACTIONS.schema.empty_table()

    result = dg.materialize(
        [careless], resources={"io_manager": LakeIO(home=Home.of(settings))}, raise_on_error=False
    )
    assert "write it through the lake and return MaterializeResult" in failure(result)
