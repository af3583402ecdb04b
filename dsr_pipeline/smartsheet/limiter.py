"""The token's budget of calls, shared by all processes on this machine.

Smartsheet counts per access token, and Dagster runs many processes: so the budget is one small file.
`transport` asks before every attempt; who waits is told how long.
"""

from __future__ import annotations

from typing import Protocol


class Limiter(Protocol):
    """Who may call, and when."""

    def acquire(self, cost: int) -> float:
        """Wait until `cost` units may be spent, spend them, and give the seconds waited."""
        ...

    def pause(self, seconds: float) -> None:
        """Let nobody call for `seconds`: Smartsheet said that it is too much."""
        ...


class NoLimiter:
    """No limit: for a stand-in on this machine that does not count."""

    def acquire(self, cost: int) -> float:
        """Never waits."""
        del cost
        return 0.0

    def pause(self, seconds: float) -> None:
        """Pauses nobody; the caller itself waits all the same."""
        del seconds
