"""How a function of the language is described, and how its call is checked and compiled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fakes.salesforce.formula import errors
from fakes.salesforce.formula.code import Code, always, blank, constant_value, run_as
from fakes.salesforce.formula.types import Type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fakes.salesforce.formula.nodes import Call
    from fakes.salesforce.formula.types import Mode, Purpose, RecordContext

EVERYWHERE: frozenset[Purpose] = frozenset({"validation", "formula_field", "default", "workflow", "any"})
ON_SAVE: frozenset[Purpose] = frozenset({"validation", "workflow", "any"})
"""Where a record has a past."""


@dataclass(frozen=True, slots=True)
class Function:
    """A vendor's function: ``build`` checks a call and compiles it.

    Args:
        name: in capitals.
        build: raises FormulaError for a call that Salesforce refuses.
        purposes: the kinds of formula that may use it.
        varies: two calls with the same arguments may differ: it looks at the record, the clock or the user.
    """

    name: str
    build: Callable[[Site], Code]
    purposes: frozenset[Purpose] = EVERYWHERE
    varies: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """One call in a formula: its arguments are compiled already."""

    node: Call
    arguments: tuple[Code, ...]
    purpose: Purpose
    mode: Mode

    @property
    def where(self) -> str:
        """The call as messages name it."""
        return f"function '{self.node.name}()'"

    @property
    def position(self) -> int:
        """Where the call stands."""
        return self.node.position

    def count(self, least: int, most: int | None = None) -> int:
        """The number of arguments, which has to be within the limits."""
        most = least if most is None else most
        received = len(self.arguments)
        if not least <= received <= most:
            expected = least if received < least else most
            raise errors.wrong_count(self.where, expected, received, self.position)
        return received

    def take(self, index: int, kind: Type) -> Callable[[RecordContext], Any]:
        """An argument that has to be of a type; NULL fits any."""
        code = self.arguments[index]
        if code.type not in {kind, Type.NULL}:
            raise self.refusal(code, kind)
        return run_as(code, kind)

    def one_of(self, index: int, *kinds: Type) -> Code:
        """An argument that may be of several types, but not NULL."""
        code = self.arguments[index]
        if code.type not in kinds:
            raise misplaced(code) or errors.illegal_type(self.where, code.position)
        return code

    def refusal(self, code: Code, *expected: Type) -> errors.FormulaError:
        """What is said of an argument of another type than expected."""
        names = ", ".join(kind.value for kind in expected)
        return misplaced(code) or errors.wrong_type(self.where, names, code.type.value, code.position)

    def result(self, kind: Type, run: Callable[[RecordContext], Any]) -> Code:
        """The compiled call."""
        return Code(kind, run, self.node)


def misplaced(code: Code) -> errors.FormulaError | None:
    """What is said of a picklist where a value has to stand; None for anything else."""
    if code.type in {Type.PICKLIST, Type.MULTIPICKLIST} and code.reference is not None:
        return errors.picklist_misplaced(code.reference.name, code.position, several=code.type is Type.MULTIPICKLIST)
    return None


def simple(
    name: str,
    parameters: Sequence[Type],
    returns: Type,
    body: Callable[..., Any],
    *,
    optional: int = 0,
    sees_blank: bool = False,
    purposes: frozenset[Purpose] = EVERYWHERE,
) -> Function:
    """A function of fixed parameter types whose result depends on nothing else.

    Args:
        body: gets the values; a text is never None.
        optional: so many of the last parameters may be left out.
        sees_blank: ``body`` gets None for blanks; without it a blank argument makes a blank result.
    """
    kinds = tuple(parameters)

    def build(site: Site) -> Code:
        given = site.count(len(kinds) - optional, len(kinds))
        runs = [site.take(index, kind) for index, kind in enumerate(kinds[:given])]
        return site.result(returns, (_raw if sees_blank else _strict)(body, runs, blank(returns)))

    return Function(name, build, purposes)


def _raw(
    body: Callable[..., Any], runs: list[Callable[[RecordContext], Any]], _: Any
) -> Callable[[RecordContext], Any]:
    match runs:
        case [one]:
            return lambda record: body(one(record))
        case [one, two]:
            return lambda record: body(one(record), two(record))
        case _:
            return lambda record: body(*[run(record) for run in runs])


def _strict(
    body: Callable[..., Any], runs: list[Callable[[RecordContext], Any]], nothing: Any
) -> Callable[[RecordContext], Any]:
    def with_one(record: RecordContext) -> Any:
        value = runs[0](record)
        return nothing if value is None else body(value)

    def with_two(record: RecordContext) -> Any:
        first, second = runs[0](record), runs[1](record)
        return nothing if first is None or second is None else body(first, second)

    def with_more(record: RecordContext) -> Any:
        values = [run(record) for run in runs]
        return nothing if None in values else body(*values)

    return {1: with_one, 2: with_two}.get(len(runs), with_more)


def folded(code: Code, arguments: Sequence[Code], *, varies: bool) -> Code:
    """The code, computed once if nothing in it can change.

    What fails is left to fail when it is run, so that a branch that is never taken does no harm.
    """
    if varies or not arguments or not all(argument.constant for argument in arguments):
        return code
    try:
        value = constant_value(code.run)
    except (errors.FormulaRunError, ArithmeticError, ValueError):
        return code
    return replace(code, run=always(value), constant=True, branches=(), otherwise=None)
