"""Rows of an instance in SQLite: leads, their activities, campaigns, lists, custom fields and activity types.

Leads have one column per stored field, named as the field; booleans are 0 and 1, dates and datetimes the text that the
API answers. Columns have no type of their own: values arrive coerced. Compared texts ignore case, as Marketo does.
No Flask here, and no rules.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from fakes.kit.database import Database

    from .fields import LeadField

MAX_ID = 2**63 - 1

_TABLES = """
CREATE TABLE IF NOT EXISTS lead_field (name TEXT PRIMARY KEY, position INTEGER, definition TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ref (name TEXT PRIMARY KEY, lead_id INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS activity (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lead_id INTEGER NOT NULL,
    type_id INTEGER NOT NULL,
    at INTEGER NOT NULL,       -- activityDate, milliseconds
    newest INTEGER NOT NULL,   -- the latest activityDate of this and every earlier entry: ascends with id
    visible INTEGER NOT NULL,  -- when readers begin to see it, milliseconds
    campaign_id INTEGER,
    primary_id INTEGER,
    primary_value TEXT,
    outcome TEXT NOT NULL DEFAULT 'succeeded',
    attributes TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS activity_by_type ON activity (type_id);
CREATE INDEX IF NOT EXISTS activity_by_lead ON activity (lead_id);
CREATE INDEX IF NOT EXISTS activity_by_time ON activity (newest);
CREATE TABLE IF NOT EXISTS activity_type (
    api_name TEXT PRIMARY KEY COLLATE NOCASE, id INTEGER UNIQUE, draft TEXT, approved TEXT
);
CREATE TABLE IF NOT EXISTS campaign (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, created TEXT NOT NULL, definition TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS campaign_by_name ON campaign (name);
CREATE TABLE IF NOT EXISTS waiting (
    id INTEGER PRIMARY KEY, due TEXT NOT NULL, campaign_id INTEGER NOT NULL, lead_id INTEGER NOT NULL,
    step INTEGER NOT NULL, tokens TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS static_list (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, description TEXT,
    created TEXT NOT NULL, updated TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS list_member (
    list_id INTEGER NOT NULL, lead_id INTEGER NOT NULL, at TEXT NOT NULL, PRIMARY KEY (list_id, lead_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS list_member_by_lead ON list_member (lead_id);
CREATE TABLE IF NOT EXISTS asset (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name)
);
"""
_FIRST_IDS = {"campaign": 1000, "static_list": 1000, "asset": 1000}


class Store:
    """Reads and writes rows; callers hold a transaction while they write more than one."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.lock:
            # One by one: executescript would commit a transaction that somebody holds.
            for statement in _TABLES.split(";\n"):
                if statement.strip():
                    database.connection.execute(statement)
        self._columns = self._read_columns()

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """All or nothing; see :meth:`Database.transaction`."""
        return self.database.transaction()

    def is_empty(self) -> bool:
        """Whether no world was built here yet."""
        return self.one("SELECT 1 FROM campaign LIMIT 1") is None

    def begin(self) -> None:
        """Let the ids of campaigns, lists and assets start where they start on a real instance."""
        with self.transaction() as rows:
            for table, last in _FIRST_IDS.items():
                rows.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, last))

    def reload(self) -> None:
        """Take note that the whole database was exchanged."""
        self._columns = self._read_columns()

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Every row of a SELECT."""
        with self.database.lock:
            return self.database.connection.execute(sql, parameters).fetchall()

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first row of a SELECT."""
        with self.database.lock:
            row: sqlite3.Row | None = self.database.connection.execute(sql, parameters).fetchone()
            return row

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """The id that an INSERT gave."""
        with self.database.lock:
            return self.database.connection.execute(sql, parameters).lastrowid or 0

    # --- lead fields ---

    def add_columns(self, fields: Iterable[LeadField]) -> None:
        """A column for each field that has none, and an index for those that leads are found by."""
        new = [field for field in fields if field.name not in self._columns and field.name != "id"]
        with self.transaction() as rows:
            if not self._columns:
                columns = ", ".join(map(_column, new))
                rows.execute(f"CREATE TABLE lead (id INTEGER PRIMARY KEY AUTOINCREMENT, {columns})")
                self._columns.add("id")
            else:
                for field in new:
                    rows.execute(f"ALTER TABLE lead ADD COLUMN {_column(field)}")
            for field in new:
                if field.searchable and field.name != "leadPartitionId":
                    rows.execute(
                        f'CREATE INDEX "lead_by_{field.name}" ON lead ("{field.name}") WHERE "{field.name}" IS NOT NULL'
                    )
                self._columns.add(field.name)

    def keep_field(self, field: LeadField) -> None:
        """Remember a field that is not as it was delivered."""
        self.run(
            "INSERT INTO lead_field (name, position, definition) VALUES (?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET definition = excluded.definition",
            (field.name, field.id, field.to_json()),
        )

    def kept_fields(self) -> list[str]:
        """The definitions of :meth:`keep_field`, oldest first."""
        return [row["definition"] for row in self.all("SELECT definition FROM lead_field ORDER BY position")]

    # --- leads ---

    def lead(self, lead_id: int, columns: Iterable[str]) -> dict[str, Any] | None:
        """The stored values of one lead."""
        if not 0 < lead_id <= MAX_ID:
            return None
        row = self.one(f"SELECT {_quoted(columns)} FROM lead WHERE id = ?", (lead_id,))  # noqa: S608  names are checked
        return None if row is None else dict(row)

    def whole_lead(self, lead_id: int) -> dict[str, Any] | None:
        """Every stored value of one lead."""
        if not 0 < lead_id <= MAX_ID:
            return None
        row = self.one("SELECT * FROM lead WHERE id = ?", (lead_id,))
        return None if row is None else dict(row)

    def lead_ids(self, column: str, values: Sequence[Any], *, limit: int) -> list[int]:
        """The ids of the leads that have one of the values, ascending, at most ``limit``."""
        marks = ",".join("?" * len(values))
        rows = self.all(
            f'SELECT id FROM lead WHERE "{column}" IN ({marks}) ORDER BY id LIMIT ?',  # noqa: S608  names are checked
            (*values, limit),
        )
        return [row["id"] for row in rows]

    def leads(self, ids: Sequence[int], columns: Iterable[str]) -> list[dict[str, Any]]:
        """The stored values of these leads, by id ascending; ids without a lead are left away."""
        marks = ",".join("?" * len(ids))
        rows = self.all(
            f"SELECT {_quoted(columns)} FROM lead WHERE id IN ({marks}) ORDER BY id",  # noqa: S608  names are checked
            ids,
        )
        return [dict(row) for row in rows]

    def leads_after(self, last: int, columns: Iterable[str], limit: int) -> list[dict[str, Any]]:
        """The stored values of the leads whose id is above ``last``, ascending."""
        sql = f"SELECT {_quoted(columns)} FROM lead WHERE id > ? ORDER BY id LIMIT ?"  # noqa: S608  names are checked
        return [dict(row) for row in self.all(sql, (last, limit))]

    def insert_lead(self, values: Mapping[str, Any]) -> int:
        """A new lead; its id."""
        marks = ",".join("?" * len(values))
        return self.run(
            f"INSERT INTO lead ({_quoted(values)}) VALUES ({marks})",  # noqa: S608  names are checked
            tuple(values.values()),
        )

    def update_lead(self, lead_id: int, changes: Mapping[str, Any]) -> None:
        """Put values into a lead."""
        pairs = ", ".join(f'"{name}" = ?' for name in changes)
        self.run(f"UPDATE lead SET {pairs} WHERE id = ?", (*changes.values(), lead_id))  # noqa: S608  names are checked

    def delete_lead(self, lead_id: int) -> None:
        """Take a lead away with its memberships; its activities are another matter."""
        self.run("DELETE FROM list_member WHERE lead_id = ?", (lead_id,))
        self.run("DELETE FROM waiting WHERE lead_id = ?", (lead_id,))
        self.run("DELETE FROM lead WHERE id = ?", (lead_id,))

    def existing(self, ids: Sequence[int]) -> set[int]:
        """Those of the ids that have a lead."""
        found: set[int] = set()
        wanted = [i for i in ids if 0 < i <= MAX_ID]
        for start in range(0, len(wanted), 1000):
            part = wanted[start : start + 1000]
            marks = ",".join("?" * len(part))
            found.update(row["id"] for row in self.all(f"SELECT id FROM lead WHERE id IN ({marks})", part))  # noqa: S608
        return found

    def count_leads(self) -> int:
        """How many leads there are."""
        row = self.one("SELECT count(*) AS n FROM lead")
        return int(row["n"]) if row else 0

    # --- other rows that more than one service reads ---

    def asset_id(self, kind: str, name: str) -> int:
        """The id of an asset that exists by being named, such as an e-mail."""
        row = self.one("SELECT id FROM asset WHERE kind = ? AND name = ?", (kind, name))
        return int(row["id"]) if row else self.run("INSERT INTO asset (kind, name) VALUES (?, ?)", (kind, name))

    def refs(self) -> dict[str, int]:
        """The refs of a scenario's persons and their ids."""
        return {row["name"]: row["lead_id"] for row in self.all("SELECT name, lead_id FROM ref")}

    def _read_columns(self) -> set[str]:
        return {row["name"] for row in self.all("SELECT name FROM pragma_table_info('lead')")}


def dumps(value: Any) -> str:
    """Compact JSON for a column."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _column(field: LeadField) -> str:
    return f'"{field.name}" COLLATE NOCASE' + (" DEFAULT 0" if field.data_type == "boolean" else "")


def _quoted(names: Iterable[str]) -> str:
    return ",".join(f'"{name}"' for name in names)
