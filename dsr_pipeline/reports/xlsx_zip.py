"""The zip of a workbook with bytes that depend on its parts alone: fixed times, order and attributes.

Called by the writers of workbooks; it knows nothing of what the parts say.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

_TIME = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can tell."""
_LEVEL = 6
_ATTRIBUTES = 0o644 << 16
"""Those of an ordinary file; `zipfile` puts others in place of none."""
_FIRST = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels")


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """The parts as one file; readers expect the list of content types first."""
    first = [name for name in _FIRST if name in parts]
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
        for name in (*first, *sorted(parts.keys() - set(first))):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = 0
            entry.external_attr = _ATTRIBUTES
            # A picture is compressed already.
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, parts[name])
    return out.getvalue()
