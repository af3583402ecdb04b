"""Where `dsr` begins and ends: exit codes, sentences instead of tracebacks, and what is not loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from dsr_pipeline.cli import app as commands
from dsr_pipeline.cli.entry import main
from dsr_pipeline.rule_files import RuleFileError

HEAVY = ("dagster", "pandas", "duckdb", "pyarrow", "pandera", "openpyxl", "pydantic_settings")


def test_help_loads_none_of_the_heavy_libraries() -> None:
    """A command that takes seconds to say what it can do is not asked again."""
    code = (
        "import json, sys, io, contextlib\n"
        "from dsr_pipeline.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()) as said:\n"
        "    codes = [main([]), main(['--help']), main(['ingest', '--help']), main(['--version'])]\n"
        f"print(json.dumps([codes, said.getvalue(), [n for n in {HEAVY!r} if n in sys.modules]]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    codes, said, loaded = json.loads(done.stdout)
    assert codes[1:] == [0, 0, 0]
    assert "inbox" in said
    assert loaded == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["frobnicate"], "dsr: No such command 'frobnicate'"),
        (["ingest", "somewhere"], "dsr: Missing option '--out'"),
        (["ingest", "--frob"], "(say `dsr ingest --help`)"),
        (["demo", "--port", "0"], "Invalid value for '--port'"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_2(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert len(err.strip().splitlines()) == 1


def run_body(monkeypatch: pytest.MonkeyPatch, fault: BaseException | None, *words: str) -> int:
    """Run a command whose work raises `fault`."""
    app = typer.Typer()

    @app.callback()
    def _(debug: bool = False) -> None: ...

    @app.command()
    def work(number: int = 0) -> int:
        if fault is not None:
            raise fault
        return number

    monkeypatch.setattr(commands, "app", app)
    return main(["work", *words])


def test_what_a_command_returns_is_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_body(monkeypatch, None) == 0
    assert run_body(monkeypatch, None, "--number", "1") == 1


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (RuleFileError(Path("rules/a.yaml"), 7, "unknown key 'x'"), "dsr: rules/a.yaml:7: unknown key 'x'\n"),
        (
            FileNotFoundError(2, "No such file or directory", "a.csv"),
            "dsr: a.csv: No such file or directory\n",
        ),
        (
            NotADirectoryError("x is not a folder: name one"),
            "dsr: x is not a folder: name one\n",
        ),
        (KeyError("oops"), "dsr: unexpected KeyError: 'oops' (a fault of the program; the same command with"),
        (KeyboardInterrupt(), "dsr: stopped"),
    ],
)
def test_every_fault_ends_as_one_sentence_and_2(
    fault: BaseException, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_body(monkeypatch, fault) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert "Traceback" not in err


@pytest.mark.parametrize("words", [["--debug"], ["--number", "1", "--debug"]])
def test_a_traceback_comes_with_debug_alone_wherever_it_stands(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_body(monkeypatch, KeyError("oops"), *words) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_is_no_fault() -> None:
    """`dsr --help | head -1` ended with a traceback of BrokenPipeError in many a program."""
    program = "import sys; from dsr_pipeline.cli import main; sys.exit(main(['--help']))"
    command = f'{sys.executable} -c "{program}" | head -c 1 > /dev/null; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
    assert done.stderr == ""
