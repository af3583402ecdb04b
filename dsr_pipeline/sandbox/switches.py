"""The options in force: those a stand-in was started with, until the control surface changes some of them.

Called by `app` and `surroundings`, which ask at every request, and by `control`, which changes them.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from dsr_pipeline.sandbox.options import RateLimit

if TYPE_CHECKING:
    from dsr_pipeline.sandbox.options import Options


class Limit(BaseModel):
    """A rate limit as it is sent to the control surface."""

    model_config = ConfigDict(extra="forbid")

    units: int = Field(default=300, ge=1)
    seconds: float = Field(default=60.0, gt=0)
    retry_after: bool = False


class Change(BaseModel):
    """The options that can be changed while a stand-in runs; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    rate_limit: Limit | None = None
    missing_header_status: Literal[401, 403] = 401
    list_lag_seconds: int = Field(default=0, ge=0)
    detect_collisions: bool = True
    write_seconds: float = Field(default=0.0, ge=0, le=60)
    default_formula_value: str = "#UNPARSEABLE"
    url_expires_seconds: int = Field(default=120, ge=1)


class Switches:
    """Holds the options; safe to use from several threads."""

    def __init__(self, options: Options) -> None:
        self._lock = threading.Lock()
        self._options = options

    @property
    def now(self) -> Options:
        """The options of this moment."""
        return self._options

    def change(self, change: Change) -> None:
        """Put the named options in force; the others stay."""
        values = {name: getattr(change, name) for name in change.model_fields_set}
        if (limit := values.get("rate_limit")) is not None:
            values["rate_limit"] = RateLimit(limit.units, limit.seconds, limit.retry_after)
        with self._lock:
            self._options = replace(self._options, **values)

    def shown(self) -> dict[str, Any]:
        """The options that can be changed, as plain values; no limit is left out."""
        options = self.now
        values = {name: getattr(options, name) for name in Change.model_fields}
        limit = values.pop("rate_limit")
        if limit is not None:
            values["rate_limit"] = {
                "units": limit.units,
                "seconds": limit.seconds,
                "retry_after": limit.retry_after,
            }
        return values
