"""A stand-in of Smartsheet for tests: a real server on a port of its own, with its clock, faults and journal.

Made by the fixture `stand_in`; a conftest takes it over with
`from dsr_pipeline_tests.standin import stand_in, stand_in_factory`.
"""

from __future__ import annotations

import ipaddress
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import smartsheet

from dsr_pipeline.sandbox import journal
from dsr_pipeline.sandbox.app import build_app
from dsr_pipeline.sandbox.clock import SettableClock, as_text
from dsr_pipeline.sandbox.faults import FaultBook
from dsr_pipeline.sandbox.options import Options
from dsr_pipeline.sandbox.serve import Certificate, Running, serve
from dsr_pipeline.sandbox.store import Store

TOKEN = "sandbox-token"
EMAIL = "etl.reader@example.com"
START = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)
Column = str | tuple[str, str] | Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SheetMade:
    """A sheet put straight into the store: its id, and the ids of its columns by title and of its rows."""

    id: int
    name: str
    columns: dict[str, int]
    rows: list[int]


@dataclass(slots=True)
class StandIn:
    """One running stand-in and all of its handles."""

    running: Running
    store: Store
    clock: SettableClock
    faults: FaultBook
    token: str = TOKEN
    sdk_clients: list[smartsheet.Smartsheet] = field(default_factory=list)

    @property
    def base(self) -> str:
        """The `api_base` of an SDK."""
        return self.running.base

    @property
    def root(self) -> str:
        """Scheme, host and port: the control surface lies below `/sandbox`."""
        return self.running.root

    def journal(self, since: int = 0) -> list[journal.Entry]:
        """The requests so far, in the order of their arrival."""
        return journal.entries(self.store, since)

    def forget(self) -> None:
        """Empty the journal and the book of faults."""
        journal.clear(self.store)
        self.faults.clear()

    def cost(self) -> int:
        """Units spent by all requests of the journal."""
        return sum(entry.cost for entry in self.journal())

    def sdk(self, token: str | None = None) -> smartsheet.Smartsheet:
        """The real SDK against this server, with errors as exceptions and no proxy."""
        client = smartsheet.Smartsheet(access_token=token or self.token, api_base=self.base)
        client.errors_as_exceptions(True)
        client._session.trust_env = False
        self.sdk_clients.append(client)
        return client

    def http(self, method: str, path: str, token: str | None = TOKEN, **more: Any) -> requests.Response:
        """One raw request below `/2.0`; `token=None` sends no Authorization."""
        headers = dict(more.pop("headers", {}))
        if token is not None:
            headers.setdefault("Authorization", f"Bearer {token}")
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.base + path, headers=headers, timeout=30, **more)

    def control(self, method: str, name: str, body: Any = None, **more: Any) -> Any:
        """One request to the control surface, its answer decoded; anything but 200 is an assertion."""
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(method, f"{self.root}/sandbox/{name}", json=body, timeout=30, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def user(self, email: str, token: str, first: str = "", last: str = "", *, expired: bool = False) -> int:
        """A user with a token, made where there is none with this address; no access to anything yet."""
        with self.store.writing() as db:
            found = db.execute("SELECT id FROM users WHERE email=?", (email,)).fetchone()
            user = found[0] if found else self.store.new_id()
            if not found:
                db.execute("INSERT INTO users VALUES(?,?,?,?)", (user, email, first or email, last))
            db.execute("INSERT OR REPLACE INTO tokens VALUES(?,?,?)", (token, user, expired))
        return int(user)

    def share(
        self, email: str, level: str, *, sheet: int | None = None, workspace: int | None = None
    ) -> None:
        """Give a user a level on one sheet or one workspace."""
        kind, ident = ("sheet", sheet) if sheet is not None else ("workspace", workspace)
        with self.store.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO access SELECT id, ?, ?, ? FROM users WHERE email=?",
                (kind, ident, level, email),
            )

    def workspace(self, name: str = "Field billing", *, level: str = "ADMIN") -> int:
        """The workspace of this name, made and shared with the token's user where there is none."""
        found = self.store.connection().execute("SELECT id FROM workspaces WHERE name=?", (name,)).fetchone()
        if found:
            return int(found[0])
        ident, at = self.store.new_id(), as_text(self.clock.now())
        with self.store.writing() as db:
            db.execute("INSERT INTO workspaces VALUES(?,?,?,?)", (ident, name, at, at))
        self.share(EMAIL, level, workspace=ident)
        return ident

    def sheet(
        self,
        name: str = "Work units",
        columns: Sequence[Column] = ("Work Request #", ("Quantity", "TEXT_NUMBER")),
        rows: Sequence[Mapping[str, Any]] = (),
        *,
        workspace: str | None = "Field billing",
        folder: int | None = None,
    ) -> SheetMade:
        """A sheet in a workspace, straight into the store: no requests, no journal.

        A column is a title, (title, type) or a mapping with title, type and extras; the first one is primary.
        A cell is a plain value, or a mapping as the store keeps it ({"value": …, "displayValue": …}).
        """
        at, place = as_text(self.clock.now()), self.workspace(workspace) if workspace else None
        ident, ids = self.store.new_id(), itertools.count()
        specs = [_column(column) for column in columns]
        column_ids = dict(zip((c["title"] for c in specs), self.store.new_ids(len(specs)), strict=True))
        row_ids = self.store.new_ids(len(rows)) if rows else []
        with self.store.writing() as db:
            me = db.execute("SELECT id FROM users WHERE email=?", (EMAIL,)).fetchone()[0]
            db.execute("INSERT INTO sheets VALUES(?,?,?,?,0,?,?)", (ident, name, place, folder, at, at))
            if place is None:
                db.execute("INSERT INTO access VALUES(?,'sheet',?,'OWNER')", (me, ident))
            for spec in specs:
                extra = {key: value for key, value in spec.items() if key not in {"title", "type"}}
                n = next(ids)
                db.execute(
                    "INSERT INTO columns VALUES(?,?,?,?,?,?,?)",
                    (
                        column_ids[spec["title"]],
                        ident,
                        n,
                        spec["title"],
                        spec["type"],
                        n == 0,
                        json.dumps(extra),
                    ),
                )
            for n, (row_id, cells) in enumerate(zip(row_ids, rows, strict=True), start=1):
                kept = {
                    str(column_ids[title]): value if isinstance(value, Mapping) else {"value": value}
                    for title, value in cells.items()
                    if value is not None
                }
                db.execute(
                    "INSERT INTO rows(id, sheet_id, position, created_at, created_by, modified_at, "
                    "modified_by, blank, cells) VALUES(?,?,?,?,?,?,?,?,?)",
                    (row_id, ident, float(n), at, me, at, me, not kept, json.dumps(kept)),
                )
        return SheetMade(ident, name, column_ids, row_ids)


