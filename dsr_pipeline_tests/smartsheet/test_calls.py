"""What calls cost and how they are named in the counters."""

from __future__ import annotations

import pytest

from dsr_pipeline.sandbox.limiter import cost_of as cost_at_the_server
from dsr_pipeline.smartsheet.calls import cost_of, kind_of

PATHS = [
    ("GET", "/sheets", 1, "GET /sheets"),
    ("GET", "/sheets/5", 1, "GET /sheets/{}"),
    ("GET", "/sheets/5/rows/6/columns/7/history", 10, "GET /sheets/{}/rows/{}/columns/{}/history"),
    ("POST", "/sheets/5/rows/6/attachments", 10, "POST /sheets/{}/rows/{}/attachments"),
    ("GET", "/sheets/5/rows/6/attachments", 1, "GET /sheets/{}/rows/{}/attachments"),
    ("POST", "/sheets/5/attachments", 10, "POST /sheets/{}/attachments"),
    ("POST", "/sheets/5/attachments/8/versions", 10, "POST /sheets/{}/attachments/{}/versions"),
    ("POST", "/sheets/5/rows", 1, "POST /sheets/{}/rows"),
    ("DELETE", "/sheets/5/attachments/8", 1, "DELETE /sheets/{}/attachments/{}"),
]


@pytest.mark.parametrize(("method", "path", "cost", "kind"), PATHS)
def test_costs_and_names(method: str, path: str, cost: int, kind: str) -> None:
    assert cost_of(method, path) == cost == cost_at_the_server(method, path)
    assert kind_of(method, path) == kind
