"""Every request that reached the stand-in, its cost and its end, also the refused and broken ones.

Lives here: the ASGI middleware that writes the table `journal`, and its reading. Tests count calls and units
with it. A line is written before the answer leaves, so that who has the answer finds the line.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from dsr_pipeline.sandbox.asgi import API, FILES, api_path, header
from dsr_pipeline.sandbox.clock import as_text
from dsr_pipeline.sandbox.limiter import cost_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from dsr_pipeline.sandbox.clock import Clock
    from dsr_pipeline.sandbox.store import Store

FIELDS = "seq, at, user_id, method, path, query, status, error_code, cost, fault"


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `path` is that behind `/2.0`; no status: the connection was dropped unanswered."""

    seq: int
    at: str
    user_id: int | None
    method: str
    path: str
    query: str
    status: int | None
    error_code: int | None
    cost: int
    fault: str | None


@dataclass(slots=True)
class _Line:
    """A request under way: what is known of it so far, and whether it is written."""

    seq: int
    scope: Scope
    fault: str | None = None
    status: int | None = None
    start: Message | None = None
    written: bool = False
    parts: list[bytes] = field(default_factory=list[bytes])


class Journal:
    """Writes one line per request below `/2.0` and per download; the control surface leaves none."""

    def __init__(self, app: ASGIApp, *, store: Store, clock: Clock) -> None:
        self._app = app
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._last = _last_seq(store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and write it down before the first byte of its answer."""
        if scope["type"] != "http" or not scope["path"].startswith((API, FILES)):
            await self._app(scope, receive, send)
            return
        with self._lock:
            self._last += 1
            line = _Line(self._last, scope)

        async def note(fault: str, *, last_word: bool = False, status: int | None = None) -> None:
            line.fault = fault
            # An answer that is dropped or comes late is written down before the client can miss it.
            if last_word:
                line.status = status
                await self._write(line)

        async def write_first(message: Message) -> None:
            if line.written:
                await send(message)
            elif message["type"] == "http.response.start":
                line.start, line.status = message, message["status"]
            elif line.start is not None:
                line.parts.append(message.get("body", b""))
                await self._write(line)
                await send(line.start)
                await send(message)

        scope.setdefault("state", {})["note"] = note
        try:
            await self._app(scope, receive, write_first)
        except Exception:
            # A defect of the stand-in: the frame outside answers it like a fault of the service.
            line.status = 500
            raise
        finally:
            if not line.written:
                await self._write(line)

    async def _write(self, line: _Line) -> None:
        line.written = True
        await run_in_threadpool(self._insert, line)

    def _insert(self, line: _Line) -> None:
        scope, path = line.scope, api_path(line.scope)
        with self._store.writing() as connection:
            connection.execute(
                f"INSERT INTO journal({FIELDS}) VALUES(?, ?, (SELECT user_id FROM tokens WHERE token=?), "
                "?, ?, ?, ?, ?, ?, ?)",
                (
                    line.seq,
                    as_text(self._clock.now()),
                    header(scope, "authorization").removeprefix("Bearer ").strip(),
                    scope["method"],
                    path,
                    scope["query_string"].decode("latin-1"),
                    line.status,
                    _error_code(line.status, line.parts),
                    cost_of(scope["method"], path) if scope["path"].startswith(API) else 0,
                    line.fault,
                ),
            )


def entries(store: Store, since: int = 0) -> list[Entry]:
    """The lines after the one with this number, in the order of arrival."""
    found = store.connection().execute(f"SELECT {FIELDS} FROM journal WHERE seq > ? ORDER BY seq", (since,))
    return [Entry(*row) for row in found]


def clear(store: Store) -> None:
    """Forget every line; numbers go on where they were."""
    with store.writing() as connection:
        connection.execute("DELETE FROM journal")


def _last_seq(store: Store) -> int:
    found = store.connection().execute("SELECT seq FROM sqlite_sequence WHERE name='journal'").fetchone()
    return int(found[0]) if found else 0


def _error_code(status: int | None, parts: list[bytes]) -> int | None:
    if status is None or status < 400:
        return None
    try:
        body: Any = json.loads(b"".join(parts))
    except ValueError:
        return None
    code = body.get("errorCode") if isinstance(body, dict) else None  # pyright: ignore[reportUnknownVariableType]
    return code if isinstance(code, int) else None
