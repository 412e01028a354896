"""What the engine remembers of one pair of systems, on SQLAlchemy Core: SQLite by default, in memory for tests.

Everything that belongs together is written in one transaction, so that a process may be killed anywhere.
"""

from __future__ import annotations

import threading
import time as machine
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import (
    Connection,
    Engine,
    create_engine,
    delete,
    event,
    func,
    insert,
    inspect,
    make_url,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from syncengine.actions import (
    Action,
    Create,
    EndLink,
    FlagDeleted,
    LinkUp,
    MoveLink,
    Outcome,
    SetAside,
    action_from_json,
    action_to_json,
)
from syncengine.errors import Busy, StateError
from syncengine.model import Agreed, Conflict, Link, Side, Values, format_instant, parse_instant
from syncengine.state import leases
from syncengine.state.leases import Lease
from syncengine.state.tables import (
    HEAD,
    conflicts,
    flow_actions,
    history,
    intents,
    links,
    metadata,
    notes,
    outbox,
    refusals,
    runs,
    seen,
    tokens,
    watermarks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

_CHUNK = 500
"""Values in one IN list; every database takes that many."""


@dataclass(frozen=True, slots=True)
class Token:
    """A position in Marketo's activity log and the time, by Marketo's clock, at which it was handed out."""

    token: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Intent:
    """A write that was about to happen; as long as it is here, nobody knows whether it did."""

    id: int
    run: str
    holder: str
    at: datetime
    action: Action


@dataclass(frozen=True, slots=True)
class Letter:
    """An activity on its way to Marketo. ``at`` is set, by Marketo's clock, before it is sent."""

    key: str
    marketo_id: int
    activity: Mapping[str, Any]
    at: datetime | None = None


class StateStore:
    """The state database of one pair.

    Args:
        engine: a database whose tables are up to date; ``StateStore.open`` sees to that.
        wall: seconds of the machine's clock; only leases use it.
        sleep: how to wait for a lease.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        wall: Callable[[], float] = machine.time,
        sleep: Callable[[float], None] = machine.sleep,
    ) -> None:
        self._engine = engine
        self._lock = threading.RLock()
        self._wall = wall
        self._sleep = sleep

    @classmethod
    def open(cls, url: str = "sqlite://") -> StateStore:
        """The state at an SQLAlchemy URL, made or migrated as needed; ``sqlite://`` keeps it in memory.

        Raises:
            StateError: the URL or the database cannot be used, or a newer engine has made it.
        """
        try:
            engine = _engine(url)
            store = cls(engine)
            with store._begin() as connection:
                _upgrade(connection)
        except (SQLAlchemyError, OSError) as problem:
            raise StateError(f"state {url}: {str(problem).splitlines()[0]}") from problem
        return store

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self._lock, self._engine.begin() as connection:
            yield connection

    # Leases

    @contextmanager
    def lease(self, name: str, *, time: timedelta, wait: timedelta = timedelta(0)) -> Iterator[Lease]:
        """The only right to do what ``name`` stands for, given back at the end.

        Raises:
            Busy: another holds it, and did not give it back within ``wait``.
        """
        until = self._wall() + wait.total_seconds()
        while (holder := self._take(name, time)) is None:
            if self._wall() >= until:
                raise Busy(f"{name}: another process is at work on this; try again")
            self._sleep(0.02)

        def renew() -> None:
            with self._begin() as connection:
                if not leases.renew(connection, name, holder, now=self._wall(), time=time):
                    raise Busy(f"{name}: another process has taken over")

        try:
            yield Lease(name, holder, renew)
        finally:
            with self._begin() as connection:
                leases.give_back(connection, name, holder)

    def _take(self, name: str, time: timedelta) -> str | None:
        with self._begin() as connection:
            return leases.take(connection, name, now=self._wall(), time=time)

    # Runs

    def begin_run(self, policy: str, started: datetime) -> str:
        """The id of a run that begins now."""
        run = uuid4().hex
        with self._begin() as connection:
            connection.execute(
                insert(runs).values(run=run, policy=policy, started=format_instant(started), status="running")
            )
        return run

    def end_run(
        self,
        run: str,
        ended: datetime,
        *,
        status: str,
        error: str | None = None,
        summary: Mapping[str, Any] | None = None,
    ) -> None:
        """How the run ended: done, refused, failed."""
        with self._begin() as connection:
            connection.execute(
                update(runs)
                .where(runs.c.run == run)
                .values(ended=format_instant(ended), status=status, error=error, summary=summary)
            )

    def last_runs(self, count: int = 10) -> list[dict[str, Any]]:
        """The latest runs, newest first."""
        with self._begin() as connection:
            rows = connection.execute(select(runs).order_by(runs.c.started.desc()).limit(count)).mappings()
            return [dict(row) for row in rows]

    # Watermarks

    def watermark(self, sobject: str) -> datetime | None:
        """The latest stamp, by Salesforce's clock, up to which the sobject was read; ``None`` before the first."""
        with self._begin() as connection:
            stamp = connection.scalar(select(watermarks.c.stamp).where(watermarks.c.sobject == sobject))
        return parse_instant(stamp) if stamp else None

    def tokens(self) -> list[Token]:
        """Positions in Marketo's log, oldest first."""
        with self._begin() as connection:
            rows = connection.execute(select(tokens).order_by(tokens.c.id)).all()
        return [Token(row.token, parse_instant(row.at)) for row in rows]

    def add_token(self, token: Token) -> None:
        """Keep a position; the first run does so before it reads anything."""
        with self._begin() as connection:
            connection.execute(insert(tokens).values(token=token.token, at=_exact(token.at)))

    def unseen(self, guids: Iterable[str]) -> set[str]:
        """Those activities that no cycle has dealt with yet."""
        asked = list(guids)
        if not asked:
            return set()
        with self._begin() as connection:
            known = {
                row.guid
                for chunk in _chunks(asked)
                for row in connection.execute(select(seen.c.guid).where(seen.c.guid.in_(chunk)))
            }
        return set(asked) - known

    def advance(
        self,
        stamps: Mapping[str, datetime],
        token: Token | None,
        dealt_with: Mapping[str, datetime],
        *,
        overlap: timedelta,
    ) -> None:
        """Move the watermarks: what lies before them was written, or set aside with its reason.

        Args:
            stamps: sobject to Salesforce's stamp.
            token: Marketo's position after everything that was read.
            dealt_with: activities by GUID, with their date.
            overlap: how far back Marketo's log will be read again; what lies before is forgotten.
        """
        with self._begin() as connection:
            for sobject, stamp in stamps.items():
                connection.execute(delete(watermarks).where(watermarks.c.sobject == sobject))
                connection.execute(insert(watermarks).values(sobject=sobject, stamp=_exact(stamp)))
            if dealt_with:
                connection.execute(insert(seen), [{"guid": guid, "at": _exact(at)} for guid, at in dealt_with.items()])
            if token is None:
                return
            connection.execute(insert(tokens).values(token=token.token, at=_exact(token.at)))
            before = _exact(token.at - overlap)
            kept = connection.scalar(select(func.max(tokens.c.id)).where(tokens.c.at <= before))
            if kept is not None:
                oldest = connection.scalar(select(tokens.c.at).where(tokens.c.id == kept))
                connection.execute(delete(tokens).where(tokens.c.id < kept))
                forgotten = _exact(parse_instant(oldest) - 2 * overlap) if oldest else before
                connection.execute(delete(seen).where(seen.c.at < forgotten))

    # Links

    def links_of(self, marketo_ids: Iterable[int]) -> dict[int, Link]:
        """Links by the id of their Marketo person."""
        return {link.marketo_id: link for link in self._links(links.c.marketo_id, list(marketo_ids))}

    def links_to(self, salesforce_ids: Iterable[str]) -> dict[str, Link]:
        """Links by the id of their Salesforce record."""
        return {link.salesforce_id: link for link in self._links(links.c.salesforce_id, list(salesforce_ids))}

    def pending(self) -> list[Link]:
        """Links whose last push was refused and is still tried."""
        with self._begin() as connection:
            rows = connection.execute(select(links).where(links.c.attempts > 0, links.c.set_aside.is_(False))).all()
        return [_link(row) for row in rows]

    def count_links(self) -> int:
        """How many persons are linked."""
        with self._begin() as connection:
            return connection.scalar(select(func.count()).select_from(links).where(links.c.ended.is_(False))) or 0

    def _links(self, column: Any, values: Sequence[Any]) -> list[Link]:
        if not values:
            return []
        with self._begin() as connection:
            return [
                _link(row)
                for chunk in _chunks(values)
                for row in connection.execute(select(links).where(column.in_(chunk)))
            ]

    def rearm(self) -> None:
        """Everything that was set aside is tried again: permissions or fields have changed (U-07)."""
        with self._begin() as connection:
            connection.execute(update(links).where(links.c.set_aside.is_(True)).values(set_aside=False, attempts=1))

    def settle(self, marketo_ids: Iterable[int]) -> None:
        """Nothing is pending for these persons any more."""
        settled = list(marketo_ids)
        if not settled:
            return
        with self._begin() as connection:
            for chunk in _chunks(settled):
                connection.execute(
                    update(links).where(links.c.marketo_id.in_(chunk)).values(attempts=0, set_aside=False, pending=None)
                )
                _resolve(connection, chunk)

    # Intents and outcomes

    def intend(self, run: str, holder: str, at: datetime, actions: Sequence[Action]) -> list[int]:
        """Note down what is about to be written, at a vendor's time; the numbers go into the outcomes."""
        with self._begin() as connection:
            numbers = []
            for action in actions:
                row = {"run": run, "holder": holder, "at": _exact(at), "action": action_to_json(action)}
                key = connection.execute(insert(intents).values(row)).inserted_primary_key
                if key is None:
                    raise StateError("the state database gives its new rows no number")
                numbers.append(int(key[0]))
            return numbers

    def intents(self, *, holder: str | None = None, name: str | None = None) -> list[Intent]:
        """Writes whose outcome is not known."""
        query = select(intents).order_by(intents.c.id)
        if holder is not None:
            query = query.where(intents.c.holder == holder)
        with self._begin() as connection:
            rows = connection.execute(query).all()
        found = [
            Intent(row.id, row.run, row.holder, parse_instant(row.at), action_from_json(row.action)) for row in rows
        ]
        return [intent for intent in found if name is None or intent.action.name == name]

    def drop_intents(self, ids: Iterable[int]) -> None:
        """These writes did not happen."""
        dropped = list(ids)
        if not dropped:
            return
        with self._begin() as connection:
            for chunk in _chunks(dropped):
                connection.execute(delete(intents).where(intents.c.id.in_(chunk)))

    def remember(
        self,
        run: str,
        at: datetime,
        outcomes: Sequence[Outcome],
        letters: Sequence[Letter] = (),
        *,
        set_aside_after: int = 20,
    ) -> None:
        """What became of some actions: links, last synced values, refusals and history in one transaction.

        Args:
            run: the run that did it.
            at: by the engine's clock.
            outcomes: in the order in which they happened.
            letters: activities to be written about it; one whose key is known already is not written again.
            set_aside_after: unchanged refusals after which a push is no longer tried.
        """
        with self._begin() as connection:
            memory = _Memory(connection, run, format_instant(at), set_aside_after)
            memory.load(outcomes)
            for outcome in outcomes:
                memory.take(outcome)
            memory.save()
            ids = [outcome.intent for outcome in outcomes if outcome.intent is not None]
            for chunk in _chunks(ids):
                connection.execute(delete(intents).where(intents.c.id.in_(chunk)))
            _post(connection, letters)

    def remember_conflicts(self, run: str, at: datetime, found: Sequence[Conflict]) -> list[Conflict]:
        """Record each distinct conflict once; those that are new."""
        new: list[Conflict] = []
        if not found:
            return new
        with self._begin() as connection:
            for conflict in found:
                details = {
                    "salesforce": conflict.salesforce,
                    "marketo": conflict.marketo,
                    "lastSynced": conflict.last_synced,
                    "winner": str(conflict.winner) if conflict.winner else None,
                    "rule": conflict.rule,
                    "field": conflict.field,
                }
                fingerprint = conflict.fingerprint
                if connection.scalar(select(conflicts.c.run).where(conflicts.c.fingerprint == fingerprint)):
                    continue
                new.append(conflict)
                connection.execute(
                    insert(conflicts).values(
                        fingerprint=fingerprint, run=run, marketo_id=conflict.marketo_id, details=details
                    )
                )
                connection.execute(
                    insert(history).values(
                        run=run,
                        at=format_instant(at),
                        marketo_id=conflict.marketo_id,
                        sobject=conflict.sobject,
                        salesforce_id=conflict.salesforce_id,
                        event="conflict",
                        details=details,
                    )
                )
        return new

    # Refusals and activities

    def refusals(self, *, open_only: bool = True) -> list[dict[str, Any]]:
        """What the vendors refused, newest first: pending or set aside, or all of it."""
        query = select(refusals).order_by(refusals.c.last_seen.desc())
        if open_only:
            query = query.where(refusals.c.status != "resolved")
        with self._begin() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def refused_creates(self, sobject: str) -> list[str]:
        """Salesforce records for which Marketo refused a person."""
        with self._begin() as connection:
            rows = connection.execute(
                select(refusals.c.salesforce_id).where(
                    refusals.c.sobject == sobject,
                    refusals.c.operation == "create",
                    refusals.c.marketo_id.is_(None),
                    refusals.c.status == "pending",
                )
            )
            return [row.salesforce_id for row in rows if row.salesforce_id]

    def letters(self) -> list[Letter]:
        """Activities that Marketo has not taken yet; with ``at``, those that it may have."""
        with self._begin() as connection:
            rows = connection.execute(
                select(outbox).where(outbox.c.status != "sent").order_by(outbox.c.marketo_id, outbox.c.key)
            ).all()
        return [
            Letter(row.key, row.marketo_id, row.activity, parse_instant(row.at) if row.at else None) for row in rows
        ]

    def post(self, letters: Sequence[Letter]) -> None:
        """Put activities in the outbox; one whose key is known already is not written again."""
        with self._begin() as connection:
            _post(connection, letters)

    def sending(self, keys: Sequence[str], at: datetime) -> None:
        """These activities are about to be sent, at a time of Marketo's clock."""
        self._stamp_letters(keys, status="sending", at=_exact(at))

    def sent(self, keys: Sequence[str]) -> None:
        """Marketo has these activities."""
        self._stamp_letters(keys, status="sent")

    def _stamp_letters(self, keys: Sequence[str], **values: Any) -> None:
        if not keys:
            return
        with self._begin() as connection:
            for chunk in _chunks(keys):
                connection.execute(update(outbox).where(outbox.c.key.in_(chunk)).values(**values))

    # Flow actions

    def begin_flow_action(self, action_id: str, marketo_id: int, action: str) -> dict[str, Any] | None:
        """The result of this flow action if it has one: a caller may ask twice, the effect comes once."""
        with self._begin() as connection:
            known = connection.execute(select(flow_actions).where(flow_actions.c.id == action_id)).one_or_none()
            if known is not None:
                result: dict[str, Any] | None = known.result
                return result
            connection.execute(insert(flow_actions).values(id=action_id, marketo_id=marketo_id, action=action))
        return None

    def end_flow_action(self, action_id: str, result: Mapping[str, Any]) -> None:
        """What the flow action did."""
        with self._begin() as connection:
            connection.execute(update(flow_actions).where(flow_actions.c.id == action_id).values(result=dict(result)))

    # Notes and history

    def note(self, name: str) -> Any:
        """What was kept under a name, or ``None``."""
        with self._begin() as connection:
            return connection.scalar(select(notes.c.value).where(notes.c.name == name))

    def keep(self, name: str, value: Any) -> None:
        """Keep plain data under a name."""
        with self._begin() as connection:
            connection.execute(delete(notes).where(notes.c.name == name))
            connection.execute(insert(notes).values(name=name, value=value))

    def history_of(self, *, marketo_id: int | None = None, salesforce_id: str | None = None) -> list[dict[str, Any]]:
        """Everything that happened to one person, oldest first."""
        with self._begin() as connection:
            rows = connection.execute(
                select(history)
                .where(or_(history.c.marketo_id == marketo_id, history.c.salesforce_id == salesforce_id))
                .order_by(history.c.id)
            ).mappings()
            return [dict(row) for row in rows]


class _Memory:
    """The links that some outcomes are about, changed one outcome after the other and saved together."""

    def __init__(self, connection: Connection, run: str, at: str, set_aside_after: int) -> None:
        self._connection = connection
        self._run = run
        self._at = at
        self._set_aside_after = set_aside_after
        self._links: dict[int, Link] = {}
        self._pending: dict[int, str | None] = {}
        self._touched: set[int] = set()
        self._settled: set[int] = set()
        self._history: list[dict[str, Any]] = []

    def load(self, outcomes: Sequence[Outcome]) -> None:
        """Read the links concerned."""
        ids = {outcome.marketo_id or outcome.action.marketo_id for outcome in outcomes} - {None}
        for chunk in _chunks(list(ids)):
            for row in self._connection.execute(select(links).where(links.c.marketo_id.in_(chunk))):
                self._links[row.marketo_id] = _link(row)
                self._pending[row.marketo_id] = row.pending

    def take(self, outcome: Outcome) -> None:
        """Change the link by one outcome."""
        action = outcome.action
        marketo_id = outcome.marketo_id or action.marketo_id
        if outcome.refusals:
            self._note_refusal(outcome, marketo_id)
        if outcome.status in {"done", "set aside"} and marketo_id is not None:
            self._done(outcome, marketo_id)
        if marketo_id in self._links and (outcome.refusals or outcome.status == "gone"):
            self._pend(marketo_id, outcome.fingerprint)
        if action.writes:
            self._history.append(
                {
                    "run": self._run,
                    "at": self._at,
                    "marketo_id": marketo_id,
                    "sobject": action.sobject,
                    "salesforce_id": outcome.salesforce_id or action.salesforce_id,
                    "event": action.name,
                    "details": {
                        "side": str(action.side),
                        "values": dict(action.values),
                        "reason": action.reason,
                        "outcome": outcome.status,
                        "fingerprint": outcome.fingerprint,
                    },
                }
            )

    def save(self) -> None:
        """Write the changed links and the history."""
        rows = [_row(self._links[key], self._pending.get(key)) for key in sorted(self._touched)]
        if rows:
            for chunk in _chunks([row["marketo_id"] for row in rows]):
                self._connection.execute(delete(links).where(links.c.marketo_id.in_(chunk)))
            for chunk in _chunks([row["salesforce_id"] for row in rows]):
                self._connection.execute(delete(links).where(links.c.salesforce_id.in_(chunk)))
            self._connection.execute(insert(links), rows)
        for chunk in _chunks(sorted(self._settled)):
            _resolve(self._connection, chunk)
        if self._history:
            self._connection.execute(insert(history), self._history)

    def _done(self, outcome: Outcome, marketo_id: int) -> None:
        action = outcome.action
        salesforce_id = outcome.salesforce_id or action.salesforce_id
        if isinstance(action, Create | LinkUp):
            if salesforce_id is None:
                raise StateError(f"the {action.name} of person {marketo_id} names no Salesforce record")
            agreed = action.agreed if isinstance(action, Create) else Agreed()
            self._put(Link(marketo_id, action.sobject, salesforce_id, agreed, action.stamp))
            self._pending[marketo_id] = None
            if action.side is Side.SALESFORCE:
                self._settled.add(marketo_id)
            elif isinstance(action, Create):
                self._connection.execute(
                    update(refusals)
                    .where(refusals.c.salesforce_id == salesforce_id, refusals.c.operation == "create")
                    .values(status="resolved")
                )
            return
        link = self._links.get(marketo_id)
        if link is None:
            return  # the link ended meanwhile: nothing to remember it by
        link = replace(link, agreed=_merged(link.agreed, action.values))
        if action.stamp is not None:
            link = replace(link, stamp=action.stamp)
        match action:
            case EndLink():
                link = replace(link, ended=True, attempts=0)
            case SetAside():
                # Not pushed any more: the record that the link names is converted or gone.
                link = replace(link, deleted=True, attempts=0)
            case FlagDeleted():
                link = replace(link, deleted=action.deleted, attempts=0, set_aside=False)
            case MoveLink():
                link = replace(
                    link,
                    sobject=action.sobject,
                    salesforce_id=salesforce_id or link.salesforce_id,
                    agreed=replace(link.agreed, apart={**link.agreed.apart, **action.apart}),
                    deleted=False,
                )
        if action.name == "update" and action.side is Side.SALESFORCE and not outcome.refusals:
            link = replace(link, attempts=0, set_aside=False)
            self._pending[marketo_id] = None
            self._settled.add(marketo_id)
        self._put(link)

    def _pend(self, marketo_id: int, fingerprint: str | None) -> None:
        link = self._links[marketo_id]
        same = fingerprint is not None and self._pending.get(marketo_id) == fingerprint
        attempts = link.attempts + 1 if same else 1
        self._pending[marketo_id] = fingerprint
        self._put(replace(link, attempts=attempts, set_aside=attempts >= self._set_aside_after))

    def _put(self, link: Link) -> None:
        self._links[link.marketo_id] = link
        self._touched.add(link.marketo_id)

    def _note_refusal(self, outcome: Outcome, marketo_id: int | None) -> None:
        action = outcome.action
        known = self._connection.execute(
            select(refusals).where(refusals.c.fingerprint == outcome.fingerprint)
        ).one_or_none()
        if known is not None:
            self._connection.execute(
                update(refusals)
                .where(refusals.c.fingerprint == outcome.fingerprint)
                .values(last_seen=self._at, times=known.times + 1, status="pending")
            )
            return
        self._connection.execute(
            insert(refusals).values(
                fingerprint=outcome.fingerprint,
                marketo_id=marketo_id,
                sobject=action.sobject,
                salesforce_id=outcome.salesforce_id or action.salesforce_id,
                operation=action.name,
                errors=[
                    {"code": each.code, "message": each.message, "fields": list(each.fields)}
                    for each in outcome.refusals
                ],
                fields=sorted(action.values),
                first_seen=self._at,
                last_seen=self._at,
                times=1,
                status="pending",
            )
        )


def _resolve(connection: Connection, marketo_ids: Sequence[int]) -> None:
    connection.execute(
        update(refusals)
        .where(refusals.c.marketo_id.in_(marketo_ids), refusals.c.status == "pending")
        .values(status="resolved")
    )


def _post(connection: Connection, letters: Sequence[Letter]) -> None:
    keys = [letter.key for letter in letters]
    known = {
        row.key
        for chunk in _chunks(keys)
        for row in connection.execute(select(outbox.c.key).where(outbox.c.key.in_(chunk)))
    }
    rows = {
        letter.key: {
            "key": letter.key,
            "marketo_id": letter.marketo_id,
            "activity": dict(letter.activity),
            "status": "waiting",
            "at": None,
        }
        for letter in letters
        if letter.key not in known
    }
    if rows:
        connection.execute(insert(outbox), list(rows.values()))


def _merged(agreed: Agreed, values: Values) -> Agreed:
    if not values:
        return agreed
    apart = {name: value for name, value in agreed.apart.items() if name not in values}
    return Agreed({**agreed.values, **values}, apart)


def _link(row: Any) -> Link:
    return Link(
        marketo_id=row.marketo_id,
        sobject=row.sobject,
        salesforce_id=row.salesforce_id,
        agreed=Agreed(row.agreed, row.apart),
        stamp=row.stamp,
        deleted=row.deleted,
        ended=row.ended,
        attempts=row.attempts,
        set_aside=row.set_aside,
    )


def _row(link: Link, pending: str | None) -> dict[str, Any]:
    return {
        "marketo_id": link.marketo_id,
        "sobject": link.sobject,
        "salesforce_id": link.salesforce_id,
        "agreed": dict(link.agreed.values),
        "apart": dict(link.agreed.apart),
        "stamp": link.stamp,
        "deleted": link.deleted,
        "ended": link.ended,
        "attempts": link.attempts,
        "set_aside": link.set_aside,
        "pending": pending,
    }


def _exact(when: datetime) -> str:
    """An instant as text that sorts by time, with its fractions of a second."""
    return when.astimezone(UTC).isoformat(timespec="microseconds")


def _chunks(values: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), _CHUNK):
        yield list(values[start : start + _CHUNK])


# Opening


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed)
    in_memory = parsed.database in {None, "", ":memory:"}
    if not in_memory and parsed.database and not parsed.database.startswith("file:"):
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    options: dict[str, Any] = {"connect_args": {"check_same_thread": False, "timeout": 30}}
    if in_memory:
        options["poolclass"] = StaticPool
    engine = create_engine(parsed, **options)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later would fail at once when another process has written.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _upgrade(connection: Connection) -> None:
    """Make the tables, or migrate them; a database that is up to date costs one query."""
    names = set(inspect(connection).get_table_names())
    if not names:
        metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
        return
    if "alembic_version" not in names:
        raise StateError("the state database has tables of another program")
    version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if version == HEAD:
        return
    if version is None or version > HEAD:
        raise StateError(f"the state database is of a newer syncrig (schema {version}, this one knows {HEAD})")
    from syncengine.state.migrate import to_head  # noqa: PLC0415  Alembic takes longer to import than a cycle runs

    to_head(connection)
