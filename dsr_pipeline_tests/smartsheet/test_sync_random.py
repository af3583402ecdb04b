"""Random months of an office, with faults, kills and edited rules: one clean sync makes the tables exact."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest

from dsr_pipeline.lake.contracts.smartsheet import ROW_VERSIONS, RUNS
from dsr_pipeline.smartsheet.cells import decode
from dsr_pipeline.smartsheet.errors import SmartsheetError
from dsr_pipeline_tests.smartsheet.account import RULES, Account, column_rules, source_rules

STEPS = ("answers kept", "rows recorded", "sheets recorded", "folded", "recorded")
FAULTS = (
    "rate_limit",
    "unexpected",
    "bad_gateway",
    "truncated_body",
    "invalid_json",
    "expired_token",
    "forbidden",
)
PLACES = (r"/sheets/\d+", "/sheets", "/workspaces.*", ".*")

Cells = dict[tuple[int, int], dict[str, Any]]


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Office:
    """People at work in three sheets, and a sync now and then, all decided by one random sequence."""

    def __init__(self, account: Account, seed: int) -> None:
        self.account = account
        self.chance = random.Random(seed)
        self.reading = {"page_size": self.chance.choice([2, 3, 5000]), "workers": self.chance.choice([1, 3])}
        self.ignored: set[int] = set()
        self.told: dict[int, Cells] = {}
        account.sources = source_rules(reading=self.reading)
        self.sheets = [account.sheet(f"Sheet {n}", rows=self.chance.randrange(6)) for n in range(3)]
        self.rows = {sheet.id: list(sheet.rows) for sheet in self.sheets}

    def live(self) -> Cells:
        """What the sheets hold that the rules name."""
        return {
            key: {column: cell["value"] for column, cell in cells.items()}
            for key, cells in self.account.live().items()
            if key[0] not in self.ignored
        }

    def known(self, seq: int) -> Cells:
        """What the log says of the same after a sync."""
        return {
            key: {
                column: held["v"] if isinstance(held, dict) else held
                for column, held in decode(cells).items()
            }
            for key, cells in self.account.as_of(seq).items()
        }

    def work(self) -> None:
        """One thing that somebody does in a sheet."""
        sheet = self.chance.choice(self.sheets)
        rows = self.rows[sheet.id]
        match self.chance.choice(["edit", "edit", "edit", "add", "delete", "empty", "blank", "rename"]):
            case "edit" if rows:
                self.account.set(sheet, self.chance.choice(rows), Quantity=self.chance.randrange(50))
            case "add":
                rows.append(self.account.add(sheet, {"Work Request #": self.chance.randrange(5)}))
            case "delete" if rows:
                self.account.delete(sheet, rows.pop(self.chance.randrange(len(rows))))
            case "empty" if rows:
                titles = (
                    "Work Request #",
                    "Weekly Reference Logged Date",
                    "Units Total Price",
                    "Quantity",
                    "Remarks",
                )
                self.account.set(sheet, self.chance.choice(rows), **dict.fromkeys(titles, ""))
            case "blank":
                body = [{"toTop": True, "cells": []}]
                answer = self.account.stand_in.http("POST", f"/sheets/{sheet.id}/rows", json=body)
                rows.append(answer.json()["result"][0]["id"])
            case "rename":
                title = self.chance.choice(["Units Completed?", "Done", "units  completed"])
                self.account.rename(sheet, "Units Completed?", title)
            case _:
                pass
        self.account.stand_in.clock.advance(self.chance.choice([0, 1, 30, 300]))

    def rule(self) -> None:
        """Somebody edits a rule file, or the clock of this machine is put elsewhere."""
        match self.chance.choice(["ignore", "titles", "clock"]):
            case "ignore":
                self.ignored ^= {self.chance.choice(self.sheets).id}
                self._ignore()
            case "titles":
                titles = self.chance.choice([["Units Completed?"], ["Units Completed?", "Done"]])
                completed = RULES["columns"]["completed"] | {"titles": titles}
                self.account.columns = column_rules({"columns": RULES["columns"] | {"completed": completed}})
            case _:
                self.account.now += timedelta(hours=self.chance.choice([-3, 24, 24 * 8]))

    def sync(self) -> None:
        """A sync that may be killed or meet faults; a clean one must be exact."""
        kill = self.chance.choice([None, None, *STEPS])
        if self.chance.random() < 0.4:
            self.account.stand_in.faults.add(
                kind=self.chance.choice(FAULTS),
                method="GET",
                path=self.chance.choice(PLACES),
                nth=self.chance.choice([1, 2, 3]),
                times=self.chance.choice([1, 2, None]),
            )

        def on_step(step: str) -> None:
            if step == kill:
                raise Killed

        try:
            report = self.account.sync(on_step=on_step, full=self.chance.random() < 0.1)
        except (Killed, SmartsheetError):
            return
        finally:
            self.account.stand_in.faults.clear()
        if report.exit_code == 0:
            self.told[report.run_seq] = self.known(report.run_seq)
            assert self.told[report.run_seq] == self.live()

    def tidy_up(self) -> None:
        """Everything is named and called as at the beginning, and one sync is left alone."""
        self.ignored.clear()
        self._ignore()
        self.account.columns = column_rules()
        for sheet in self.sheets:
            self.account.rename(sheet, "Units Completed?", "Units Completed?")
        report = self.account.sync()
        assert report.exit_code == 0, report
        self.told[report.run_seq] = self.known(report.run_seq)

    def _ignore(self) -> None:
        ignore = [{"sheet": sheet, "reason": "for now"} for sheet in sorted(self.ignored)]
        self.account.sources = source_rules(reading=self.reading, ignore=ignore)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_after_anything_one_clean_sync_is_exact(account: Account, seed: int) -> None:
    office = Office(account, seed)
    for _ in range(15):
        for _ in range(office.chance.randrange(4)):
            office.work()
        if office.chance.random() < 0.3:
            office.rule()
        office.sync()
    office.tidy_up()
    assert office.told[max(office.told)] == office.live()
    assert account.known() == set(office.live())
    assert set(account.rows()) == {row for _, row in office.live()}
    for seq, cells in office.told.items():
        assert office.known(seq) == cells
    runs = account.lake.read(RUNS)["run_seq"].to_pylist()
    assert runs == list(range(1, len(runs) + 1))
    _nothing_is_doubled(account)


def _nothing_is_doubled(account: Account) -> None:
    last: dict[tuple[int, int], tuple[Any, ...]] = {}
    versions = account.lake.read(ROW_VERSIONS).to_pylist()
    for one in sorted(versions, key=lambda version: version["run_seq"]):
        key = (one["sheet_id"], one["row_id"])
        said = tuple(
            one[name] for name in ("event", "row_hash", "modified_at_utc", "modified_by", "parent_id")
        )
        assert last.get(key) != said, one
        last[key] = said
    assert len({(one["sheet_id"], one["row_id"], one["run_seq"]) for one in versions}) == len(versions)
