"""The Dagster UI on a home, on this machine only, until somebody stops it.

Lives here: the child process, its port and its end. Called by `demo`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import psutil

from dsr_pipeline.cli import screen

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from types import FrameType

    from rich.console import Console

    from dsr_pipeline.settings import Settings

LOCALHOST = "127.0.0.1"
PREFERRED_PORT = 3000
START_SECONDS = 120
"""`dagster dev` is five processes and takes 17 s on a quiet machine, 50 s on a busy one."""
END_SECONDS = 15


class ServingFailed(RuntimeError):
    """The UI did not come up; its own words are in the log that the text names."""


def free_port(preferred: int = PREFERRED_PORT) -> int:
    """The preferred port where it is free, else any free one."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            try:
                probe.bind((LOCALHOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServingFailed("no port of this machine is free")


def serve_ui(settings: Settings, port: int, console: Console, also: str = "") -> None:
    """Start the UI with sensors and schedules, tell its address, wait for Ctrl-C or SIGTERM.

    `also` is what else runs meanwhile, told below the address. Raises `ServingFailed`.
    """
    if not _is_free(port):
        raise ServingFailed(f"port {port} is taken by another program: name another with --port")
    log = settings.dagster_home / "ui.log"
    workspace = settings.dagster_home / "workspace.yaml"
    workspace.write_text(
        "load_from:\n"
        "  - python_module: {module_name: dsr_pipeline.definitions, location_name: dsr_pipeline}\n",
        encoding="utf-8",
    )
    with log.open("wb") as output, _ended_by_signals():
        # A session of its own: Ctrl-C reaches this process first, which then ends the others in order.
        server = subprocess.Popen(
            [sys.executable, "-m", "dagster", "dev", "-w", str(workspace), "-h", LOCALHOST, "-p", str(port)],
            cwd=settings.home,
            env=_environment(settings),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_up(server, port, log)
            console.print(f"\nThe Dagster UI is at [bold]http://{LOCALHOST}:{port}[/] (Ctrl-C ends it)")
            if also:
                console.print(also, markup=False, soft_wrap=True)
            console.file.flush()
            server.wait()
            raise ServingFailed(f"the Dagster UI ended by itself: {log} says why")
        except KeyboardInterrupt:
            screen.stderr().print("ending the Dagster UI")
        finally:
            _end(server)


@contextlib.contextmanager
def _ended_by_signals() -> Generator[None]:
    """Take SIGTERM for Ctrl-C, and hear Ctrl-C also where a shell started us in the background.

    Else the five processes of the UI, which have a session of their own, would outlive this one.
    """
    before = {number: signal.signal(number, _interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _environment(settings: Settings) -> dict[str, str]:
    """The demo's own home and its stand-in, and none of the user's secrets."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("DSR_", "SMARTSHEET_"))}
    ours.pop("SENTRY_DSN", None)
    if settings.smartsheet_token is not None:
        # Told by the environment alone, so that neither stands in a file.
        ours["SMARTSHEET_API_BASE"] = settings.smartsheet_base
        ours["SMARTSHEET_API_TOKEN"] = settings.smartsheet_token.get_secret_value()
    return ours | {
        "DSR_HOME": str(settings.home),
        "DSR_TIMEZONE": settings.timezone,
        "DAGSTER_HOME": str(settings.dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
    }


def _wait_until_up(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    screen.stderr().print("starting the Dagster UI …")
    while time.monotonic() < until:
        if server.poll() is not None:
            raise ServingFailed(f"the Dagster UI did not start: {log} says why")
        try:
            with urllib.request.urlopen(f"http://{LOCALHOST}:{port}/server_info", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise ServingFailed(f"the Dagster UI did not answer within {START_SECONDS} s: {log} says why")


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop, then insist, with every process that it started."""
    try:
        parent = psutil.Process(server.pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    if sys.platform != "win32":
        # There Ctrl-C reaches the server too; here it has a session of its own and must be told.
        server.send_signal(signal.SIGINT)
    _, left = psutil.wait_procs(family, timeout=END_SECONDS)
    for insist in (psutil.Process.terminate, psutil.Process.kill):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                insist(process)
        _, left = psutil.wait_procs(left, timeout=END_SECONDS)
    server.wait()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOCALHOST, port))
        except OSError:
            return False
    return True
