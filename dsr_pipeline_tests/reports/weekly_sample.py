"""Weekly reports of an invented contractor, as the layout gets them: plain, revised, withdrawn, long, odd."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dsr_pipeline.money import round_half_away
from dsr_pipeline.reports.weekly_content import (
    Line,
    RemovedLine,
    Report,
    ReportException,
    Source,
    TieOut,
)
from dsr_pipeline.reports.weekly_rules import WeeklyLook, load_look

FIRST = date(2025, 8, 11)
ENDING = date(2025, 8, 17)
CODES = (
    ("CND-2ACSR", "Install", "Conductor, primary, #2 ACSR, per foot", "FT", "3.42"),
    ("XARM-8", "Remove", "Crossarm, 8 ft, single, tangent", "EA", "96.30"),
    ("POL-45-2", "Install", "Pole, wood, 45 ft class 2, set in soil", "EA", "1480"),
    ("CUT-15KV", "Install", "Cutout, 15 kV, 100 A, with bracket", "EA", "187.45"),
    ("ANC-PLT-8", "Install", "Anchor, plate, 8 in, with 10 ft rod", "EA", "214.75"),
    ("XFR-25-OH", "Install", "Transformer, overhead, 25 kVA, single phase", "EA", "612.50"),
    ("GND-ROD", "Install", "Ground rod, 5/8 in x 8 ft, copper clad", "EA", "58.90"),
)


def shipped_look() -> WeeklyLook:
    """The look that the project ships."""
    return load_look(Path(__file__).resolve().parents[2] / "rules")


def line(number: int, day: date | None = FIRST, **changes: Any) -> Line:
    """One line; equal numbers give equal lines."""
    code, work_type, description, uom, price = CODES[number % len(CODES)]
    quantity = Decimal(20 + number * 13 % 300 if uom == "FT" else 1 + number % 3)
    unit_price = Decimal(price)
    made: dict[str, Any] = {
        "sheet_id": 1000 + number % 3,
        "row_id": 880_000 + number,
        "place": "day",
        "day": day,
        "point": f"P-{1040 + number * 7 % 45}",
        "code": code,
        "work_type": work_type,
        "description": description,
        "uom": uom,
        "quantity": quantity,
        "unit_price": unit_price,
        "amount": round_half_away(quantity * unit_price),
        "dept": "4120",
        "job": "J-22817",
        "scope": "4471-B",
        "source": f"Field sheet {number % 3 + 1} · row {number + 2}",
        "line_hash": f"{number:032x}",
    }
    return Line(**{**made, **changes})


def lines(count: int, days: int = 5) -> tuple[Line, ...]:
    """So many lines over the first days of the week."""
    return tuple(line(at, FIRST + timedelta(days=at * days // count)) for at in range(count))


def report(of: tuple[Line, ...], **changes: Any) -> Report:
    """A final report of these lines."""
    amount = sum((each.amount for each in of), Decimal(0))
    sheets = sorted({each.sheet_id for each in of})
    made: dict[str, Any] = {
        "group_id": "0123456789abcdef" * 2,
        "content_hash": "9f2c41d07be3a815" * 2,
        "work_request": "90093002",
        "week_first": FIRST,
        "week_ending": ENDING,
        "variant": "primary",
        "variant_label": "Foreman",
        "money": True,
        "claimer": "R. Alvarez",
        "foreman_label": "Foreman",
        "dept": "4120",
        "scope": "4471-B",
        "work_order": "77120345",
        "job": "J-22817",
        "customer": "Example Utility Co.",
        "area": "North",
        "currency": "USD",
        "revision": 1,
        "status": "final",
        "replaces": None,
        "prior_week": Decimal("21877.31"),
        "data_as_of": datetime(2025, 8, 19, 6, 0, tzinfo=ZoneInfo("America/Chicago")),
        "lines": of,
        "removed": (),
        "exceptions": (),
        "sources": tuple(
            Source(f"Field sheet {sheet - 999}", sheet, sum(1 for each in of if each.sheet_id == sheet))
            for sheet in sheets
        ),
        "rate_tables": ("price_list 2025-07-01",),
        "tie_out": TieOut(amount, amount, amount),
    }
    return Report(**{**made, **changes})


def exception(kind: str, billed: str | None, at_stake: str, **changes: Any) -> ReportException:
    """A row to look at."""
    made: dict[str, Any] = {
        "kind": kind,
        "reason": f"a sentence that says why this row is {kind}",
        "source": "Field sheet 2 · row 10",
        "point": "P-7",
        "code": "POL-45-2",
        "work_type": "Install",
        "quantity": "two EA",
        "snapshot": "08/12/2025",
        "billed": None if billed is None else Decimal(billed),
        "at_stake": Decimal(at_stake),
    }
    return ReportException(**{**made, **changes})


EXCEPTIONS = (
    exception("rejected", None, "1480"),
    exception("rejected", None, "96.30"),
    exception("duplicate", None, "612.50"),
    exception("held", None, "562.35", reason="the sheet could not be read since 08/18/2025, " * 5),
    exception("undated", "374.90", "0"),
    exception("remark", "58.90", "0"),
)


def plain(count: int = 70) -> Report:
    """A final report with everything that an ordinary one has."""
    return report(lines(count), exceptions=EXCEPTIONS)


def revised() -> Report:
    """New, changed, removed, undated and out-of-week lines, credits, missing numbers, parts of units."""
    of = [replace(each, mark="same") for each in lines(40)]
    of[2] = replace(of[2], mark="new")
    of[5] = replace(of[5], mark="changed", was=Decimal("1837.55"), was_text="# Units 3 → 2")
    of[9] = replace(of[9], mark="changed", was=of[9].amount, was_text="Point # P-1 → P-2")
    of[12] = line(
        12,
        of[12].day,
        mark="new",
        quantity=Decimal(-1),
        unit_price=Decimal(1480),
        amount=Decimal(-1480),
        credit_reason="billed twice on 08/06",
    )
    of[14] = replace(of[14], quantity=Decimal("2.5"), unit_price=Decimal("1.234567"), amount=Decimal("3.09"))
    of[15] = replace(of[15], quantity=None, unit_price=None, amount=Decimal("99.99"))
    of[16] = replace(of[16], unit_price=None)
    of[17] = replace(of[17], quantity=Decimal(3), unit_price=Decimal("0.335"), amount=Decimal("1.01"))
    of[18] = replace(of[18], description="POLE WOOD CLASS 2 45 FOOT SOUTHERN YELLOW PINE " * 3)
    of[19] = replace(of[19], point="", work_type="", uom="", description="")
    of += [
        line(90, None, place="undated", mark="same"),
        line(91, date(2025, 8, 4), place="out_of_week", mark="new"),
        line(
            92, date(2025, 8, 20), place="out_of_week", mark="same", amount=Decimal("-7.01"), unit_price=None
        ),
    ]
    return report(
        tuple(of),
        removed=removed(3),
        revision=3,
        status="revised",
        replaces=(2, date(2025, 8, 18)),
        marks_from=2,
        exceptions=EXCEPTIONS,
        prior_week=Decimal(81000),
    )


def removed(count: int) -> tuple[RemovedLine, ...]:
    """Lines that an earlier revision billed."""
    return tuple(
        RemovedLine(
            day=date(2025, 8, 12),
            point=f"P-{at}",
            code="XARM-8",
            work_type="Remove",
            description="Crossarm, 8 ft, single, tangent",
            quantity=Decimal(2),
            amount=Decimal("192.60"),
            source="Field sheet 1 · row 4",
        )
        for at in range(count)
    )


def withdrawn() -> Report:
    """Nothing is left of what was published."""
    return report(
        (),
        removed=removed(4),
        revision=2,
        status="withdrawn",
        replaces=(1, date(2025, 8, 18)),
        marks_from=1,
        prior_week=None,
    )


def credits() -> Report:
    """More is taken back than billed, after a week that was negative, too."""
    of = tuple(
        replace(each, quantity=-(each.quantity or 0), amount=-each.amount) if at % 3 else each
        for at, each in enumerate(lines(30, days=4))
    )
    return report(of, prior_week=Decimal(-500))


def strange() -> Report:
    """Values of no ordinary length, points that no formula can tell apart."""
    of = lines(20)
    long = tuple(
        replace(
            each,
            point=f"*{at} POINT NUMBER THAT IS FAR TOO LONG",
            code="ANC-DHM-10-84-D1-EXTRA-LONG-CODE",
            work_type="Removal and transfer",
            uom="THOUSAND FEET",
            quantity=Decimal("123456789.123456"),
            unit_price=Decimal("99999.123456"),
            amount=Decimal("12345678901.56"),
            source="A very long name of a sheet of the crews in the northern region 2026 · row 12345",
        )
        for at, each in enumerate(of[:6])
    )
    return report(
        long + of[6:],
        work_request="90093002-A-VERY-LONG-WORK-REQUEST-NUMBER-1234567890",
        claimer="Maria Alejandra de los Santos y Hernández, Jonathan Christopher Featherstonehaugh",
        customer="Consolidated Intermountain Rural Electric Membership Cooperative of the Great Southwest",
        scope="4471-B, 4471-C, 4471-D, 4472-A",
        dept=", ".join(str(4120 + at) for at in range(9)),
        rate_tables=tuple(f"price_list_{at} 2025-0{at}-01" for at in range(1, 9)),
        prior_week=Decimal("9876543210123.56"),
    )


def every_kind() -> dict[str, Report]:
    """One report of every kind."""
    return {
        "plain": plain(),
        "revised": revised(),
        "withdrawn": withdrawn(),
        "credits": credits(),
        "strange": strange(),
        "one": report(lines(1), status="draft", prior_week=None),
        "long": report(lines(150, days=2), prior_week=Decimal(0)),
        "view": report(lines(12), money=False, variant="contract", variant_label="Contract price"),
    }
