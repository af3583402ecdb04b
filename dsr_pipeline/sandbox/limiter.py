"""What a request costs, and the refusal of those that a token can no longer pay within the window.

Lives here: the price list and a sliding window per token, as an ASGI middleware. Seconds are real ones: a
world's clock may stand still while a client waits. Called by `app`; `journal` uses the prices.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from dsr_pipeline.sandbox.asgi import API, api_path, header, send_problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

    from dsr_pipeline.sandbox.options import RateLimit

ORDINARY = 1
HEAVY = 10
"""Units of a call that the vendor calls resource intensive: cell history and uploads."""
HEAVY_CALLS = (
    ("GET", re.compile(r"/sheets/[^/]+/rows/[^/]+/columns/[^/]+/history")),
    ("POST", re.compile(r"/sheets/[^/]+/attachments")),
    ("POST", re.compile(r"/sheets/[^/]+/(?:rows|comments)/[^/]+/attachments")),
    ("POST", re.compile(r"/sheets/[^/]+/attachments/[^/]+/versions")),
)


def cost_of(method: str, path: str) -> int:
    """Units of one call; `path` is that behind `/2.0`."""
    heavy = any(method == verb and pattern.fullmatch(path) for verb, pattern in HEAVY_CALLS)
    return HEAVY if heavy else ORDINARY


class RateLimiter:
    """Answers 429/4003 instead of the application when a token has spent its units.

    `limit` is asked at every request; None limits nothing.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: Callable[[], RateLimit | None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._limit = limit
        self._monotonic = monotonic
        self._spent: dict[str, deque[tuple[float, int]]] = {}
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pay for one request, or refuse it. Refused requests cost nothing."""
        token = header(scope, "authorization") if scope["type"] == "http" else ""
        limit = self._limit()
        if limit is None or not token or not scope["path"].startswith(API):
            await self._app(scope, receive, send)
            return
        wait = self._pay(token, cost_of(scope["method"], api_path(scope)), limit)
        if wait is None:
            await self._app(scope, receive, send)
            return
        extra = {"Retry-After": str(math.ceil(wait))} if limit.retry_after else {}
        await send_problem(scope, send, 4003, headers=extra)

    def _pay(self, token: str, cost: int, limit: RateLimit) -> float | None:
        """None when the units are spent now, else the seconds until enough of them are free again."""
        now = self._monotonic()
        with self._lock:
            spent = self._spent.setdefault(token, deque())
            while spent and spent[0][0] <= now - limit.seconds:
                spent.popleft()
            missing = sum(units for _, units in spent) + cost - limit.units
            if missing <= 0:
                spent.append((now, cost))
                return None
            for at, units in spent:
                missing -= units
                if missing <= 0:
                    return at + limit.seconds - now
            return limit.seconds
