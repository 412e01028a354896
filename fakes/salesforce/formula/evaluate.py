"""A tree becomes functions once, and is evaluated as often as there are records.

The tree is walked from its leaves with a list instead of recursion: types are checked and code is made in one go.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from fakes.salesforce.formula import errors, numbers, operators, types
from fakes.salesforce.formula.code import Code, Reference, always, run_as
from fakes.salesforce.formula.fields import access
from fakes.salesforce.formula.functions import ELSEWHERE, FUNCTIONS
from fakes.salesforce.formula.functions.registry import Site, folded
from fakes.salesforce.formula.nodes import Call, Chain, Literal, Name, Node, Unary, children
from fakes.salesforce.formula.parser import parse_with_warnings
from fakes.salesforce.formula.types import FieldInfo, Type

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.salesforce.formula.types import BlankAs, CompileContext, Mode, Purpose, RecordContext, Value

_TEXT_RESULT = 1300
"""Characters that a text formula field keeps."""

_DECIMALS = 32
"""Decimals that the official engine hands out of a number, whatever it computes with."""

_LARGEST = 100_000
"""Pieces of a formula with the formula fields it refers to, which are compiled in place."""

_DEEPEST = 50
"""Formula fields that refer to one another in a row."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled formula.

    Attributes:
        text: as written.
        return_type: what it yields: ``Text``, ``Number``, ``Boolean``, ``Date``, ``DateTime``, ``Time``, ``Null`` …
        references: the dotted names of fields and globals, as written; those of inlined formula fields too.
        warnings: what was accepted though Salesforce may refuse it.
    """

    text: str
    return_type: str
    references: frozenset[str]
    warnings: tuple[str, ...]
    _run: Callable[[RecordContext], Any] = field(repr=False)
    _returns: str | None = None
    _scale: int | None = None
    _mode: Mode = "memory"

    def evaluate(self, record: RecordContext) -> Value:
        """The value for a record, unrounded; a blank text is ``""``, any other blank None.

        A validation rule fires when this is True: False and None (blank) let the save pass.

        Raises:
            FormulaRunError: a division by zero, an impossible date, a text that is no number …
        """
        try:
            value: Value = self._run(record)
        except decimal.DecimalException as error:
            raise errors.TooBig from error
        except RecursionError as error:
            raise errors.FormulaRunError("Formula is nested too deeply to be evaluated") from error
        return value

    def field_value(self, record: RecordContext) -> Value:
        """What the API shows of a formula field: rounded to its scale, per cents times 100, blank as None.

        An error shows as null, that of a checkbox as false. Compiled for a query, a text loses the spaces at its ends.

        Source: Salesforce help, "Formula Field Limits and Restrictions"; null and false were seen in an org.
        """
        try:
            value = self.evaluate(record)
            if self._mode == "query" and isinstance(value, str):
                value = value.strip(" ")
            return shown(value, self._returns or self.return_type, self._scale)
        except errors.FormulaRunError:
            return False if self.return_type == Type.BOOLEAN.value else None


def shown(value: Value, field_type: str, scale: int | None = None) -> Value:
    """A formula's value as the API shows it in a field of a type."""
    if isinstance(value, Decimal):
        if types.is_percent(field_type):
            value = numbers.shifted(value, 2)
        decimals = _DECIMALS if scale is None else scale
        exponent = value.as_tuple().exponent
        if scale is not None or (isinstance(exponent, int) and -exponent > decimals):
            value = numbers.to_scale(value, decimals)
        return value
    if isinstance(value, str):
        return value[:_TEXT_RESULT] or None
    kind = types.type_of(field_type)
    if isinstance(value, datetime) and kind is Type.DATE:
        return value.astimezone(UTC).date()
    if kind is Type.BOOLEAN:
        return bool(value)
    return value


