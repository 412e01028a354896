"""The tree of a formula: frozen data without behaviour.

A run of operators of one precedence is one :class:`Chain`, however long, so that a text of two thousand ``&`` is two
levels deep and not two thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, a text, TRUE, FALSE or NULL; ``text`` is how it was written."""

    value: Decimal | str | bool | None
    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Name:
    """A field, a parent's field or a global, as it was written."""

    text: str
    position: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments; ``name`` as it was written."""

    name: str
    arguments: tuple[Node, ...]
    position: int


@dataclass(frozen=True, slots=True)
class Unary:
    """``+``, ``-``, ``!`` or ``NOT`` before a value."""

    operator: str
    operand: Node
    position: int


@dataclass(frozen=True, slots=True)
class Link:
    """One operator of a chain and what stands to its right."""

    operator: str
    operand: Node
    position: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands joined by operators of one precedence; grouped from the left."""

    first: Node
    links: tuple[Link, ...]
    position: int


Node = Literal | Name | Call | Unary | Chain


def children(node: Node) -> tuple[Node, ...]:
    """The pieces that a piece is made of, from the left."""
    match node:
        case Call():
            return node.arguments
        case Chain():
            return (node.first, *(link.operand for link in node.links))
        case Unary():
            return (node.operand,)
    return ()
