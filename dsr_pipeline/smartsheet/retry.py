"""When a call is tried again, how long is waited, and when it is given up.

Pure rules over what happened; no clock, no sleep. `transport` acts on them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """The patience with one call; all times in seconds.

    `deadline_seconds` counts from the first attempt to the last, waits included, the queue of the limiter
    excluded. `rate_limit_seconds` is what the vendor advises to wait after 4003 when it does not say.
    """

    connect_seconds: float = 5.0
    read_seconds: float = 60.0
    deadline_seconds: float = 180.0
    attempts: int = 8
    backoff_seconds: float = 1.0
    longest_backoff_seconds: float = 30.0
    rate_limit_seconds: float = 60.0
    maintenance_seconds: float = 20.0
