"""Every command that the documents show exists; those in `console` blocks run and print what is shown.

The second half proves that the check can fail, on a small program and on a changed copy of a real document.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer.main

from dsr_pipeline_tests.conftest import PROJECT
from dsr_pipeline_tests.lint.commands import (
    Known,
    Project,
    Shown,
    agrees,
    complaints,
    known_from_typer,
    shown_in,
)

DOCUMENTS = [PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *sorted((PROJECT / "docs").glob("*.md"))]
PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def real() -> Project:
    """The project as it is; fails in one sentence where the program cannot even be loaded."""
    try:
        from dsr_pipeline.cli.app import app
    except ImportError as error:
        pytest.fail(
            f"the documents cannot be checked: dsr_pipeline.cli.app cannot be loaded ({error})", pytrace=False
        )
    return Project(PROJECT, known_from_typer(typer.main.get_command(app)), PROGRAMS)


def commands_of(document: Path) -> list[Shown]:
    return shown_in(document.read_text(encoding="utf-8"), document.relative_to(PROJECT).as_posix())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_shown_exists(document: Path, real: Project) -> None:
    wrong = [text for shown in commands_of(document) for text in complaints(shown, real)]
    assert not wrong, "\n".join(wrong)


def test_the_readme_shows_the_two_commands_that_everything_starts_with() -> None:
    assert {("make", "demo"), ("make", "test")} <= {
        shown.words for shown in commands_of(PROJECT / "README.md")
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_console_blocks_run_and_print_what_is_shown(document: Path, tmp_path: Path) -> None:
    shown = [command for command in commands_of(document) if command.kind == "run"]
    if shown:
        make_home(tmp_path)
    wrong = [text for command in shown for text in run_wrongly(command, tmp_path)]
    assert not wrong, "\n".join(wrong)


def make_home(home: Path) -> None:
    """A home like the project folder: its rules and samples, an empty inbox, nothing else."""
    shutil.copytree(PROJECT / "rules", home / "rules")
    shutil.copytree(PROJECT / "data" / "samples", home / "data" / "samples")
    (home / "csv_inbox").mkdir()


def run_wrongly(shown: Shown, home: Path) -> list[str]:
    """Run one `dsr` command of a document in this home; what went otherwise than shown."""
    foreign = ("DSR_", "SMARTSHEET_", "SENTRY_", "DAGSTER_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    environment |= {"DSR_HOME": str(home), "COLUMNS": "120", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        [PROGRAMS / "dsr", *shown.words[1:]],
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode != 0:
        return [f"{shown}: ended with {done.returncode}\n{done.stdout}{done.stderr}"]
    if not agrees(shown.output, done.stdout):
        return [f"{shown}: printed otherwise than shown:\n{done.stdout}"]
    return []


def test_make_can_plan_every_target_shown() -> None:
    shown = {
        word
        for path in DOCUMENTS
        for command in commands_of(path)
        for word in command.words[1:]
        if command.words[0] == "make" and "=" not in word
    }
    done = subprocess.run(
        ["make", "--dry-run", *sorted(shown)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# --- The check itself -------------------------------------------------------------------------------------

CHECK = Known({"--help": 0, "--rules": 1, "--json": 0}, least=1, most=None)
INGEST = Known({"--help": 0, "--out": 1}, required=("--out",), least=1, most=1)
SMALL = Known(
    {"--help": 0, "--debug": 0},
    children={
        "inbox": Known({"--help": 0}, children={"check": CHECK}, runs_alone=False),
        "demo": Known({"--help": 0, "--serve": 0, "--port": 1}),
        "ingest": INGEST,
    },
    runs_alone=False,
)


def judged(markdown: str) -> list[str]:
    project = Project(PROJECT, SMALL, PROGRAMS)
    return [text for shown in shown_in(markdown, "page.md") for text in complaints(shown, project)]


@pytest.mark.parametrize(
    "markdown",
    [
        "Use `dsr inbox check`, `dsr inbox check FILE... [--rules DIR]` or `dsr --debug demo`.",
        "```sh\nmake demo && dsr inbox check a.csv b.csv --rules=x | head -3  # comment\n```".replace(
            " | head -3", ""
        ),
        "```sh\nCI=true .ci/run\ndsr inbox check \\\n  a.csv --json > out.json\n```",
        '```powershell\n$env:DSR_HOME = "C:\\money"\n.venv\\Scripts\\dsr demo `\n  --port 3000\n```',
        "```powershell\npython .ci\\bootstrap.py dev\n```",
        "```sh\ndsr inbox check a.csv > out.txt 2>&1\n```",
        "```sh\ndsr ingest csv_inbox --out=out --debug\n```",
        "```yaml\ndsr: nonsense --here\n```",
        "```sh\nmake bench NAME=bank\ndsr inbox --help\n```",
        "`make` alone, `dsr` alone, and `made of straw`.",
    ],
)
def test_a_right_document_is_passed(markdown: str) -> None:
    assert judged(markdown) == []


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        (
            "Use `dsr inbx check`.",
            "page.md:1: `dsr inbx check`: `dsr` has no command inbx; it has demo, inbox, ingest",
        ),
        (
            "One\n\n```sh\ndsr demo --sreve\n```",
            "page.md:4: `dsr demo --sreve`: `dsr demo` has no option --sreve",
        ),
        ("```sh\ncd x && dsr demo --port\n```", "--port needs a value"),
        ("```sh\ndsr inbox check\n```", "needs 1 arguments, not 0"),
        ("```sh\ndsr ingest csv_inbox\n```", "`dsr ingest` needs --out"),
        ("```sh\ndsr demo now\n```", "takes at most 0 arguments, not 1"),
        ("```sh\ndsr inbox\n```", "needs one of its commands: check"),
        ("```sh\ndsr demo | dsr nothing\n```", "has no command nothing"),
        ("```powershell\n.venv\\Scripts\\dsr nothing\n```", "has no command nothing"),
        ("```powershell\npy .ci\\nothing.py\n```", "there is no file .ci/nothing.py"),
        ("Say `make everything`.", "the Makefile has no target everything"),
        ("Say `make test THING=1`.", "the Makefile reads no THING"),
        ("Run `.ci/walk`.", "there is no file .ci/walk"),
        ("```sh\n.venv/bin/nothing\n```", "nothing is not installed"),
        ("```sh\nfrobnicate\n```", "frobnicate is not a program that this check knows"),
        ("```console\n$ make test\n```", "holds `$ dsr …` alone"),
        ("`dsr demo|nothing`", "has no command nothing"),
    ],
)
def test_a_wrong_document_is_told(markdown: str, said: str) -> None:
    assert [text for text in judged(markdown) if said in text], judged(markdown)


def test_a_changed_copy_of_the_readme_is_told(real: Project) -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    changed = text.replace("make demo", "make dmeo").replace("dsr ", "dsr nothing ")
    wrong = [told for shown in shown_in(changed, "README.md") for told in complaints(shown, real)]
    assert any("no target dmeo" in told for told in wrong)


@pytest.mark.parametrize(
    ("words", "output", "said"),
    [
        (("dsr", "--version"), ("dsr …",), ""),
        (("dsr", "--version"), ("dsr of old",), "printed otherwise than shown"),
        (("dsr", "nothing"), (), "ended with 2"),
    ],
)
def test_a_command_that_runs_otherwise_is_told(
    words: tuple[str, ...], output: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    told = run_wrongly(Shown("page.md", 1, "run", words, output), tmp_path)
    assert bool(told) == bool(said)
    assert said in "".join(told)


def test_a_command_tree_is_read_from_typer() -> None:
    app, inbox = typer.Typer(), typer.Typer()
    app.add_typer(inbox, name="inbox")

    @inbox.command()
    def check(files: list[str], rules: str = "", deep: bool = False) -> None:  # pyright: ignore[reportUnusedFunction]
        del files, rules, deep

    @app.command()
    def sql(query: str, out: str = typer.Option(...)) -> None:  # pyright: ignore[reportUnusedFunction]
        del query, out

    known = known_from_typer(typer.main.get_command(app))
    assert (known.children["sql"].least, known.children["sql"].most) == (1, 1)
    assert known.children["sql"].required == ("--out",)
    found = known.children["inbox"].children["check"]
    assert found.options == {"-h": 0, "--help": 0, "--rules": 1, "--deep": 0, "--no-deep": 0}
    assert (found.least, found.most) == (1, None)
    assert not known.children["inbox"].runs_alone


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ((), "anything", True),
        (("rows 3",), "rows    3\n", True),
        (("rows 3",), "rows 4\n", False),
        (("rows 3",), "rows 3\nand more\n", False),
        (("first", "…", "last"), "first\na\nb\nlast\n", True),
        (("first", "…", "last"), "first\na\nb\n", False),
        (("took … s", "done."), "took 1.25 s\ndone.\n", True),
        (("took … s", "done."), "took 1.25 s\ndone!\n", False),
    ],
)
def test_shown_output_is_compared(expected: tuple[str, ...], printed: str, same: bool) -> None:
    assert agrees(expected, printed) is same


def test_a_console_block_keeps_its_output_and_its_order() -> None:
    text = "```console\n$ dsr demo\nmade 3 tables\n\n$ dsr inbox check a.csv\n```"
    first, second = shown_in(text, "page.md")
    assert (first.kind, first.words, first.output) == ("run", ("dsr", "demo"), ("made 3 tables",))
    assert (second.line, second.output) == (5, ())
