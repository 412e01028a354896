"""Numbers: decimal arithmetic with 39 digits, and the vendor's ways of rounding."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.salesforce.formula import FormulaError, FormulaRunError
from tests.fakes.salesforce.formula.world import value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 * 3 ^ 2", "36"),
        ("2 ^ 3 ^ 2", "64"),
        ("-3 ^ 2", "9"),
        ("2 ^ -2", "0.25"),
        ("0 ^ 0", "1"),
        ("7 / 2 * 2", "7"),
        ("0.1 + 0.2", "0.3"),
        ("ROUND(1 / 3 * 3, 6)", "1"),
        ("CEILING(6 / 11 * 11)", "6"),
        ("Discount", "0.45"),
        ("ABS(-2.5)", "2.5"),
        ("CEILING(-2.5)", "-3"),
        ("CEILING(2.1)", "3"),
        ("FLOOR(-2.5)", "-2"),
        ("FLOOR(2.9)", "2"),
        ("MCEILING(-2.5)", "-2"),
        ("MFLOOR(-2.5)", "-3"),
        ("ROUND(2.345, 2)", "2.35"),
        ("ROUND(-2.345, 2)", "-2.35"),
        ("ROUND(15, -1)", "20"),
        ("ROUND(1.25, 1.9)", "1.3"),
        ("TRUNC(-2.567, 1)", "-2.5"),
        ("TRUNC(129, -1)", "120"),
        ("MOD(-5, 3)", "-2"),
        ("MOD(5.5, 2)", "1.5"),
        ("MAX(3, 1, 2)", "3"),
        ("MIN(3, 1, 2)", "1"),
        ("SQRT(16)", "4"),
        ("LOG(1000)", "2.9999999999999996"),
        ("EXP(0)", "1"),
        ("LN(1)", "0"),
        ("ATAN2(0, 1)", "0"),
        ("PI()", "3.14159265358979323846"),
    ],
)
def test_arithmetic(text, expected):
    assert value(text) == Decimal(expected)


def test_every_digit_of_a_long_number_is_kept():
    digits = Decimal(12345678901234567890123456789012345678)

    assert value("ABS(Seats)", Seats=digits.copy_negate()) == digits
    assert value("Discount * 100", Discount=digits) == digits


@pytest.mark.parametrize(
    "text",
    ["Seats + 1", "1 - Seats", "Seats * 0", "Seats / 2", "Seats ^ 2", "-Seats", "ABS(Seats)", "ROUND(1, Seats)",
     "MOD(1, Seats)", "MAX(1, Seats)", "MIN(Seats)", "SQRT(Seats)", "ATAN2(Seats, 1)"],
)  # fmt: skip
def test_blank_makes_blank(text):
    assert value(text, Seats=None) is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1 / 0", "Division by zero"),
        ("0 / 0", "Division by zero"),
        ("MOD(1, 0)", "Division by zero"),
        ("SQRT(-1)", "not a valid number"),
        ("LN(0)", "not a valid number"),
        ("ASIN(2)", "not a valid number"),
        ("EXP(100000)", "not a valid number"),
        ("2 ^ 0.5", "Out of range"),
        ("10 ^ 65", "Out of range"),
        ("0 ^ -1", "Out of range"),
        ('TEXT(VALUE("1E999999999"))', "Too Big"),
    ],
)
def test_what_has_no_answer(text, problem):
    with pytest.raises(FormulaRunError, match=problem):
        value(text)


_NUMBERS = st.decimals(-(10**9), 10**9, places=6)


@given(_NUMBERS, st.integers(0, 6))
def test_rounding_to_decimals_is_that_of_decimal(number, places):
    step = Decimal(1).scaleb(-places)

    assert value(f"ROUND(Seats, {places})", Seats=number) == number.quantize(step, ROUND_HALF_UP)
    assert value(f"TRUNC(Seats, {places})", Seats=number) == number.quantize(step, ROUND_DOWN)


@given(_NUMBERS)
def test_ceilings_and_floors_mirror_each_other(number):
    assert value("CEILING(Seats) = -CEILING(-Seats)", Seats=number) is True
    assert value("FLOOR(Seats) = -FLOOR(-Seats)", Seats=number) is True
    assert value("MCEILING(Seats) = -MFLOOR(-Seats)", Seats=number) is True


class TestDistance:
    """Source: Salesforce help, "DISTANCE" and "GEOLOCATION"."""

    def test_one_degree_of_the_equator(self):
        kilometres = value("DISTANCE(GEOLOCATION(0, 0), GEOLOCATION(0, 1), 'km')")
        miles = value("DISTANCE(GEOLOCATION(0, 0), GEOLOCATION(0, 1), 'mi')")

        assert float(kilometres) == pytest.approx(111.1950837)
        assert float(miles) == pytest.approx(69.0934137)

    def test_a_field_and_a_place(self):
        assert float(value("DISTANCE(Place, GEOLOCATION(59.91, 10.75), 'km')")) == pytest.approx(0)
        assert value("DISTANCE(Place, GEOLOCATION(0, 0), 'km')", Place=None) is None

    def test_the_unit_is_one_of_two(self):
        with pytest.raises(FormulaError) as caught:
            value('DISTANCE(Place, Place, "m")')

        assert caught.value.message == (
            "Incorrect parameter value for function 'DISTANCE()'. Expected 'mi'/'km', received \"m\""
        )

    def test_coordinates_have_limits(self):
        with pytest.raises(FormulaError):
            value("DISTANCE(GEOLOCATION(91, 0), Place, 'km')")
        with pytest.raises(FormulaRunError, match="Latitude out of range"):
            value("DISTANCE(GEOLOCATION(Seats, 0), Place, 'km')", Seats=Decimal(91))


def test_currency_rates_come_from_the_record_if_it_knows_any():
    with pytest.raises(FormulaRunError, match="Unknown currency NOK"):
        value('CURRENCYRATE("NOK")')
