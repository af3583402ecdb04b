"""The Dagster UI on the demo, looked at with a real browser: assets, lineage, checks, previews.

The pictures of the documents are made here too: run this with `DSR_PICTURES=docs/images`.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from dsr_pipeline.lake.store import Lake
from dsr_pipeline_tests.conftest import find_program, needs_program

pytestmark = [pytest.mark.slow, needs_program("chromium"), pytest.mark.timeout(900)]

START_SECONDS = 600
"""The demo, which attaches its reports within Smartsheet's budget, and five processes of Dagster."""
SENSOR_SECONDS = 240
"""Two ticks of thirty seconds, the queue, and a process for the run."""
PAGE_MS = 60_000
SETTLE_MS = 4_000
"""The graph is laid out and moved into view after its texts are there."""
PICTURE = {"width": 1600, "height": 1040}
BANK = "/locations/dsr_pipeline/asset-groups/bank"
SMARTSHEET = "/locations/dsr_pipeline/asset-groups/smartsheet"
BILLING = "/locations/dsr_pipeline/asset-groups/billing"
REPORTS = "/locations/dsr_pipeline/asset-groups/reports"
PUBLISH = "/locations/dsr_pipeline/asset-groups/publish"
WORKBOOKS = "/assets/reports/weekly_workbooks"


@dataclass
class Browser:
    """A page of the UI, with everything that it asked other machines for and complained about."""

    page: Page
    address: str
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, *texts: str) -> str:
        """Go to a page and wait until these texts stand on it; gives its text."""
        self.page.goto(f"{self.address}{path}", wait_until="domcontentloaded")
        for text in texts:
            self.page.wait_for_function(
                "text => document.body.innerText.includes(text)", arg=text, timeout=PAGE_MS
            )
        return self.page.inner_text("body")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """`dsr demo --serve` in a home of its own; ended by Ctrl-C, as a person would."""
    home = tmp_path_factory.mktemp("ui") / "demo"
    port = free_port()
    log = home.parent / "demo.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [Path(sys.executable).parent / "dsr", "demo", "--home", home, "--serve", "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            until = time.monotonic() + START_SECONDS
            while f"http://127.0.0.1:{port}" not in log.read_text(encoding="utf-8"):
                assert process.poll() is None, log.read_text(encoding="utf-8")
                assert time.monotonic() < until, log.read_text(encoding="utf-8")
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}", home
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=90) == 0, log.read_text(encoding="utf-8")
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", port)) != 0, "the server outlived Ctrl-C"
        finally:
            if process.poll() is None:
                process.kill()


