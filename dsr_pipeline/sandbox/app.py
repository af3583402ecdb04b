"""The stand-in as an ASGI application: which paths there are, who may ask, and how an answer is sent.

What an endpoint does lives in its own module, limits and faults in theirs. Called by `serve.py` and by tests.
"""

import contextlib
import re
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dsr_pipeline.sandbox import attachments, columns, containers, history, paths, people, rows, sheets
from dsr_pipeline.sandbox.access import identify
from dsr_pipeline.sandbox.answers import JSON_TYPE, NOBODY, Answer, Call, Route
from dsr_pipeline.sandbox.clock import Clock, as_text, from_text
from dsr_pipeline.sandbox.errors import ApiProblem, envelope
from dsr_pipeline.sandbox.faults import FaultBook
from dsr_pipeline.sandbox.options import Options
from dsr_pipeline.sandbox.params import read_all
from dsr_pipeline.sandbox.store import Store
from dsr_pipeline.sandbox.surroundings import surrounded
from dsr_pipeline.sandbox.switches import Switches

__all__ = ["Options", "build_app"]

ROOT = "/2.0"
# Attachments may have 30 MB; what is far beyond is not even read.
LARGEST_BODY = 64 * 1024 * 1024
_TIME_ATTRIBUTE = re.compile(rb'"(createdAt|modifiedAt)":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"')


def build_app(
    store: Store, *, clock: Clock, options: Options, routes: Sequence[Route] | None = None
) -> Starlette:
    """The whole application over one store. `routes` replaces the endpoints, for tests of the frame."""
    table = _Table(all_routes() if routes is None else routes)
    book = FaultBook(options.faults)

    def unexpected(request: Request, problem: Exception) -> Response:
        """A defect of the stand-in looks like one of the service; uvicorn logs where it came from."""
        status, body = envelope(4000, at=as_text(clock.now()))
        return Response(Answer(body).encoded(), status, {"X-Stand-In": "1", "Content-Type": JSON_TYPE})

    app = Starlette(exception_handlers={Exception: unexpected})
    app.state.faults = book
    switches = Switches(options)
    frame = _Frame(store, clock, switches, table)
    app.router.default = _Marked(surrounded(frame, store=store, clock=clock, switches=switches, book=book))
    return app


def all_routes() -> list[Route]:
    """Every endpoint of the stand-in."""
    return [
        *people.ROUTES,
        *sheets.ROUTES,
        *containers.ROUTES,
        *columns.ROUTES,
        *rows.ROUTES,
        *history.ROUTES,
        *paths.ROUTES,
        *attachments.ROUTES,
    ]


class _Marked:
    """Says on every answer that this is not the service."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = [pair for pair in message.get("headers", []) if pair[0].lower() != b"x-stand-in"]
                message["headers"] = [*sent, (b"x-stand-in", b"1")]
            await send(message)

        await self._app(scope, receive, marked)


@dataclass(frozen=True, slots=True)
class _Entry:
    pattern: re.Pattern[str]
    path: str
    by_method: dict[str, Route]


class _Table:
    """Finds the endpoint of a path."""

    def __init__(self, routes: Sequence[Route]) -> None:
        entries: dict[str, _Entry] = {}
        for route in routes:
            full = route.path if route.open else ROOT + route.path
            pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", full))
            entry = entries.setdefault(full, _Entry(pattern, full, {}))
            entry.by_method[route.method] = route
        # Fixed words before names: /sheets/{id}/version is never a row.
        self._entries = sorted(entries.values(), key=lambda entry: entry.path.count("{"))

    def find(self, path: str, method: str) -> tuple[Route, dict[str, str]]:
        """The route and the texts of its names; 404/1006 for no such path, 405/1010 for another method."""
        for entry in self._entries:
            if found := entry.pattern.fullmatch(path):
                route = entry.by_method.get(method)
                if route is None:
                    raise ApiProblem(1010)
                return route, found.groupdict()
        raise ApiProblem(1006)


class _BusySheets:
    """Which sheets are being changed by a request that is still under way."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy: set[int] = set()

    @contextlib.contextmanager
    def hold(self, sheet_id: int) -> Generator[None]:
        with self._lock:
            if sheet_id in self._busy:
                raise ApiProblem(
                    4004,
                    message=f"Request failed because sheetId {sheet_id} is currently being updated by another"
                    " request that uses the same access token. Please retry your request.",
                )
            self._busy.add(sheet_id)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(sheet_id)


