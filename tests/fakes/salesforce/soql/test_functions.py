"""The functions that SQLite is lent. Source: SOQL and SOSL Reference, "Date Functions", "ORDER BY", "DISTANCE"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.salesforce.soql.compile import spellings
from fakes.salesforce.soql.functions import FUNCTIONS, date_part, distance, fold, local, sort_key


def test_texts_sort_as_people_in_english_sort_them():
    ordered = ["", " a", "'a", "1", "10", "2", "a", "a b", "a-b", "a1", "ab", "Äb", "B", "é", "f", "Øst", "zebra"]

    backwards = ordered[::-1]

    backwards.sort(key=sort_key)

    assert backwards == ordered


@given(st.text(max_size=8))
def test_the_order_of_texts_does_not_see_their_case(text):
    if len(text.upper()) == len(text) and text.upper().lower() == text.lower():
        assert sort_key(text.upper()) == sort_key(text.lower())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CALENDAR_QUARTER", 4),
        ("DAY_IN_WEEK", 5),  # Sunday is 1
        ("DAY_IN_YEAR", 365),
        ("WEEK_IN_MONTH", 5),  # sevens from the first
        ("WEEK_IN_YEAR", 53),
        ("FISCAL_MONTH", 11),
        ("FISCAL_QUARTER", 4),
        ("FISCAL_YEAR", 2027),
    ],
)
def test_the_parts_of_thursday_31_december_2026_when_the_fiscal_year_begins_in_february(name, expected):
    assert date_part("2026-12-31T23:00:00.000Z", name, 2) == expected


def test_a_moment_on_another_clock():
    assert local("2026-07-01T03:30:00.000Z", "America/Los_Angeles") == "2026-06-30T20:30:00.000"


def test_distances_in_kilometres_and_miles():
    assert distance(0, 0, 0, 180, "km") == pytest.approx(20015, abs=1)
    assert distance(59.91, 10.75, 60.39, 5.32, "mi") == pytest.approx(189.5, abs=1)
    assert distance(None, 0, 0, 0, "km") is None


def test_nothing_in_nothing_out():
    for name, (arguments, function) in FUNCTIONS.items():
        assert function(*[None] * arguments) is None, name


def test_a_text_is_looked_for_in_every_mixture_of_cases_that_sqlite_cannot_fold():
    assert spellings("Ole") == ["Ole"]
    assert sorted(spellings("åsé")) == sorted(["åsé", "åsÉ", "Åsé", "ÅsÉ"])
    assert spellings("åååååå") is None
    assert fold("ÅSE") == "åse"
