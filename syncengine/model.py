"""The words of a cycle: sides, values, links, what each side shows of a person.

Values are kept in one canonical form, so that both sides can be compared: text without white space at its
ends and ``None`` for empty, numbers as int or float, ``YYYY-MM-DD`` for dates, ``YYYY-MM-DDTHH:MM:SSZ`` for
instants. ``mapping.FieldPair`` turns either vendor's spelling into it and back.

Every value of a person is keyed by the REST name of its lead field, whatever Salesforce calls it. So Lead.Phone
and Contact.Phone are one value, and a conversion keeps what was last synced.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol, TypeAlias

Value: TypeAlias = str | int | float | bool | None
Values: TypeAlias = Mapping[str, Value]


class Side(StrEnum):
    """One of the two systems."""

    SALESFORCE = "salesforce"
    MARKETO = "marketo"

    @property
    def other(self) -> Side:
        """The opposite system."""
        return Side.MARKETO if self is Side.SALESFORCE else Side.SALESFORCE


class Clock(Protocol):
    """Where our own time comes from; never compared with a vendor's."""

    def now(self) -> datetime:
        """The present, aware of its zone."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Agreed:
    """Last synced values of one link.

    ``apart`` holds what Marketo shows where the two sides differ on purpose: a default company that only
    Salesforce got (U-11), a contact field that a conversion left empty (U-37).
    """

    values: Values = field(default_factory=dict)
    apart: Values = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def on(self, side: Side, name: str) -> Value:
        """The value that side showed when both were last compared."""
        if side is Side.MARKETO and name in self.apart:
            return self.apart[name]
        return self.values[name]


@dataclass(frozen=True, slots=True)
class Shown:
    """What one side shows of one person now.

    Args:
        values: canonical, keyed by lead field; a field that was not read is absent.
        at: the side's own stamp of the record; it dates the record, so it is only a possible time of a field.
        field_times: the side's own stamp of a field's last change, where the side tells it.
        moved: the stamp left the one known from the last reading. Without a move only plain fields count:
            a formula changes with its record's next save (CYC-22).
        deleted: the record lies in the recycle bin, or is gone.
        ours: the last save was made by the sync user.
    """

    values: Values
    at: datetime | None = None
    field_times: Mapping[str, datetime] = field(default_factory=dict)
    moved: bool = True
    deleted: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """One person described on both sides.

    Args:
        marketo_id: id of the lead; of the deleted one where ``ended``.
        sobject: Lead or Contact.
        salesforce_id: 18 characters.
        agreed: last synced values.
        stamp: Salesforce's SystemModstamp at the last reading, as Salesforce spells it.
        deleted: the Salesforce record is deleted (SFDC Is Deleted).
        ended: the Marketo person is deleted; the next update in Salesforce makes a new one (LIF-12).
        attempts: cycles in which a push was refused since something last changed; 0 when nothing is pending.
        set_aside: no longer tried until something changes.
    """

    marketo_id: int
    sobject: str
    salesforce_id: str
    agreed: Agreed = field(default_factory=Agreed)
    stamp: str | None = None
    deleted: bool = False
    ended: bool = False
    attempts: int = 0
    set_aside: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Everything the plan knows of one person: the link if there is one, and what each side shows.

    A side that is ``None`` was not read; it is taken to show what was last synced. A link of another sobject than the
    person's means that its Lead was converted.

    Args:
        stamp: Salesforce's stamp of the record, as read now.
        traces: marks to leave on the Marketo person besides its values, such as that its Lead was converted.
        duplicate_of: the Marketo person that the record belongs to already; only a merge could join the two.
    """

    sobject: str
    salesforce_id: str | None
    marketo_id: int | None
    salesforce: Shown | None = None
    marketo: Shown | None = None
    link: Link | None = None
    stamp: str | None = None
    traces: Values = field(default_factory=dict)
    duplicate_of: int | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field that left last synced on both sides, to different values, and who won."""

    sobject: str
    salesforce_id: str
    marketo_id: int
    field: str
    salesforce: Value
    marketo: Value
    last_synced: Value
    winner: Side | None
    rule: str

    @property
    def fingerprint(self) -> str:
        """The same for the same conflict seen again."""
        return digest(self.marketo_id, self.salesforce_id, self.field, self.salesforce, self.marketo, self.last_synced)


def digest(*parts: object) -> str:
    """A short name for what the parts say: 64 hexadecimal digits."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a vendor said to one write: code, message and the fields it named."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


class SalesforceField(Protocol):
    """What the mapping wants to know of a field that the sync user sees."""

    @property
    def name(self) -> str:
        """API name."""
        ...

    @property
    def label(self) -> str:
        """What people read."""
        ...

    @property
    def type(self) -> str:
        """The describe's word."""
        ...

    @property
    def length(self) -> int:
        """Characters; 0 or None without a limit."""
        ...

    @property
    def scale(self) -> int:
        """Digits after the point."""
        ...

    @property
    def custom(self) -> bool:
        """Made by a customer."""
        ...

    @property
    def createable(self) -> bool:
        """May be set on a new record."""
        ...

    @property
    def updateable(self) -> bool:
        """May be changed."""
        ...

    @property
    def calculated(self) -> bool:
        """A formula."""
        ...


class MarketoField(Protocol):
    """What the mapping wants to know of a lead field."""

    @property
    def name(self) -> str:
        """API name."""
        ...

    @property
    def display_name(self) -> str:
        """What people read."""
        ...

    @property
    def type(self) -> str:
        """The describe's word."""
        ...

    @property
    def length(self) -> int | None:
        """Characters; 0 or None without a limit."""
        ...

    @property
    def read_only(self) -> bool:
        """Only Marketo itself writes it."""
        ...


def parse_instant(text: str) -> datetime:
    """The instant that either vendor wrote; without an offset it is UTC.

    Salesforce writes ``2026-03-01T10:00:00.000+0000``, Marketo ``2026-03-01T10:00:00Z``.
    """
    when = datetime.fromisoformat(text)
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def format_instant(when: datetime) -> str:
    """ISO 8601 in UTC, whole seconds, with Z."""
    return when.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
