"""How each fault looks on the wire: error answers, silence, short bodies, connections that are dropped.

Lives here: the ASGI middleware that asks the `FaultBook` and breaks the answer. Which request fails is
`faults`. The transport of a connection comes from `serve`: ASGI itself has no way to drop one.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, cast

from dsr_pipeline.sandbox.asgi import API, FILES, api_path, read_body, send_answer, send_problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from dsr_pipeline.sandbox.faults import FaultBook, FaultRule, Kind

PROBLEMS: dict[Kind, int] = {
    "rate_limit": 4003,
    "unexpected": 4000,
    "timeout": 4002,
    "collision": 4004,
    "maintenance": 4001,
    "server_error_code_0": 0,
    "expired_token": 1003,
    "not_found": 1006,
    "forbidden": 1004,
}
"""Faults that are an error of the API; the handler does not run."""
HTML = "text/html; charset=utf-8"
GATEWAY_PAGE = (
    b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
)
LIMIT_PAGE = b"<html><body><h1>429 Too Many Requests</h1></body></html>"


class Line(Protocol):
    """A connection as `serve` hands it over in the state of a scope."""

    def drop(self) -> None:
        """End it at once with a reset; what was not sent is lost."""
        ...

    def hang_up(self) -> None:
        """End it after what was written has been sent."""
        ...


@dataclass(slots=True)
class Recorded:
    """The true answer of a handler, kept back."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Faults:
    """Breaks the requests that the book names and lets the others through."""

    def __init__(self, app: ASGIApp, *, book: FaultBook) -> None:
        self._app = app
        self._book = book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, whole or broken."""
        rule = None
        if scope["type"] == "http" and scope["path"].startswith((API, FILES)):
            rule = self._book.strike(scope["method"], api_path(scope))
        if rule is None:
            await self._app(scope, receive, send)
            return
        # The request is read first: a client that is still sending would see its own write fail instead.
        body = await read_body(receive)
        await _note(scope, rule)
        await self._break(rule, scope, body, receive, send)

    async def _break(self, rule: FaultRule, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        extra = {} if rule.retry_after is None else {"Retry-After": str(rule.retry_after)}
        match rule.kind:
            case "bad_gateway":
                await send_answer(send, 502, GATEWAY_PAGE, content_type=HTML, headers=extra)
            case "rate_limit_html":
                await send_answer(send, 429, LIMIT_PAGE, content_type=HTML, headers=extra)
            case "reset_before":
                await _note(scope, rule, last_word=True)
                await _end(scope, receive, "drop")
            case "reset_after":
                await self._run(scope, body, receive)
                await _note(scope, rule, last_word=True)
                await _end(scope, receive, "drop")
            case "slow_first_byte" | "stalled_body" | "truncated_body" | "invalid_json" | "empty_body":
                answer = await self._run(scope, body, receive)
                await _broken(rule, answer, scope, receive, send)
            case _:
                await send_problem(scope, send, PROBLEMS[rule.kind], headers=extra)

    async def _run(self, scope: Scope, body: bytes, receive: Receive) -> Recorded:
        """Let the handler do its work, and keep its answer."""
        answer = Recorded(500, [], b"")
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def given() -> Message:
            return waiting.pop() if waiting else await receive()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status, answer.headers = message["status"], list(message.get("headers", []))
            else:
                answer.body += message.get("body", b"")

        await self._app(scope, given, keep)
        return answer


async def _broken(rule: FaultRule, answer: Recorded, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the true answer late, in part, or with another body."""
    body, half = answer.body, len(answer.body) // 2
    if rule.kind == "slow_first_byte":
        await _note(scope, rule, last_word=True, status=answer.status)
        if not await _silence(rule.seconds, receive):
            await _send(send, answer, body)
    elif rule.kind == "stalled_body":
        await _send(send, answer, body[:half], more=True)
        if not await _silence(rule.seconds, receive):
            await send({"type": "http.response.body", "body": body[half:], "more_body": False})
    elif rule.kind == "truncated_body":
        await _send(send, answer, body[:half], more=True)
        await _end(scope, receive, "hang_up")
    else:
        # Well-formed for HTTP: only a reader of the JSON can tell that it is cut.
        short = b"" if rule.kind == "empty_body" else body[: max(half, 1)]
        await _send(send, answer, short, length=len(short))


async def _send(
    send: Send, answer: Recorded, body: bytes, *, more: bool = False, length: int | None = None
) -> None:
    announced = len(answer.body) if length is None else length
    headers = [(key, value) for key, value in answer.headers if key.lower() != b"content-length"]
    headers.append((b"content-length", str(announced).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _silence(seconds: float, receive: Receive) -> bool:
    """Say nothing for so long; true when the client has left meanwhile."""
    try:
        await asyncio.wait_for(_left(receive), timeout=seconds)
    except TimeoutError:
        return False
    return True


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _end(scope: Scope, receive: Receive, how: Literal["drop", "hang_up"]) -> None:
    """Drop the connection, and wait until the server has noticed, or it would send a 500 of its own."""
    line = cast("Line | None", scope.get("state", {}).get("line"))
    if line is None:
        raise RuntimeError("this fault needs the server of `sandbox.serve`: it drops connections")
    if how == "drop":
        line.drop()
    else:
        line.hang_up()
    await _left(receive)


async def _note(scope: Scope, rule: FaultRule, *, last_word: bool = False, status: int | None = None) -> None:
    """Tell the journal what strikes; with `last_word` it writes at once what the client will not be told."""
    if (note := scope.get("state", {}).get("note")) is not None:
        await note(rule.kind, last_word=last_word, status=status)
