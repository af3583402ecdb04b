"""What an office may write into rules/reports/weekly.yaml, and what it is told where it may not."""

import dataclasses
import io
import pickle
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from dsr_pipeline.reports.label_rules import WORDS, placeholders, sheet_name_problem, sheet_names_problem
from dsr_pipeline.reports.labels import ENGLISH, Labels
from dsr_pipeline.reports.weekly_rules import (
    FILE,
    SCHEMA,
    Colors,
    WeeklyRules,
    contrast,
    layout_hash,
    load_look,
    load_weekly_rules,
    look_hash,
    write_weekly_schema,
)
from dsr_pipeline.rule_files import RuleFileError

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "rules"


def _write(root: Path, text: str) -> Path:
    (root / FILE).parent.mkdir(parents=True, exist_ok=True)
    (root / FILE).write_text(text, encoding="utf-8")
    return root


def _logo() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (36, 20), "navy").save(buffer, "PNG")
    return buffer.getvalue()


def test_the_schema_beside_the_rules_is_that_of_the_model(tmp_path: Path) -> None:
    write_weekly_schema(tmp_path)
    assert (tmp_path / SCHEMA).read_text("utf-8") == (RULES / SCHEMA).read_text("utf-8")


def test_the_look_of_the_sample_company_loads_and_travels() -> None:
    look = load_look(RULES)
    assert look.title == "Weekly Work Report"
    assert look.signatures == ("Foreman signature", "Customer representative", "Date")
    assert look.rules.colors == Colors()
    assert pickle.loads(pickle.dumps(look)) == look
    assert layout_hash(RULES, look.rules) == look_hash(look)


def test_the_sample_logo_is_small_enough_for_every_workbook() -> None:
    logo = load_look(RULES).logo
    assert logo is not None
    assert len(logo) <= 10_000
    with Image.open(io.BytesIO(logo)) as image:
        assert image.size == (360, 198)
        assert len(image.convert("RGB").getcolors(100) or []) <= 64


def test_without_a_file_the_defaults_count(tmp_path: Path) -> None:
    assert load_weekly_rules(tmp_path) == WeeklyRules()
    assert load_look(tmp_path).logo is None


@pytest.mark.parametrize("language", ["es", "fr"])
def test_another_language_says_every_text_with_the_same_places(language: str) -> None:
    words = WORDS[language]  # pyright: ignore[reportArgumentType]
    same: set[str] = set()
    for field in dataclasses.fields(Labels):
        english, other = getattr(ENGLISH, field.name), getattr(words, field.name)
        if isinstance(english, tuple):
            assert len(english) == len(set(other)), field.name
            continue
        assert placeholders(english) == placeholders(other), field.name
        assert other.strip() == other != "", field.name
        if english == other:
            same.add(field.name)
    # Words that the languages share; any other text is a new one that nobody translated yet.
    assert same <= {
        "points",
        "total_of",
        "sheet_exceptions",
        "exceptions_title",
        "sign_date",
        "kind_remark",
    }
    assert sheet_names_problem(words) is None
    for name in ("sheet_report", "sheet_lines", "sheet_exceptions", "sheet_about"):
        assert sheet_name_problem(getattr(words, name)) is None


def test_days_are_written_as_the_rules_say(tmp_path: Path) -> None:
    day = date(2025, 8, 7)
    spoken = {
        "en": ("08/07/2025", "August 7, 2025"),
        "es": ("07/08/2025", "7 de agosto de 2025"),
        "fr": ("2025-08-07", "7 août 2025"),
    }
    forms = {"en": "mm/dd/yyyy", "es": "dd/mm/yyyy", "fr": "yyyy-mm-dd"}
    for language, expected in spoken.items():
        root = _write(tmp_path, f"language: {language}\nday_format: {forms[language]}\n")
        look = load_look(root)
        assert (look.day(day), look.long_day(day)) == expected
    assert look.language_tag == "fr-CA"