def compile_formula(
    text: str,
    context: CompileContext,
    *,
    returns: str | None = None,
    scale: int | None = None,
    mode: Mode = "memory",
) -> Formula:
    """A formula, checked and ready to be evaluated.

    Args:
        text: the formula, XML entities already decoded.
        context: what names mean and what the formula is for; it is not kept.
        returns: the type that it has to yield, as a field type; a validation rule has to yield a checkbox by itself.
        scale: decimals of the field, for ``field_value``.
        mode: ``"query"`` for formula fields read by SOQL, which differ in a few rows from those in memory.

    Raises:
        FormulaError: what Salesforce's editor would say, with line and column.
    """
    if returns is None and context.purpose == "validation":
        returns = "checkbox"
    try:
        tree, warnings = parse_with_warnings(text)
        compiler = _Compiler(context, context.blank_as, mode)
        code = compiler.compile(tree)
        _check_result(code, returns)
    except errors.FormulaError as error:
        error.locate(text)
        raise
    return Formula(
        text, code.type.value, frozenset(compiler.state.references), warnings, code.run, returns, scale, mode
    )


def _check_result(code: Code, returns: str | None) -> None:
    if code.type in {Type.PICKLIST, Type.MULTIPICKLIST} and code.reference is not None:
        raise errors.picklist_misplaced(code.reference.name, code.position, several=code.type is Type.MULTIPICKLIST)
    if returns is None:
        if code.type is Type.LOCATION:
            raise errors.wrong_result("Number", code.type.value)
        return
    expected = types.type_of(returns)
    accepted = {expected, Type.NULL}
    if expected is Type.DATE:
        accepted.add(Type.DATETIME)  # cut at midnight GMT
    elif expected in {Type.PICKLIST, Type.MULTIPICKLIST, Type.LONG_TEXT}:
        accepted.add(Type.TEXT)
    if code.type not in accepted:
        raise errors.wrong_result(types.result_name(returns), code.type.value)


@dataclass(slots=True)
class _State:
    """What a formula and the formula fields inlined into it share."""

    references: set[str] = field(default_factory=set)
    pieces: int = 0
    inlined: dict[tuple[str, ...], tuple[Code, int]] = field(default_factory=dict)

    def count(self, pieces: int, node: Node) -> None:
        """Adds to the size of the whole, which has a limit."""
        self.pieces += pieces
        if self.pieces > _LARGEST:
            raise errors.too_big(node.position)


