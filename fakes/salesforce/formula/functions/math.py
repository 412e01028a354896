"""Math functions.

Source: Salesforce help, "Math Functions"; rounding and error cases as in the official engine.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fakes.salesforce.formula import errors, numbers
from fakes.salesforce.formula.functions.registry import Function, Site, simple
from fakes.salesforce.formula.nodes import Literal
from fakes.salesforce.formula.types import RecordContext, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fakes.salesforce.formula.code import Code

N = Type.NUMBER

_DIAMETERS = {"mi": 2 * 3958.761, "km": 2 * 6371.009}
_MOST_ARGUMENTS = 255

Location = tuple[Decimal, Decimal]


def _extreme(choose: Callable[[Iterable[Decimal]], Decimal]) -> Callable[[Site], Code]:
    def build(site: Site) -> Code:
        site.count(1, _MOST_ARGUMENTS)
        runs = [site.take(index, N) for index in range(len(site.arguments))]

        def run(record: RecordContext) -> Decimal | None:
            values = [run(record) for run in runs]
            known: list[Decimal] = [value for value in values if value is not None]
            return choose(known) if len(known) == len(values) else None

        return site.result(N, run)

    return build


def _mod(site: Site) -> Code:
    site.count(2)
    first, second = site.take(0, N), site.take(1, N)
    query = site.mode == "query"

    def run(record: RecordContext) -> Any:
        dividend, divisor = first(record), second(record)
        if dividend is None or divisor is None:
            return None
        if query and not divisor:
            return dividend
        return numbers.remainder(dividend, divisor)

    return site.result(N, run)


def _pi(site: Site) -> Code:
    site.count(0)
    return site.result(N, lambda _: numbers.PI)


def _angle(y: Decimal, x: Decimal) -> Decimal:
    return numbers.through_double(math.atan2)(y, x)


def _geolocation(site: Site) -> Code:
    site.count(2)
    runs = []
    for index, limit in enumerate((90, 180)):
        code = site.arguments[index]
        if code.type is not N:
            raise site.refusal(code, N)
        if isinstance(code.node, Literal) and Decimal(code.node.text) > limit:
            raise errors.FormulaError("Incorrect parameter for function 'GEOLOCATION()'.", code.position)
        runs.append(code.run)
    latitude, longitude = runs
    return site.result(Type.LOCATION, lambda record: _location(latitude(record), longitude(record)))


def _location(latitude: Decimal | None, longitude: Decimal | None) -> Location | None:
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        raise errors.FormulaRunError("Latitude can be null if and only if longitude is null")
    if latitude.copy_abs() > 90:
        raise errors.FormulaRunError(f"Latitude out of range: {numbers.plain(latitude)}")
    if longitude.copy_abs() > 180:
        raise errors.FormulaRunError(f"Longitude is out of range: {numbers.plain(longitude)}")
    return latitude, longitude


def _distance(site: Site) -> Code:
    site.count(3)
    for code in site.arguments[:2]:
        if code.type is not Type.LOCATION:
            raise site.refusal(code, Type.LOCATION)
    start, end = (code.run for code in site.arguments[:2])
    unit = site.take(2, Type.TEXT)
    node = site.arguments[2].node
    if isinstance(node, Literal) and str(node.value).lower() not in _DIAMETERS:
        raise errors.FormulaError(
            f"Incorrect parameter value for {site.where}. Expected 'mi'/'km', received {node.text}", node.position
        )

    def run(record: RecordContext) -> Decimal | None:
        name = unit(record)
        if name not in _DIAMETERS:
            raise errors.FormulaRunError(f"Invalid unit for the distance() function: {name}")
        first, second = start(record), end(record)
        return None if first is None or second is None else _arc(first, second, _DIAMETERS[name])

    return site.result(N, run)


def _arc(start: Location, end: Location, diameter: float) -> Decimal | None:
    """The way along the sphere, by the chord between both points."""

    def point(location: Location) -> tuple[float, float, float]:
        latitude, longitude = (math.radians(float(value)) for value in location)
        around = math.cos(latitude)
        return math.sin(longitude) * around, math.cos(longitude) * around, math.sin(latitude)

    chord = math.dist(point(start), point(end))
    return numbers.through_double(lambda: diameter * math.asin(chord / 2))()


def _currency_rate(site: Site) -> Code:
    site.count(1)
    code = site.take(0, Type.TEXT)

    def run(record: RecordContext) -> Any:
        rate = getattr(record, "currency_rate", lambda _: None)(code(record))
        if rate is None:
            raise errors.FormulaRunError(f"Unknown currency {code(record)}")
        return rate

    return site.result(N, run)


FUNCTIONS = (
    simple("ABS", (N,), N, Decimal.copy_abs),
    simple("EXP", (N,), N, numbers.through_double(math.exp)),
    simple("LN", (N,), N, numbers.through_double(math.log)),
    simple("LOG", (N,), N, numbers.through_double(lambda value: math.log(value) / math.log(10))),
    simple("SQRT", (N,), N, numbers.through_double(math.sqrt)),
    simple("ROUND", (N, N), N, numbers.round_half_up),
    simple("TRUNC", (N, N), N, numbers.truncate),
    simple("CEILING", (N,), N, numbers.ceiling),
    simple("FLOOR", (N,), N, numbers.floor),
    simple("MCEILING", (N,), N, numbers.upper),
    simple("MFLOOR", (N,), N, numbers.lower),
    Function("MOD", _mod),
    Function("MAX", _extreme(max)),
    Function("MIN", _extreme(min)),
    Function("PI", _pi),
    simple("SIN", (N,), N, numbers.through_double(math.sin)),
    simple("COS", (N,), N, numbers.through_double(math.cos)),
    simple("TAN", (N,), N, numbers.through_double(math.tan)),
    simple("ASIN", (N,), N, numbers.through_double(math.asin)),
    simple("ACOS", (N,), N, numbers.through_double(math.acos)),
    simple("ATAN", (N,), N, numbers.through_double(math.atan)),
    simple("ATAN2", (N, N), N, _angle),
    Function("DISTANCE", _distance),
    Function("GEOLOCATION", _geolocation),
    Function("CURRENCYRATE", _currency_rate, varies=True),
)
