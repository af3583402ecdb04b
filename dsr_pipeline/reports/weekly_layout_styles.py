"""The styles of the weekly workbook, by name, from the colours and the currency of a company.

Lives here: how cells look, nothing else. `weekly_layout` gives them to the book; its parts name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from dsr_pipeline.reports.book import Style
from dsr_pipeline.reports.weekly_rules import Colors

if TYPE_CHECKING:
    from dsr_pipeline.reports.weekly_rules import WeeklyLook

CHANGED = "8A5A00"
"""Text of what changed: amber, 5.9 : 1 on white (reporting palette)."""
_ON_BAND = "DCE5F0"
_SYMBOLS = {"USD": "$", "CAD": "$", "MXN": "$", "EUR": '"€"', "GBP": '"£"'}
_LOCALES = {"en": "[$-409]", "es": "[$-C0A]", "fr": "[$-40C]"}

COUNT = '#,##0;[Red]-#,##0;"–"'
COUNT_FINE = "#,##0.0#####;[Red]-#,##0.0#####"
PRICE_FINE = "#,##0.00####;[Red]-#,##0.00####"
FLAT = "#,##0.00_);[Red](#,##0.00);0.00_)"
CHANGE = "▲ 0.0%;[Red]▼ 0.0%;0.0%"


def wide_money(currency: str) -> str:
    """Money in a wide column, the sign of the currency at the figure; nothing is a dash."""
    sign = _SYMBOLS.get(currency, f'"{currency} "')
    return f'{sign}#,##0.00;[Red]({sign}#,##0.00);"–"'


def band_money(currency: str) -> str:
    """Money on a dark band, where red could not be read; a little off the edge."""
    sign = _SYMBOLS.get(currency, f'"{currency} "')
    return f"{sign}#,##0.00_);({sign}#,##0.00);{sign}0.00_)"


def axis_money(currency: str) -> str:
    """Whole money beside a chart."""
    sign = _SYMBOLS.get(currency, f'"{currency} "')
    return f"{sign}#,##0;({sign}#,##0)"


def ledger_money(currency: str) -> str:
    """Money in a narrow column, the sign of the currency at its left edge."""
    sign = _SYMBOLS.get(currency, f'"{currency} "')
    return f'_({sign}* #,##0.00_);[Red]_({sign}* (#,##0.00);_({sign}* "-"??_);_(@_)'


def weekday_format(look: WeeklyLook) -> str:
    """Format of a day of the week such as `Mon 08/11`, in the language of the report."""
    pattern = look.rules.day_format
    short = "-".join(part for part in pattern.split("-") if "y" not in part)
    for mark in "/.":
        if mark in pattern:
            short = mark.join(part for part in pattern.split(mark) if "y" not in part)
    return f"{_LOCALES[look.rules.language]}ddd {short}"


def axis_format(look: WeeklyLook) -> str:
    """Format of a day under the chart."""
    return f"{_LOCALES[look.rules.language]}ddd"


def weekly_styles(look: WeeklyLook, currency: str) -> Mapping[str, Style]:
    """All styles by name; the same mapping for the same look, so that writers can keep what they make."""
    colors = look.rules.colors.model_dump_json()
    return _styles(colors, currency, weekday_format(look), look.rules.day_format)


@lru_cache(maxsize=16)
def _styles(colors_json: str, currency: str, weekday: str, day: str) -> Mapping[str, Style]:
    colors = Colors.model_validate_json(colors_json)
    return {
        **_head(colors, currency, weekday),
        **_blocks(colors, currency),
        **_end(colors, currency),
        **_flat(colors, day),
        **_about(colors, currency, day),
    }


def _head(c: Colors, currency: str, weekday: str) -> dict[str, Style]:
    ink = Style(color=c.ink)
    row = replace(ink, bottom="hair", bottom_color=c.hairline)
    muted = replace(row, color=c.muted)
    right = replace(row, align="right", shrink=True)
    section = Style(bold=True, color=c.structure, bottom="medium", bottom_color=c.structure)
    total = replace(
        ink,
        shrink=True,
        bold=True,
        fill=c.subtotal,
        top="thin",
        bottom="double",
        top_color=c.structure,
        bottom_color=c.structure,
    )
    return {
        "band": Style(size=11, bold=True, color="FFFFFF", fill=c.structure, indent=1, align="left"),
        "band_right": Style(bold=True, color="FFFFFF", fill=c.structure, indent=1, align="right"),
        "title": Style(size=20, bold=True, color=c.structure),
        "subtitle": Style(size=11, color=c.ink),
        "period": Style(color=c.muted),
        "head_note": Style(size=9, color=c.muted, align="right"),
        "status_draft": Style(size=11, bold=True, color=c.muted, align="right"),
        "status_final": Style(size=11, bold=True, color=c.positive, align="right"),
        "status_revised": Style(size=11, bold=True, color=c.structure, align="right"),
        "status_withdrawn": Style(size=11, bold=True, color=c.negative, align="right"),
        "accent": Style(fill=c.accent),
        "notice": Style(bold=True, color=c.negative),
        "section": section,
        "section_column": replace(section, size=9, color=c.muted, align="right"),
        "label": muted,
        "label_strong": replace(row, bold=True),
        "headline": replace(right, size=15, bold=True, color=c.structure, format=wide_money(currency)),
        "money": replace(right, format=wide_money(currency)),
        "change": replace(right, bold=True, format=CHANGE),
        "value": replace(right, bold=True, shrink=False),
        "value_long": replace(right, bold=True, size=8, shrink=False),
        "alert": replace(right, bold=True, color=c.negative, format=wide_money(currency)),
        "weekday": replace(row, align="left", format=weekday),
        "place": replace(row, align="left", color=CHANGED, bold=True),
        "items": replace(right, format=COUNT),
        "total_label": total,
        "total_items": replace(total, align="right", format=COUNT),
        "total_money": replace(total, align="right", format=wide_money(currency)),
    }


def _blocks(c: Colors, currency: str) -> dict[str, Style]:
    band = Style(size=11, bold=True, color="FFFFFF", fill=c.structure, indent=1, align="left")
    column = Style(
        size=9,
        bold=True,
        color=c.muted,
        fill=c.soft,
        align="left",
        bottom="thin",
        bottom_color=c.hairline,
        shrink=True,
    )
    # The line between rows is above each, so that a note below a line belongs to it.
    line = Style(color=c.ink, top="hair", top_color=c.hairline, align="left", shrink=True)
    lines = {
        "text": line,
        "wrapped": replace(line, shrink=False, wrap=True),
        "middle": replace(line, align="center"),
        "units": replace(line, align="right", format=COUNT),
        "units_fine": replace(line, align="right", format=COUNT_FINE),
        "price": replace(line, align="right", format=PRICE_FINE),
        "amount": replace(line, align="right", format=ledger_money(currency)),
        "mark_new": replace(line, align="center", bold=True, color=c.positive),
        "mark_changed": replace(line, align="center", bold=True, color=CHANGED),
    }
    note = Style(size=8, italic=True, color=c.muted, valign="top")
    sub = Style(bold=True, color=c.ink, fill=c.subtotal, top="thin", top_color=c.structure)
    gone = replace(line, color=c.muted, strike=True)
    return {
        # It runs over the empty cell beside it.
        "text_over": replace(line, shrink=False),
        "block": band,
        "block_note": Style(size=9, color=_ON_BAND, fill=c.structure, indent=1, align="right"),
        "block_odd": replace(band, fill=CHANGED),
        "block_odd_note": Style(size=9, color="FFFFFF", fill=CHANGED, indent=1, align="right"),
        "column": column,
        "column_middle": replace(column, align="center"),
        "column_right": replace(column, align="right"),
        **lines,
        "note_changed": replace(note, color=CHANGED),
        "note_credit": replace(note, color=c.negative),
        "subtotal": replace(sub, indent=1, align="left"),
        "subtotal_amount": replace(sub, align="right", format=ledger_money(currency), shrink=True),
        "subtotal_units": replace(sub, align="right", format=COUNT, shrink=True),
        "gone": gone,
        "gone_wrapped": replace(gone, shrink=False, wrap=True),
        "gone_units": replace(gone, align="right", format=COUNT),
        "gone_units_fine": replace(gone, align="right", format=COUNT_FINE),
        "gone_amount": replace(gone, align="right", format=wide_money(currency)),
    }


def _end(c: Colors, currency: str) -> dict[str, Style]:
    grand = Style(size=12, bold=True, color="FFFFFF", fill=c.structure, indent=1, align="left")
    return {
        "grand": grand,
        "grand_amount": replace(
            grand, size=13, indent=0, align="right", format=band_money(currency), shrink=True
        ),
        "sign": Style(size=9, color=c.muted, top="thin", top_color=c.ink, valign="top"),
        "footnote": Style(size=8, italic=True, color=c.muted),
        "quiet": Style(italic=True, color=c.muted),
        "link_right": Style(size=9, underline=True, color=c.structure, align="right"),
    }


def _flat(c: Colors, day: str) -> dict[str, Style]:
    head = Style(bold=True, color="FFFFFF", fill=c.structure, align="left")
    cell = Style(color=c.ink, top="hair", top_color=c.hairline, align="left")
    figure = replace(cell, align="right", shrink=True)
    return {
        "flat_head": head,
        "flat_head_right": replace(head, align="right"),
        "flat": cell,
        "flat_day": replace(cell, format=day),
        "flat_count": replace(figure, format=COUNT),
        "flat_count_fine": replace(figure, format=COUNT_FINE),
        "flat_price": replace(figure, format=PRICE_FINE),
        "flat_amount": replace(figure, format=FLAT),
        "listed": replace(cell, wrap=True),
    }


def _about(c: Colors, currency: str, day: str) -> dict[str, Style]:
    fact = Style(color=c.ink, bottom="hair", bottom_color=c.hairline, align="left", wrap=True)
    return {
        "fact": fact,
        "fact_day": replace(fact, format=day, wrap=False),
        "fact_money": replace(fact, format=wide_money(currency), wrap=False),
        "fact_good": replace(fact, bold=True, color=c.positive),
        "fact_bad": replace(fact, bold=True, color=c.negative),
    }
