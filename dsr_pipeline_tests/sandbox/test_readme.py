"""The stand-in's README and its code say the same: endpoints, parameters, fault kinds, control surface."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main
from starlette.routing import Route

import dsr_pipeline.sandbox
from dsr_pipeline.cli.app import app
from dsr_pipeline.sandbox.app import all_routes
from dsr_pipeline.sandbox.control import Control
from dsr_pipeline.sandbox.faults import KINDS, FaultBook
from dsr_pipeline.sandbox.options import Options
from dsr_pipeline.sandbox.params import Words
from dsr_pipeline.sandbox.switches import Change, Switches
from dsr_pipeline_tests.conftest import PROJECT
from dsr_pipeline_tests.lint.commands import Project, complaints, known_from_typer, shown_in
from dsr_pipeline_tests.standin import StandIn

TEXT = (Path(dsr_pipeline.sandbox.__file__).parent / "README.md").read_text(encoding="utf-8")
BASES = {"documented", "observed", "guessed"}
CODE = re.compile(r"`([^`]+)`")


def table(heading: str) -> Iterator[list[str]]:
    """The rows below the first header line that begins with these words."""
    inside = False
    for line in TEXT.splitlines():
        if line.startswith(heading):
            inside = True
        elif inside and not line.startswith(("|", "<!--")):
            return
        elif inside and line.startswith("|") and not line.startswith("|---"):
            yield [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def unnamed(path: str) -> str:
    """A path without the names of its ids: `/sheets/{}`."""
    return re.sub(r"\{\w+\}", "{}", path)


def lines() -> Iterator[tuple[str, str, str, str]]:
    """(endpoint, parameter, basis, behaviour); a line without an endpoint goes on with the one before."""
    endpoint = ""
    for first, names, basis, behaviour in table("| endpoint |"):
        if first:
            (endpoint,) = CODE.findall(first)
            endpoint = unnamed(endpoint)
        for name in CODE.findall(names) or [""]:
            yield endpoint, name, basis, behaviour


def listed() -> list[tuple[str, str, str]]:
    """Every line without its behaviour."""
    return [(endpoint, name, basis) for endpoint, name, basis, _ in lines()]


def declared() -> set[tuple[str, str]]:
    """(endpoint, parameter) of the code; every endpoint stands there once more without one."""
    return {
        (f"{route.method} {unnamed(route.path)}", name)
        for route in all_routes()
        for name in ("", *route.params)
    }


def test_every_endpoint_and_parameter_of_the_code_is_in_the_table_and_no_other() -> None:
    shown = {(endpoint, name) for endpoint, name, _ in listed()}
    assert sorted(declared() - shown) == [], "served but not listed"
    assert sorted(shown - declared()) == [], "listed but not served"


def test_no_line_stands_twice_and_each_says_what_it_rests_on() -> None:
    lines = [(endpoint, name) for endpoint, name, _ in listed()]
    assert len(lines) == len(set(lines))
    for endpoint, name, basis in listed():
        assert set(re.split(r",\s*", basis)) <= BASES, (endpoint, name, basis)


def test_the_words_that_a_parameter_takes_are_named_and_no_others() -> None:
    taken = {
        (f"{route.method} {unnamed(route.path)}", name): set(reader.allowed)
        for route in all_routes()
        for name, reader in route.params.items()
        if isinstance(reader, Words)
    }
    told: dict[str, str] = {}
    for endpoint, name, _, behaviour in lines():
        # "as for a sheet" means the line before that has the same parameter.
        if not behaviour.startswith("as "):
            told[name] = behaviour
        if (endpoint, name) in taken:
            assert set(CODE.findall(told[name])) == taken[endpoint, name], (endpoint, name)


NOT_BUILT = "Not built, 400/1032: "


def not_built() -> list[tuple[str, str, str]]:
    """(endpoint, what has the attribute, attribute) of everything that the table says is refused."""
    found: list[tuple[str, str, str]] = []
    for endpoint, name, _, behaviour in lines():
        if name or NOT_BUILT not in behaviour:
            continue
        told = behaviour.split(NOT_BUILT)[1].split(". ")[0]
        parts = re.findall(r"((?:`\w+`(?:, )?)+)(?: of (rows|cells))?", told)
        for names, owner in parts:
            found += [(endpoint, owner or "sheets", each) for each in CODE.findall(names)]
    return found


def test_what_is_said_to_be_refused_is_refused(stand_in: StandIn) -> None:
    sheet = stand_in.sheet(rows=[{"Work Request #": "WR-1"}])
    place = stand_in.workspace()
    folder = stand_in.http("POST", f"/workspaces/{place}/folders", json={"name": "f"}).json()["result"]["id"]
    assert {owner for _, owner, _ in not_built()} == {"sheets", "cells"}
    for endpoint, owner, name in not_built():
        method, path = endpoint.split()
        kind = path.split("/")[1]
        where = path.replace("{}", str({"sheets": sheet.id, "workspaces": place, "folders": folder}[kind]))
        cell = {"columnId": sheet.columns["Quantity"], "value": 1}
        row: dict[str, Any] = {"cells": [cell]} | ({"id": sheet.rows[0]} if method == "PUT" else {})
        column = {"title": "a", "type": "TEXT_NUMBER", "primary": True}
        body = {"name": "s", "columns": [column]} if owner == "sheets" else row
        if name == "linkInFromCell":
            del cell["value"]
        (cell if owner == "cells" else body)[name] = {"sheetId": 1}
        assert stand_in.http(method, where, json=body).json().get("errorCode") == 1032, (endpoint, name)


def test_every_fault_is_described_and_no_other() -> None:
    assert {CODE.findall(kind)[0] for kind, *_ in table("| kind |")} == set(KINDS)


def test_the_control_surface_is_described_and_no_more(stand_in: StandIn) -> None:
    async def nothing(*_: object) -> None: ...

    switches = Switches(Options(token_for_urls=str))
    control = Control(
        nothing, store=stand_in.store, clock=stand_in.clock, book=FaultBook(), switches=switches
    )
    served = {
        (method, route.path)
        for route in control.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert {(method, CODE.findall(path)[0]) for method, path, *_ in table("| method | path |")} == served


def test_the_table_of_faults_says_whether_the_work_was_done() -> None:
    assert {done for *_, done in table("| kind |")} == {"yes", "no"}


def test_every_option_that_can_be_switched_is_described_and_no_other() -> None:
    assert {CODE.findall(name)[0] for name, *_ in table("| option of")} == set(Change.model_fields)


def test_every_command_shown_exists() -> None:
    project = Project(PROJECT, known_from_typer(typer.main.get_command(app)), Path(sys.executable).parent)
    wrong = [told for shown in shown_in(TEXT, "README.md") for told in complaints(shown, project)]
    assert not wrong, "\n".join(wrong)
