"""The page on Smartsheet says what the code does: examples that load, every key, messages that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from dsr_pipeline.rule_files import Document, validate
from dsr_pipeline.smartsheet.column_map import ColumnRule, ColumnRules
from dsr_pipeline.smartsheet.sources import Limits, Reading, SheetReason, Source, Sources
from dsr_pipeline_tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "smartsheet.md").read_text(encoding="utf-8")
EXAMPLES = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
TROUBLE = PAGE.split("## When something is wrong")[1].split("## Limits")[0]
MESSAGES = re.findall(r'^\| "(.+?)" \|', TROUBLE, re.MULTILINE)
LAYOUT = re.compile(r'"\s*\n\s*f?"')


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_loads(number: int) -> None:
    given: dict[str, Any] = EXAMPLES[number]
    model: type[BaseModel] = ColumnRules if "columns" in given else Sources
    validate(Document(Path("page.yaml"), given, {}), model)


def test_the_defaults_that_are_shown_are_the_defaults() -> None:
    (shown,) = [one for one in EXAMPLES if "reading" in one]
    assert shown["reading"] == Reading().model_dump()
    assert shown["limits"] == Limits().model_dump()


@pytest.mark.parametrize(
    "key", [key for model in (Sources, Source, SheetReason, ColumnRule) for key in model.model_fields]
)
def test_every_key_is_on_the_page(key: str) -> None:
    assert re.search(rf"\b{key}\b`?[ :]", PAGE), key


def test_every_message_is_one_of_the_program() -> None:
    code = "\n".join(
        LAYOUT.sub("", file.read_text(encoding="utf-8"))
        for room in ("smartsheet", "cli")
        for file in sorted((PROJECT / "dsr_pipeline" / room).glob("*.py"))
    )
    assert len(MESSAGES) > 10
    assert [message for message in MESSAGES if message not in code] == []


def test_every_standing_of_a_sheet_is_explained() -> None:
    from dsr_pipeline.lake.contracts.smartsheet import SHEET_STATUS

    assert [status for status in SHEET_STATUS if f"| `{status}` |" not in PAGE] == []
