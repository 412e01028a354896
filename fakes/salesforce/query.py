"""Queries: SOQL text in, records as the REST API shows them out.

Source: SOQL and SOSL Reference; REST API Developer Guide, "Query", "QueryAll", "Query More".
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from fakes.salesforce.errors import InvalidQueryLocator
from fakes.salesforce.ids import canonical
from fakes.salesforce.soql import Environment, parse, resolve
from fakes.salesforce.soql.compile import (
    PARENT,
    Statement,
    compile_child,
    compile_ids,
    compile_page,
    compile_sql,
)
from fakes.salesforce.soql.dates import Calendar, stored_datetime, week_start
from fakes.salesforce.soql.functions import FUNCTIONS
from fakes.salesforce.soql.refusals import TooManyAggregateRows
from fakes.salesforce.soql.shape import Shaper

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from fakes.kit.clock import Clock
    from fakes.salesforce.access import Access
    from fakes.salesforce.schema import Schema
    from fakes.salesforce.soql.plan import Resolved
    from fakes.salesforce.store import Store

SMALLEST_BATCH, LARGEST_BATCH = 200, 2000
LOCATOR_LIFE = timedelta(minutes=15)
OPEN_CURSORS = 10
_PAGE_PARAMETERS = 900  # SQLite's older builds take 999 in one statement


class Caller(Protocol):
    """What a query needs to know of the user who asks: ``org.User`` fits."""

    @property
    def id(self) -> str:
        """The user's 18-character id."""

    @property
    def access(self) -> Access:
        """What the user may read."""

    @property
    def timezone(self) -> str:
        """An Olson name such as ``America/Los_Angeles``; date literals are days there."""

    @property
    def locale(self) -> str:
        """A locale such as ``en_US``; weeks begin as it has it."""


@dataclass(frozen=True, slots=True)
class QueryResult:
    """One page of an answer; ``next_locator`` is None on the last."""

    total_size: int
    done: bool
    next_locator: str | None = None
    records: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self, api_version: str) -> dict[str, Any]:
        """The body of the REST answer; ``nextRecordsUrl`` is absent on the last page."""
        answer: dict[str, Any] = {"totalSize": self.total_size, "done": self.done}
        if self.next_locator is not None:
            answer["nextRecordsUrl"] = f"{_root(api_version)}/query/{self.next_locator}"
        answer["records"] = self.records
        return answer


@dataclass(frozen=True, slots=True)
class _Cursor:
    """The rest of an answer: the ids that the query found when it was asked, and what to read of them."""

    user_id: str
    resolved: Resolved
    record_ids: tuple[str, ...]
    include_deleted: bool
    batch_size: int
    timezone: str
    used: datetime


