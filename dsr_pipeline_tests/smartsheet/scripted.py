"""A server that answers by a script, byte for byte: for faults that no well-behaved server produces.

Each request takes the next step of the script; what came is kept. A step gets the connection and the
request and says whether the connection stays open.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from dsr_pipeline.smartsheet.client import SmartsheetClient
from dsr_pipeline.smartsheet.limiter import NoLimiter
from dsr_pipeline.smartsheet.retry import RetryPolicy

TOKEN = "tok-5f1c9a-never-to-be-seen"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


Step = Callable[[socket.socket, Request], bool]


@dataclass
class Script:
    """The server: its address, its steps and the requests that came."""

    port: int = 0
    steps: list[Step] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    open: bool = True

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}/2.0"

    def then(self, *steps: Step) -> None:
        self.steps.extend(steps)

    def paths(self) -> list[str]:
        return [f"{request.method} {request.path}" for request in self.requests]


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Step:
    """A whole answer: JSON, or bytes as they are."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    held = {"Content-Type": "application/json;charset=UTF-8", "Content-Length": str(len(data))}
    held |= dict(headers or {})

    def step(connection: socket.socket, request: Request) -> bool:
        head = "".join(f"{name}: {value}\r\n" for name, value in held.items())
        connection.sendall(f"HTTP/1.1 {status} Told\r\n{head}\r\n".encode() + data)
        return True

    return step


def problem(status: int, code: int, message: str = "No.", **headers: str) -> Step:
    """A refusal as the API words it."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer({"errorCode": code, "message": message, "refId": f"ref-{code}"}, status, told)


def web_page(status: int) -> Step:
    return answer(b"<html>502 Bad Gateway</html>", status, {"Content-Type": "text/html"})


def drop(connection: socket.socket, request: Request) -> bool:
    """The connection is reset without an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def cut(body: bytes, keep: int) -> Step:
    """An answer that says how long it is and ends early."""

    def step(connection: socket.socket, request: Request) -> bool:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body[:keep])
        return False

    return step


def drip(body: bytes, seconds: float) -> Step:
    """An answer whose bytes come one by one, each after some seconds of silence."""

    def step(connection: socket.socket, request: Request) -> bool:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode())
        for place in range(len(body)):
            time.sleep(seconds)
            try:
                connection.sendall(body[place : place + 1])
            except OSError:
                return False
        return True

    return step


def silence(connection: socket.socket, request: Request) -> bool:
    """Nothing comes until the client gives up."""
    connection.settimeout(10)
    with suppress(OSError):
        connection.recv(1)
    return False


@contextmanager
def serving(*steps: Step) -> Iterator[Script]:
    script = Script(steps=list(steps))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    script.port = listener.getsockname()[1]
    threads: list[threading.Thread] = []

    def accept() -> None:
        while script.open:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            script.connections += 1
            thread = threading.Thread(target=_talk, args=(connection, script), daemon=True)
            thread.start()
            threads.append(thread)

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield script
    finally:
        script.open = False
        accepting.join()
        listener.close()


def _talk(connection: socket.socket, script: Script) -> None:
    with connection:
        connection.settimeout(10)
        stream = connection.makefile("rb")
        while script.open:
            try:
                request = _read(stream)
            except OSError:
                return
            if request is None:
                return
            script.requests.append(request)
            step = script.steps.pop(0) if script.steps else answer(b"script ended", 599)
            if not step(connection, request):
                stream.close()
                return


def _read(stream: Any) -> Request | None:
    line = stream.readline().decode()
    if not line:
        return None
    method, target, _ = line.split(" ", 2)
    headers: dict[str, str] = {}
    while (line := stream.readline().decode().strip()) != "":
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    path, _, query = target.partition("?")
    return Request(method, path, query, headers, stream.read(int(headers.get("content-length", 0))))


@dataclass
class Noting:
    """A limiter that never waits and notes what it was asked."""

    spent: list[int] = field(default_factory=list)
    paused: list[float] = field(default_factory=list)

    def acquire(self, cost: int) -> float:
        self.spent.append(cost)
        return 0.0

    def pause(self, seconds: float) -> None:
        self.paused.append(seconds)


@dataclass
class Time:
    """A clock that runs with the real one and jumps ahead when somebody sleeps."""

    ahead: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.ahead += seconds

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@dataclass
class Client:
    """A client under test with what it said and how long it slept."""

    client: SmartsheetClient
    time: Time
    events: list[str]


def client_of(base: str, *, token: str = TOKEN, policy: RetryPolicy | None = None, **more: Any) -> Client:
    """A client against a local server; sleeping takes no time, silence is over after a moment."""
    clock, events = Time(), list[str]()
    options: dict[str, Any] = {
        "limiter": NoLimiter(),
        "policy": policy or RetryPolicy(read_seconds=1),
        "sleep": clock.sleep,
        "monotonic": clock.monotonic,
        "on_event": events.append,
    }
    return Client(SmartsheetClient(token, base, **(options | more)), clock, events)


def sheet_body(
    sheet_id: int = 5, version: int = 7, rows: int = 1, total: int | None = None
) -> dict[str, Any]:
    """A page of a sheet with one column."""
    return {
        "id": sheet_id,
        "name": "Work units",
        "version": version,
        "totalRowCount": rows if total is None else total,
        "columns": [{"id": 11, "index": 0, "title": "Key", "type": "TEXT_NUMBER", "primary": True}],
        "rows": [
            {"id": 100 + n, "rowNumber": n + 1, "cells": [{"columnId": 11, "value": f"k{n}"}]}
            for n in range(rows)
        ],
    }