@pytest.fixture(scope="module")
def browser(server: tuple[str, Path]) -> Iterator[Browser]:
    with sync_playwright() as run:
        program = run.chromium.launch(
            executable_path=find_program("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
        )
        page = program.new_page(viewport=PICTURE, device_scale_factor=1)
        found = Browser(page, server[0])
        page.on(
            "request",
            lambda request: (
                found.elsewhere.append(request.url)
                if not request.url.startswith((server[0], "data:", "blob:"))
                else None
            ),
        )
        page.on(
            "console",
            lambda message: found.complaints.append(message.text) if message.type == "error" else None,
        )
        yield found
        program.close()


def test_the_bank_group_shows_every_table_materialised_with_its_checks(browser: Browser) -> None:
    browser.open(BANK, "review_items", "Materialized")
    browser.page.wait_for_timeout(SETTLE_MS)
    text = browser.page.inner_text("body")
    for table in "files transactions excluded quarantine transfers review_items key_aliases".split():
        assert table in text
    assert "bank_exports" in text
    assert "Failed" not in text
    assert re.search(r"\d / 4 Passed", text)


def test_the_smartsheet_group_shows_every_table_and_where_it_comes_from(browser: Browser) -> None:
    browser.open(SMARTSHEET, "cell_history", "Materialized", "Passed")
    browser.page.wait_for_timeout(SETTLE_MS)
    text = browser.page.inner_text("body")
    for table in "row_versions sheet_reads sync_runs sheets columns row_state rows holds".split():
        assert table in text
    assert "history_requests" in text
    assert "smartsheet_sheets" in text
    assert "Failed" not in text


def test_the_billing_group_shows_every_table_and_what_follows_from_it(browser: Browser) -> None:
    text = browser.open(BILLING, "work_groups", "rejected_ledger", "weekly_workbooks")
    for table in "rates claims current_claims work_units rejected_units view_lines billing_rules".split():
        assert table in text
    browser.open("/assets/billing/work_units?view=checks", "tie_out", "switched", "contract")


def test_the_weekly_products_show_their_weeks_and_plot_them(browser: Browser) -> None:
    """Per week: workbooks built, skipped, revised, amount and amount rejected; and the same over time."""
    browser.open(PUBLISH, "report_attachments", "partitions")
    browser.open(REPORTS, "weekly_workbooks", "partitions", "Passed")
    browser.page.get_by_text("weekly_workbooks").first.click()
    plots = ("Metadata plots", "workbooks built", "workbooks revised", "plot: amount", "groups held")
    for text in plots:
        browser.page.wait_for_function(
            "text => document.body.innerText.includes(text)", arg=text, timeout=PAGE_MS
        )
    week = browser.open(f"{WORKBOOKS}?view=partitions&partition=2026-03-23", "week ending", "2026-03-29")
    for figure in ("workbooks built", "workbooks skipped", "workbooks revised", "amount rejected", "USD "):
        assert figure in week
    checks = browser.open(f"{WORKBOOKS}?view=checks", "weeks_tie_out", "files", "sums", "closed_weeks")
    assert "contract" in checks


def test_the_account_is_shown_and_its_token_is_not(browser: Browser) -> None:
    text = browser.open("/locations/dsr_pipeline/resources/smartsheet", "The account that is read")
    assert "base" in text
    # The demo's stand-in goes on beside the UI, so that the sensor has something to look at.
    assert '"from SMARTSHEET_API_TOKEN"' in text
    assert re.search(r'"http://127\.0\.0\.1:\d+/2\.0"', text)
    assert "sandbox-token" not in text


def test_the_checks_of_a_table_say_what_they_found(browser: Browser) -> None:
    browser.open("/assets/bank/files?view=checks", "tie_out", "balance_proof", "inbox_health", "contract")


def test_a_table_tells_its_columns_and_rows(browser: Browser) -> None:
    text = browser.open("/assets/bank/transactions", "txn_key", "Stable key of the transaction")
    assert "team:bank" in text or "bank" in text


def test_the_sensors_and_the_schedule_are_there_and_running(browser: Browser) -> None:
    browser.open("/automation", "csv_inbox", "sheet_versions", "daily", "sync_sheets", "abandoned_runs")
    browser.open("/automation", "changed_weeks", "weekly_close")


@pytest.mark.parametrize(
    ("group", "table", "picture"),
    [
        (BANK, "review_items", "asset_graph.png"),
        (SMARTSHEET, "cell_history", "smartsheet_graph.png"),
        (REPORTS, "weekly_workbooks", "reports_graph.png"),
    ],
)
def test_an_asset_graph_makes_a_picture(
    browser: Browser, tmp_path: Path, group: str, table: str, picture: str
) -> None:
    """The pictures of the documents; the menu is folded so that the graph has room."""
    browser.open(group, table)
    hide = browser.page.get_by_text("Hide navigation")
    if hide.count():
        hide.click()
    browser.open(group, table, "Materialized", "Passed")
    browser.page.wait_for_timeout(SETTLE_MS)
    target = Path(os.environ.get("DSR_PICTURES", tmp_path)) / picture
    target.parent.mkdir(parents=True, exist_ok=True)
    browser.page.screenshot(path=str(target))
    assert target.stat().st_size > 50_000


def test_an_export_dropped_into_the_inbox_is_imported_by_itself(
    browser: Browser, server: tuple[str, Path]
) -> None:
    """Sensor, queue, run and tables, with nobody pressing anything."""
    _, home = server
    lake = Lake(home / "data" / "lake")
    before = lake.tables()["bank/transactions"].rows
    export = home / "csv_inbox" / "alex" / "Chase5555_Activity_20260331.CSV"
    export.write_text(
        "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n"
        'DEBIT,03/30/2026,"HARBOR FUEL 00412 GALVESTON TX",-30.00,DEBIT_CARD,70.00,,\n'
    )
    end = time.monotonic() + SENSOR_SECONDS
    while lake.tables()["bank/transactions"].rows == before:
        assert time.monotonic() < end, "the sensor started no run"
        time.sleep(1)
    assert lake.tables()["bank/transactions"].rows == before + 1
    browser.open("/runs", "1 new or changed files")


def test_nothing_was_asked_of_other_machines_and_no_page_complained(browser: Browser) -> None:
    """Telemetry and welcome pages are off; fonts and scripts come from this machine."""
    assert browser.elsewhere == []
    assert browser.complaints == []