class QueryService:
    """SOQL text → records the user may see.

    A query that does not fit one page finds its ids once; later pages read those records as they are then. A
    locator belongs to its user, lives 15 minutes without use, and each user has the newest ten.

    Args:
        new_id: the next id for a key prefix; locators begin with ``01g``.
        not_modelled: told of every construct that SOQL has and this service refuses.
    """

    def __init__(
        self,
        schema: Schema,
        store: Store,
        *,
        clock: Clock,
        new_id: Callable[[str], str],
        not_modelled: Callable[[str, str], None],
    ) -> None:
        self._schema = schema
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._not_modelled = not_modelled
        self._cursors: dict[str, _Cursor] = {}
        for name, (arguments, function) in FUNCTIONS.items():
            store.register(name, arguments, function)

    def run(
        self,
        soql: str,
        *,
        by: Caller,
        include_deleted: bool = False,
        batch_size: int = LARGEST_BATCH,
        api_version: str = "63.0",
    ) -> QueryResult:
        """The first page of a query's answer.

        Args:
            soql: the query.
            by: whose rights, time zone and locale count.
            include_deleted: whether records of the recycle bin are found (``queryAll``).
            batch_size: records a page, 200 to 2000; what lies outside counts as the nearer end.
            api_version: decides what the query may say and stands in every ``url``.

        Raises:
            MalformedQuery: the text breaks the grammar.
            InvalidField, InvalidType: a name that does not exist or that the user may not see.
        """
        version = _number(api_version)
        environment = Environment(
            schema=self._schema,
            access=by.access,
            now=self._clock.now(),
            calendar=self._calendar(soql, by),
            user_id=by.id,
            not_modelled=self._not_modelled,
            api_version=version,
        )
        resolved = resolve(parse(soql, api_version=version), environment)
        batch_size = min(max(batch_size, SMALLEST_BATCH), LARGEST_BATCH)
        with self._store.database.lock:
            if resolved.kind == "count":
                (row,) = self._store.select(compile_sql(resolved, include_deleted=include_deleted))
                return QueryResult(row[0], done=True)
            if resolved.kind == "aggregate":
                return self._aggregates(resolved, include_deleted, api_version)
            cursor = _Cursor(by.id, resolved, (), include_deleted, batch_size, by.timezone, environment.now)
            result = self._first_page(cursor, api_version)
            self._touch(resolved, result)
            return result

    def more(self, locator: str, *, by: Caller, api_version: str = "63.0") -> QueryResult:
        """The page that a locator such as ``01g…-2000`` stands for.

        Raises:
            InvalidQueryLocator: unknown, of another user, or not used for too long.
        """
        cursor_id, _, start = locator.partition("-")
        cursor_id = canonical(cursor_id) or ""
        cursor = self._cursors.get(cursor_id)
        now = self._clock.now()
        if cursor is None or cursor.user_id != by.id or not start.isdecimal() or len(start) > 9:
            raise InvalidQueryLocator
        offset = int(start)
        if now - cursor.used > LOCATOR_LIFE or offset >= len(cursor.record_ids):
            raise InvalidQueryLocator
        del self._cursors[cursor_id]
        self._cursors[cursor_id] = replace(cursor, used=now)  # the most recently used stands last
        with self._store.database.lock:
            return self._later_page(cursor, cursor_id, offset, api_version)

    def snapshot(self) -> object:
        """The open cursors, for :meth:`restore`."""
        return dict(self._cursors)

    def restore(self, snapshot: object) -> None:
        """Bring back the open cursors of a snapshot."""
        if not isinstance(snapshot, dict):
            raise TypeError("not a snapshot of query cursors")
        self._cursors = dict(snapshot)

    # -- pages -------------------------------------------------------------------------------------------

    def _first_page(self, cursor: _Cursor, api_version: str) -> QueryResult:
        resolved = cursor.resolved
        wanted = cursor.batch_size + 1
        limit = wanted if resolved.limit is None else min(wanted, resolved.limit)
        first = replace(resolved, limit=limit)
        rows = list(self._store.select(compile_sql(first, include_deleted=cursor.include_deleted)))
        records, used = self._records(cursor, rows[: cursor.batch_size], api_version)
        if used == len(rows):
            return QueryResult(used, done=True, records=records)
        found = self._store.select(compile_ids(resolved, include_deleted=cursor.include_deleted))
        opened = replace(cursor, record_ids=tuple(row[0] for row in found))
        locator = f"{self._open(opened)}-{used}"
        return QueryResult(len(opened.record_ids), done=False, next_locator=locator, records=records)

    def _later_page(self, cursor: _Cursor, cursor_id: str, offset: int, api_version: str) -> QueryResult:
        page = cursor.record_ids[offset : offset + cursor.batch_size]
        rows: dict[str, Sequence[Any]] = {}
        index = cursor.resolved.shape.id_index
        for start in range(0, len(page), _PAGE_PARAMETERS):
            statement = compile_page(
                cursor.resolved,
                page[start : start + _PAGE_PARAMETERS],
                include_deleted=cursor.include_deleted,
            )
            rows.update((row[index], row) for row in self._store.select(statement))
        # A record that was deleted since the first page is missing here; its place still counts.
        records, used = self._records(cursor, [rows.get(record_id) for record_id in page], api_version)
        after = offset + used
        total = len(cursor.record_ids)
        if after >= total:
            return QueryResult(total, done=True, records=records)
        return QueryResult(total, done=False, next_locator=f"{cursor_id}-{after}", records=records)

    def _records(
        self, cursor: _Cursor, rows: Sequence[Sequence[Any] | None], api_version: str
    ) -> tuple[list[dict[str, Any]], int]:
        """The records of these rows and how many rows they took: children count towards a page too."""
        taken = 0
        children = [compile_child(child, include_deleted=cursor.include_deleted) for child in cursor.resolved.children]

        def of_parent(number: int, parent_id: str) -> dict[str, Any] | None:
            nonlocal taken
            answer = self._children(cursor, number, children[number], parent_id, api_version)
            taken += len(answer["records"]) if answer else 0
            return answer

        shaper = self._shaper(cursor.timezone, api_version, of_parent)
        records: list[dict[str, Any]] = []
        for position, row in enumerate(rows):
            if taken >= cursor.batch_size:
                return records, position
            record = None if row is None else shaper.record(cursor.resolved.shape, row)
            taken += 1
            if record is not None:
                records.append(record)
        return records, len(rows)

    def _children(
        self, cursor: _Cursor, number: int, statement: Statement, parent_id: str, api_version: str
    ) -> dict[str, Any] | None:
        """The answer of a child subquery for one parent, or None where it has no such children."""
        values = tuple(parent_id if value is PARENT else value for value in statement.parameters)
        rows = list(self._store.select(replace(statement, parameters=values)))
        if not rows:
            return None
        inner = replace(cursor, resolved=cursor.resolved.children[number].query)
        records, used = self._records(inner, rows[: cursor.batch_size], api_version)
        locator = None
        if used < len(rows):
            index = inner.resolved.shape.id_index
            opened = replace(inner, record_ids=tuple(row[index] for row in rows))
            locator = f"{self._open(opened)}-{used}"
        return QueryResult(len(rows), locator is None, locator, records).as_json(api_version)

    def _aggregates(self, resolved: Resolved, include_deleted: bool, api_version: str) -> QueryResult:
        rows = list(self._store.select(compile_sql(resolved, include_deleted=include_deleted)))
        if len(rows) > LARGEST_BATCH:
            raise TooManyAggregateRows
        shaper = self._shaper("UTC", api_version, lambda _number, _parent: None)
        records = [shaper.aggregate(resolved.shape, row) for row in rows]
        return QueryResult(len(records), done=True, records=records)

    def _shaper(self, timezone: str, api_version: str, children: Callable[[int, str], dict[str, Any] | None]) -> Shaper:
        return Shaper(f"{_root(api_version)}/sobjects", self._schema.by_key_prefix, children, ZoneInfo(timezone))

    # -- cursors, calendars ------------------------------------------------------------------------------

    def _open(self, cursor: _Cursor) -> str:
        cursor_id = self._new_id("01g")
        own = [known for known, other in self._cursors.items() if other.user_id == cursor.user_id]
        for oldest in own[: max(0, len(own) - OPEN_CURSORS + 1)]:
            del self._cursors[oldest]
        self._cursors[cursor_id] = cursor
        return cursor_id

    def _calendar(self, soql: str, by: Caller) -> Calendar:
        fiscal_start = 1
        if "FISCAL" in soql.upper() and (organization := self._schema.get("Organization")) is not None:
            for row in self._store.where(organization, {}):
                fiscal_start = int(row.get("FiscalYearStartMonth") or 1)
        zone = UTC if by.timezone == "UTC" else ZoneInfo(by.timezone)
        return Calendar(zone, week_start(by.locale), fiscal_start)

    def _touch(self, resolved: Resolved, result: QueryResult) -> None:
        """FOR VIEW and FOR REFERENCE: note when the records were last looked at or led to."""
        names = {"VIEW": ("LastViewedDate", "LastReferencedDate"), "REFERENCE": ("LastReferencedDate",)}
        now = stored_datetime(self._clock.now())
        sobject = resolved.root.sobject
        for word in resolved.touch:
            changes = {name: now for name in names[word] if sobject.field(name) is not None}
            for record in result.records:
                record_id = record["attributes"]["url"].rpartition("/")[2]
                self._store.update(sobject, record_id, changes)


def _root(api_version: str) -> str:
    return f"/services/data/v{api_version.lstrip('v')}"


def _number(api_version: str) -> float:
    return float(api_version.lstrip("v"))
