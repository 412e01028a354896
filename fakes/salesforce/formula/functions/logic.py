"""Logical functions: AND, OR, NOT, IF, CASE, and the tests for blank.

Source: Salesforce help, "Logical Functions"; three-valued logic as in the official engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.salesforce.formula import errors
from fakes.salesforce.formula.code import Code, always, constant_value, run_as, same_type
from fakes.salesforce.formula.functions.picklists import entry_of, value_of_text_call
from fakes.salesforce.formula.functions.registry import Function, Site, misplaced
from fakes.salesforce.formula.nodes import Literal
from fakes.salesforce.formula.numbers import is_number
from fakes.salesforce.formula.types import RecordContext, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Run = Callable[[RecordContext], Any]

_COMPARABLE = frozenset({Type.TEXT, Type.NUMBER, Type.DATE, Type.DATETIME, Type.TIME, Type.NULL})


def all_of(parts: Sequence[Run]) -> Run:
    """AND: false at the first that is false or blank; what stands behind it is not evaluated."""
    match parts:
        case [one, two]:
            return lambda record: bool(one(record) and two(record))
        case [one, two, three]:
            return lambda record: bool(one(record) and two(record) and three(record))

    def run(record: RecordContext) -> bool:
        return all(part(record) for part in parts)

    return run


def any_of(parts: Sequence[Run]) -> Run:
    """OR: true at the first that is true; blank counts as false."""
    match parts:
        case [one, two]:
            return lambda record: bool(one(record) or two(record))
        case [one, two, three]:
            return lambda record: bool(one(record) or two(record) or three(record))

    def run(record: RecordContext) -> bool:
        return any(part(record) for part in parts)

    return run


def negation(run: Run) -> Run:
    """NOT: blank stays blank."""

    def negated(record: RecordContext) -> bool | None:
        value = run(record)
        return None if value is None else not value

    return negated


def _joined(join: Callable[[Sequence[Run]], Run]) -> Callable[[Site], Code]:
    def build(site: Site) -> Code:
        site.count(1, max(1, len(site.arguments)))
        return site.result(Type.BOOLEAN, join([site.take(i, Type.BOOLEAN) for i in range(len(site.arguments))]))

    return build


def _not(site: Site) -> Code:
    site.count(1)
    return site.result(Type.BOOLEAN, negation(site.take(0, Type.BOOLEAN)))


def _if(site: Site) -> Code:
    site.count(3)
    condition, then, otherwise = site.arguments
    if condition.type is not Type.BOOLEAN:
        raise site.refusal(condition, Type.BOOLEAN)
    kind = _shared(site, [then, otherwise])
    test, value = condition.run, run_as(then, kind)
    # IF in IF in IF is one list, not a tower: the usual long formulas stay flat.
    branches = ((test, value), *otherwise.branches)
    last = otherwise.otherwise or run_as(otherwise, kind)
    if len(branches) == 1:
        return Code(
            kind,
            lambda record: value(record) if test(record) else last(record),
            site.node,
            branches=branches,
            otherwise=last,
        )

    def run(record: RecordContext) -> Any:
        for test, value in branches:
            if test(record):
                return value(record)
        return last(record)

    return Code(kind, run, site.node, branches=branches, otherwise=last)


def _shared(site: Site, values: Sequence[Code]) -> Type:
    """The type that all values have; NULL fits any."""
    kind = same_type(values)
    for code in values:
        if (refused := misplaced(code)) is not None:
            raise refused
        if code.type not in {kind, Type.NULL}:
            raise site.refusal(code, kind)
    return kind


def _case(site: Site) -> Code:
    given = len(site.arguments)
    if given % 2 or given < 4:
        expected = 4 + int((given - 4) / 2) * 2
        raise errors.wrong_count(site.where, expected, given, site.position)
    subject, *pairs, otherwise = site.arguments
    labels, results = pairs[0::2], [*pairs[1::2], otherwise]
    if subject.type in {Type.BOOLEAN, Type.LOCATION} or any(code.type is Type.BOOLEAN for code in (*labels, *results)):
        raise errors.illegal_type(site.where, site.position)
    picklist = subject if subject.type is Type.PICKLIST else None
    if all(isinstance(label.node, Literal) and isinstance(label.node.value, str) for label in labels):
        picklist = picklist or value_of_text_call(subject)
    if picklist is not None:
        entries = [_entry(site, picklist, label) for label in labels]
        read = picklist.run
    else:
        kind = _shared(site, [subject, *labels])
        if kind not in _COMPARABLE:
            raise errors.illegal_type(site.where, site.position)
        matches = [run_as(label, kind) for label in labels]
        read = run_as(subject, kind)
    result_kind = _shared(site, results)
    values = [run_as(code, result_kind) for code in results]
    last = values.pop()
    if picklist is not None:
        return site.result(result_kind, _choose_constant(read, entries, values, last))
    if all(label.constant for label in labels):
        return site.result(result_kind, _choose_constant(read, list(map(constant_value, matches)), values, last))
    return site.result(result_kind, _choose(read, matches, values, last))


def _entry(site: Site, picklist: Code, label: Code) -> str | None:
    """The entry that a label names; None for one that no record can have."""
    if not isinstance(label.node, Literal) or not isinstance(label.node.value, str):
        raise errors.wrong_type(site.where, "Text Literal", label.type.value, label.position)
    return entry_of(picklist, label.node.value) if label.node.value else ""


def _choose(read: Run, labels: Sequence[Run], values: Sequence[Run], last: Run) -> Run:
    pairs = tuple(zip(labels, values, strict=True))

    def run(record: RecordContext) -> Any:
        subject = read(record)
        if subject is not None:
            for label, value in pairs:
                if label(record) == subject:
                    return value(record)
        return last(record)

    return run


def _choose_constant(read: Run, labels: Sequence[Any], values: Sequence[Run], last: Run) -> Run:
    table: dict[Any, Run] = {}
    for label, value in zip(labels, values, strict=True):
        if label is not None:
            table.setdefault(label, value)
    return lambda record: table.get(read(record), last)(record)


def _is_blank(site: Site) -> Code:
    site.count(1)
    (code,) = site.arguments
    _refuse_untestable(site, code)
    run = code.run
    if code.type in {Type.TEXT, Type.PICKLIST, Type.MULTIPICKLIST}:
        return site.result(Type.BOOLEAN, lambda record: not run(record))
    return site.result(Type.BOOLEAN, lambda record: run(record) is None)


def _is_null(site: Site) -> Code:
    site.count(1)
    (code,) = site.arguments
    _refuse_untestable(site, code)
    if code.type is Type.TEXT and value_of_text_call(code) is None:
        return Code(Type.BOOLEAN, always(False), site.node, constant=True)
    return _is_blank(site)


def _refuse_untestable(site: Site, code: Code) -> None:
    if code.type is Type.BOOLEAN or (code.reference is not None and code.reference.rich):
        raise errors.illegal_type(site.where, code.position)


def _replacement(site: Site) -> tuple[Type, Run, Run]:
    site.count(2)
    first, second = site.arguments
    if first.type in {Type.BOOLEAN, Type.LOCATION}:
        raise errors.illegal_type(site.where, first.position)
    kind = _shared(site, [first, second])
    return kind, run_as(first, kind), run_as(second, kind)


def _blank_value(site: Site) -> Code:
    kind, first, second = _replacement(site)
    if isinstance(site.arguments[0].node, Literal) and site.arguments[0].type is not Type.NULL:
        # The engine takes a constant for a value that cannot be blank, even the constant "".
        return site.result(kind, first)
    if kind is Type.TEXT:
        return site.result(kind, lambda record: first(record) or second(record))

    def run(record: RecordContext) -> Any:
        value = first(record)
        return second(record) if value is None else value

    return site.result(kind, run)


def _null_value(site: Site) -> Code:
    kind, first, _ = _replacement(site)
    if kind is Type.TEXT and value_of_text_call(site.arguments[0]) is None:
        return site.result(kind, first)
    return _blank_value(site)


def _is_number(site: Site) -> Code:
    site.count(1)
    run = site.one_of(0, Type.TEXT).run
    if site.mode == "query":
        return site.result(Type.BOOLEAN, lambda record: is_number(text) if (text := run(record)) else None)
    return site.result(Type.BOOLEAN, lambda record: is_number(run(record)))


FUNCTIONS = (
    Function("AND", _joined(all_of)),
    Function("OR", _joined(any_of)),
    Function("NOT", _not),
    Function("IF", _if),
    Function("CASE", _case),
    Function("ISBLANK", _is_blank),
    Function("ISNULL", _is_null),
    Function("BLANKVALUE", _blank_value),
    Function("NULLVALUE", _null_value),
    Function("ISNUMBER", _is_number),
)
