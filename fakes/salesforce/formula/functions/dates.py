"""Date and time functions. Only TODAY and DATEVALUE of an instant look at the user's time zone.

Source: Salesforce help, "Date and Time Functions"; what texts are understood is as in the official engine.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from fakes.salesforce.formula import errors
from fakes.salesforce.formula.functions.registry import Function, Site, simple
from fakes.salesforce.formula.numbers import long, shifted, whole
from fakes.salesforce.formula.types import RecordContext, Type, milliseconds, number_of

if TYPE_CHECKING:
    from decimal import Decimal

    from fakes.salesforce.formula.code import Code

D, DT, TM, N, T = Type.DATE, Type.DATETIME, Type.TIME, Type.NUMBER, Type.TEXT

_YEAR_FIRST = re.compile(r"\d{4}-.*")
_DATE = re.compile(r"(\d{4})-[ \t]*(\d+)-[ \t]*(\d+)")
_INSTANT = re.compile(_DATE.pattern + r" [ \t]*(\d+):[ \t]*(\d+):[ \t]*(\d+)")
_TIME = re.compile(r"[ \t]*(\d+):[ \t]*(\d+):[ \t]*(\d+)\.[ \t]*(\d+)")
_Day = TypeVar("_Day", date, datetime)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _unparseable(text: str) -> errors.FormulaRunError:
    return errors.FormulaRunError(f'Unparseable date: "{text}"')


def _fields(pattern: re.Pattern[str], text: str) -> list[int]:
    """The numbers at the beginning of a text; what follows is ignored."""
    if not _YEAR_FIRST.fullmatch(text):
        raise errors.FormulaRunError("Invalid year for DATEVALUE function")
    match = pattern.match(text)
    if match is None or any(len(group) > 9 for group in match.groups()):
        raise _unparseable(text)
    return [int(group) for group in match.groups()]


def parsed_date(text: str) -> date | None:
    """A text ``yyyy-M-d``."""
    if not text:
        return None
    try:
        return date(*_fields(_DATE, text))
    except ValueError as error:
        raise _unparseable(text) from error


def parsed_instant(text: str) -> datetime | None:
    """A text ``yyyy-M-d H:m:s``, read as GMT."""
    if not text:
        return None
    try:
        return datetime(*_fields(_INSTANT, text), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError as error:
        raise _unparseable(text) from error


def parsed_time(text: str) -> time | None:
    """A text ``HH:mm:ss.SSS``, nothing more and nothing less."""
    if not text:
        return None
    match = _TIME.fullmatch(text)
    if match is not None and all(len(group) < 10 for group in match.groups()):
        hours, minutes, seconds, thousandths = map(int, match.groups())
        if hours < 24 and minutes < 60 and seconds < 60 and thousandths < 1000:
            return time(hours, minutes, seconds, thousandths * 1000)
    raise errors.FormulaRunError(f"Invalid time format: {text}")


def _date(year: Decimal, month: Decimal, day: Decimal) -> date:
    if not 1 <= whole(year) <= 9999:
        raise errors.FormulaRunError("Year out of range in DATE() function")
    try:
        return date(whole(year), whole(month), whole(day))
    except ValueError as error:
        raise errors.FormulaRunError("Month or Day out of range in DATE() function") from error


def _date_value(site: Site) -> Code:
    site.count(1)
    code = site.one_of(0, DT, T)
    run = code.run
    if code.type is T:
        return site.result(D, lambda record: parsed_date(run(record)))

    def in_users_zone(record: RecordContext) -> date | None:
        value = run(record)
        return None if value is None else value.astimezone(record.timezone).date()

    return site.result(D, in_users_zone)


def _instant_value(site: Site) -> Code:
    site.count(1)
    code = site.one_of(0, DT, T, D)
    run = code.run
    if code.type is DT:
        return site.result(DT, run)
    if code.type is T:
        return site.result(DT, lambda record: parsed_instant(run(record)))

    def midnight(record: RecordContext) -> datetime | None:
        value = run(record)
        return None if value is None else datetime.combine(value, time(), UTC)

    return site.result(DT, midnight)


def _time_value(site: Site) -> Code:
    site.count(1)
    code = site.one_of(0, DT, T, TM)
    run = code.run
    if code.type is TM:
        return site.result(TM, run)
    if code.type is T:
        return site.result(TM, lambda record: parsed_time(run(record)))
    return site.result(TM, lambda record: None if (value := run(record)) is None else _time_of(value))


def _time_of(value: datetime) -> time:
    value = value.astimezone(UTC)
    return value.time().replace(microsecond=value.microsecond // 1000 * 1000)


def _today(site: Site) -> Code:
    site.count(0)
    return site.result(D, lambda record: record.today)


def _now(site: Site) -> Code:
    site.count(0)
    return site.result(DT, lambda record: record.now.astimezone(UTC))


def _time_now(site: Site) -> Code:
    site.count(0)
    return site.result(TM, lambda record: _time_of(record.now))


def _add_months(site: Site) -> Code:
    site.count(2)
    code = site.one_of(0, D, DT)
    site.one_of(1, N)
    start, months = code.run, site.arguments[1].run

    def run(record: RecordContext) -> Any:
        value, count = start(record), months(record)
        return None if value is None or count is None else months_later(value, whole(count))

    return site.result(code.type, run)


def months_later(value: _Day, count: int) -> _Day:
    """So many months later; the last day of a month stays the last day of a month."""
    years, month = divmod(value.year * 12 + value.month - 1 + count, 12)
    if not 1 <= years <= 9999:
        raise errors.FormulaRunError("Year out of range in ADDMONTHS() function")
    last = calendar.monthrange(years, month + 1)[1]
    ends = value.day == calendar.monthrange(value.year, value.month)[1]
    return value.replace(year=years, month=month + 1, day=last if ends else min(value.day, last))


def _iso(index: int) -> Any:
    def build(site: Site) -> Code:
        site.count(1)
        run = site.one_of(0, D, DT).run
        return site.result(
            N, lambda record: None if (value := run(record)) is None else number_of(value.isocalendar()[index])
        )

    return build


def _unix_timestamp(site: Site) -> Code:
    site.count(1)
    code = site.one_of(0, D, DT, TM)
    run = code.run

    def seconds(record: RecordContext) -> Decimal | None:
        value = run(record)
        if value is None:
            return None
        if isinstance(value, time):
            return number_of(milliseconds(value) // 1000)
        if not isinstance(value, datetime):
            value = datetime.combine(value, time(), UTC)
        return number_of(int((value - _EPOCH) / timedelta(milliseconds=1) / 1000))

    return site.result(N, seconds)


def _from_unix_time(seconds: Decimal) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=long(shifted(seconds, 3)))
    except OverflowError as error:
        raise errors.FormulaRunError("Year out of range in FROMUNIXTIME() function") from error


def _format_duration(site: Site) -> Code:
    given = site.count(1, 2)
    first = site.arguments[0]
    if given == 1:
        if first.type is not N:
            raise site.refusal(first, N)
        run = first.run
        return site.result(T, lambda record: _clock(run(record), days=False))
    second = site.arguments[1]
    if Type.NULL in {first.type, second.type}:
        return site.result(T, lambda _: "")
    partners = {DT: DT, TM: TM, N: Type.BOOLEAN}
    if first.type not in partners:
        raise site.refusal(first, N, TM, DT)
    if second.type is not partners[first.type]:
        raise site.refusal(second, partners[first.type])
    start, other, kind = first.run, second.run, first.type

    def run_both(record: RecordContext) -> str:
        one, two = start(record), other(record)
        if kind is N:
            return _clock(one, days=bool(two))
        if one is None or two is None:
            return ""
        if kind is TM:
            return _clock(number_of((milliseconds(two) - milliseconds(one)) / 1000), days=False)
        return _clock(number_of(int((two - one) / timedelta(milliseconds=1)) / 1000), days=True)

    return site.result(T, run_both)


def _clock(seconds: Decimal | None, *, days: bool) -> str:
    if seconds is None:
        return ""
    minutes, second = divmod(abs(long(seconds)), 60)
    hours, minute = divmod(minutes, 60)
    if not days:
        return f"{hours:02}:{minute:02}:{second:02}"
    day, hour = divmod(hours, 24)
    return f"{day}:{hour:02}:{minute:02}:{second:02}"


FUNCTIONS = (
    Function("TODAY", _today, varies=True),
    Function("NOW", _now, varies=True),
    Function("TIMENOW", _time_now, varies=True),
    simple("DATE", (N, N, N), D, _date),
    Function("DATEVALUE", _date_value, varies=True),
    Function("DATETIMEVALUE", _instant_value),
    Function("TIMEVALUE", _time_value),
    simple("YEAR", (D,), N, lambda value: number_of(value.year)),
    simple("MONTH", (D,), N, lambda value: number_of(value.month)),
    simple("DAY", (D,), N, lambda value: number_of(value.day)),
    simple("WEEKDAY", (D,), N, lambda value: number_of(value.isoweekday() % 7 + 1)),
    simple("DAYOFYEAR", (D,), N, lambda value: number_of(value.timetuple().tm_yday)),
    Function("ISOWEEK", _iso(1)),
    Function("ISOYEAR", _iso(0)),
    simple("HOUR", (TM,), N, lambda value: number_of(value.hour)),
    simple("MINUTE", (TM,), N, lambda value: number_of(value.minute)),
    simple("SECOND", (TM,), N, lambda value: number_of(value.second)),
    simple("MILLISECOND", (TM,), N, lambda value: number_of(value.microsecond // 1000)),
    Function("ADDMONTHS", _add_months),
    Function("UNIXTIMESTAMP", _unix_timestamp),
    simple("FROMUNIXTIME", (N,), DT, _from_unix_time),
    Function("FORMATDURATION", _format_duration),
)
