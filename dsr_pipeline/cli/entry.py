"""Where `dsr` begins and ends: arguments in, exit code out, every fault one clear sentence.

The commands are declared in `app`. Exit codes everywhere: 0 done and clean, 1 done but something needs a
person, 2 could not run.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from typer import Abort, Exit, TyperException
from typer.main import get_command

if TYPE_CHECKING:
    from collections.abc import Sequence

CLEAN, NEEDS_A_PERSON, COULD_NOT_RUN = 0, 1, 2
OWN_ERRORS = "dsr_pipeline."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the result is the exit code of the process."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = _take_debug(words)
    try:
        return _run(words)
    except BrokenPipeError:
        return _reader_is_gone()
    except SystemExit as leave:
        # rich turns a broken pipe into an exit with 1, which here would mean that something needs a person.
        if isinstance(leave.__context__, BrokenPipeError):
            return _reader_is_gone()
        raise
    except (KeyboardInterrupt, Abort):
        tell("stopped; what was finished before stays, the rest can be run again")
        return COULD_NOT_RUN
    except Exception as error:  # noqa: BLE001 - the one place where every fault ends as a sentence, not a traceback
        if debug:
            import traceback

            traceback.print_exc()
        tell(sentence(error))
        return COULD_NOT_RUN


def tell(text: str) -> None:
    """One fault on stderr, marked as ours."""
    print(f"dsr: {text}", file=sys.stderr, flush=True)


def sentence(error: BaseException) -> str:
    """What a fault means to the person at the keyboard, and the mend."""
    if isinstance(error, TyperException):
        return _usage(error)
    if type(error).__module__.startswith(OWN_ERRORS):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "no message")
    return (
        f"unexpected {type(error).__name__}: {first} (a fault of the program; the same command with --debug "
        "prints where it happened)"
    )


def _run(words: Sequence[str]) -> int:
    from dsr_pipeline.cli.app import app

    command = get_command(app)
    try:
        with command.make_context("dsr", list(words)) as context:
            code = command.invoke(context)
    except Exit as leave:
        return leave.exit_code
    return code if isinstance(code, int) else CLEAN


def _reader_is_gone() -> int:
    # `| head` has seen enough. Python flushes stdout once more at exit: let it go nowhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return CLEAN


def _take_debug(words: list[str]) -> bool:
    """`--debug` may stand anywhere before a `--`; it belongs to no single command."""
    end = words.index("--") if "--" in words else len(words)
    found = "--debug" in words[:end]
    words[:end] = [word for word in words[:end] if word != "--debug"]
    return found


def _usage(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "dsr"
    message = error.format_message().rstrip(".")
    return f"{message} (say `{path} --help`)"
