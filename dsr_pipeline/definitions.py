"""What Dagster loads (`workspace.yaml` and `pyproject.toml` name it); everything is built in `defs`."""

from dsr_pipeline.defs.build import build_defs

defs = build_defs()