class _Compiler:
    """Makes code of a tree, its fields seen from a record ``prefix`` away."""

    def __init__(
        self,
        context: CompileContext,
        blank_as: BlankAs,
        mode: Mode,
        *,
        prefix: tuple[str, ...] = (),
        within: tuple[tuple[str, ...], ...] = (),
        state: _State | None = None,
    ) -> None:
        self.context = context
        self.blank_as = blank_as
        self.mode: Mode = mode
        self.purpose: Purpose = context.purpose if not within else "formula_field"
        self.prefix = prefix
        self.within = within
        self.state = state or _State()

    def compile(self, root: Node) -> Code:
        """The code of a tree, without recursion: children wait on ``done`` until their parent is reached."""
        waiting: list[tuple[Node, bool]] = [(root, False)]
        done: list[Code] = []
        while waiting:
            node, ready = waiting.pop()
            parts = children(node)
            if parts and not ready:
                waiting.append((node, True))
                waiting.extend((child, False) for child in reversed(parts))
                continue
            self.state.count(1, node)
            taken = done[len(done) - len(parts) :]
            del done[len(done) - len(parts) :]
            done.append(self.piece(node, taken))
        (code,) = done
        return code

    def piece(self, node: Node, parts: list[Code]) -> Code:
        match node:
            case Literal():
                return operators.constant(node)
            case Name():
                return self.name(node)
            case Unary():
                return folded(operators.unary(node, parts[0]), parts, varies=False)
            case Chain():
                return folded(operators.chain(node, parts), parts, varies=False)
            case Call():
                return self.call(node, parts)

    def call(self, node: Call, arguments: list[Code]) -> Code:
        name = node.name.upper()
        function = FUNCTIONS.get(name)
        if name in ELSEWHERE or (function is not None and self.purpose not in function.purposes):
            raise errors.not_here(name, node.position)
        if function is None:
            raise errors.unknown_function(node.name, node.position)
        code = function.build(Site(node, tuple(arguments), self.purpose, self.mode))
        return folded(code, arguments, varies=function.varies)

    def name(self, node: Name) -> Code:
        path = tuple(node.text.split("."))
        if node.text.lower() == "$system.origindatetime":
            return Code(Type.DATETIME, always(operators.ORIGIN), node, constant=True)
        if not path[0].startswith("$"):
            path = (*self.prefix, *path)
        info = None
        if self.purpose != "default" or path[0].startswith("$"):
            info = self.context.field(path)
        if info is None:
            raise errors.unknown_field(node.text, node.position)
        self.state.references.add(".".join(path))
        if info.formula is not None:
            return self.inlined(node, path, info)
        kind = types.type_of(info.type)
        if kind is Type.UNUSABLE or (kind is Type.LONG_TEXT and self.purpose == "formula_field"):
            raise errors.FormulaError(
                f'You referenced an unsupported field type called "{info.type}" using the following field: {node.text}',
                node.position,
            )
        return self.reference(node, path, info, kind, access(info, path))

    def reference(
        self, node: Name, path: tuple[str, ...], info: FieldInfo, kind: Type, run: Callable[[RecordContext], Any]
    ) -> Code:
        reference = Reference(node.text, path, info, run)
        if kind is Type.NUMBER and self.blank_as == "zero":
            return Code(kind, _or_zero(run), node, reference)
        return Code(Type.TEXT if kind is Type.LONG_TEXT else kind, run, node, reference)

    def inlined(self, node: Name, path: tuple[str, ...], info: FieldInfo) -> Code:
        """A formula field: compiled in place, so that its value is not rounded on the way."""
        key = tuple(step.lower() for step in path)
        if key in self.within or len(self.within) >= _DEEPEST:
            raise errors.refers_to_itself(node.text, node.position)
        known = self.state.inlined.get(key)
        if known is None:
            before = self.state.pieces
            code = self.within_field(node, path, info, key)
            known = code, self.state.pieces - before
            self.state.inlined[key] = known
        else:
            # Compiled once, but evaluated at each mention: formulas that double one another stay within the limit.
            self.state.count(known[1], node)
        code, _ = known
        kind = types.type_of(info.type)
        return self.reference(node, path, info, kind, _fitted(code, kind))

    def within_field(self, node: Name, path: tuple[str, ...], info: FieldInfo, key: tuple[str, ...]) -> Code:
        """The code of a formula field, its names seen from the field's own record."""
        inner = _Compiler(
            self.context,
            info.blank_as,
            self.mode,
            prefix=path[:-1],
            within=(*self.within, key),
            state=self.state,
        )
        try:
            tree, _ = parse_with_warnings(info.formula or "")
            code = inner.compile(tree)
            _check_result(code, info.type)
        except errors.WholeFormulaError as error:
            raise errors.WholeFormulaError(error.message, node.position) from error
        except errors.FormulaError as error:
            raise errors.FormulaError(
                f"Error in referenced formula {node.text}, {error.message}", node.position
            ) from error
        return code


def _fitted(code: Code, kind: Type) -> Callable[[RecordContext], Any]:
    """A formula field's value in the type of its field; a checkbox is never blank."""
    run = code.run
    if code.type is Type.DATETIME and kind is Type.DATE:
        return lambda record: types.date_of(run(record))
    if kind is Type.BOOLEAN:
        return lambda record: bool(run(record))
    return run_as(code, kind)


def _or_zero(run: Callable[[RecordContext], Any]) -> Callable[[RecordContext], Any]:
    def read(record: RecordContext) -> Any:
        value = run(record)
        return numbers.ZERO if value is None else value

    return read
