"""The control surface below `/sandbox`: health, clock, next snapshot, faults, journal, tokens and shares.

For tests, the demo and people at the keyboard; never part of `/2.0`, needs no token, costs nothing and
leaves no line in the journal. Called by `app`, which puts it around everything else.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route, Router

from dsr_pipeline.sandbox import journal
from dsr_pipeline.sandbox.clock import SettableClock, as_text, from_text
from dsr_pipeline.sandbox.faults import mistake, parse_rules
from dsr_pipeline.sandbox.running_clock import RunningClock
from dsr_pipeline.sandbox.switches import Change, Switches

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from dsr_pipeline.sandbox.clock import Clock
    from dsr_pipeline.sandbox.faults import FaultBook
    from dsr_pipeline.sandbox.store import Store

MACHINE = "machine"
Level = Literal["VIEWER", "COMMENTER", "EDITOR", "EDITOR_SHARE", "ADMIN", "OWNER"]


class BadControl(Exception):
    """A request to the control surface that cannot be done; the text says why."""


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _settable(text: str) -> str:
    if text == MACHINE:
        return text
    instant = datetime.fromisoformat(text)
    return as_text(instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC))


class Advance(_Body):
    """How many snapshots of the loaded world to go on."""

    steps: int = Field(default=1, ge=1)


class ClockChange(_Body):
    """Go on by seconds, or go to an instant `YYYY-MM-DDTHH:MM:SSZ` or to the time of the machine."""

    advance_seconds: float | None = None
    set: Annotated[str, AfterValidator(_settable)] | None = None


class NewToken(_Body):
    """A token for a user, who is made where there is none with this address."""

    token: str = Field(min_length=1)
    email: str = Field(min_length=3)
    expired: bool = False
    firstName: str = ""  # noqa: N815 - the spelling of the API
    lastName: str = ""  # noqa: N815


class Share(_Body):
    """What a user may do with one sheet or one workspace; without a level the share ends."""

    email: str
    sheetId: int | None = None  # noqa: N815
    workspaceId: int | None = None  # noqa: N815
    level: Level | None = None


Body = TypeVar("Body", bound=BaseModel)


class Control:
    """Answers `/sandbox/…` and hands everything else to the application."""

    def __init__(
        self, app: ASGIApp, *, store: Store, clock: Clock, book: FaultBook, switches: Switches
    ) -> None:
        self._store = store
        self._clock = clock
        self._book = book
        self._switches = switches
        self._router = Router(
            [
                _route("GET", "health", self._health),
                _route("POST", "advance", self._advance),
                _route("POST", "clock", self._set_clock),
                _route("GET", "options", self._show_options),
                _route("POST", "options", self._change_options),
                _route("GET", "faults", self._show_faults),
                _route("POST", "faults", self._add_faults),
                _route("DELETE", "faults", self._clear_faults),
                _route("GET", "journal", self._show_journal),
                _route("DELETE", "journal", self._clear_journal),
                _route("POST", "tokens", self._add_token),
                _route("POST", "access", self._share),
            ],
            redirect_slashes=False,
            default=app,
        )

    @property
    def routes(self) -> list[BaseRoute]:
        """What is served below `/sandbox`."""
        return self._router.routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, ours or not."""
        try:
            await self._router(scope, receive, send)
        except HTTPException as error:
            answer = _answer({"error": f"{scope['method']} is not possible here"}, error.status_code)
            await answer(scope, receive, send)

    def _health(self, _: Any, __: Request) -> Any:
        connection = self._store.connection()
        meta = dict(connection.execute("SELECT key, value FROM meta WHERE key IN ('world', 'snapshot')"))
        sheets, rows = connection.execute(
            "SELECT (SELECT count(*) FROM sheets), (SELECT count(*) FROM rows)"
        ).fetchone()
        return {"standIn": True, "time": self._time(), "sheets": sheets, "rows": rows, **meta}

    def _advance(self, body: Any, _: Request) -> Any:
        from dsr_pipeline.sandbox.world_cells import WorldError
        from dsr_pipeline.sandbox.world_seed import advance

        reached: int | None = None
        for done in range(_parsed(Advance, body).steps):
            try:
                reached = advance(self._store)
            except WorldError as error:
                raise BadControl(str(error)) from error
            if reached is None:
                raise BadControl(f"there is no next snapshot ({done} taken)")
            set_to_snapshot(self._store, self._clock)
        return {"snapshot": reached, "time": self._time()}

    def _set_clock(self, body: Any, _: Request) -> Any:
        change = _parsed(ClockChange, body)
        if not isinstance(self._clock, SettableClock):
            raise BadControl("this stand-in runs on the clock of the machine")
        if change.set == MACHINE:
            if not isinstance(self._clock, RunningClock):
                raise BadControl("the clock of this stand-in stands still and knows no machine")
            self._clock.set_to_machine()
        elif change.set is not None:
            self._clock.set(from_text(change.set))
        if change.advance_seconds is not None:
            self._clock.advance(change.advance_seconds)
        return {"time": self._time()}

    def _show_options(self, _: Any, __: Request) -> Any:
        return self._switches.shown()

    def _change_options(self, body: Any, _: Request) -> Any:
        self._switches.change(_parsed(Change, body))
        return self._switches.shown()

    def _show_faults(self, _: Any, __: Request) -> Any:
        return [rule.model_dump(exclude_none=True) | {"met": met} for rule, met in self._book.state()]

    def _add_faults(self, body: Any, request: Request) -> Any:
        for rule in parse_rules(body):
            self._book.add(rule)
        return self._show_faults(body, request)

    def _clear_faults(self, body: Any, request: Request) -> Any:
        self._book.clear()
        return self._show_faults(body, request)

    def _show_journal(self, _: Any, request: Request) -> Any:
        since = request.query_params.get("since", "0")
        if not since.isascii() or not since.isdigit():
            raise BadControl(f"since must be the number of a line, not '{since}'")
        lines = journal.entries(self._store, int(since))
        return [{key: value for key, value in asdict(line).items() if value is not None} for line in lines]

    def _clear_journal(self, _: Any, __: Request) -> Any:
        journal.clear(self._store)
        return []

    def _add_token(self, body: Any, _: Request) -> Any:
        wanted = _parsed(NewToken, body)
        with self._store.writing() as connection:
            user = _user(connection, wanted.email)
            if user is None:
                user = self._store.new_id()
                first = wanted.firstName or wanted.email.partition("@")[0]
                connection.execute(
                    "INSERT INTO users VALUES(?, ?, ?, ?)", (user, wanted.email, first, wanted.lastName)
                )
            connection.execute(
                "INSERT INTO tokens VALUES(?, ?, ?) ON CONFLICT(token) DO UPDATE SET "
                "user_id=excluded.user_id, expired=excluded.expired",
                (wanted.token, user, wanted.expired),
            )
        return {"userId": user, "email": wanted.email, "expired": wanted.expired}

    def _share(self, body: Any, _: Request) -> Any:
        share = _parsed(Share, body)
        if (share.sheetId is None) == (share.workspaceId is None):
            raise BadControl("name either sheetId or workspaceId")
        kind, object_id = (
            ("workspace", share.workspaceId) if share.sheetId is None else ("sheet", share.sheetId)
        )
        with self._store.writing() as connection:
            user = _user(connection, share.email)
            if user is None:
                raise BadControl(f"there is no user {share.email}: make one with POST /sandbox/tokens")
            connection.execute(
                "DELETE FROM access WHERE user_id=? AND object=? AND object_id=?", (user, kind, object_id)
            )
            if share.level is not None:
                connection.execute(
                    "INSERT INTO access VALUES(?, ?, ?, ?)", (user, kind, object_id, share.level)
                )
        return share.model_dump(exclude_none=True)

    def _time(self) -> str:
        return as_text(self._clock.now())


