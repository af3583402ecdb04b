"""Rule files are read strictly: each mistake is one sentence with the file and the line it stands on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dsr_pipeline.bank.rule_set import SCHEMA, load_rule, load_rules, rule_fingerprint, write_rule_schema
from dsr_pipeline.rule_files import RuleFileError, RuleFileErrors
from dsr_pipeline_tests.bank.sample_exports import RULES

RULE = """\
rule: plain
version: 1
bank: Plain Bank
match:
  header: [Date, Text, Amount]
  filename: ["^plain"]
file:
  encoding: utf-8-sig
  delimiter: ","
columns:
  date: Date
  description: Text
dates: {format: "%Y-%m-%d"}
amount:
  mode: signed
  column: Amount
  decimal: "."
rows: {order: oldest_first}
account: {from: const, value: "plain:1", kind: checking}
verify: {balance: none}
"""


def written(folder: Path, text: str = RULE, name: str = "plain") -> Path:
    path = folder / "banks" / f"{name}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path) -> list[tuple[str, int | None, str]]:
    """What loading says: name of the file, line, sentence."""
    with pytest.raises(RuleFileError) as caught:
        load_rules(folder)
    error = caught.value
    errors = error.errors if isinstance(error, RuleFileErrors) else (error,)
    assert str(error) == "\n".join(str(one) for one in errors)
    return [(Path(one.file).name, one.line, one.message) for one in errors]


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("bank: Plain Bank", "bank: Plain Bank\nbnak: x", 4, "unknown key 'bnak'"),
        ("  mode: signed\n", "  mode: signed\n  sign_flip: yes\n", 16, "unknown key 'amount.sign_flip'"),
        ('  decimal: "."\n', "", 14, "the key 'amount.decimal' is missing"),
        ("  mode: signed\n", "", 14, "the key 'amount.mode' is missing"),
        ("mode: signed", "mode: flip_if_positive", 15, "amount.mode: Input should be 'signed', 'negate'"),
        ('filename: ["^plain"]', 'filename: ["^pl(ain"]', 6, "'^pl(ain' is not a regular expression"),
        ("description: Text", "description: Txt", 12, "column 'Txt' is not in match.header"),
        ("column: Amount", "column: Sum", 16, "column 'Sum' is not in match.header"),
        ("column: Amount", "column: {indx: 2}", 16, "none of the forms that the key takes"),
        ("[Date, Text, Amount]", "[Date, Text, Amount, Date]", 5, "names ['Date'] twice"),
        ('"%Y-%m-%d"', '"%Y-%m-%Q"', 13, "'%Q' is not known"),
        ('"%Y-%m-%d"', '"%m-%d"', 13, "needs a day, a month and a year"),
        ("encoding: utf-8-sig", "encoding: utf-9", 8, "'utf-9' is not an encoding"),
        ('decimal: "."', 'decimal: ".", thousands: "."', 17, "is not valid YAML"),
        (
            '  decimal: "."',
            '  decimal: "."\n  thousands: "."',
            14,
            "cannot be both the decimal and the thousands",
        ),
        ("balance: none", "balance: running", 20, "columns.balance names no column"),
        ("balance: none", "balance: opening_closing", 20, "needs verify.opening and verify.closing"),
        ("from: const, value", "from: column, value", 19, "an account from column needs 'column'"),
        ("kind: checking", "kind: current", 19, "account.kind: Input should be 'checking', 'savings'"),
        ("version: 1", "version: 0", 2, "version: Input should be greater than or equal to 1"),
        ("rule: plain", "rule: Plain", 1, "must equal the file's name"),
        ("bank: Plain Bank", "bank: Plain Bank\nversion: 2", 4, "the key 'version' stands twice"),
        ("[Date, Text, Amount]", "[]", 4, "match.columns: a file without a header needs it"),
        (
            "rows: {order: oldest_first}",
            "rows: {order: oldest_first}\nextras: {drop: [Memo]}",
            19,
            "['Memo'] are not in",
        ),
        ('delimiter: ","', 'delimiter: ", "', 9, "file.delimiter"),
        ("version: 1", "version: 1\ndedup: {key: [date, amount]}", 3, "the same for all rules"),
        (
            'delimiter: ","',
            'delimiter: ","\n  continuation: {when_empty: [Date], append_to: Amount}',
            10,
            "'Amount' feeds neither description nor payee",
        ),
        (
            "verify: {balance: none}",
            "verify: {balance: none}\nopen_questions: [{key: amount.mode, question: Are charges positive?}]",
            21,
            "open question about amount.mode: Are charges positive? Set amount.mode, then delete",
        ),
    ],
)
def test_a_mistake_names_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    assert RULE.count(old) == 1
    written(tmp_path, RULE.replace(old, new))
    found = mistakes(tmp_path)
    assert any(name == "plain.yaml" and words in message for name, _, message in found), found
    assert [told for _, told, message in found if words in message][:1] == [line], found


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    written(tmp_path, RULE.replace("mode: signed", "mod: signed").replace("bank: Plain Bank\n", ""))
    written(tmp_path, RULE.replace("rule: plain", "rule: other").replace("version: 1", "version: x"), "other")
    found = {(name, line) for name, line, _ in mistakes(tmp_path)}
    assert {("plain.yaml", 1), ("plain.yaml", 13), ("plain.yaml", 14), ("other.yaml", 2)} <= found


def test_two_rules_with_one_name(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "banks" / "plain.yml").write_text(RULE, encoding="utf-8")
    assert mistakes(tmp_path) == [("plain.yml", 1, "the rule stands in plain.yaml as well")]


def test_what_is_no_rule_file(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="--rules names the folder"):
        load_rules(tmp_path)
    path = written(tmp_path, "- a\n- b\n")
    assert mistakes(tmp_path)[0][1:] == (1, "must be a mapping of keys to values")
    path.write_bytes(b"rule: caf\xe9\n")
    assert "is not UTF-8 text" in mistakes(tmp_path)[0][2]
    path.write_text("rule: [plain\n", encoding="utf-8")
    assert "is not valid YAML" in mistakes(tmp_path)[0][2]
    path.write_text("", encoding="utf-8")
    assert mistakes(tmp_path)[0][2] == "must be a mapping of keys to values"


CHILD = """\
rule: child
version: 3
bank: Plain Savings
extends: plain
match: {header_absent: [Fee]}
account: {value: "plain:2", kind: savings}
"""


def test_a_child_says_only_what_differs(tmp_path: Path) -> None:
    written(tmp_path, RULE + "tests: [samples/bank/plain]\n")
    path = written(tmp_path, CHILD, "child")
    child = load_rules(tmp_path).rules["child"]
    assert (child.version, child.account.kind, child.amount.mode) == (3, "savings", "signed")
    assert (child.match.header, child.match.header_absent) == (["Date", "Text", "Amount"], ["Fee"])
    assert child.tests == [], "a sample proves the rule that it was made for"
    assert load_rule(path) == child


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("extends: plain", "extends: nobody", 4, "there is no rule 'nobody'"),
        ("version: 3\n", "", 1, "the key 'version' is missing"),
        ("kind: savings", "kind: saving", 6, "account.kind"),
    ],
)
def test_a_mistake_in_a_child(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    written(tmp_path)
    written(tmp_path, CHILD.replace(old, new), "child")
    ((name, told, message),) = mistakes(tmp_path)
    assert (name, told) == ("child.yaml", line)
    assert words in message


def test_one_parent_is_allowed_and_no_chain(tmp_path: Path) -> None:
    written(tmp_path)
    written(tmp_path, CHILD, "child")
    written(
        tmp_path,
        CHILD.replace("rule: child", "rule: third").replace("extends: plain", "extends: child"),
        "third",
    )
    ((name, line, message),) = mistakes(tmp_path)
    assert (name, line) == ("third.yaml", 4)
    assert "'child' has a parent itself; one is allowed" in message


def test_a_fingerprint_changes_with_what_a_rule_says_and_not_with_its_comments(tmp_path: Path) -> None:
    before = load_rule(written(tmp_path))
    told = load_rule(written(tmp_path, "# a comment\n" + RULE.replace("rule: plain", "rule: plain   # why")))
    changed = load_rule(written(tmp_path, RULE.replace("version: 1", "version: 2")))
    assert rule_fingerprint(before) == rule_fingerprint(told)
    assert rule_fingerprint(before) != rule_fingerprint(changed)
    assert load_rules(tmp_path).fingerprint != load_rules(RULES).fingerprint


def test_the_committed_schema_is_current(tmp_path: Path) -> None:
    write_rule_schema(tmp_path)
    made = (tmp_path / SCHEMA).read_text(encoding="utf-8")
    committed = (RULES / SCHEMA).read_text(encoding="utf-8")
    assert made == committed, "write it anew: dsr_pipeline.bank.rule_set.write_rule_schema(Path('rules'))"
    assert json.loads(made)["additionalProperties"] is False


def test_every_key_of_the_rules_of_the_project_is_in_the_schema() -> None:
    properties = json.loads((RULES / SCHEMA).read_text(encoding="utf-8"))["properties"]
    for rule in load_rules(RULES).rules.values():
        assert set(rule.model_dump(by_alias=True)) == set(properties)
