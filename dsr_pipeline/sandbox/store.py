"""Where the stand-in keeps its state: one SQLite file in WAL mode, and the ids that it gives out.

No meaning of the API lives here. Called by every endpoint, by the control surface and by the seeds.
"""

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

DDL = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS users(
  id INTEGER PRIMARY KEY, email TEXT UNIQUE NOT NULL, first_name TEXT NOT NULL, last_name TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tokens(
  token TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users, expired INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS workspaces(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL, modified_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS folders(
  id INTEGER PRIMARY KEY, workspace_id INTEGER NOT NULL, parent_id INTEGER, name TEXT NOT NULL,
  created_at TEXT NOT NULL, modified_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sheets(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, workspace_id INTEGER, folder_id INTEGER,
  version INTEGER NOT NULL DEFAULT 0, created_at TEXT NOT NULL, modified_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sheet_changes(
  sheet_id INTEGER NOT NULL, version INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY(sheet_id, version));
CREATE TABLE IF NOT EXISTS access(
  user_id INTEGER NOT NULL, object TEXT NOT NULL CHECK(object IN ('sheet','workspace')),
  object_id INTEGER NOT NULL,
  level TEXT NOT NULL CHECK(level IN ('VIEWER','COMMENTER','EDITOR','EDITOR_SHARE','ADMIN','OWNER')),
  PRIMARY KEY(user_id, object, object_id));
CREATE TABLE IF NOT EXISTS columns(
  id INTEGER PRIMARY KEY, sheet_id INTEGER NOT NULL, position INTEGER NOT NULL, title TEXT NOT NULL,
  type TEXT NOT NULL, is_primary INTEGER NOT NULL DEFAULT 0, extra TEXT NOT NULL DEFAULT '{}');
CREATE INDEX IF NOT EXISTS columns_by_sheet ON columns(sheet_id, position);
CREATE TABLE IF NOT EXISTS rows(
  id INTEGER PRIMARY KEY, sheet_id INTEGER NOT NULL, position REAL NOT NULL, parent_id INTEGER,
  expanded INTEGER NOT NULL DEFAULT 1, locked INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL, created_by INTEGER, modified_at TEXT NOT NULL, modified_by INTEGER,
  blank INTEGER NOT NULL DEFAULT 0, cells TEXT NOT NULL, format TEXT);
CREATE INDEX IF NOT EXISTS rows_by_sheet ON rows(sheet_id, position);
CREATE TABLE IF NOT EXISTS cell_history(
  sheet_id INTEGER NOT NULL, row_id INTEGER NOT NULL, column_id INTEGER NOT NULL, seq INTEGER NOT NULL,
  cell TEXT NOT NULL, modified_at TEXT NOT NULL, modified_by INTEGER,
  PRIMARY KEY(row_id, column_id, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS attachments(
  id INTEGER PRIMARY KEY, sheet_id INTEGER NOT NULL, row_id INTEGER, chain INTEGER NOT NULL,
  version_no INTEGER NOT NULL, name TEXT NOT NULL, mime_type TEXT NOT NULL, size INTEGER NOT NULL,
  created_at TEXT NOT NULL, created_by INTEGER, data BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS attachments_by_sheet ON attachments(sheet_id, row_id);
CREATE TABLE IF NOT EXISTS attachment_urls(
  key TEXT PRIMARY KEY, attachment_id INTEGER NOT NULL, expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS journal(
  seq INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, user_id INTEGER, method TEXT NOT NULL,
  path TEXT NOT NULL, query TEXT NOT NULL, status INTEGER, error_code INTEGER, cost INTEGER NOT NULL,
  fault TEXT);
"""

# Ids of the service have at most 16 digits and stay under 2**53, so that every JSON reader keeps them whole.
# A step that is coprime to the span visits every number of it once: unique without looking, and scattered.
_FIRST_ID = 1_000_000_000_000_000
_ID_SPAN = 8_000_000_000_000_000
_ID_STEP = 3_141_592_653_589_793
_ID_STEP_BACK = pow(_ID_STEP, -1, _ID_SPAN)


def order_of_id(given: int) -> int:
    """How many ids a store gave out before this one: ids are scattered, they do not rise with time."""
    return (given - _FIRST_ID) * _ID_STEP_BACK % _ID_SPAN


class Store:
    """The state of one stand-in in one SQLite file; safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._opened: list[tuple[threading.Thread, sqlite3.Connection]] = []
        self._guard = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection().executescript(DDL)
        self._add_what_older_files_lack()

    def _add_what_older_files_lack(self) -> None:
        with self.writing() as connection:
            known = {row["name"] for row in connection.execute("PRAGMA table_info(rows)")}
            if "format" not in known:
                connection.execute("ALTER TABLE rows ADD COLUMN format TEXT")

    def connection(self) -> sqlite3.Connection:
        """The connection of the calling thread; statements outside `writing` commit by themselves."""
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is not None:
            return known
        opened = sqlite3.connect(self.path, isolation_level=None, timeout=60, check_same_thread=False)
        opened.row_factory = sqlite3.Row
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("PRAGMA synchronous=NORMAL")
        opened.execute("PRAGMA foreign_keys=ON")
        self._local.connection = opened
        with self._guard:
            # Servers let idle threads end and start new ones: what the ended ones held open is closed here.
            ended = [pair for pair in self._opened if not pair[0].is_alive()]
            self._opened = [pair for pair in self._opened if pair[0].is_alive()]
            self._opened.append((threading.current_thread(), opened))
        for _, connection in ended:
            connection.close()
        return opened

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """One transaction that holds the only write lock; inside another one it is part of that one."""
        connection = self.connection()
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """One snapshot for several reads: no write of another request shows in between."""
        connection = self.connection()
        if connection.in_transaction:
            yield connection
            return
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("COMMIT")

    def new_id(self) -> int:
        """The next id of this store."""
        return self.new_ids(1)[0]

    def new_ids(self, count: int) -> list[int]:
        """The next `count` ids, the same ones in every store with the same past."""
        with self.writing() as connection:
            found = connection.execute("SELECT value FROM meta WHERE key='ids_given'").fetchone()
            given = int(found[0]) if found else 0
            connection.execute(
                "INSERT INTO meta VALUES('ids_given', ?) ON CONFLICT(key) DO UPDATE SET value=excluded.value",
                (str(given + count),),
            )
        return [_FIRST_ID + (given + n + 1) * _ID_STEP % _ID_SPAN for n in range(count)]

    def close(self) -> None:
        """Close the connections of all threads; only when no request is under way."""
        with self._guard:
            for _, connection in self._opened:
                connection.close()
            self._opened.clear()
        self._local = threading.local()
