"""One attempt over HTTP: connections without hidden repeats, timeouts for all of it, failures by kind.

Lives here: the session and its adapter, the bounded read of a body, what an exception of requests or urllib3
means. Nothing is repeated here and nothing is judged; `transport` does. No text of an exception, no address
and no body leaves this module, for each may hold a secret.
"""

import ipaddress
import logging
import ssl
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as broken
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from dsr_pipeline.smartsheet.errors import SmartsheetError
from dsr_pipeline.smartsheet.retry import Kind, RetryPolicy, Trouble

CHUNK_BYTES = 1 << 20
_unnamed: ContextVar[bool] = ContextVar("unnamed", default=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: the body is complete and decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Answer(status={self.status}, bytes={len(self.body)})"


class Connection:
    """A pool of connections, safe to share between threads.

    Proxies and certificate files of the environment are honoured for real hosts, never for this machine:
    a company's proxy does not know our loopback. `.netrc` and cookies are never used.
    """

    def __init__(
        self,
        base: str,
        *,
        policy: RetryPolicy,
        verify: bool | str,
        max_connections: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._monotonic = monotonic
        self.session = requests.Session()
        self.session.trust_env = not is_loopback(base)
        self.session.auth = _NoAuth()
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _TimedAdapter(policy, max_connections)
        self.session.mount("https://", adapter)
        self.session.mount("http://", adapter)
        self._verify = verify
        self._route = self._route_to(base)

    def send(
        self,
        prepared: requests.PreparedRequest,
        *,
        seconds: float,
        limit: int | None = None,
        secret_address: bool = False,
    ) -> Answer | Trouble:
        """Send once and read the whole body within `seconds`; what fails comes back as a `Trouble`.

        `secret_address` keeps the address out of urllib3's log and follows redirects: for files.
        """
        until = self._monotonic() + seconds
        route = self._route_to(prepared.url or "") if secret_address else self._route
        timeout = (min(self._policy.connect_seconds, seconds), min(self._policy.read_seconds, seconds))
        try:
            with (
                _unlogged(secret_address),
                self.session.send(
                    prepared, timeout=timeout, allow_redirects=secret_address, **route
                ) as response,
            ):
                body = self._body(response, until, limit)
                return Answer(response.status_code, response.headers, body)
        except _Limit as end:
            return end.trouble
        except (requests.RequestException, broken.HTTPError) as problem:
            return explained(problem)

    def _route_to(self, address: str) -> dict[str, Any]:
        """Proxies and certificates for an address, as the environment says where it may."""
        return self.session.merge_environment_settings(address, {}, True, self._verify, None)

    def _body(self, response: requests.Response, until: float, limit: int | None) -> bytes:
        parts: list[bytes] = []
        size = 0
        # `read1` gives what one packet brought: a larger read would wait for a drip that never fills it.
        while part := response.raw.read1(CHUNK_BYTES, decode_content=True):
            parts.append(part)
            size += len(part)
            if limit is not None and size > limit:
                raise _Limit(Trouble(Kind.REFUSED, f"the file is larger than {limit:,} bytes"))
            if self._monotonic() > until:
                raise _Limit(Trouble(Kind.STALLED, f"the body came too slowly ({size:,} bytes so far)"))
        return parts[0] if len(parts) == 1 else b"".join(parts)


class _Limit(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.what)
        self.trouble = trouble


class _TimedAdapter(HTTPAdapter):
    """One adapter for both schemes: nothing is repeated behind our back, nothing waits for ever."""

    def __init__(self, policy: RetryPolicy, max_connections: int) -> None:
        self._patience = (policy.connect_seconds, policy.read_seconds)
        super().__init__(pool_connections=4, pool_maxsize=max_connections, max_retries=0, pool_block=True)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> requests.Response:
        """Send once; who gives no timeout gets the policy's."""
        return super().send(request, stream, timeout or self._patience, verify, cert, proxies)


class _NoAuth(AuthBase):
    """Keeps requests from looking into `.netrc`."""

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        return r


def is_loopback(address: str) -> bool:
    """Whether an address leads to this machine."""
    host = urlsplit(address).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def checked_base(base: str, verify: bool | str) -> str:
    """The address of the API without a trailing slash; refused where the token could be read on its way."""
    parts = urlsplit(base)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.username:
        raise SmartsheetError("the address of the API must look like https://api.smartsheet.com/2.0")
    if not is_loopback(base) and (parts.scheme == "http" or verify is False):
        raise SmartsheetError(
            f"{parts.scheme}://{parts.hostname} would show the token to anyone on the way: use https and "
            "check the certificate"
        )
    return base.rstrip("/")


def explained(problem: BaseException) -> Trouble:
    """Which kind of failure an exception of requests or urllib3 is, in our words."""
    seen = list(_inside(problem))

    def among(*kinds: type[BaseException]) -> bool:
        return any(isinstance(one, kinds) for one in seen)

    if among(ssl.SSLCertVerificationError):
        return Trouble(Kind.UNTRUSTED, "its certificate could not be checked")
    if among(broken.NameResolutionError):
        return Trouble(Kind.NEVER_SENT, "the name of the server is not known (DNS)")
    if among(broken.ProxyError):
        return Trouble(Kind.NEVER_SENT, "the proxy of the environment does not answer")
    if among(broken.NewConnectionError):
        return Trouble(Kind.NEVER_SENT, "the server refused the connection")
    if among(broken.ConnectTimeoutError):
        return Trouble(Kind.NEVER_SENT, "the server could not be reached in time")
    if among(broken.ReadTimeoutError, requests.ReadTimeout):
        return Trouble(Kind.STALLED, "the server fell silent")
    if among(broken.IncompleteRead):
        return Trouble(Kind.SHORT, "the body ended early")
    if among(broken.DecodeError):
        return Trouble(Kind.UNREADABLE, "the body could not be decompressed")
    return Trouble(Kind.DROPPED, "the connection was dropped")


def _inside(problem: BaseException) -> Iterator[BaseException]:
    """The exception and what it wraps: requests and urllib3 hold the cause in args, reason or cause."""
    pending, seen = [problem], set[int]()
    while pending:
        one = pending.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        held = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
        pending.extend(inner for inner in held if isinstance(inner, BaseException))


@contextmanager
def _unlogged(secret: bool) -> Generator[None]:
    token = _unnamed.set(secret)
    try:
        yield
    finally:
        _unnamed.reset(token)


def _may_log(record: logging.LogRecord) -> bool:
    """Drops what urllib3 says about a temporary address: whoever reads the log could fetch the file."""
    del record
    return not _unnamed.get()


logging.getLogger("urllib3.connectionpool").addFilter(_may_log)
