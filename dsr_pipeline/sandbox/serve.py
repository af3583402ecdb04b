"""The stand-in on a port of this machine: a thread for tests and demo, the foreground for `dsr sandbox`.

Lives here: uvicorn, the port, optional TLS, a clean end, and the handle that lets `breakage` drop a
connection. Always 127.0.0.1. Called by `cli.sandbox`, the demo and the tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import socket
import struct
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import HANDLED_SIGNALS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"
START_SECONDS = 30
STOP_SECONDS = 10
TICKS_PER_TENTH = 5
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER on, 0 s: closing sends RST instead of FIN, so that the client sees a reset and no polite end."""


class CannotServe(Exception):
    """The server did not come up; the text names the port and the mend."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """The PEM files of a server over TLS."""

    certificate: Path
    key: Path


@dataclass(slots=True)
class Running:
    """A stand-in that answers, and the way to end it."""

    port: int
    token: str
    scheme: str
    _server: uvicorn.Server = field(repr=False)
    _thread: threading.Thread = field(repr=False)

    @property
    def root(self) -> str:
        """Scheme, host and port: the control surface lies below."""
        return f"{self.scheme}://{LOOPBACK}:{self.port}"

    @property
    def base(self) -> str:
        """The address that an SDK takes as `api_base`."""
        return f"{self.root}/2.0"

    def stop(self) -> None:
        """End the server and wait for it; requests under way are dropped. A second call does nothing."""
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(STOP_SECONDS)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Line:
    """One connection, as `breakage` sees it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def drop(self) -> None:
        """End it with a reset; what was not sent is lost."""
        raw = self._transport.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._transport.abort()

    def hang_up(self) -> None:
        """End it after what was written has been sent."""
        self._transport.close()


class _Protocol(H11Protocol):
    """uvicorn's HTTP with the connection in the state of every request on it."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Each connection gets a state of its own; uvicorn copies it into the scope of its requests."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "line": _Line(transport)}


class _Server(uvicorn.Server):
    """A server that leaves the signals of the process alone: it may live in a thread beside other work."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Nothing to capture."""
        yield

    async def main_loop(self) -> None:
        """Look often whether the end has come: tests start and stop hundreds of servers."""
        for tick in itertools.count():
            if await self.on_tick(tick // TICKS_PER_TENTH):
                return
            await asyncio.sleep(0.1 / TICKS_PER_TENTH)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drop what is under way: a cancelled request would be answered with a 500 that no rule asked for."""
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        # What waits for its client learns in the next turn of the loop that the client is gone.
        await asyncio.sleep(0)


class _Foreground(_Server):
    """A server that tells when it is up, and ends on Ctrl-C or SIGTERM as if it had been asked to."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """uvicorn would raise the signal again at the end: files would stay, the exit code would lie."""
        before = {number: signal.signal(number, self.handle_exit) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then say so."""
        await super().startup(sockets)
        self._ready()


def serve(app: ASGIApp, *, port: int = 0, token: str, certificate: Certificate | None = None) -> Running:
    """Start a server in a thread of this process; it answers when this returns. Raises `CannotServe`."""
    listener = _listen(port)
    server = _Server(_config(app, certificate))
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, name="smartsheet-stand-in", daemon=True
    )
    thread.start()
    bound = int(listener.getsockname()[1])
    running = Running(bound, token, "https" if certificate else "http", server, thread)
    ready = threading.Event()
    for _ in range(START_SECONDS * 100):
        if server.started:
            return running
        if not thread.is_alive():
            break
        ready.wait(0.01)
    running.stop()
    raise CannotServe(f"the stand-in did not come up on port {bound}: start it again")


def serve_in_foreground(
    app: ASGIApp,
    *,
    port: int,
    ready: Callable[[str], None],
    certificate: Certificate | None = None,
) -> None:
    """Serve until Ctrl-C or SIGTERM. `ready` is told the root address once requests are answered."""
    listener = _listen(port)
    scheme = "https" if certificate else "http"
    address = f"{scheme}://{LOOPBACK}:{listener.getsockname()[1]}"
    _Foreground(_config(app, certificate), lambda: ready(address)).run(sockets=[listener])


def _listen(port: int) -> socket.socket:
    """A bound socket: whoever gets the address can already connect."""
    # With the protocol named asyncio turns Nagle off; else every answer waits 40 ms for an acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        # A port that was just left can be taken again. On Windows the same would take one that is in use.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
    except OSError as error:
        listener.close()
        raise CannotServe(
            f"port {port} of {LOOPBACK} cannot be used ({error.strerror}): name another with --port"
        ) from error
    return listener


def _config(app: ASGIApp, certificate: Certificate | None) -> uvicorn.Config:
    files: dict[str, Any] = {}
    if certificate is not None:
        files = {
            "ssl_certfile": str(certificate.certificate),
            "ssl_keyfile": str(certificate.key),
        }
    return uvicorn.Config(
        app,
        http=_Protocol,
        # One loop everywhere: with another one a dropped connection would look different to the client.
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
        **files,
    )
