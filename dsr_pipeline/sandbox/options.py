"""How a stand-in behaves where the service leaves room: limits, lags, switches, and the source of randomness.

Values only. Made by the command line, the tests and the seeds; read by every part of the sandbox.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dsr_pipeline.sandbox.faults import FaultRule


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A budget of cost units per token in a sliding window."""

    units: int = 300
    seconds: float = 60.0
    retry_after: bool = False
    """Send Retry-After with 429: the service was never seen to."""


@dataclass(frozen=True, slots=True)
class Options:
    """The switches of one stand-in."""

    token_for_urls: Callable[[], str]
    """Gives an unguessable text for each temporary address of an attachment."""
    rate_limit: RateLimit | None = None
    faults: "tuple[FaultRule, ...]" = ()
    missing_header_status: Literal[401, 403] = 401
    """Documented is 401/1001; the service was seen to say 403/1004."""
    list_lag_seconds: int = 0
    """How long a change stays invisible in the list of sheets; the service was seen to take 5 to 65 s."""
    detect_collisions: bool = True
    write_seconds: float = 0.0
    """How long a write keeps its sheet busy, so that a test can meet a collision on purpose."""
    default_formula_value: str = "#UNPARSEABLE"
    url_expires_seconds: int = 120
