"""Rows in SQLite: one table an sobject, one typed column a stored field.

The store knows columns, indexes and ids; it knows no permission, no rule and no user.  Deleted rows stay,
marked ``IsDeleted``, as in the recycle bin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fakes.kit.database import Database
    from fakes.salesforce.schema import Field, Schema, SObject

Row = dict[str, Any]
_INDEXED = frozenset({"SystemModstamp", "CreatedDate", "LastModifiedDate", "Name", "LastName", "Email", "Username"})


class Statement(Protocol):
    """A compiled query: text and parameters, as SQLite takes them."""

    @property
    def sql(self) -> str:
        """The statement, with a question mark or a name for each parameter."""

    @property
    def parameters(self) -> Sequence[Any] | Mapping[str, Any]:
        """The values."""


class Store:
    """The rows of one org.

    Kept values: checkboxes 0 and 1; dates ``YYYY-MM-DD``; date/times ``YYYY-MM-DDTHH:MM:SS.mmmZ``; ids 18
    characters; multi-select picklists ``a;b``; None is blank.  Text compares without regard to case unless its
    field says otherwise, as it does in SOQL.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._version: int | None = None
        self._inserts: dict[str, tuple[SObject, str, tuple[str, ...]]] = {}

    def register(self, name: str, arguments: int, function: Callable[..., Any]) -> None:
        """Make a Python function callable from SQL."""
        with self.database.lock:
            self.database.connection.create_function(name, arguments, function)

    # -- tables -------------------------------------------------------------------------------------------

    def sync_schema(self, schema: Schema) -> None:
        """Bring tables, columns and indexes to what the schema says; nothing happens if it has not changed.

        A field that is gone loses its column and values.  A field of another type keeps the values that SQLite
        can carry over.
        """
        if self._version == schema.version:
            return
        with self.database.transaction() as connection:
            there = {row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            for name in schema.names():
                sobject = schema[name]
                if sobject.name in there:
                    self._sync_table(connection, sobject)
                else:
                    self._create_table(connection, sobject)
        self._version = schema.version

    def synced(self, schema: Schema) -> None:
        """The tables were put back together with this schema, so there is nothing to bring up to date."""
        self._version = schema.version

    def _create_table(self, connection: sqlite3.Connection, sobject: SObject) -> None:
        columns = [_column(field) for field in sobject.stored_fields]
        if sobject.field("IsDeleted") is None:
            columns.append('"IsDeleted" INTEGER NOT NULL ON CONFLICT REPLACE DEFAULT 0')
        connection.execute(f"CREATE TABLE {_quoted(sobject.name)} ({', '.join(columns)})")
        for field in sobject.stored_fields:
            if _is_indexed(field):
                _create_index(connection, sobject, field)

    def _sync_table(self, connection: sqlite3.Connection, sobject: SObject) -> None:
        table = _quoted(sobject.name)
        there = {row["name"]: row for row in connection.execute(f"PRAGMA table_info({table})")}
        wanted = {field.name: field for field in sobject.stored_fields}
        for name in there.keys() - wanted.keys() - {"IsDeleted"}:
            connection.execute(f"DROP INDEX IF EXISTS {_index(sobject.name, name)}")
            connection.execute(f"ALTER TABLE {table} DROP COLUMN {_quoted(name)}")
        for name, field in wanted.items():
            if name not in there:
                connection.execute(f"ALTER TABLE {table} ADD COLUMN {_column(field)}")
            elif there[name]["type"] != _affinity(field):
                _retype(connection, sobject, field)
            if _is_indexed(field):
                _create_index(connection, sobject, field)
            else:
                connection.execute(f"DROP INDEX IF EXISTS {_index(sobject.name, name)}")

    # -- rows ---------------------------------------------------------------------------------------------

    def get(self, sobject: SObject, record_id: str) -> Row | None:
        """The row of that 18 character id, deleted or not, or None."""
        with self.database.lock:
            found = self.database.connection.execute(
                f'SELECT * FROM {_quoted(sobject.name)} WHERE "Id" = ?',  # noqa: S608 - names come from the schema
                (record_id,),
            ).fetchone()
        return None if found is None else dict(found)

    def is_deleted(self, sobject: SObject, record_id: str) -> bool | None:
        """Whether the row of that id lies in the recycle bin; None if there is no such row."""
        with self.database.lock:
            found = self.database.connection.execute(
                f'SELECT "IsDeleted" FROM {_quoted(sobject.name)} WHERE "Id" = ?',  # noqa: S608
                (record_id,),
            ).fetchone()
        return None if found is None else bool(found[0])

    def get_many(self, sobject: SObject, record_ids: Sequence[str]) -> dict[str, Row]:
        """The rows that are not deleted, by id."""
        rows: dict[str, Row] = {}
        for start in range(0, len(record_ids), 500):
            for row in self.where(sobject, {"Id": record_ids[start : start + 500]}):
                rows[row["Id"]] = row
        return rows

    def find(self, sobject: SObject, field_name: str, value: Any, *, limit: int = -1) -> list[Row]:
        """The rows that are not deleted and have this value, oldest id first."""
        with self.database.lock:
            found = self.database.connection.execute(
                f"SELECT * FROM {_quoted(sobject.name)} WHERE {_quoted(field_name)} = ?"  # noqa: S608
                ' AND "IsDeleted" = 0 ORDER BY "Id" LIMIT ?',
                (value, limit),
            ).fetchall()
        return [dict(row) for row in found]

    def where(self, sobject: SObject, wanted: Mapping[str, Sequence[Any]]) -> list[Row]:
        """The rows that are not deleted and have, for each field, one of its values."""
        conditions = ['"IsDeleted" = 0']
        parameters: list[Any] = []
        for name, values in wanted.items():
            conditions.append(f"{_quoted(name)} IN ({', '.join('?' * len(values))})")
            parameters += values
        with self.database.lock:
            found = self.database.connection.execute(
                f'SELECT * FROM {_quoted(sobject.name)} WHERE {" AND ".join(conditions)} ORDER BY "Id"',  # noqa: S608
                parameters,
            ).fetchall()
        return [dict(row) for row in found]

    def changed_between(self, sobject: SObject, start: str, end: str, *, deleted: bool) -> list[tuple[str, str]]:
        """Id and SystemModstamp of the rows whose latest change lies from ``start`` to just before ``end``."""
        with self.database.lock:
            found = self.database.connection.execute(
                f'SELECT "Id", "SystemModstamp" FROM {_quoted(sobject.name)}'  # noqa: S608
                ' WHERE "SystemModstamp" >= ? AND "SystemModstamp" < ? AND "IsDeleted" = ?'
                ' ORDER BY "SystemModstamp", "Id"',
                (start, end, int(deleted)),
            ).fetchall()
        return [(row[0], row[1]) for row in found]

    def count(self, sobject: SObject) -> int:
        """How many rows are not deleted."""
        with self.database.lock:
            found = self.database.connection.execute(
                f'SELECT count(*) FROM {_quoted(sobject.name)} WHERE "IsDeleted" = 0'  # noqa: S608
            ).fetchone()
        return int(found[0])

    def last_id(self, sobject: SObject) -> str | None:
        """The greatest id that was given to a row, or None."""
        with self.database.lock:
            found = self.database.connection.execute(
                f'SELECT max("Id") FROM {_quoted(sobject.name)}'  # noqa: S608
            ).fetchone()
        return None if found is None else found[0]

    def insert(self, sobject: SObject, row: Mapping[str, Any]) -> None:
        """Add a row; fields that it does not have stay blank."""
        sql, names = self._insert_of(sobject)
        with self.database.lock:
            self.database.connection.execute(sql, tuple(map(row.get, names)))

    def update(self, sobject: SObject, record_id: str, changes: Mapping[str, Any]) -> None:
        """Change some values of a row."""
        if not changes:
            return
        assignments = ", ".join(f"{_quoted(name)} = ?" for name in changes)
        with self.database.lock:
            self.database.connection.execute(
                f'UPDATE {_quoted(sobject.name)} SET {assignments} WHERE "Id" = ?',  # noqa: S608
                (*changes.values(), record_id),
            )

    def remove(self, sobject: SObject, record_ids: Sequence[str]) -> None:
        """Delete rows for good: nothing stays in the recycle bin."""
        with self.database.lock:
            self.database.connection.executemany(
                f'DELETE FROM {_quoted(sobject.name)} WHERE "Id" = ?',  # noqa: S608
                [(record_id,) for record_id in record_ids],
            )

    def select(self, statement: Statement) -> Iterator[sqlite3.Row]:
        """The rows that a compiled query finds."""
        with self.database.lock:
            return iter(self.database.connection.execute(statement.sql, statement.parameters).fetchall())

    def _insert_of(self, sobject: SObject) -> tuple[str, tuple[str, ...]]:
        known = self._inserts.get(sobject.name)
        if known is None or known[0] is not sobject:
            names = tuple(field.name for field in sobject.stored_fields)
            columns = ", ".join(map(_quoted, names))
            sql = (
                f"INSERT INTO {_quoted(sobject.name)} ({columns})"  # noqa: S608
                f" VALUES ({', '.join('?' * len(names))})"
            )
            known = self._inserts[sobject.name] = (sobject, sql, names)
        return known[1], known[2]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _index(sobject: str, field: str) -> str:
    return _quoted(f"ix_{sobject}_{field}")


def _affinity(field: Field) -> str:
    if field.type in {"boolean", "int"}:
        return "INTEGER"
    return "REAL" if field.type in {"double", "currency", "percent"} else "TEXT"


def _column(field: Field) -> str:
    declared = f"{_quoted(field.name)} {_affinity(field)}"
    if field.type == "id":
        return f"{declared} PRIMARY KEY NOT NULL"
    if field.type == "boolean":
        # A checkbox is never blank; one added to existing rows shows its default there, as in Salesforce.
        return f"{declared} NOT NULL ON CONFLICT REPLACE DEFAULT {int(bool(field.default_value))}"
    if _affinity(field) == "TEXT" and field.type != "reference" and not field.case_sensitive:
        return f"{declared} COLLATE NOCASE"
    return declared


def _is_indexed(field: Field) -> bool:
    return (
        field.name in _INDEXED or field.type == "reference" or field.unique or field.external_id or field.id_lookup
    ) and field.type != "id"


def _create_index(connection: sqlite3.Connection, sobject: SObject, field: Field) -> None:
    connection.execute(
        f"CREATE INDEX IF NOT EXISTS {_index(sobject.name, field.name)} "
        f"ON {_quoted(sobject.name)} ({_quoted(field.name)})"
    )


def _retype(connection: sqlite3.Connection, sobject: SObject, field: Field) -> None:
    table, column, old = _quoted(sobject.name), _quoted(field.name), _quoted(f"{field.name} before")
    connection.execute(f"DROP INDEX IF EXISTS {_index(sobject.name, field.name)}")
    connection.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO {old}")
    connection.execute(f"ALTER TABLE {table} ADD COLUMN {_column(field)}")
    connection.execute(
        f"UPDATE {table} SET {column} = CAST({old} AS {_affinity(field)}) WHERE {old} IS NOT NULL"  # noqa: S608
    )
    connection.execute(f"ALTER TABLE {table} DROP COLUMN {old}")
