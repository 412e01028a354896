"""Decimal arithmetic as the official engine's: 39 significant digits, half up.

Source: ``BigDecimalHelper`` and the arithmetic commands of salesforce/formula-engine.
"""

from __future__ import annotations

import math
import re
from decimal import (
    MAX_EMAX,
    MAX_PREC,
    MIN_EMIN,
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    InvalidOperation,
    Overflow,
)
from decimal import DivisionByZero as _DecimalDivisionByZero
from typing import TYPE_CHECKING

from fakes.salesforce.formula.errors import DivisionByZero, FormulaRunError, NotANumber, TooBig

if TYPE_CHECKING:
    from collections.abc import Callable

ZERO = Decimal(0)
ONE = Decimal(1)
PI = Decimal("3.14159265358979323846")

_TRAPS = [_DecimalDivisionByZero, InvalidOperation, Overflow]


def _context(digits: int, rounding: str = ROUND_HALF_UP) -> Context:
    return Context(prec=digits, rounding=rounding, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=_TRAPS)


EXACT = _context(39)
"""What sums, products and quotients are computed with."""

_WIDE = _context(MAX_PREC)  # for steps that do not round to a number of digits
_CEILING = _context(33, ROUND_HALF_DOWN)  # an endless fraction like 6/11*11 is wrong in its last digits only
_FLOOR = _context(33, ROUND_HALF_UP)
_POWER = _context(18)
_POWER_SMALLEST = Decimal("1E-39")
_INTEGER_LIMIT = 2**31 - 1
_SHOWN_LIMIT = 2000  # digits that a text of a number may have: more than any formula holds
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,9})?")

add = EXACT.add
subtract = EXACT.subtract
multiply = EXACT.multiply
negate = EXACT.minus


def shifted(value: Decimal, places: int) -> Decimal:
    """The value times a power of ten, with all its digits."""
    return value.scaleb(places, _WIDE)


def to_scale(value: Decimal, decimals: int) -> Decimal:
    """The value with so many decimals, half away from zero."""
    if value.adjusted() > _SHOWN_LIMIT:
        raise TooBig
    return value.quantize(shifted(ONE, -decimals), ROUND_HALF_UP, _WIDE)


def divide(dividend: Decimal, divisor: Decimal) -> Decimal:
    """The quotient; by zero is an error, 0/0 too."""
    if not divisor:
        raise DivisionByZero
    return EXACT.divide(dividend, divisor)


def remainder(dividend: Decimal, divisor: Decimal) -> Decimal:
    """MOD: the sign of the dividend, fractions allowed."""
    if not divisor:
        raise DivisionByZero
    return EXACT.remainder(dividend, divisor)


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """``^``: whole exponents, 18 significant digits, at most about 64 digits before the point."""
    out_of_range = FormulaRunError("Out of range argument to POWER() function")
    whole_exponent = whole(exponent)
    if exponent != whole_exponent:
        raise out_of_range
    if not base:
        if whole_exponent < 0:
            raise out_of_range
        return ZERO if whole_exponent else ONE
    if whole_exponent * float(EXACT.log10(base.copy_abs())) > 64:
        raise out_of_range
    result = _POWER.power(base, whole_exponent)
    return ZERO if result.copy_abs() < _POWER_SMALLEST else result


def _rounded(value: Decimal, digits: Decimal, rounding: str) -> Decimal:
    places = whole(digits)
    if not value:
        return ZERO
    kept = (value.adjusted() + 1 if value.copy_abs() >= 1 else 1) + places
    if kept <= 0:
        # The engine rounds to significant digits: when none is left the answer is 0, so ROUND(55, -2) is 0.
        return ZERO
    if -value.as_tuple().exponent <= places:  # type: ignore[operator]  # never NaN or infinite here
        return value
    return value.quantize(shifted(ONE, -places), rounding, _WIDE)


def round_half_up(value: Decimal, digits: Decimal) -> Decimal:
    """ROUND: half away from zero; negative digits round before the point."""
    return _rounded(value, digits, ROUND_HALF_UP)


def truncate(value: Decimal, digits: Decimal) -> Decimal:
    """TRUNC: towards zero."""
    return _rounded(value, digits, ROUND_DOWN)


def _integral(context: Context, rounding: Callable[[Decimal], str]) -> Callable[[Decimal], Decimal]:
    def integral(value: Decimal) -> Decimal:
        value = context.plus(value)
        return value.to_integral_value(rounding(value))

    return integral


ceiling = _integral(_CEILING, lambda value: ROUND_FLOOR if value < 0 else ROUND_CEILING)
"""CEILING: away from zero."""
floor = _integral(_FLOOR, lambda value: ROUND_CEILING if value < 0 else ROUND_FLOOR)
"""FLOOR: towards zero."""
upper = _integral(_CEILING, lambda _: ROUND_CEILING)
"""MCEILING: up."""
lower = _integral(_FLOOR, lambda _: ROUND_FLOOR)
"""MFLOOR: down."""


def whole(value: Decimal) -> int:
    """The whole part as an int of 32 bits; what is larger is cut to the largest."""
    if value.adjusted() > 10:
        return -_INTEGER_LIMIT if value < 0 else _INTEGER_LIMIT
    return max(-_INTEGER_LIMIT, min(_INTEGER_LIMIT, int(value)))


def long(value: Decimal) -> int:
    """The whole part of a number of milliseconds or seconds."""
    if value.adjusted() > 18:
        raise TooBig
    return int(value)


def plain(value: Decimal) -> str:
    """TEXT of a number: all its digits, never an exponent, no zeros at the end."""
    if not value:
        return "0"
    if abs(value.adjusted()) > _SHOWN_LIMIT:
        raise TooBig
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_number(text: str) -> bool:
    """ISNUMBER: what VALUE accepts."""
    return _NUMBER.fullmatch(text) is not None


def number(text: str) -> Decimal:
    """VALUE of a text that is not blank: plain or exponent form, nothing else around it."""
    if not is_number(text):
        raise NotANumber(text)
    return EXACT.create_decimal(text)


def through_double(function: Callable[..., float]) -> Callable[..., Decimal]:
    """A function of binary doubles as one of decimals; what is no real number is an error."""

    def computed(*values: Decimal) -> Decimal:
        try:
            result = function(*map(float, values))
        except (ValueError, OverflowError, ZeroDivisionError):
            result = math.nan
        if not math.isfinite(result):
            raise NotANumber(plain(values[0]))
        return Decimal(repr(result))

    return computed
