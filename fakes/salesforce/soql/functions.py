"""What SOQL needs of SQLite and SQLite does not have, as plain functions for :meth:`Store.register`.

Each takes and returns what SQLite holds; None in, None out.
"""

from __future__ import annotations

import math
import unicodedata
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# Letters that English sorts as others, and that Unicode does not take apart. Source: CLDR, root collation.
_SORTED_AS = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "æ": "ae", "œ": "oe", "ß": "ss"})
_EARTH = {"km": 6371.0088, "mi": 3958.7613}


def fold(text: Any) -> Any:
    """Text without regard to case, one character for one, so that LIKE's ``_`` still counts right."""
    return text.lower() if isinstance(text, str) else text


def sort_key(text: Any) -> Any:
    """A text that sorts as people in English sort the given one: punctuation, digits, letters, whatever their case.

    Accents decide only between words that are otherwise the same. Texts that differ in case alone have one key.
    """
    if not isinstance(text, str):
        return text
    lowered = text.lower()
    if lowered.isascii() and lowered.isalnum():
        return f"{lowered}\x00{lowered}"
    plain = "".join(
        letter if letter.isalnum() else f"\x01{letter}"
        for letter in unicodedata.normalize("NFKD", lowered.translate(_SORTED_AS))
        if not unicodedata.combining(letter)
    )
    return f"{plain}\x00{lowered}"


def local(text: Any, zone: str) -> Any:
    """A stored dateTime as a clock in that zone shows it, in the same form but without the Z."""
    if not isinstance(text, str):
        return None
    moment = datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds")


def date_part(text: Any, name: str, fiscal_start: int) -> int | None:
    """A part of a stored date or dateTime, for the date functions that are no mere piece of its text.

    Weeks in a month and in a year are counted in sevens from the first; a week begins on Sunday, which is day 1.
    """
    if not isinstance(text, str):
        return None
    day = date.fromisoformat(text[:10])
    match name:
        case "CALENDAR_QUARTER":
            return (day.month + 2) // 3
        case "DAY_IN_WEEK":
            return day.isoweekday() % 7 + 1
        case "DAY_IN_YEAR":
            return day.timetuple().tm_yday
        case "WEEK_IN_MONTH":
            return (day.day - 1) // 7 + 1
        case "WEEK_IN_YEAR":
            return (day.timetuple().tm_yday - 1) // 7 + 1
        case "FISCAL_MONTH":
            return (day.month - fiscal_start) % 12 + 1
        case "FISCAL_QUARTER":
            return (day.month - fiscal_start) % 12 // 3 + 1
        case _:
            # A fiscal year is named after the calendar year in which it ends.
            return day.year + int(fiscal_start > 1 and day.month >= fiscal_start)


def distance(from_latitude: Any, from_longitude: Any, to_latitude: Any, to_longitude: Any, unit: str) -> float | None:
    """The great-circle distance between two points in mi or km."""
    if None in {from_latitude, from_longitude, to_latitude, to_longitude}:
        return None
    latitude, other = math.radians(from_latitude), math.radians(to_latitude)
    turn = math.radians(to_longitude - from_longitude)
    haversine = math.sin((other - latitude) / 2) ** 2 + math.cos(latitude) * math.cos(other) * math.sin(turn / 2) ** 2
    return 2 * _EARTH[unit] * math.asin(math.sqrt(min(1.0, haversine)))


FUNCTIONS: Mapping[str, tuple[int, Callable[..., Any]]] = MappingProxyType(
    {
        "sf_fold": (1, fold),
        "sf_sort": (1, sort_key),
        "sf_local": (2, local),
        "sf_date_part": (3, date_part),
        "sf_distance": (5, distance),
    }
)
"""SQL name → number of arguments and function."""
