"""Which sheets the sources name, and what is told when they name them badly."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dsr_pipeline.rule_files import RuleFileErrors
from dsr_pipeline.smartsheet.discovery import Discovery, Tree, discover
from dsr_pipeline_tests.smartsheet.account import Account, source_rules

NOW = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 - the tables keep UTC without a zone


def folder(account: Account, name: str, parent: int | None = None) -> int:
    """A folder in the workspace of the fixture, or in a folder."""
    place = f"/folders/{parent}" if parent else f"/workspaces/{account.stand_in.workspace()}"
    answer = account.stand_in.http("POST", f"{place}/folders", json={"name": name})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["result"]["id"])


def look(account: Account, tree: Tree | None = None, now: datetime = NOW, **rules: object) -> Discovery:
    """One discovery under these rules."""
    return discover(account.client, source_rules(**rules), tree, {}, now)


def test_a_folder_and_what_lies_below_it(account: Account) -> None:
    top = folder(account, "Field")
    deep = folder(account, "2026", top)
    inside = account.sheet("Inside", folder=deep)
    account.sheet("Outside")
    named = {"name": "field", "workspace": "Field billing"}
    for place in ("Field", "Field/2026", top, deep):
        found = look(account, sources=[named | {"folder": place}])
        assert [one.sheet_id for one in found.sheets] == [inside.id], place
        assert found.problems == ()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            {"workspace": "Filed billing"},
            "sees 0 workspaces called 'Filed billing' (it sees 'Field billing')",
        ),
        ({"workspace": "Field billing", "folder": "Feild"}, "0 folders called 'Feild' on the path 'Feild'"),
    ],
)
def test_a_name_that_is_not_there_is_told_with_what_is(
    account: Account, source: dict[str, str], told: str
) -> None:
    account.sheet()
    found = look(account, sources=[{"name": "field"} | source])
    assert found.sheets == ()
    assert told in found.problems[0]


def test_two_workspaces_of_one_name_are_not_guessed(account: Account) -> None:
    account.sheet()
    answer = account.stand_in.http("POST", "/workspaces", json={"name": "Field billing"})
    assert answer.status_code == 200, answer.text
    (problem,) = look(account).problems
    assert "sees 2 workspaces called 'Field billing'" in problem
    assert "name its id" in problem


def test_the_nearer_source_wins_and_a_tie_is_told(account: Account) -> None:
    place = folder(account, "Sub")
    inside = account.sheet("Inside", folder=place)
    whole = {"name": "all", "workspace": "Field billing", "rate_basis": "primary"}
    below = {"name": "sub", "workspace": "Field billing", "folder": "Sub", "rate_basis": "subcontractor"}
    by_id = {"name": "one", "sheets": [inside.id], "rate_basis": "special"}
    for sources, basis in (([whole, below], "subcontractor"), ([below, whole, by_id], "special")):
        found = look(account, sources=sources)
        assert [(one.source.rate_basis, found.problems) for one in found.sheets] == [(basis, ())]
    found = look(account, sources=[below, below | {"name": "again", "rate_basis": "primary"}])
    assert "lies in the sources 'sub' and 'again', which differ" in found.problems[0]


def test_the_folders_are_listed_once_a_day_or_when_a_sheet_comes_or_goes(account: Account) -> None:
    account.sheet("First")
    first = look(account)
    account.stand_in.forget()
    again = look(account, first.tree, NOW + timedelta(hours=23))
    assert account.calls() == ["GET /sheets"]
    assert again.tree == first.tree
    look(account, first.tree, NOW + timedelta(hours=25))
    assert len(account.calls()) > 2
    account.stand_in.forget()
    account.sheet("Second")
    assert len(look(account, first.tree, NOW).sheets) == 2
    assert len(account.calls()) > 1


def test_a_tree_survives_its_json(account: Account) -> None:
    account.sheet()
    tree = look(account).tree
    assert Tree.from_json(tree.as_json()) == tree


def test_a_sheet_that_is_named_and_not_shared_is_told(account: Account) -> None:
    found = look(account, sources=[{"name": "one", "sheets": [1234567]}])
    assert "the token does not see sheet 1234567" in str(found.sheets[0].reason)


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"sources": [{"name": "a"}]}, "names neither a workspace nor sheets"),
        ({"sources": [{"name": "a", "sheets": [1], "folder": "x"}]}, "name its workspace too"),
        (
            {"sources": [{"name": "a", "sheets": [1]}, {"name": "a", "sheets": [2]}]},
            "two sources are called 'a'",
        ),
        ({"sources": [{"name": "a", "sheets": [1, 1]}]}, "the sheet 1 is named twice"),
        (
            {"sources": [{"name": "a", "sheets": [1]}], "ignore": [{"sheet": 1, "reason": "x"}]},
            "ignored as well",
        ),
        ({"sources": [], "sheet": 1}, "sheet"),
    ],
)
def test_rules_that_contradict_themselves_are_refused(rules: dict[str, object], told: str) -> None:
    with pytest.raises(RuleFileErrors, match=told):
        source_rules(**rules)
