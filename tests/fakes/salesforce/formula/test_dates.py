"""Dates, instants and times; the record's user is in Los Angeles, where it is still the day before."""

from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.salesforce.formula import FormulaError, FormulaRunError
from tests.fakes.salesforce.formula.world import value


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TODAY()", date(2024, 2, 29)),
        ("NOW()", at(2024, 3, 1, 3, 30, 15, 250000)),
        ("TIMENOW()", time(3, 30, 15, 250000)),
        ("DATE(2024, 2.9, 29.9)", date(2024, 2, 29)),
        ("DATEVALUE(Called)", date(2024, 2, 29)),
        ('DATEVALUE("2024-3-1 and more")', date(2024, 3, 1)),
        ("DATEVALUE(Nickname)", None),
        ('DATETIMEVALUE("2024-3-1 4:5:6")', at(2024, 3, 1, 4, 5, 6)),
        ("DATETIMEVALUE(Start)", at(2024, 2, 29)),
        ("TIMEVALUE(Called)", time(3, 30)),
        ('TIMEVALUE("10:20:30.004")', time(10, 20, 30, 4000)),
        ("YEAR(Start) * 10000 + MONTH(Start) * 100 + DAY(Start)", Decimal(20240229)),
        ("WEEKDAY(DATE(2024, 3, 3))", Decimal(1)),
        ("WEEKDAY(DATE(2024, 3, 2))", Decimal(7)),
        ("DAYOFYEAR(Start)", Decimal(60)),
        ("ISOWEEK(DATE(2021, 1, 3))", Decimal(53)),
        ("ISOYEAR(DATE(2021, 1, 3))", Decimal(2020)),
        ("HOUR(Opens) * 100 + MINUTE(Opens)", Decimal(1020)),
        ("SECOND(Opens) + MILLISECOND(Opens) / 1000", Decimal("30.004")),
        ("ADDMONTHS(DATE(2024, 1, 31), 1)", date(2024, 2, 29)),
        ("ADDMONTHS(DATE(2024, 2, 29), 1)", date(2024, 3, 31)),
        ("ADDMONTHS(DATE(2024, 3, 30), -1)", date(2024, 2, 29)),
        ("ADDMONTHS(Called, 12.9)", at(2025, 3, 1, 3, 30)),
        ("UNIXTIMESTAMP(DATE(1970, 1, 2))", Decimal(86400)),
        ("UNIXTIMESTAMP(Opens)", Decimal(37230)),
        ("FROMUNIXTIME(1.5)", at(1970, 1, 1, 0, 0, 1, 500000)),
        ("FORMATDURATION(100000)", "27:46:40"),
        ("FORMATDURATION(-100000, TRUE)", "1:03:46:40"),
        ("FORMATDURATION(Opens, Opens + 61000)", "00:01:01"),
        ("FORMATDURATION(Called, Called - 2)", "2:00:00:00"),
        ("$System.OriginDateTime", at(1900, 1, 1)),
        ("Start + 1.9", date(2024, 3, 1)),
        ("Start + 0.5 + 0.5", date(2024, 2, 29)),
        ("1 + Start", date(2024, 3, 1)),
        ("Start - DATE(2024, 2, 1)", Decimal(28)),
        ("Called + 0.5", at(2024, 3, 1, 15, 30)),
        ("Called + 1 / 86400 * 0.6", at(2024, 3, 1, 3, 30, 1)),
        ("(Called + 0.25) - Called", Decimal("0.25")),
        ("Opens + 4", time(10, 20, 30, 8000)),
        ('TIMEVALUE("00:00:01.000") - 2000', time(23, 59, 59)),
        ("Opens - (Opens + 1000)", Decimal(86_399_000)),
        ("End + 1", None),
        ("YEAR(End)", None),
        ("Start < End", None),
    ],
)  # fmt: skip
def test_dates_and_times(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("DATE(2023, 2, 29)", "Month or Day out of range"),
        ("DATE(10000, 1, 1)", "Year out of range"),
        ('DATEVALUE("1/5/2024")', "Invalid year for DATEVALUE function"),
        ('DATEVALUE("2024-02-30")', "Unparseable date"),
        ('DATETIMEVALUE("2024-02-01")', "Unparseable date"),
        ('DATETIMEVALUE("2024-02-01T10:00:00Z")', "Unparseable date"),
        ('TIMEVALUE("10:20:30")', "Invalid time format"),
        ('TIMEVALUE("25:00:00.000")', "Invalid time format"),
        ("DATE(9999, 12, 31) + 1", "Year out of range"),
        ("ADDMONTHS(DATE(9999, 12, 31), 1)", "Year out of range"),
        ("FROMUNIXTIME(10 ^ 15)", "Year out of range"),
    ],
)
def test_what_is_no_date(text, problem):
    with pytest.raises(FormulaRunError, match=problem):
        value(text)


@pytest.mark.parametrize(
    "text",
    ["YEAR(Called)", "HOUR(Called)", "DATEVALUE(Start)", "Start = Called", "Start - Called", "Start + Start",
     "Opens + Opens", "1 - Start", "ADDMONTHS(NULL, 1)", "DATEVALUE(NULL)"],
)  # fmt: skip
def test_dates_instants_and_times_do_not_mix(text):
    with pytest.raises(FormulaError):
        value(text)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-10_000, 10_000))
def test_adding_days_and_taking_them_away_leads_back(day, days):
    assert value("Start + Seats - Seats", Start=day, Seats=Decimal(days)) == day
    assert value("(Start + Seats) - Start", Start=day, Seats=Decimal(days)) == days


def test_stored_texts_of_the_api_are_understood():
    assert value("Start", Start="2024-02-29") == date(2024, 2, 29)
    assert value("Called", Called="2024-03-01T03:30:00.000+0000") == at(2024, 3, 1, 3, 30)
    assert value("Opens", Opens="10:20:30.004Z") == time(10, 20, 30, 4000)
