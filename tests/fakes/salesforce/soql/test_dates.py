"""SOQL and SOSL Reference, "Date Formats and Date Literals in WHERE"."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.salesforce.soql.dates import (
    NUMBERED_LITERALS,
    PLAIN_LITERALS,
    Calendar,
    literal_range,
    midnight,
    parse_date,
    parse_datetime,
    parse_time,
    week_start,
)

TODAY = date(2026, 5, 13)  # a Wednesday
FISCAL_FROM_FEBRUARY = Calendar(fiscal_start=2)


def days(text: str, today: date = TODAY, calendar: Calendar = FISCAL_FROM_FEBRUARY) -> str:
    """The range of a literal as ``first day..day after the last``."""
    name, _, number = text.partition(":")
    start, end = literal_range(name, int(number) if number else None, today, calendar)
    return f"{start}..{end}"


@pytest.mark.parametrize(
    ("literal", "expected"),
    [
        ("YESTERDAY", "2026-05-12..2026-05-13"),
        ("TODAY", "2026-05-13..2026-05-14"),
        ("TOMORROW", "2026-05-14..2026-05-15"),
        ("LAST_WEEK", "2026-05-03..2026-05-10"),
        ("THIS_WEEK", "2026-05-10..2026-05-17"),
        ("NEXT_WEEK", "2026-05-17..2026-05-24"),
        ("LAST_MONTH", "2026-04-01..2026-05-01"),
        ("THIS_MONTH", "2026-05-01..2026-06-01"),
        ("NEXT_MONTH", "2026-06-01..2026-07-01"),
        ("LAST_90_DAYS", "2026-02-12..2026-05-14"),
        ("NEXT_90_DAYS", "2026-05-14..2026-08-12"),
        ("LAST_N_DAYS:2", "2026-05-11..2026-05-14"),
        ("NEXT_N_DAYS:2", "2026-05-14..2026-05-16"),
        ("N_DAYS_AGO:2", "2026-05-11..2026-05-12"),
        ("LAST_N_WEEKS:2", "2026-04-26..2026-05-10"),
        ("NEXT_N_WEEKS:2", "2026-05-17..2026-05-31"),
        ("N_WEEKS_AGO:2", "2026-04-26..2026-05-03"),
        ("LAST_N_MONTHS:2", "2026-03-01..2026-05-01"),
        ("NEXT_N_MONTHS:2", "2026-06-01..2026-08-01"),
        ("N_MONTHS_AGO:2", "2026-03-01..2026-04-01"),
        ("THIS_QUARTER", "2026-04-01..2026-07-01"),
        ("LAST_QUARTER", "2026-01-01..2026-04-01"),
        ("NEXT_QUARTER", "2026-07-01..2026-10-01"),
        ("LAST_N_QUARTERS:2", "2025-10-01..2026-04-01"),
        ("NEXT_N_QUARTERS:2", "2026-07-01..2027-01-01"),
        ("N_QUARTERS_AGO:2", "2025-10-01..2026-01-01"),
        ("THIS_YEAR", "2026-01-01..2027-01-01"),
        ("LAST_YEAR", "2025-01-01..2026-01-01"),
        ("NEXT_YEAR", "2027-01-01..2028-01-01"),
        ("LAST_N_YEARS:2", "2024-01-01..2026-01-01"),
        ("NEXT_N_YEARS:2", "2027-01-01..2029-01-01"),
        ("N_YEARS_AGO:2", "2024-01-01..2025-01-01"),
        ("THIS_FISCAL_QUARTER", "2026-05-01..2026-08-01"),
        ("LAST_FISCAL_QUARTER", "2026-02-01..2026-05-01"),
        ("NEXT_FISCAL_QUARTER", "2026-08-01..2026-11-01"),
        ("LAST_N_FISCAL_QUARTERS:2", "2025-11-01..2026-05-01"),
        ("NEXT_N_FISCAL_QUARTERS:2", "2026-08-01..2027-02-01"),
        ("N_FISCAL_QUARTERS_AGO:2", "2025-11-01..2026-02-01"),
        ("THIS_FISCAL_YEAR", "2026-02-01..2027-02-01"),
        ("LAST_FISCAL_YEAR", "2025-02-01..2026-02-01"),
        ("NEXT_FISCAL_YEAR", "2027-02-01..2028-02-01"),
        ("LAST_N_FISCAL_YEARS:2", "2024-02-01..2026-02-01"),
        ("NEXT_N_FISCAL_YEARS:2", "2027-02-01..2029-02-01"),
        ("N_FISCAL_YEARS_AGO:2", "2024-02-01..2025-02-01"),
    ],
)
def test_the_days_of_a_literal_on_wednesday_13_may_2026(literal, expected):
    assert days(literal) == expected


class TestTheUsersCalendar:
    def test_a_week_begins_as_the_locale_has_it(self):
        monday = Calendar(week_start=week_start("de_DE_EURO"))

        assert days("THIS_WEEK", calendar=monday) == "2026-05-11..2026-05-18"
        assert days("THIS_WEEK", date(2026, 5, 10), monday) == "2026-05-04..2026-05-11"
        assert week_start("en_US") == week_start("en") == week_start("pt_BR") == 6
        assert week_start("en_GB") == week_start("nb_NO") == 0

    def test_the_date_is_the_one_in_the_users_zone(self):
        assert Calendar(ZoneInfo("Asia/Tokyo")).today(datetime(2026, 5, 13, 20, tzinfo=UTC)) == date(2026, 5, 14)

    def test_a_day_begins_at_its_own_midnight_before_and_after_the_clocks_change(self):
        berlin = ZoneInfo("Europe/Berlin")

        assert midnight(date(2026, 3, 29), berlin) == "2026-03-28T23:00:00.000Z"
        assert midnight(date(2026, 3, 30), berlin) == "2026-03-29T22:00:00.000Z"


@given(
    st.sampled_from(sorted(PLAIN_LITERALS | NUMBERED_LITERALS)),
    st.integers(1, 2**31),
    st.dates(),
    st.integers(1, 12),
    st.integers(0, 6),
)
def test_every_literal_is_a_range_on_every_day_and_never_an_error(name, number, today, fiscal_start, first):
    plain = name in PLAIN_LITERALS

    start, end = literal_range(name, None if plain else number, today, Calendar(UTC, first, fiscal_start))

    assert start <= end
    midnight(start, ZoneInfo("Pacific/Auckland"))
    midnight(end, ZoneInfo("America/Los_Angeles"))


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2026-01-05T09:00:00Z", "2026-01-05T09:00:00.000Z"),
        ("2026-01-05T09:00:00.5+02:00", "2026-01-05T07:00:00.500Z"),
        ("2026-01-05T09:00:00.123456-0830", "2026-01-05T17:30:00.123Z"),
        ("2026-02-30T09:00:00Z", None),
        ("2026-01-05T25:00:00Z", None),
        ("0001-01-01T00:00:00+01:00", None),
    ],
)
def test_a_written_datetime_is_stored_in_utc_and_in_milliseconds(written, stored):
    assert parse_datetime(written) == stored


def test_days_and_times_that_do_not_exist_are_none():
    assert (parse_date("2026-02-28"), parse_date("2026-02-29")) == ("2026-02-28", None)
    assert (parse_time("09:30:00.5Z"), parse_time("24:00:00Z")) == ("09:30:00.500Z", None)
