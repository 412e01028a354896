r"""Tokens to a tree.

```
formula    := or END
or         := and        ("||" and)*
and        := equality   ("&&" equality)*
equality   := relation   (("=" | "==" | "<>" | "!=") relation)*
relation   := sum        (("<" | ">" | "<=" | ">=") sum)*
sum        := power      (("+" | "-" | "&") power)*
power      := product    ("^" product)*                    looser than * and /, from the left: 2*3^2 is 36
product    := unary      (("*" | "/") unary)*
unary      := ("+" | "-" | "!" | NOT) unary | primary
primary    := NUMBER | STRING | TRUE | FALSE | NULL | NAME | NAME "(" [formula ("," formula)*] ")" | "(" formula ")"
```

There is no recursion: open parentheses wait on a list, each collects operands and operators, and the list folds by
precedence when it closes. Thousands of parentheses are a matter of memory only.

Source: the grammar of the open-sourced engine; the odd place of ``^`` is a known issue that will not be changed.
"""

from __future__ import annotations

from decimal import Decimal

from fakes.salesforce.formula import errors
from fakes.salesforce.formula.lexer import Kind, Token, text_value, tokens
from fakes.salesforce.formula.nodes import Call, Chain, Link, Literal, Name, Node, Unary

MAXIMUM_LENGTH = 3900
"""Characters of a formula, comments and white space included."""

MAXIMUM_DEPTH = 400
"""Levels of calls and operators within each other that this interpreter follows."""

_LEVELS: tuple[frozenset[str], ...] = tuple(
    frozenset(operators.split()) for operators in ("* /", "^", "+ - &", "< > <= >=", "= == <> !=", "&&", "||")
)
_INFIX = frozenset().union(*_LEVELS)
_PREFIX = frozenset({"+", "-", "!"})
_Operand = tuple[Node, int]  # a tree and how many levels it has
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


class _Frame:
    """An open parenthesis (or the whole formula): what was read since."""

    __slots__ = ("arguments", "call", "operands", "operators", "prefixes")

    def __init__(self, call: Token | None) -> None:
        self.call = call
        self.arguments: list[_Operand] = []
        self.operands: list[_Operand] = []
        self.operators: list[Token] = []
        self.prefixes: list[Token] = []

    @property
    def wants_operand(self) -> bool:
        return len(self.operands) == len(self.operators)

    def add(self, node: Node, depth: int) -> None:
        """Adds a value, under the prefixes that stand before it."""
        for token in reversed(self.prefixes):
            depth = _deeper(depth, token.position)
            node = Unary(token.text.upper(), node, token.position)
        self.prefixes = []
        self.operands.append((node, depth))

    def fold(self) -> _Operand:
        """The one value that operands and operators make; the frame is empty afterwards."""
        operands, operators = self.operands, self.operators
        self.operands, self.operators = [], []
        for level in _LEVELS:
            if not operators:
                break
            operands, operators = _fold_level(level, operands, operators)
        (result,) = operands
        return result


def _fold_level(
    level: frozenset[str], operands: list[_Operand], operators: list[Token]
) -> tuple[list[_Operand], list[Token]]:
    """Joins what the operators of one precedence join, and leaves the rest."""
    folded, kept = [operands[0]], []
    links: list[Link] = []
    deepest = 0
    for operator, (node, depth) in zip(operators, operands[1:], strict=True):
        if operator.text in level:
            links.append(Link(operator.text, node, operator.position))
            deepest = max(deepest, depth)
            continue
        folded[-1] = _chain(folded[-1], links, deepest)
        folded.append((node, depth))
        kept.append(operator)
        links, deepest = [], 0
    folded[-1] = _chain(folded[-1], links, deepest)
    return folded, kept


def _chain(first: _Operand, links: list[Link], deepest: int) -> _Operand:
    if not links:
        return first
    node, depth = first
    position = links[0].position
    return Chain(node, tuple(links), position), _deeper(max(depth, deepest), position)


def _deeper(depth: int, position: int) -> int:
    if depth >= MAXIMUM_DEPTH:
        raise errors.nested_too_deeply(MAXIMUM_DEPTH, position)
    return depth + 1


def parse(text: str) -> Node:
    """The tree of a formula.

    Raises:
        FormulaError: it is too long, empty, or not a formula.
    """
    return parse_with_warnings(text)[0]


def parse_with_warnings(text: str) -> tuple[Node, tuple[str, ...]]:
    """The tree of a formula, and what was accepted though Salesforce may refuse it."""
    try:
        if len(text) > MAXIMUM_LENGTH:
            raise errors.too_long(len(text), MAXIMUM_LENGTH)
        found, warnings = tokens(text)
        return _tree(found), tuple(warnings)
    except errors.FormulaError as error:
        error.locate(text)
        raise


def _tree(found: list[Token]) -> Node:
    frames = [_Frame(None)]
    index = 0
    while True:
        token, frame = found[index], frames[-1]
        index += 1
        symbol = token.text if token.kind is Kind.SYMBOL else ""
        if not frame.wants_operand:
            if symbol in _INFIX:
                frame.operators.append(token)
            elif symbol == "," and frame.call is not None:
                frame.arguments.append(frame.fold())
            elif len(frames) == 1:
                if token.kind is Kind.END:
                    return frame.fold()[0]
                raise errors.surplus(token.text, token.position, name=token.kind is Kind.NAME)
            elif symbol == ")":
                frames.pop()
                _close(frames[-1], frame)
            else:
                raise errors.missing(")", token.position)
        elif symbol in _PREFIX or (token.kind is Kind.NAME and token.text.lower() == "not"):
            frame.prefixes.append(token)
        elif symbol == "(":
            frames.append(_Frame(None))
        elif token.kind is Kind.NUMBER:
            frame.add(Literal(Decimal(token.text), token.text, token.position), 1)
        elif token.kind is Kind.STRING:
            frame.add(Literal(text_value(token.text), token.text, token.position), 1)
        elif token.kind is Kind.NAME and token.text.lower() in _CONSTANTS:
            frame.add(Literal(_CONSTANTS[token.text.lower()], token.text, token.position), 1)
        elif token.kind is Kind.NAME and not _is(found[index], "("):
            frame.add(Name(token.text, token.position), 1)
        elif token.kind is Kind.NAME and _is(found[index + 1], ")"):
            frame.add(Call(token.text, (), token.position), 1)
            index += 2
        elif token.kind is Kind.NAME:
            frames.append(_Frame(token))
            index += 1
        else:
            raise errors.found(token.text, token.position)


def _is(token: Token, symbol: str) -> bool:
    return token.kind is Kind.SYMBOL and token.text == symbol


def _close(outer: _Frame, inner: _Frame) -> None:
    node, depth = inner.fold()
    if inner.call is None:
        outer.add(node, depth)
        return
    arguments = [*inner.arguments, (node, depth)]
    call = Call(inner.call.text, tuple(argument for argument, _ in arguments), inner.call.position)
    outer.add(call, _deeper(max(level for _, level in arguments), inner.call.position))
