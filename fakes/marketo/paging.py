"""Paging tokens: made, read, advanced. Pure.

A token looks as Marketo's do (base32, with padding that clients must encode) and holds a position only; the caller
repeats the other parameters. Source: Marketo developer guide, "Paging Tokens".
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from .errors import InvalidRequest

MAX_BATCH = 300

_LOG = re.compile(r"(-?\d{1,17}),(\d{1,18})")
_PLACE = re.compile(r"p(\d{1,18})")


@dataclass(frozen=True, slots=True)
class LogToken:
    """A place in the activity log: entries dated at or after ``since`` (milliseconds) whose id is above ``last``."""

    since: int
    last: int = 0

    def __str__(self) -> str:
        return _encode(f"{self.since},{self.last}")

    @classmethod
    def read(cls, text: str) -> LogToken:
        """The place that a token names.

        Raises:
            InvalidRequest: it is no token of this kind.
        """
        match = _LOG.fullmatch(_decode(text))
        if not match:
            raise InvalidRequest("Invalid nextPageToken")
        return cls(int(match[1]), int(match[2]))


def place_token(last: int) -> str:
    """A token for lists ordered by id: the next page begins after ``last``."""
    return _encode(f"p{last}")


def read_place(text: str | None) -> int:
    """The id after which a page begins; 0 without a token.

    Raises:
        InvalidRequest: it is no token of this kind.
    """
    if not text:
        return 0
    match = _PLACE.fullmatch(_decode(text))
    if not match:
        raise InvalidRequest("Invalid nextPageToken")
    return int(match[1])


def _encode(text: str) -> str:
    return base64.b32encode(text.encode()).decode()


def _decode(text: str) -> str:
    try:
        return base64.b32decode(text.encode()).decode()
    except (binascii.Error, ValueError):
        raise InvalidRequest("Invalid nextPageToken") from None