def test_own_texts_replace_the_usual_ones(tmp_path: Path) -> None:
    root = _write(tmp_path, "labels:\n  many_items: '{count} entries'\ntitle: Units\nsignatures: []\n")
    look = load_look(root)
    assert look.labels.many_items.format(count=3) == "3 entries"
    assert (look.title, look.signatures) == ("Units", ())


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("version: 1\ncolor: {}\n", 2, "unknown key 'color'"),
        ("paper: legal\n", 1, "paper"),
        ("colors:\n  muted: '999999'\n", 2, "contrast of 2.8"),
        ("colors:\n  ink: 123456\n", 2, "quotes"),
        ("colors:\n  ink: navy\n", 2, "pattern"),
        ("labels:\n  units: U\n  unitz: U\n", 3, "there is no such text"),
        ("labels:\n  many_items: '{rows} items'\n", 2, "no value 'rows' for this text (known: count)"),
        ("labels:\n  many_items: '{count.__class__}'\n", 2, "no plain place"),
        ("labels:\n  many_items: 'a { brace'\n", 2, "labels.many_items"),
        ("labels:\n  weekdays: [Mo, Tu]\n", 2, "a list of 7 texts"),
        ("labels:\n  units: [a, b]\n", 2, "one text"),
        ("labels:\n  sheet_lines: 'Lines/Rows'\n", 2, "name of a sheet"),
        ("labels:\n  sheet_lines: about\n", 1, "two sheets have the same name"),
        ("logo: ../secret.png\n", 1, "a file beside"),
        ("logo: missing.png\n", 1, "put it beside this file"),
        ("company: x\nlogo: weekly.yaml\n", 2, "is no PNG"),
        ("signatures: [a, b, c, d]\n", 1, "signatures"),
    ],
)
def test_a_mistake_names_its_line_and_the_mend(tmp_path: Path, text: str, line: int, says: str) -> None:
    root = _write(tmp_path, text)
    with pytest.raises(RuleFileError) as caught:
        load_look(root)
    assert f"weekly.yaml:{line}:" in str(caught.value)
    assert says in str(caught.value)


def test_a_logo_that_would_swell_every_workbook_is_refused(tmp_path: Path) -> None:
    root = _write(tmp_path, "logo: big.png\n")
    (root / FILE).with_name("big.png").write_bytes(_logo() + bytes(300_000))
    with pytest.raises(RuleFileError, match="at most 64 colours"):
        load_look(root)


def test_whatever_changes_the_look_changes_its_hash(tmp_path: Path) -> None:
    seen: set[str] = set()
    logo = (tmp_path / FILE).with_name("logo.png")
    for text in (
        "version: 1\n",
        "paper: a4\n",
        "language: es\n",
        "labels: {units: Count}\n",
        "colors: {structure: '003300'}\n",
        "logo: logo.png\n",
    ):
        _write(tmp_path, text)
        logo.write_bytes(_logo())
        seen.add(layout_hash(tmp_path, load_weekly_rules(tmp_path)))
    assert len(seen) == 6
    logo.write_bytes(_logo() + b" ")
    assert layout_hash(tmp_path, load_weekly_rules(tmp_path)) not in seen


def test_an_equal_look_in_other_words_keeps_its_hash(tmp_path: Path) -> None:
    _write(tmp_path, "paper: letter\nlabels: {units: Count, uom: Unit}\n")
    first = layout_hash(tmp_path, load_weekly_rules(tmp_path))
    _write(tmp_path, "# a remark\nlabels: {uom: Unit, units: Count}\n")
    assert layout_hash(tmp_path, load_weekly_rules(tmp_path)) == first


def test_texts_of_the_palette_are_readable_on_paper_and_on_bands() -> None:
    colors = Colors()
    assert contrast("FFFFFF", "000000") == pytest.approx(21)
    assert contrast("FFFFFF", colors.structure) == pytest.approx(11.5, abs=0.1)
    for text in (colors.ink, colors.muted, colors.positive, colors.negative):
        assert contrast(text, colors.soft) >= 4.5
        assert contrast(text, colors.subtotal) >= 4.5