class _Frame:
    """Reads a request, checks it, has its endpoint answer it, and sends what comes back."""

    def __init__(self, store: Store, clock: Clock, switches: Switches, table: _Table) -> None:
        self._store = store
        self._clock = clock
        self._switches = switches
        self._table = table
        self._busy = _BusySheets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except ClientDisconnect:
            return
        except ApiProblem as problem:
            scope["stand_in_error"] = problem.code
            answer = Answer(problem.body(as_text(self._clock.now())), status=problem.status)
        body = answer.encoded()
        headers = {"Content-Type": answer.content_type, "Content-Length": str(len(body)), **answer.headers}
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": b"" if request.method == "HEAD" else body})

    async def _answer(self, request: Request) -> Answer:
        path = request.url.path
        user = NOBODY
        if path.startswith(ROOT + "/"):
            user = await run_in_threadpool(
                identify, self._store, request.headers.get("authorization"), self._switches.now
            )
            request.scope["stand_in_user"] = user.id
        route, texts = self._table.find(path, request.method)
        if not route.open:
            if request.headers.get("assume-user"):
                raise ApiProblem(1030)
            _check_accept(request.headers.get("accept"))
        query = read_all(request.query_params.multi_items(), route.params)
        ids = {} if route.text_path else _ids(texts)
        body, form = await _body(request, route)
        call = Call(
            store=self._store,
            clock=self._clock,
            options=self._switches.now,
            user=user,
            path=ids,
            texts=texts,
            query=query,
            headers=request.headers,
            body=body,
            form=form,
            now=self._clock.now(),
            base=f"{request.url.scheme}://{request.url.netloc}",
        )
        answer = await run_in_threadpool(self._handle, route, call)
        if call.flag("numericDates") and answer.content_type == JSON_TYPE:
            return Answer(_numeric_dates(answer.encoded()), answer.status, answer.headers)
        return answer

    def _handle(self, route: Route, call: Call) -> Answer:
        if not (route.writes_sheet and self._switches.now.detect_collisions):
            return route.handler(call)
        with self._busy.hold(call.path["sheet_id"]):
            if self._switches.now.write_seconds:
                time.sleep(self._switches.now.write_seconds)
            return route.handler(call)


def _ids(texts: Mapping[str, str]) -> dict[str, int]:
    ids: dict[str, int] = {}
    for name, text in texts.items():
        if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
            # Seen of the service: an id that is no number names nothing.
            raise ApiProblem(1006)
        ids[name] = int(text)
    return ids


def _check_accept(header: str | None) -> None:
    """406/1052 for who wants a sheet as a file: CSV, Excel and PDF are not made here."""
    if not header:
        return
    kinds = {part.split(";")[0].strip().lower() for part in header.split(",")}
    if not kinds & {"*/*", "application/*", "application/json"}:
        raise ApiProblem(1052)


async def _body(request: Request, route: Route) -> tuple[bytes, FormData | None]:
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > LARGEST_BODY:
        raise ApiProblem(1128)
    if route.form and request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        try:
            return b"", await request.form(max_part_size=LARGEST_BODY)
        except (HTTPException, MultiPartException):
            raise ApiProblem(1127, "file") from None
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            raise ApiProblem(1128)
        parts.append(part)
    return b"".join(parts), None


def _numeric_dates(body: bytes) -> bytes:
    def milliseconds(found: re.Match[bytes]) -> bytes:
        moment = from_text(found[2].decode())
        return b'"%s":%d' % (found[1], int(moment.timestamp() * 1000))

    return _TIME_ATTRIBUTE.sub(milliseconds, body)
