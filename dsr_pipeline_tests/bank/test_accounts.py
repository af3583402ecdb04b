"""accounts.yaml: strict loading, aliases that stand once, and owners by day."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from dsr_pipeline.bank.accounts import SCHEMA, Accounts, OwnerPeriod, load_accounts, write_accounts_schema
from dsr_pipeline.bank.consolidation import Previous
from dsr_pipeline.rule_files import RuleFileError
from dsr_pipeline_tests.bank.bank_worlds import File, Row, run

HOUSEHOLD = {
    "owners": [
        {"person": "alex", "from": "2020-01-01"},
        {"person": "alex", "share": "1/3", "from": "2026-01-10"},
        {"person": "sam", "share": "2/3", "from": "2026-01-10"},
    ],
    "aliases": ["4321"],
}


def loaded(folder: Path, text: str) -> Accounts:
    """The accounts of a file with this text."""
    file = folder / "accounts.yaml"
    file.write_text(text, encoding="utf-8")
    return load_accounts(file)


def refusal(folder: Path, text: str) -> str:
    """Why a file is refused."""
    with pytest.raises(RuleFileError) as refused:
        loaded(folder, text)
    return str(refused.value)


def test_the_projects_own_file_loads(project: Path) -> None:
    accounts = load_accounts(project / "rules" / "accounts.yaml")
    assert accounts.resolve("4321", "us_chase_checking:4321") == "chase:4321"
    assert accounts.resolve("DE00120300000000004321", "de_dkb_giro:x").endswith("4321")


def test_the_committed_schema_is_current(project: Path, tmp_path: Path) -> None:
    write_accounts_schema(tmp_path)
    committed = (project / "rules" / SCHEMA).read_text(encoding="utf-8")
    assert (tmp_path / SCHEMA).read_text(encoding="utf-8") == committed, (
        "write it anew: write_accounts_schema"
    )


def test_without_a_file_every_default_stands(tmp_path: Path) -> None:
    assert load_accounts(tmp_path / "accounts.yaml").resolve("4321", "bank:4321") == "bank:4321"


def test_the_spelling_of_the_design_loads(tmp_path: Path) -> None:
    accounts = loaded(
        tmp_path,
        'accounts: {"discover:1122": {institution: Discover, kind: card, currency: USD, '
        'owners: [{person: alex, share: "1", from: 2020-01-01}], aliases: ["Discover it (...1122)", "1122"], '
        "iban: null, opened: null, closed: null}}",
    )
    assert accounts.resolve("Discover it (...1122)", "agg:x") == "discover:1122"
    assert accounts.accounts["discover:1122"].owners_on(date(2026, 1, 1)) == {"alex": Fraction(1)}


def test_the_exact_label_wins_over_the_bare_one() -> None:
    accounts = Accounts.model_validate(
        {"accounts": {"a": {"aliases": ["4321"]}, "b": {"aliases": ["x_bank:4321"]}}}
    )
    assert accounts.resolve("4321", "x_bank:4321") == "b"
    assert accounts.resolve("4321", "y_bank:4321") == "a"
    assert accounts.resolve("a", "y_bank:a") == "a"


def test_an_iban_is_a_label() -> None:
    accounts = Accounts.model_validate({"accounts": {"a": {"iban": "DE89 3704 0044 0532 0130 00"}}})
    assert accounts.resolve("DE89370400440532013000", "x") == "a"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("accounts:\n  a: {aliases: ['1']}\n  b:\n    aliases:\n      - '1'\n", 5, "already stands for a"),
        ("accounts:\n  a:\n    aliases: ['1', '1']\n", 3, "may stand once"),
        ("accounts:\n  a: {}\n  b:\n    aliases: [a]\n", 4, "already stands for a"),
        ("accounts:\n  a:\n    colour: red\n", 3, "unknown key"),
        ("accounts:\n  a:\n    kind: aggregator\n", 3, "kind"),
        ("accounts:\n  a:\n    currency: dollars\n", 3, "currency"),
        ("accounts:\n  a:\n    iban: 12345\n", 3, "iban"),
        (
            (
                "people: {sam: {name: S}}\naccounts:\n  a:\n    owners:\n"
                "    - {person: alex, from: 2020-01-01}\n"
            ),
            5,
            "alex",
        ),
        (
            "accounts:\n  a:\n    owners:\n      - {person: x, share: 0.5, from: 2020-01-01}\n",
            3,
            "add up to 1/2",
        ),
        ("accounts:\n  a:\n    owners: [{person: x, share: much, from: 2020-01-01}]\n", 3, "not a share"),
        ("accounts:\n  a:\n    owners:\n      - {person: x}\n", 4, "missing"),
    ],
)
def test_a_refusal_names_file_and_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    said = refusal(tmp_path, text)
    assert f"accounts.yaml:{line}: " in said
    assert words in said


def test_three_thirds_are_one(tmp_path: Path) -> None:
    owners = "".join(f"      - {{person: {name}, share: 1/3, from: 2020-01-01}}\n" for name in "xyz")
    accounts = loaded(tmp_path, f"accounts:\n  a:\n    owners:\n{owners}")
    assert accounts.owner_periods("a", None)[-1].owner == "x+y+z"


def test_owners_change_on_their_day() -> None:
    accounts = Accounts.model_validate({"accounts": {"a": HOUSEHOLD}})
    assert accounts.owner_periods("a", "folder") == (
        OwnerPeriod(None, "folder"),
        OwnerPeriod(date(2020, 1, 1), "alex"),
        OwnerPeriod(date(2026, 1, 10), "alex+sam"),
    )


def test_a_share_of_nothing_ends_ownership() -> None:
    owners = [{"person": "alex", "from": "2020-01-01"}, {"person": "alex", "share": 0, "from": "2026-01-01"}]
    accounts = Accounts.model_validate({"accounts": {"a": {"owners": owners}}})
    assert accounts.owner_periods("a", None)[-1].owner is None


def test_rows_carry_the_owner_of_their_day(tmp_path: Path) -> None:
    accounts = Accounts.model_validate({"accounts": {"home": HOUSEHOLD}})
    rows = [Row(9, "-1"), Row(10, "-2"), Row(None, "-3", pending=True)]
    outcome = run(tmp_path, File("a.csv", rows), accounts=accounts)
    assert {row["amount"]: row["owner"] for row in outcome.live} == {
        -1: "alex",
        -2: "alex+sam",
        -3: "alex+sam",
    }
    assert {row["account"] for row in outcome.live} == {"home"}


def test_the_folder_is_only_a_hint(tmp_path: Path) -> None:
    accounts = Accounts.model_validate(
        {"accounts": {"home": {"owners": HOUSEHOLD["owners"], "aliases": ["1"]}}}
    )
    files = [
        File("a.csv", [Row(3, "-1")], label="1", owner_hint="kim"),
        File("b.csv", [Row(3, "-1")], owner_hint="kim"),
    ]
    assert {row["account"]: row["owner"] for row in run(tmp_path, *files, accounts=accounts).live} == {
        "home": "alex",
        "my_bank:4321": "kim",
    }


class TestMappedLater:
    """An account gets its name after decisions were made under the old keys."""

    FILES = (File("1.csv", [Row(5, "-5"), Row(6, "-6")]), File("2.csv", [Row(6, "-6"), Row(7, "-7")]))

    def test_old_keys_point_to_new_ones(self, tmp_path: Path) -> None:
        before = run(tmp_path / "before", *self.FILES)
        accounts = Accounts.model_validate({"accounts": {"home": {"aliases": ["4321"]}}})
        after = run(tmp_path / "after", *self.FILES, accounts=accounts, previous=Previous(before.path))
        aliases = after.said.key_aliases.to_pylist()
        amount = {row["txn_key"]: row["amount"] for row in (*before.live, *after.live)}
        assert {row["reason"] for row in aliases} == {"account_mapped"}
        assert {row["old_key"] for row in aliases} == {row["txn_key"] for row in before.live}
        assert all(amount[row["old_key"]] == amount[row["new_key"]] for row in aliases)

    def test_a_row_that_another_now_speaks_for_is_followed(self, tmp_path: Path) -> None:
        """Two labels turn out to be one account: the older row is merged, and its key leads to the newer
        one."""
        files = (self.FILES[0], File("2.csv", [Row(6, "-6"), Row(7, "-7")], label="other"))
        before = run(tmp_path / "before", *files)
        accounts = Accounts.model_validate({"accounts": {"home": {"aliases": ["4321", "other"]}}})
        after = run(tmp_path / "after", *files, accounts=accounts, previous=Previous(before.path))
        news = {row["new_key"] for row in after.said.key_aliases.to_pylist()}
        assert len(before.live) == 4
        assert news == {row["txn_key"] for row in after.live}
        assert len(after.said.key_aliases) == 4

    def test_nothing_is_said_twice(self, tmp_path: Path) -> None:
        before = run(tmp_path / "before", *self.FILES)
        accounts = Accounts.model_validate({"accounts": {"home": {"aliases": ["4321"]}}})
        after = run(tmp_path / "after", *self.FILES, accounts=accounts, previous=Previous(before.path))
        known = frozenset((row["old_key"], row["new_key"]) for row in after.said.key_aliases.to_pylist())
        again = run(tmp_path / "again", *self.FILES, accounts=accounts, previous=Previous(before.path, known))
        assert not len(again.said.key_aliases)

    def test_an_unchanged_mapping_says_nothing(self, tmp_path: Path) -> None:
        before = run(tmp_path / "before", *self.FILES)
        assert not len(run(tmp_path / "after", *self.FILES, previous=Previous(before.path)).said.key_aliases)
