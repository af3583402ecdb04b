"""Makes this project's own environment from nothing but Python: `.uv` (the installer) and `.venv`.

Called by the Makefile, and by hand on Windows: `python .ci/bootstrap.py runtime|dev|lock`. Standard library
only, because it runs before anything is installed. Runs in a blink when nothing changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
INSTALLER = ROOT / ".uv"
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / ".dsr-environment.json"
SCRIPTS, SUFFIX = ("Scripts", ".exe") if os.name == "nt" else ("bin", "")

# What each step installs. A later one contains the earlier ones, so `make demo` after `make test` has nothing
# to do and takes nothing away.
LEVELS = {"runtime": "pdf.lock", "dev": "dev.lock"}

# Lock file → extras of pyproject.toml. Those after base take its versions over, so that they agree.
LOCKS: dict[str, tuple[str, ...]] = {
    "base.lock": (),
    "dev.lock": ("dev", "pdf"),
    "pdf.lock": ("pdf",),
    "scale.lock": ("scale",),
}


class SetupError(Exception):
    """The environment cannot be made; the text says what to do."""


def main(arguments: list[str]) -> int:
    """Bring the environment to the level named, or write the lock files anew; 0 done, 2 could not."""
    try:
        check_python()
        # No `match` here: an older Python must get as far as `check_python` to be told.
        if len(arguments) == 1 and arguments[0] in LEVELS:
            ensure(arguments[0])
        elif arguments in (["lock"], ["lock", "--upgrade"]):
            lock(upgrade="--upgrade" in arguments)
        else:
            raise SetupError("say one of: runtime, dev, lock [--upgrade]")
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"setup: this command failed: {' '.join(map(str, error.cmd))}", file=sys.stderr)
        return 2
    return 0


def check_python() -> None:
    """Refuse a Python that the locked packages do not support."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 14):
        found = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(f"needs Python 3.11 to 3.14, but this is {found} ({sys.executable})")


def ensure(level: str) -> None:
    """Make `.venv` hold exactly what the lock file of this level names, and this project as editable."""
    stamp = read_stamp()
    names = list(LEVELS)
    if stamp.get("level") in names and names.index(stamp["level"]) > names.index(level):
        level = stamp["level"]
    wanted = {"level": level, "python": sys.version.split()[0], "inputs": digest(level)}
    if stamp == wanted | {"python": stamp.get("python", "")}:
        return
    uv = find_uv()
    if not environment_runs():
        say("making .venv")
        run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, ENVIRONMENT)
    STAMP.unlink(missing_ok=True)
    say(f"installing what requirements/{LEVELS[level]} names")
    python = ENVIRONMENT / SCRIPTS / f"python{SUFFIX}"
    lock_file = REQUIREMENTS / LEVELS[level]
    run(uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, lock_file)
    constraint = ("--build-constraints", REQUIREMENTS / "build.lock")
    run(uv, "pip", "install", "--quiet", "--no-deps", *constraint, "--python", python, "--editable", ROOT)
    run(uv, "pip", "check", "--quiet", "--python", python)
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")
    say("ready")


def lock(*, upgrade: bool) -> None:
    """Write every lock file: exact versions and hashes for all platforms, no index, no path."""
    uv = find_uv()
    compile_ = [
        uv,
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--generate-hashes",
        "--python-version",
        "3.11",
    ]
    compile_ += [
        "--no-annotate",
        "--custom-compile-command",
        "make lock",
        *(["--upgrade"] if upgrade else []),
    ]
    for source in ("bootstrap", "build"):
        run(*compile_, f"requirements/{source}.in", "--output-file", f"requirements/{source}.lock")
    for name, extras in LOCKS.items():
        options = [option for extra in extras for option in ("--extra", extra)]
        if name != "base.lock":
            options += ["--constraints", "requirements/base.lock"]
        run(*compile_, "pyproject.toml", *options, "--output-file", f"requirements/{name}")
        say(f"wrote requirements/{name}")


def find_uv() -> str:
    """The uv on the PATH, or else the project's own in `.uv`, installed there when it is absent."""
    if found := shutil.which("uv"):
        return found
    own = [INSTALLER / SCRIPTS / f"uv{SUFFIX}", INSTALLER / "packages" / "bin" / f"uv{SUFFIX}"]
    for candidate in own:
        if runs(candidate, "--version"):
            return str(candidate)
    say("installing uv into .uv")
    install_uv()
    for candidate in own:
        if runs(candidate, "--version"):
            return str(candidate)
    raise SetupError("uv was installed into .uv but does not run: remove .uv and try again")


def install_uv() -> None:
    """Install uv with this Python's own venv, else with its pip, else after adding venv by apt."""
    source = [
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
        REQUIREMENTS / "bootstrap.lock",
    ]
    shutil.rmtree(INSTALLER, ignore_errors=True)
    if not runs(sys.executable, "-c", "import ensurepip, venv"):
        if runs(sys.executable, "-m", "pip", "--version"):
            run(sys.executable, "-m", "pip", "install", "--target", INSTALLER / "packages", *source)
            return
        add_venv_by_apt()
    run(sys.executable, "-m", "venv", INSTALLER)
    run(INSTALLER / SCRIPTS / f"python{SUFFIX}", "-m", "pip", "install", *source)


def add_venv_by_apt() -> None:
    """Debian and Ubuntu ship Python without venv and pip: add it when this is root, else say how."""
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0 or not sys.executable.startswith("/usr/bin/"):
        raise SetupError(
            f"this Python ({sys.executable}) has neither venv nor pip. On Debian or Ubuntu: "
            f"`sudo apt-get install {package}`; or install uv; then try again"
        )
    say(f"installing {package}")
    run(apt, "update", "-qq")
    run(apt, "install", "-y", "-qq", "--no-install-recommends", package)


def environment_runs() -> bool:
    """Whether `.venv` has a Python that starts and that the locked packages support."""
    check = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))"
    return runs(ENVIRONMENT / SCRIPTS / f"python{SUFFIX}", "-c", check)


def digest(level: str) -> str:
    """One hash over everything that decides what is installed, and where the project lies."""
    inputs = [ROOT / "pyproject.toml", REQUIREMENTS / LEVELS[level], REQUIREMENTS / "build.lock"]
    content = b"".join(hashlib.sha256(path.read_bytes()).digest() for path in inputs)
    # An editable install holds an absolute path: a folder that was moved needs a new one.
    return hashlib.sha256(content + os.fsencode(ROOT)).hexdigest()


def read_stamp() -> dict[str, str]:
    """What was installed last, or nothing where that is unknown or the environment no longer runs."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) and environment_runs() else {}


def runs(*command: str | Path) -> bool:
    """Whether a command starts and ends well; what it prints is of no interest."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run(*command: str | Path) -> None:
    """Run a command in the project folder; its failure is ours."""
    # The environment to fill is named by option; an active one must not be taken instead. A Python that is
    # missing is told, never downloaded.
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    environment.setdefault("UV_PYTHON_DOWNLOADS", "never")
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def say(text: str) -> None:
    """One plain line of progress."""
    print(f"setup: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
