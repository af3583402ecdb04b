"""Pictures and charts of a sheet as parts of a file: made once for equal ones, because their XML is costly.

Lives here: how a column chart looks. A chart names ranges and holds no figure, so that the workbooks of one
look share a few drawings. Called by `xlsx`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import quoteattr

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.image import Image
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Font, Paragraph, ParagraphProperties
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from dsr_pipeline.reports import safe_text
from dsr_pipeline.reports.book import Picture, Sheet
from dsr_pipeline.reports.xlsx_inside import Drawing, drawing_of

MUTED = "5B6673"
HAIRLINE = "D5DBE3"
GAP_WIDTH = 55
"""Between columns, in percent of their width."""
_KEPT = 256
_PER_INCH, _CM_PER_INCH = 96, 2.54

_Chart = tuple[int, int, str, str, int, int, str, str, str, str]


def drawing(sheet: Sheet, number: int) -> Drawing:
    """The drawing of a sheet, which is the given one of its workbook."""
    charts = tuple(
        (
            chart.row,
            chart.column,
            chart.data,
            chart.categories,
            chart.width,
            chart.height,
            chart.color,
            chart.description,
            chart.category_format,
            chart.value_format,
        )
        for chart in sheet.charts
    )
    return _drawing(sheet.name, number, sheet.pictures, charts)


@lru_cache(maxsize=_KEPT)
def _drawing(name: str, number: int, pictures: tuple[Picture, ...], charts: tuple[_Chart, ...]) -> Drawing:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = name
    for chart in charts:
        place = f"{get_column_letter(chart[1])}{chart[0]}"
        sheet.add_chart(_chart(sheet, chart), place)
    for picture in pictures:
        image = Image(BytesIO(picture.png))
        image.width, image.height = picture.width, picture.height
        sheet.add_image(image, f"{get_column_letter(picture.column)}{picture.row}")
    made = drawing_of(book)
    descriptions = [chart[7] for chart in charts] + [picture.description for picture in pictures]
    return _numbered(_described(made, descriptions), number)


def _chart(sheet: Any, chart: _Chart) -> Any:
    _, _, data, categories, width, height, color, _, category_format, value_format = chart
    reference: Any = Reference
    quoted = "'" + sheet.title.replace("'", "''") + "'"
    bars: Any = BarChart()
    bars.type = "col"
    bars.legend = None
    bars.gapWidth = GAP_WIDTH
    bars.add_data(reference(sheet, range_string=f"{quoted}!{data}"))
    bars.set_categories(reference(sheet, range_string=f"{quoted}!{categories}"))
    series = bars.series[0]
    series.graphicalProperties = GraphicalProperties(solidFill=color, ln=LineProperties(noFill=True))
    series.invertIfNegative = False
    bars.width, bars.height = width / _PER_INCH * _CM_PER_INCH, height / _PER_INCH * _CM_PER_INCH
    small: Any = CharacterProperties(sz=800, solidFill=MUTED, latin=Font(typeface="Calibri"))
    for axis, form in ((bars.x_axis, category_format), (bars.y_axis, value_format)):
        axis.delete = False
        axis.number_format, axis.numFmt.sourceLinked = form, False
        axis.majorTickMark = axis.minorTickMark = "none"
        axis.txPr = RichText(p=[Paragraph(pPr=ParagraphProperties(defRPr=small), endParaRPr=small)])
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=HAIRLINE))
    # Names of days stay below where a day is negative.
    bars.x_axis.tickLblPos = "low"
    bars.y_axis.majorGridlines.spPr = GraphicalProperties(ln=LineProperties(solidFill=HAIRLINE, w=6350))
    bars.graphical_properties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
    return bars


def _described(made: Drawing, descriptions: Sequence[str]) -> Drawing:
    """The drawing with a text for those who do not see it; openpyxl has a place for none."""
    name = made.path[1:]
    xml = made.parts[name].replace(b' descr="Picture"', b"")
    for at, description in enumerate(descriptions, start=1):
        text = quoteattr(safe_text.clean(description)).encode()
        for kind in (b"Chart", b"Image"):
            found = b'<cNvPr id="%d" name="%s %d"' % (at, kind, at)
            xml = xml.replace(found, found + b" descr=" + text)
    return Drawing(made.path, {**made.parts, name: xml}, made.listed)


def _numbered(made: Drawing, number: int) -> Drawing:
    """The drawing with names of its own in the workbook."""
    names = {name: _with_number(name, number) for name in made.parts}
    parts: dict[str, bytes] = {}
    for name, part in made.parts.items():
        xml = part
        if name.endswith(".rels"):
            for old, new in names.items():
                xml = xml.replace(f'"/{old}"'.encode(), f'"/{new}"'.encode())
        parts[names[name]] = xml
    listed = tuple(type(part)(f"/{names[part.path[1:]]}", part.mime_type) for part in made.listed)
    return Drawing(f"/{names[made.path[1:]]}", parts, listed)


def _with_number(name: str, number: int) -> str:
    """`xl/charts/chart1.xml` of the third sheet is `xl/charts/chart301.xml`: no two sheets share a name."""
    stem, dot, end = name.partition(".")
    digits = stem.rstrip("0123456789")
    return f"{digits}{number}{int(stem[len(digits) :]):02d}{dot}{end}"
