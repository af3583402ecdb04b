"""Workbooks are the same whoever writes them, and the processes that do so are light."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import pytest

from dsr_pipeline.reports import pdf, weekly_writing
from dsr_pipeline.reports.archive import Archive, temporary, write_file
from dsr_pipeline.reports.pdf import PdfUnavailable
from dsr_pipeline.reports.weekly_content import Line, Report, TieOut
from dsr_pipeline.reports.weekly_rules import load_look
from dsr_pipeline.reports.weekly_writing import HANDFUL, Order, Written, write_orders
from dsr_pipeline_tests.billing.billing_world import RULES_ROOT
from dsr_pipeline_tests.reports.report_world import plain_look

WEEK = date(2026, 5, 10)


def report(number: int) -> Report:
    """A report of one line, as of the table."""
    amount = Decimal(f"{number}.25")
    line = Line(
        sheet_id=101,
        row_id=number,
        place="day",
        day=date(2026, 5, 6),
        point=f"P-{number}",
        code="POL-A-3",
        work_type="Inst",
        description="Pole",
        uom="EA",
        quantity=Decimal("1.5"),
        unit_price=None,
        amount=amount,
        dept="1000",
        job="J1",
        scope="S1",
        source=f"Field sheet 101 · row {number}",
        line_hash=f"{number:032x}",
    )
    return Report(
        group_id=f"{number:032x}",
        content_hash=f"{number + 1000:032x}",
        work_request="90001",
        week_first=date(2026, 5, 4),
        week_ending=WEEK,
        variant="primary",
        variant_label="Foreman",
        money=True,
        claimer="Jo Reyes",
        foreman_label="Foreman",
        dept="1000",
        scope="S1",
        work_order="DE1",
        job="J1",
        customer="Red River Power",
        area="Corpus",
        currency="USD",
        revision=1,
        status="final",
        replaces=None,
        prior_week=None,
        data_as_of=datetime(2026, 6, 1, 7, tzinfo=ZoneInfo("America/Chicago")),
        lines=(line,),
        removed=(),
        exceptions=(),
        sources=(),
        rate_tables=(),
        tie_out=TieOut(amount, amount, amount),
    )


def orders(folder: Path, number: int) -> list[Order]:
    archive = Archive(folder)
    return [
        Order(
            one,
            folder / f"{one.group_id}.xlsx",
            folder / f"{one.group_id}.pdf",
            archive.stem(one.group_id, one.content_hash, one.revision),
        )
        for one in (report(place) for place in range(1, number + 1))
    ]


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_pool_of_processes_writes_the_same_bytes_in_the_same_order(tmp_path: Path) -> None:
    number, look = HANDFUL + 5, plain_look()
    here = list(write_orders(orders(tmp_path / "here", number), look, workers=1, expected=number))
    pool = list(write_orders(orders(tmp_path / "pool", number), look, workers=2, expected=number))
    assert here == pool
    assert [one.group_id for one in pool] == [f"{place:032x}" for place in range(1, number + 1)]
    assert tree(tmp_path / "here") == tree(tmp_path / "pool")
    assert len(tree(tmp_path / "here")) == 3 * number


@pytest.mark.slow
def test_the_processes_of_a_killed_build_end_with_it(tmp_path: Path) -> None:
    code = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from dsr_pipeline.reports.weekly_writing import write_orders\n"
        "from dsr_pipeline_tests.reports.report_world import plain_look\n"
        "from dsr_pipeline_tests.reports.test_weekly_writing import orders\n"
        "if __name__ == '__main__':\n"
        "    made = write_orders(orders(Path(sys.argv[1]), 400), plain_look(), workers=2, expected=400)\n"
        "    next(made)\n"
        "    print('begun', flush=True)\n"
        "    list(made)\n"
    )
    script = tmp_path / "building.py"
    script.write_text(code)
    build = subprocess.Popen(
        [sys.executable, script, tmp_path / "files"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(RULES_ROOT.parent)},
    )
    assert build.stdout is not None
    assert build.stdout.readline() == "begun\n"
    children = psutil.Process(build.pid).children(recursive=True)
    assert len(children) >= 2
    build.kill()
    build.wait()
    assert psutil.wait_procs(children, timeout=20)[1] == []
    before = tree(tmp_path / "files")
    time.sleep(1)
    assert tree(tmp_path / "files") == before


def test_the_archive_has_the_files_and_the_lines(tmp_path: Path) -> None:
    (order,) = orders(tmp_path, 1)
    look = load_look(RULES_ROOT)
    written = weekly_writing.write_order(order, look)
    files = tree(tmp_path)
    names = [path for path in files if path.startswith("archive/")]
    assert len(names) == 3
    for ending in (".xlsx", ".pdf"):
        (kept,) = [files[name] for name in names if name.endswith(ending)]
        assert files[f"{order.report.group_id}{ending}"] == kept
    found = Archive(tmp_path).read(order.report.group_id, order.report.content_hash, 1)
    assert found is not None
    assert (found.sha256, found.size, found.pdf_sha256) == (
        written.sha256,
        written.size,
        written.pdf_sha256,
    )
    (line,) = found.lines
    printed = order.report.lines[0]
    for name in ("sheet_id", "row_id", "line_hash", "day", "quantity", "unit_price", "amount", "source"):
        assert getattr(line, name) == getattr(printed, name)
    assert found.head["customer"] == "Red River Power"
    again = weekly_writing.write_order(order, look)
    assert again == written
    assert tree(tmp_path) == files


def test_a_missing_extra_is_one_sentence_and_no_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(book: object) -> bytes:
        raise PdfUnavailable

    monkeypatch.setattr(pdf, "write_pdf", refused)
    (order,) = orders(tmp_path, 1)
    written = weekly_writing.write_order(order, load_look(RULES_ROOT))
    assert written == Written(
        order.report.group_id, written.sha256, written.size, None, str(PdfUnavailable())
    )
    assert not order.pdf.exists()


def test_a_broken_archive_is_no_archive(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    stem = archive.stem("a" * 32, "b" * 32, 1)
    for text in (b"", b"{", b"[]", b"null", b'{"lines": 3}', b'{"lines": [{}], "sha256": "x"}', b"\xff"):
        write_file(stem.with_name(f"{stem.name}.lines.json"), text)
        assert archive.read("a" * 32, "b" * 32, 1) is None


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "folder" / ("n" * 120 + ".xlsx")
    temporary(tmp_path / "folder").with_suffix(".other").touch()
    write_file(file, b"one")
    temporary(file).write_bytes(b"left by a crash, and longer")
    write_file(file, b"two")
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.read_bytes() == b"two"


def test_the_processes_of_the_pool_load_no_database() -> None:
    code = (
        "import sys\n"
        "import dsr_pipeline.reports.weekly_writing, dsr_pipeline.reports.weekly_layout\n"
        "import dsr_pipeline.reports.xlsx, dsr_pipeline.reports.weekly_rules\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"duckdb", "pandas", "pandera", "dagster"} & set(loaded.split())


def test_reports_travel() -> None:
    one = replace(report(1), prior_week=Decimal(3))
    assert pickle.loads(pickle.dumps(one)) == one
