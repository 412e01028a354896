"""What dates mean in a query: literals such as ``LAST_N_DAYS:30`` as ranges, and written dates as stored ones.

A range is [start, end) in days of the running user's time zone; weeks begin as the user's locale has it, quarters
follow the calendar, fiscal periods the organization's first fiscal month. Source: SOQL and SOSL Reference,
"Date Formats and Date Literals in WHERE".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

PLAIN_LITERALS = frozenset(
    {
        "YESTERDAY",
        "TODAY",
        "TOMORROW",
        "LAST_WEEK",
        "THIS_WEEK",
        "NEXT_WEEK",
        "LAST_MONTH",
        "THIS_MONTH",
        "NEXT_MONTH",
        "LAST_90_DAYS",
        "NEXT_90_DAYS",
        "THIS_QUARTER",
        "LAST_QUARTER",
        "NEXT_QUARTER",
        "THIS_YEAR",
        "LAST_YEAR",
        "NEXT_YEAR",
        "THIS_FISCAL_QUARTER",
        "LAST_FISCAL_QUARTER",
        "NEXT_FISCAL_QUARTER",
        "THIS_FISCAL_YEAR",
        "LAST_FISCAL_YEAR",
        "NEXT_FISCAL_YEAR",
    }
)
_UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR")
NUMBERED_LITERALS = frozenset(
    name for unit in _UNITS for name in (f"LAST_N_{unit}S", f"NEXT_N_{unit}S", f"N_{unit}S_AGO")
)

SUNDAY = 6
_MONDAY = 0
# Countries whose weeks begin on Sunday, of those that Salesforce's locales name. Source: CLDR, supplemental data.
_SUNDAY_COUNTRIES = frozenset(
    (
        *("AG", "AS", "AU", "BD", "BR", "BS", "BT", "BW", "BZ", "CA", "CO", "DM", "DO", "ET", "GT", "GU", "HK", "HN"),
        *("ID", "IL", "IN", "JM", "JP", "KE", "KH", "KR", "LA", "MH", "MM", "MO", "MT", "MX", "MZ", "NI", "NP", "PA"),
        *("PE", "PH", "PK", "PR", "PT", "PY", "SA", "SG", "SV", "TH", "TT", "TW", "UM", "US", "VE", "VI", "WS", "YE"),
        *("ZA", "ZW"),
    )
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """How one user counts days: zone, first day of the week (0 is Monday), first month of the fiscal year."""

    timezone: tzinfo = UTC
    week_start: int = SUNDAY
    fiscal_start: int = 1

    def today(self, now: datetime) -> date:
        """The user's date at this moment."""
        return now.astimezone(self.timezone).date()


def week_start(locale: str) -> int:
    """The first day of the week in a locale such as ``en_US`` or ``de_DE_EURO``: 6 (Sunday) or 0 (Monday)."""
    country = next((part for part in locale.split("_")[1:] if len(part) == 2), "")
    return SUNDAY if not country or country.upper() in _SUNDAY_COUNTRIES else _MONDAY


def literal_range(name: str, number: int | None, today: date, calendar: Calendar) -> tuple[date, date]:
    """The days [start, end) that a date literal stands for.

    Ranges that would leave the calendar end at its first or last day.
    """
    if number is None:
        return _plain_range(name, today, calendar)
    if name == "LAST_N_DAYS":
        return _days(today, -number), _days(today, 1)
    unit = name.removeprefix("LAST_N_").removeprefix("NEXT_N_").removeprefix("N_").removesuffix("_AGO")[:-1]
    if name.startswith("LAST_N_"):
        return _unit_start(unit, today, -number, calendar), _unit_start(unit, today, 0, calendar)
    if name.startswith("NEXT_N_"):
        return _unit_start(unit, today, 1, calendar), _unit_start(unit, today, 1 + number, calendar)
    return _unit_start(unit, today, -number, calendar), _unit_start(unit, today, 1 - number, calendar)


def _plain_range(name: str, today: date, calendar: Calendar) -> tuple[date, date]:
    match name:
        case "YESTERDAY":
            return _days(today, -1), today
        case "TODAY":
            return today, _days(today, 1)
        case "TOMORROW":
            return _days(today, 1), _days(today, 2)
        case "LAST_90_DAYS":
            return _days(today, -90), _days(today, 1)
        case "NEXT_90_DAYS":
            return _days(today, 1), _days(today, 91)
    which, _, unit = name.partition("_")
    offset = {"LAST": -1, "THIS": 0, "NEXT": 1}[which]
    return _unit_start(unit, today, offset, calendar), _unit_start(unit, today, offset + 1, calendar)


def _unit_start(unit: str, today: date, offset: int, calendar: Calendar) -> date:
    """The first day of the week, month, quarter or year that is ``offset`` of them away from today's."""
    match unit:
        case "DAY":
            return _days(today, offset)
        case "WEEK":
            return _days(today, -((today.weekday() - calendar.week_start) % 7) + 7 * offset)
        case "MONTH":
            return _months(today, offset)
        case "QUARTER":
            return _months(today, -((today.month - 1) % 3) + 3 * offset)
        case "YEAR":
            return _months(today, -(today.month - 1) + 12 * offset)
        case "FISCAL_QUARTER":
            return _months(today, -((today.month - calendar.fiscal_start) % 3) + 3 * offset)
        case _:
            return _months(today, -((today.month - calendar.fiscal_start) % 12) + 12 * offset)


def _days(day: date, offset: int) -> date:
    try:
        return day + timedelta(days=offset)
    except OverflowError:
        return date.max if offset > 0 else date.min


def _months(day: date, offset: int) -> date:
    """The first of the month ``offset`` months away."""
    months = day.year * 12 + day.month - 1 + offset
    year, month = divmod(months, 12)
    if year < date.min.year:
        return date.min
    return date.max if year > date.max.year else date(year, month + 1, 1)


def midnight(day: date, timezone: tzinfo) -> str:
    """The stored dateTime at which a day begins in a zone."""
    try:
        return stored_datetime(datetime.combine(day, time(), timezone))
    except OverflowError:
        return stored_datetime(datetime.combine(day, time(), UTC))


def stored_datetime(moment: datetime) -> str:
    """A moment as the store keeps it, ``2026-01-05T09:00:00.000Z``: text that sorts as time does."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


_DATETIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))", re.ASCII)


def parse_datetime(text: str) -> str | None:
    """A written dateTime as a stored one, or None where there is no such moment; fractions beyond ms are cut."""
    found = _DATETIME.fullmatch(text)
    if found is None:
        return None
    day, hour, minute, second, fraction, sign, zone_hour, zone_minute = found.groups()
    try:
        moment = datetime.combine(
            date.fromisoformat(day),
            time(int(hour), int(minute), int(second), int(((fraction or "") + "000")[:3]) * 1000, UTC),
        )
        offset = timedelta(hours=int(zone_hour or 0), minutes=int(zone_minute or 0))
        return stored_datetime(moment + offset if sign == "-" else moment - offset)
    except (ValueError, OverflowError):
        return None


def parse_date(text: str) -> str | None:
    """A written date as a stored one, or None where the calendar has no such day."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def parse_time(text: str) -> str | None:
    """A written time as a stored one, ``09:30:00.000Z``, or None where the clock has no such time."""
    whole, _, fraction = text.rstrip("Zz").partition(".")
    try:
        hour, minute, second = (int(part) for part in whole.split(":"))
        moment = time(hour, minute, second, int((fraction + "000")[:3]) * 1000)
    except ValueError:
        return None
    return moment.isoformat(timespec="milliseconds") + "Z"
