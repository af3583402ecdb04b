"""What the middlewares of the stand-in share: where a request goes, and an error sent without a handler.

Lives here: small functions on raw ASGI messages. Called by `limiter`, `faults`, `journal`, `control` and
`attachments`; handlers use `answers` instead.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dsr_pipeline.sandbox.errors import ApiProblem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

API = "/2.0"
FILES = "/files/"
"""Where temporary addresses of attachments point: no token, outside the API, as with the service."""
MARK = (b"x-stand-in", b"1")
"""Every answer says that it is not the service itself."""


def api_path(scope: Scope) -> str:
    """The path behind `/2.0`; for what lies elsewhere the whole path."""
    return str(scope["path"]).removeprefix(API)


def header(scope: Scope, name: str) -> str:
    """One request header, empty where it is missing."""
    wanted = name.lower().encode("latin-1")
    found = next((value for key, value in scope["headers"] if key.lower() == wanted), b"")
    return found.decode("latin-1")


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request; what had arrived where the client left."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            break
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(parts)


async def send_answer(
    send: Send,
    status: int,
    body: bytes,
    *,
    content_type: str = "application/json;charset=UTF-8",
    headers: Mapping[str, str] | None = None,
) -> None:
    """One complete answer."""
    extra = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in (headers or {}).items()]
    start = [
        (b"content-type", content_type.encode("latin-1")),
        (b"content-length", str(len(body)).encode("latin-1")),
        MARK,
        *extra,
    ]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def send_json(send: Send, value: Any, status: int = 200) -> None:
    """One complete answer in JSON."""
    await send_answer(send, status, json.dumps(value, ensure_ascii=False).encode("utf-8"))


async def send_problem(
    scope: Scope, send: Send, code: int, *, headers: Mapping[str, str] | None = None
) -> None:
    """An error in the envelope of the API, with the status that belongs to its code."""
    problem = ApiProblem(code)
    body = problem.body(f"{scope['method']} {scope['path']}")
    await send_answer(send, problem.status, json.dumps(body).encode("utf-8"), headers=headers)
