"""A tree as text again, with no more parentheses than it needs."""

from __future__ import annotations

from fakes.salesforce.formula.nodes import Call, Chain, Literal, Name, Node, Unary, children

_LOOSENESS = {
    operator: looseness
    for looseness, operators in enumerate(("* /", "^", "+ - &", "< > <= >=", "= == <> !=", "&&", "||"), 1)
    for operator in operators.split()
}


def written(root: Node) -> str:
    """A formula that parses to the same tree; white space and comments of the author are gone."""
    waiting: list[tuple[Node, bool]] = [(root, False)]
    done: list[tuple[str, int]] = []  # text, and how loosely its outermost operators bind
    while waiting:
        node, ready = waiting.pop()
        parts = children(node)
        if parts and not ready:
            waiting.append((node, True))
            waiting.extend((part, False) for part in reversed(parts))
            continue
        taken = done[len(done) - len(parts) :]
        del done[len(done) - len(parts) :]
        done.append(_piece(node, taken))
    return done[0][0]


def _piece(node: Node, parts: list[tuple[str, int]]) -> tuple[str, int]:
    match node:
        case Literal() | Name():
            return node.text, 0
        case Call():
            return f"{node.name}({', '.join(text for text, _ in parts)})", 0
        case Unary():
            space = " " if node.operator == "NOT" else ""
            return f"{node.operator}{space}{_inside(parts[0], 1)}", 0
        case Chain():
            looseness = _LOOSENESS[node.links[0].operator]
            first, *others = (_inside(part, looseness) for part in parts)
            joined = (f" {link.operator} {text}" for link, text in zip(node.links, others, strict=True))
            return first + "".join(joined), looseness


def _inside(part: tuple[str, int], looseness: int) -> str:
    text, own = part
    return f"({text})" if own >= looseness else text
