"""Operators: which types they join, and what they do with blanks.

Source: the official engine's ``OperatorAddOrSubtract``, ``OperatorEquality``, ``OperatorComparison`` and so on.
"""

from __future__ import annotations

import operator
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from fakes.salesforce.formula import errors, numbers
from fakes.salesforce.formula.code import Code, always, run_as
from fakes.salesforce.formula.functions.logic import all_of, any_of, negation
from fakes.salesforce.formula.functions.picklists import entry_test, value_of_text_call
from fakes.salesforce.formula.functions.registry import misplaced
from fakes.salesforce.formula.nodes import Chain, Link, Literal, Unary
from fakes.salesforce.formula.types import RecordContext, Type, milliseconds, number_of, time_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Run = Callable[[RecordContext], Any]
    Apply = Callable[[Any, Any], Any]

T, N, B, D, DT, TM = Type.TEXT, Type.NUMBER, Type.BOOLEAN, Type.DATE, Type.DATETIME, Type.TIME

_SAME = {"==": "=", "!=": "<>"}
_ORDERED = (N, D, DT, TM, T)
_DAY_MILLISECONDS = Decimal(86_400_000)
_DAY_SECONDS = Decimal(86_400)
_MILLISECOND = timedelta(milliseconds=1)


def _strict(apply: Apply) -> Apply:
    """Blank as soon as one side is."""
    return lambda left, right: None if left is None or right is None else apply(left, right)


def _in_range(compute: Callable[[], Any]) -> Any:
    try:
        return compute()
    except OverflowError as error:
        raise errors.FormulaRunError("Year out of range") from error


def _days_later(sign: int) -> Apply:
    """A date and a number: whole days, the fraction is cut at each step."""

    def apply(day: date, count: Decimal) -> date:
        return _in_range(lambda: day + timedelta(days=sign * numbers.long(count)))  # type: ignore[no-any-return]

    return apply


def _instant_later(sign: int) -> Apply:
    """An instant and a number: days with their fraction, rounded to the second."""

    def apply(instant: datetime, count: Decimal) -> datetime:
        seconds = numbers.multiply(count, _DAY_SECONDS).to_integral_value(ROUND_HALF_UP)
        return _in_range(lambda: instant + timedelta(seconds=sign * numbers.long(seconds)))  # type: ignore[no-any-return]

    return apply


def _time_later(sign: int) -> Apply:
    """A time and a number: milliseconds, around midnight."""
    return lambda moment, count: time_at(milliseconds(moment) + sign * numbers.long(count))


def _swapped(apply: Apply) -> Apply:
    return lambda left, right: apply(right, left)


def _days_between(left: date, right: date) -> Decimal | None:
    return number_of((left - right).days)


