"""Variants in which a file proves less, or something else, than it seems to.

Each `must_ask` names the key that the file cannot answer; each `must_tell` proves everything by itself.
"""

from __future__ import annotations

from dsr_pipeline_tests.bank.draft.exports import Export
from dsr_pipeline_tests.bank.draft.variants_figures import dates, numbers
from dsr_pipeline_tests.bank.draft.variants_rows import bytes_, rows, short
from dsr_pipeline_tests.bank.draft.variants_signs import signs


def layouts() -> list[Export]:
    """The variants."""
    return [*dates(), *numbers(), *signs(), *rows(), *bytes_(), *short()]