def _column(column: Column) -> dict[str, Any]:
    if isinstance(column, str):
        return {"title": column, "type": "TEXT_NUMBER"}
    if isinstance(column, tuple):
        return {"title": column[0], "type": column[1]}
    return {"type": "TEXT_NUMBER", **column}


StandInFactory = Callable[..., StandIn]


@pytest.fixture
def stand_in_factory(tmp_path: Path) -> Iterator[StandInFactory]:
    """Start stand-ins with options of their own: `stand_in_factory(rate_limit=RateLimit(30, 2))`."""
    started: list[StandIn] = []
    keys = itertools.count(1)

    def start(*, certificate: Certificate | None = None, db: Path | None = None, **options: Any) -> StandIn:
        store = Store(db or tmp_path / f"stand_in_{len(started)}.sqlite")
        clock = SettableClock(START)
        options.setdefault("token_for_urls", lambda: f"key{next(keys)}")
        app = build_app(store, clock=clock, options=Options(**options))
        running = serve(app, token=TOKEN, certificate=certificate)
        made = StandIn(running, store, clock, app.state.faults)
        made.user(EMAIL, TOKEN, "ETL", "Reader")
        started.append(made)
        return made

    yield start
    for made in started:
        made.running.stop()
        for client in made.sdk_clients:
            client._session.close()
        made.store.close()


@pytest.fixture
def stand_in(stand_in_factory: StandInFactory) -> StandIn:
    """A stand-in without a rate limit, its clock at `START`."""
    return stand_in_factory()


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """A self-signed certificate for 127.0.0.1, from a package that others of the test environment bring."""
    x509 = pytest.importorskip("cryptography.x509")
    primitives = "cryptography.hazmat.primitives"
    ec = pytest.importorskip(f"{primitives}.asymmetric.ec")
    serialization = pytest.importorskip(f"{primitives}.serialization")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "stand-in")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now, hour = datetime.now(UTC), timedelta(hours=1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - hour, now + hour)
    for extension, critical in (
        (address, False),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ):
        builder = builder.add_extension(extension, critical)
    made = builder.sign(key, pytest.importorskip(f"{primitives}.hashes").SHA256())
    certificate, private = tmp_path / "certificate.pem", tmp_path / "key.pem"
    pem = serialization.Encoding.PEM
    certificate.write_bytes(made.public_bytes(pem))
    private.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return Certificate(certificate, private)
