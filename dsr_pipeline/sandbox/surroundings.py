"""What lies between the socket and the endpoints, in its order. Called by `app` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsr_pipeline.sandbox.breakage import Faults
from dsr_pipeline.sandbox.control import Control
from dsr_pipeline.sandbox.journal import Journal
from dsr_pipeline.sandbox.limiter import RateLimiter

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from dsr_pipeline.sandbox.clock import Clock
    from dsr_pipeline.sandbox.faults import FaultBook
    from dsr_pipeline.sandbox.store import Store
    from dsr_pipeline.sandbox.switches import Switches


def surrounded(
    endpoints: ASGIApp,
    *,
    store: Store,
    clock: Clock,
    switches: Switches,
    book: FaultBook,
) -> ASGIApp:
    """The endpoints behind control surface, journal, faults and rate limiter, from the outside in.

    The journal sees what the others refuse; a fault strikes whether or not the token could still pay.
    """
    limited = RateLimiter(endpoints, limit=lambda: switches.now.rate_limit)
    faulty = Faults(limited, book=book)
    recorded = Journal(faulty, store=store, clock=clock)
    return Control(recorded, store=store, clock=clock, book=book, switches=switches)
