"""The money of field work, followed from the recorded unit to the bank, with a proof at every step.

Rooms and what they may import are described in `docs/README.md` and checked by import-linter
(`pyproject.toml`); nothing but the version lives in this file.
"""

from importlib.metadata import version

__version__ = version("dsr-pipeline")
