"""What an endpoint is given and what it gives back: `Call`, `Answer`, `Route`, and the common wrappings.

Knows HTTP and JSON, no table of the store. Called by `app.py` and by every module with endpoints.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from starlette.datastructures import FormData, Headers

from dsr_pipeline.sandbox.clock import Clock, as_text
from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.options import Options
from dsr_pipeline.sandbox.params import Param
from dsr_pipeline.sandbox.store import Store

JSON_TYPE = "application/json;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class User:
    """Who asks. Routes that need no token get `NOBODY`."""

    id: int
    email: str
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        """First and last name, as shown beside changes."""
        return f"{self.first_name} {self.last_name}".strip()


NOBODY = User(0, "", "", "")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, its token and query parameters already checked."""

    store: Store
    clock: Clock
    options: Options
    user: User
    path: Mapping[str, int]
    """Ids in the path by their name in the route."""
    texts: Mapping[str, str]
    """The same parts of the path as texts, for routes with `text_path`."""
    query: Mapping[str, Any]
    headers: Headers
    body: bytes
    form: FormData | None
    now: datetime
    base: str
    """Scheme, host and port of this server as the caller addressed it, without a slash at the end."""

    @property
    def at(self) -> str:
        """The time of this request in stored form."""
        return as_text(self.now)

    def flag(self, name: str) -> bool:
        """A boolean parameter, false when absent."""
        return bool(self.query.get(name, False))

    def words(self, name: str) -> frozenset[str]:
        """A list parameter, empty when absent."""
        return self.query.get(name, frozenset())

    def json(self) -> Any:
        """The body as JSON; 415/1124 when it does not say so, 400/1024 or 400/1008 when it is none."""
        kind = self.headers.get("content-type", "").split(";")[0].strip().lower()
        if kind != "application/json":
            raise ApiProblem(1124)
        if not self.body.strip():
            raise ApiProblem(1024)
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
            raise ApiProblem(1008, str(problem)) from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent: an object that becomes JSON, or finished bytes of `content_type`."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    content_type: str = JSON_TYPE

    def encoded(self) -> bytes:
        """The bytes of the body."""
        return self.body if isinstance(self.body, bytes) else msgspec.json.encode(self.body)


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint: path under /2.0 with `{names}` of ids, method, and the query parameters that it takes."""

    path: str
    method: str
    handler: Handler
    params: Mapping[str, Param] = field(default_factory=dict[str, Param])
    open: bool = False
    """No token needed, and the path counts from the root of the server instead of /2.0."""
    writes_sheet: bool = False
    """Changes the sheet of `{sheet_id}`: a second one at the same time is a collision (500/4004)."""
    form: bool = False
    """A multipart body is read into `call.form`."""
    text_path: bool = False
    """The names in the path are texts, not ids: use `call.texts`."""


def success(result: Any = None, version: int | None = None, **more: Any) -> Answer:
    """The wrapping of a write's result."""
    body: dict[str, Any] = {"message": "SUCCESS", "resultCode": 0}
    if version is not None:
        body["version"] = version
    body.update(more)
    if result is not None:
        body["result"] = result
    return Answer(body)


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of a list is sent, and what is said about it."""

    start: int
    stop: int
    head: dict[str, int]


def cut(call: Call, total: int, default_size: int = 100) -> Slice:
    """The page of a list endpoint: `includeAll` beats the rest, a page out of range is the nearest one."""
    if call.flag("includeAll"):
        return Slice(0, total, {"pageNumber": 1, "totalPages": min(total, 1), "totalCount": total})
    size = call.query.get("pageSize", default_size)
    page = call.query.get("page", 1)
    if size < 1:
        raise ApiProblem(1018, size, "pageSize")
    pages = math.ceil(total / size)
    page = max(1, min(page, pages))
    head = {"pageNumber": page, "pageSize": size, "totalPages": pages, "totalCount": total}
    return Slice((page - 1) * size, min(page * size, total), head)


def index_result(call: Call, items: Sequence[Any]) -> Answer:
    """The paged list of everything in `items`."""
    part = cut(call, len(items))
    return Answer({**part.head, "data": list(items[part.start : part.stop])})
