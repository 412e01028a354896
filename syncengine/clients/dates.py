"""Instants as the vendors spell them, both ways."""

from __future__ import annotations

from datetime import UTC, datetime


def parse_datetime(text: str) -> datetime:
    """The instant, in UTC, that a vendor's text names; without an offset it is taken for UTC.

    Salesforce writes ``2026-02-01T10:00:00.000+0000``, Marketo ``2026-02-01T10:00:00Z``, in a changed value
    ``2026-02-01 10:00:00``, and in the Asset API ``2026-02-01T10:00:00Z+0000``.

    Raises:
        ValueError: the text is no such instant.
    """
    moment = datetime.fromisoformat(text.strip().replace("Z+0000", "Z"))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def salesforce_datetime(moment: datetime) -> str:
    """An instant as Salesforce takes it in JSON and in SOQL: UTC, milliseconds, ``Z``.

    Raises:
        ValueError: the datetime has no offset, so it names no instant.
    """
    return _utc(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def marketo_datetime(moment: datetime) -> str:
    """An instant as Marketo keeps it: UTC, whole seconds, ``Z``. What is below a second is cut off.

    Raises:
        ValueError: the datetime has no offset, so it names no instant.
    """
    return _utc(moment).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no offset, so it names no instant")
    return moment.astimezone(UTC)
