"""A compiled piece of a formula: its type, and a function of the record.

Blank text is ``""`` everywhere and any other blank is None, so a piece of type Text never yields None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fakes.salesforce.formula.types import FieldInfo, RecordContext, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fakes.salesforce.formula.nodes import Node


@dataclass(frozen=True, slots=True)
class Reference:
    """The field that a piece is, when it is one."""

    name: str
    path: tuple[str, ...]
    info: FieldInfo
    raw: Callable[[RecordContext], Any]  # without "or 0"

    @property
    def rich(self) -> bool:
        """A rich text area, which tests for blank refuse; its length can be taken."""
        return self.info.type.lower() in {"html", "richtextarea"}


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of a formula, ready to run.

    Args:
        type: what it yields.
        run: its value for a record.
        node: where it came from.
        reference: the field, if the piece is a field or its prior value.
        constant: the same for every record.
        branches: of an IF, its conditions and values with the last "else": nested ones run as one list.
    """

    type: Type
    run: Callable[[RecordContext], Any]
    node: Node
    reference: Reference | None = None
    constant: bool = False
    branches: tuple[tuple[Callable[[RecordContext], Any], Callable[[RecordContext], Any]], ...] = ()
    otherwise: Callable[[RecordContext], Any] | None = None

    @property
    def position(self) -> int:
        """Where it begins in the text of the formula."""
        return self.node.position


def always(value: Any) -> Callable[[RecordContext], Any]:
    """The same value for every record."""
    return lambda _: value


def constant_value(run: Callable[[RecordContext], Any]) -> Any:
    """The value of a constant piece, which does not look at the record."""
    return run(None)  # type: ignore[arg-type]


def blank(kind: Type) -> Any:
    """The blank of a type."""
    return "" if kind is Type.TEXT else None


def run_as(code: Code, kind: Type) -> Callable[[RecordContext], Any]:
    """The piece as a value of a type, where a bare NULL may stand for any."""
    return always(blank(kind)) if code.type is Type.NULL else code.run


def same_type(codes: Sequence[Code]) -> Type:
    """The type that values share, which is that of the first that is not NULL."""
    return next((code.type for code in codes if code.type is not Type.NULL), Type.NULL)
