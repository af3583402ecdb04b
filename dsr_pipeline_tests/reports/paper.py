"""What tests of PDF share: the package that makes it, and what people can select in a file."""

import importlib.util
import os
import subprocess
from pathlib import Path

import pytest


def needs_typst() -> None:
    """Skip a module by name where the extra `pdf` is not installed; with `CI=true` that is a failure."""
    if importlib.util.find_spec("typst") is not None:
        return
    reason = "needs the package typst (extra pdf)"
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def text_of(made: bytes, folder: Path, *options: str) -> str:
    """The text of a PDF; every page ends in a form feed."""
    (folder / "made.pdf").write_bytes(made)
    done = subprocess.run(
        ["pdftotext", *options, "made.pdf", "-"], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout
