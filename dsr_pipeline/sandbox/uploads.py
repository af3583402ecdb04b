"""What an attachment request carries: a multipart part "file", a raw body with its name, or a link in JSON.

Knows requests, not the store. Called by `attachments`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, get_args
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import UploadFile

from dsr_pipeline.sandbox.errors import ApiProblem
from dsr_pipeline.sandbox.texts import as_object

if TYPE_CHECKING:
    from dsr_pipeline.sandbox.answers import Call

LARGEST_FILE = 30 * 1024 * 1024
LINK = "stand-in/link"
"""Kept in the column of the MIME type of what is a link; the data is then its JSON."""
UNKNOWN_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Upload:
    """One thing to attach."""

    name: str
    mime_type: str
    data: bytes


_Attachable = Literal["LINK", "BOX_COM", "DROPBOX", "EGNYTE", "EVERNOTE", "GOOGLE_DRIVE", "ONEDRIVE"]


class _Link(BaseModel):
    """The body that attaches an address."""

    model_config = ConfigDict(extra="forbid", strict=True)

    attachmentType: _Attachable  # noqa: N815 - the spelling of the API
    url: Annotated[str, Field(min_length=1)]
    name: str | None = None
    description: str | None = None
    attachmentSubType: str | None = None  # noqa: N815


def uploaded(call: Call) -> Upload:
    """The file or link of a request.

    Raises `ApiProblem`: 1127 part missing, 1128 over 30 MB, 1075 another size than announced, 1011 a raw body
    without its name; in JSON 1051 for a FILE, 1255 for a kind that is none, 1008 and 1012 for other faults.
    """
    kind = call.headers.get("content-type", "").split(";")[0].strip().lower()
    named = call.headers.get("content-disposition")
    if kind == "multipart/form-data":
        return _part(call)
    if kind == "application/json" and named is None:
        return _link(call)
    if named is None:
        raise ApiProblem(1011, "Content-Disposition")
    return _raw(named, kind, call.body)


def disposition(name: str) -> str:
    """The header that names a file to whoever downloads it."""
    plain = "".join(
        sign if sign.isascii() and sign.isprintable() and sign not in '"\\' else "_" for sign in name
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _part(call: Call) -> Upload:
    sent = None if call.form is None else call.form.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise ApiProblem(1127, "file")
    data = sent.file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise ApiProblem(1128)
    _check_size(sent.headers.get("content-length"), data)
    return Upload(sent.filename, _type(sent.content_type or ""), data)


def _check_size(announced: str | None, data: bytes) -> None:
    if announced is not None and announced.strip() != str(len(data)):
        raise ApiProblem(1075)


def _raw(header: str, kind: str, body: bytes) -> Upload:
    how, options = parse_options_header(header)
    name = options.get(b"filename", b"").decode("utf-8", "replace")
    if how.lower() != b"attachment" or not name:
        raise ApiProblem(1011, "Content-Disposition")
    if len(body) > LARGEST_FILE:
        raise ApiProblem(1128)
    return Upload(unquote(name), _type(kind), body)


def _type(sent: str) -> str:
    """A type that can be sent back in a header; what is none becomes bytes of an unknown kind."""
    return sent if re.fullmatch(r"[\w.+-]+/[\w.+-]+(?:;[ -~]*)?", sent, re.ASCII) else UNKNOWN_TYPE


def _link(call: Call) -> Upload:
    body = as_object(call.json())
    if body is None:
        raise ApiProblem(1008, "an attachment object was expected")
    kind = body.get("attachmentType")
    if kind == "FILE":
        raise ApiProblem(1051)
    if isinstance(kind, str) and kind not in get_args(_Attachable):
        raise ApiProblem(1255, kind)
    try:
        link = _Link.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["type"] == "missing":
            raise ApiProblem(1012, f"attachment.{place}") from None
        raise ApiProblem(1008, f"{place}: {first['msg']}") from None
    kept = link.model_dump(exclude_none=True, exclude={"name"})
    return Upload(link.name or link.url, LINK, json.dumps(kept).encode())