def _instants_between(left: datetime, right: datetime) -> Decimal:
    return numbers.divide(Decimal((left - right) // _MILLISECOND), _DAY_MILLISECONDS)


def _times_between(left: time, right: time) -> Decimal | None:
    return number_of((milliseconds(left) - milliseconds(right)) % 86_400_000)


_SUMS: dict[tuple[str, Type, Type], tuple[Type, Apply]] = {
    ("+", N, N): (N, numbers.add),
    ("-", N, N): (N, numbers.subtract),
    ("+", N, D): (D, _swapped(_days_later(1))),
    ("+", D, N): (D, _days_later(1)),
    ("-", D, N): (D, _days_later(-1)),
    ("-", D, D): (N, _days_between),
    ("+", N, DT): (DT, _swapped(_instant_later(1))),
    ("+", DT, N): (DT, _instant_later(1)),
    ("-", DT, N): (DT, _instant_later(-1)),
    ("-", DT, DT): (N, _instants_between),
    ("+", TM, N): (TM, _time_later(1)),
    ("-", TM, N): (TM, _time_later(-1)),
    ("-", TM, TM): (N, _times_between),
}
_ARITHMETIC: dict[str, Apply] = {"*": numbers.multiply, "/": numbers.divide, "^": numbers.power}
_COMPARISONS: dict[str, Apply] = {"<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge}


def _text_order(compare: Apply) -> Apply:
    """By UTF-16 unit; a blank text is not comparable."""

    def apply(left: str, right: str) -> bool | None:
        if not left or not right:
            return None
        if left.isascii() and right.isascii():
            return bool(compare(left, right))
        return bool(compare(left.encode("utf-16-be", "surrogatepass"), right.encode("utf-16-be", "surrogatepass")))

    return apply


def _wrong(link: Link, code: Code, *expected: Type) -> errors.FormulaError:
    # Salesforce does not list the received type among the expected ones.
    names = ", ".join(kind.value for kind in expected if kind is not code.type or len(expected) == 1)
    where = f"operator '{_SAME.get(link.operator, link.operator)}'"
    return misplaced(code) or errors.wrong_type(where, names, code.type.value, code.position)


def _sum(link: Link, left: Type, first: Code, right: Code) -> tuple[Type, Apply]:
    for code in (first, right):
        if (refused := misplaced(code)) is not None:
            raise refused
    if Type.NULL in {left, right.type}:
        return Type.NULL, lambda _left, _right: None
    if left is T and right.type is T and link.operator != "-":
        return T, operator.add
    found = _SUMS.get((link.operator, left, right.type))
    if found is not None:
        return found[0], _strict(found[1])
    if left is TM and right.type is TM:
        raise errors.illegal_type("operator '+'", link.position)
    if left is T and link.operator == "+":
        raise _wrong(link, right, T)
    if right.type in {D, DT} and left in {N, right.type}:
        raise _wrong(link, right, N)
    if left in {N, D, DT, TM}:
        raise _wrong(link, right, N, D, DT)
    raise _wrong(link, first, N, D, DT)


def _concatenation(link: Link, left: Type, first: Code, right: Code) -> tuple[Type, Apply]:
    for kind, code in ((left, first), (right.type, right)):
        if kind not in {T, Type.NULL}:
            raise _wrong(link, code, T)
    return T, _concatenate


def _concatenate(left: str | None, right: str | None) -> str:
    return (left or "") + (right or "")


def _product(link: Link, left: Type, first: Code, right: Code) -> tuple[Type, Apply]:
    for kind, code in ((left, first), (right.type, right)):
        if kind not in {N, Type.NULL}:
            raise _wrong(link, code, N)
    return N, _strict(_ARITHMETIC[link.operator])


def _equality(link: Link, left: Type, first: Code, right: Code) -> tuple[Type, Apply]:
    for kind, code in ((left, first), (right.type, right)):
        if (refused := misplaced(code)) is not None:
            raise refused
        if kind is Type.LOCATION:
            raise errors.illegal_type(f"operator '{_SAME.get(link.operator, link.operator)}'", link.position)
    if Type.NULL not in {left, right.type} and left is not right.type:
        raise _wrong(link, right, left)
    compare: Apply = operator.ne if link.operator in {"<>", "!="} else operator.eq
    if T in {left, right.type}:
        return B, lambda one, two: compare(one or "", two or "")
    return B, _strict(compare)


def _comparison(link: Link, left: Type, first: Code, right: Code) -> tuple[Type, Apply]:
    for kind, code in ((left, first), (right.type, right)):
        if (refused := misplaced(code)) is not None:
            raise refused
        if kind is Type.LOCATION:
            raise errors.illegal_type(f"operator '{link.operator}'", link.position)
    if Type.NULL not in {left, right.type} and left is not right.type:
        raise _wrong(link, right, left)
    for kind, code in ((left, first), (right.type, right)):
        if kind is not Type.NULL and kind not in _ORDERED:
            raise _wrong(link, code, N, D, DT)
    compare = _COMPARISONS[link.operator]
    return B, _text_order(compare) if left is T and right.type is T else _strict(compare)


_RULES: dict[str, Callable[[Link, Type, Code, Code], tuple[Type, Apply]]] = {
    **dict.fromkeys(("+", "-"), _sum),
    "&": _concatenation,
    **dict.fromkeys(_ARITHMETIC, _product),
    **dict.fromkeys(("=", "==", "<>", "!="), _equality),
    **dict.fromkeys(_COMPARISONS, _comparison),
}


def chain(node: Chain, operands: Sequence[Code]) -> Code:
    """The operands of a chain, joined from the left.

    Raises:
        FormulaError: an operator between types that it does not join.
    """
    first, *others = operands
    if node.links[0].operator in {"&&", "||"}:
        return _logical(node, operands)
    picked = _picklist_equality(node, first, others[0])
    if picked is not None:
        if len(others) == 1:
            return picked
        first, others = picked, others[1:]
    links = node.links[len(node.links) - len(others) :]
    kind, left = first.type, first
    steps: list[tuple[Apply, Run]] = []
    for link, right in zip(links, others, strict=True):
        kind, apply = _RULES[link.operator](link, kind, left, right)
        steps.append((apply, right.run))
        # Later operators see the type of what was joined, and its place.
        left = Code(kind, right.run, node)
    return Code(kind, _joined(first, steps, kind), node)


def _joined(first: Code, steps: Sequence[tuple[Apply, Run]], kind: Type) -> Run:
    start = first.run
    if kind is T:
        runs = [run for _, run in steps]
        if len(runs) > 1 and all(apply in {_concatenate, operator.add} for apply, _ in steps):
            return lambda record: (start(record) or "") + "".join([run(record) or "" for run in runs])
    if len(steps) == 1:
        apply, other = steps[0]
        return lambda record: apply(start(record), other(record))

    def run(record: RecordContext) -> Any:
        value = start(record)
        for apply, other in steps:
            value = apply(value, other(record))
        return value

    return run


def _logical(node: Chain, operands: Sequence[Code]) -> Code:
    for link, code in zip((node.links[0], *node.links), operands, strict=True):
        if code.type not in {B, Type.NULL}:
            raise _wrong(link, code, B)
    join = all_of if node.links[0].operator == "&&" else any_of
    return Code(B, join([run_as(code, B) for code in operands]), node)


def _picklist_equality(node: Chain, left: Code, right: Code) -> Code | None:
    """``TEXT(picklist) = "entry"``, either way round: compiled as ISPICKVAL."""
    if node.links[0].operator not in {"=", "==", "<>", "!="}:
        return None
    for one, other in ((left, right), (right, left)):
        literal = other.node.value if isinstance(other.node, Literal) else None
        if value_of_text_call(one) is not None and isinstance(literal, str):
            test = entry_test(one, literal)
            return Code(B, negation(test) if node.links[0].operator in {"<>", "!="} else test, node)
    return None


def unary(node: Unary, operand: Code) -> Code:
    """A sign or a negation.

    Raises:
        FormulaError: the operand is no number, or no checkbox.
    """
    if node.operator in {"!", "NOT"}:
        if operand.type not in {B, Type.NULL}:
            where = "function 'NOT()'"
            raise misplaced(operand) or errors.wrong_type(where, B.value, operand.type.value, operand.position)
        return Code(B, negation(run_as(operand, B)), node)
    if operand.type is not N:
        where = f"operator '{node.operator}'"
        raise misplaced(operand) or errors.wrong_type(where, N.value, operand.type.value, operand.position)
    run = operand.run
    if node.operator == "+":
        return Code(N, run, node)
    return Code(N, lambda record: None if (value := run(record)) is None else numbers.negate(value), node)


def constant(node: Literal) -> Code:
    """A number, a text, TRUE, FALSE or NULL."""
    kinds: dict[type, Type] = {Decimal: N, str: T, bool: B, type(None): Type.NULL}
    return Code(kinds[type(node.value)], always(node.value), node, constant=True)


ORIGIN = datetime(1900, 1, 1, tzinfo=UTC)
"""``$System.OriginDateTime``."""