def set_to_snapshot(store: Store, clock: Clock) -> bool:
    """Put the clock to the time of the loaded snapshot; false where data or clock have no such thing.

    Edits made after the snapshot was loaded may be younger than it: time never goes back behind them.
    """
    found = (
        store.connection()
        .execute(
            "SELECT max(value) FROM (SELECT value FROM meta WHERE key = 'taken_at'"
            " UNION ALL SELECT max(modified_at) FROM sheets)"
        )
        .fetchone()[0]
    )
    if found is None or not isinstance(clock, SettableClock):
        return False
    clock.set(from_text(found))
    return True


def _route(method: str, name: str, work: Callable[[Any, Request], Any]) -> Route:
    async def endpoint(request: Request) -> JSONResponse:
        try:
            raw = await request.body()
            body: Any = json.loads(raw) if raw.strip() else {}
            answer, status = await run_in_threadpool(work, body, request), 200
        except ValidationError as error:
            answer, status = {"error": mistake(error)}, 400
        except ValueError as error:
            answer, status = {"error": f"the body is not JSON: {error}"}, 400
        except BadControl as error:
            answer, status = {"error": str(error)}, 400
        return _answer(answer, status)

    handler: Callable[[Request], Awaitable[JSONResponse]] = endpoint
    return Route(f"/sandbox/{name}", handler, methods=[method])


def _answer(body: Any, status: int) -> JSONResponse:
    return JSONResponse(body, status, headers={"X-Stand-In": "1"})


def _parsed(model: type[Body], body: Any) -> Body:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadControl(f"{place}: {first['msg'].removeprefix('Value error, ')}") from error


def _user(connection: sqlite3.Connection, email: str) -> int | None:
    found = connection.execute("SELECT id FROM users WHERE email=?", (email,)).fetchone()
    return None if found is None else int(found[0])
