"""SOQL text → tokens: every character belongs to a token, is white space, or is refused with its place.

Source: SOQL and SOSL Reference, "Quoted String Escape Sequences", "Date Formats and Date Literals in WHERE".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING

from fakes.salesforce.errors import MalformedQuery
from fakes.salesforce.soql.positions import lexical_caret, line_and_column

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_LENGTH = 100_000


class Kind(Enum):
    """What a token is."""

    NAME = "name"
    STRING = "string"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    SYMBOL = "symbol"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query as it was written, and its offset from the beginning."""

    kind: Kind
    text: str
    position: int

    @property
    def word(self) -> str:
        """The text in upper case: keywords and names have no case."""
        return self.text.upper()


_ZONE = r"(?:Z|z|[+-]\d\d:?\d\d)"
_DATETIME_START = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?", re.IGNORECASE | re.ASCII)
_TOKENS = re.compile(
    rf"""
      (?P<space>[ \t\r\n\f\v]+)
    | (?P<datetime>\d{{4}}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?{_ZONE})
    | (?P<date>\d{{4}}-\d\d-\d\d(?![Tt\d]))
    | (?P<time>\d\d:\d\d:\d\d(?:\.\d+)?[Zz])
    | (?P<number>[+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<symbol><=|>=|!=|<>|[=<>(),.:*;])
    """,
    re.VERBOSE | re.ASCII,
)
_KINDS: Mapping[str, Kind] = MappingProxyType({kind.value: kind for kind in Kind})
_STRING = re.compile(r"'(?:[^'\\\r\n]|\\.)*'", re.DOTALL)

# Source: SOQL and SOSL Reference, "Quoted String Escape Sequences".
_ESCAPES: Mapping[str, str] = MappingProxyType(
    {
        "'": "'",
        '"': '"',
        "\\": "\\",
        "n": "\n",
        "N": "\n",
        "r": "\r",
        "R": "\r",
        "t": "\t",
        "T": "\t",
        "b": "\b",
        "B": "\b",
        "f": "\f",
        "F": "\f",
    }
)
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)


def tokenize(text: str) -> list[Token]:
    """Every token of the query, and one of kind END behind the last.

    Raises:
        MalformedQuery: the text is too long, or a character fits nowhere.
    """
    if len(text) > MAX_LENGTH:
        raise MalformedQuery(f"SOQL statements cannot be longer than {MAX_LENGTH} characters.")
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        if text[position] == "'":
            found = _STRING.match(text, position)
            if found is None:
                raise MalformedQuery(_unterminated(text))
            tokens.append(Token(Kind.STRING, found.group(), position))
            position = found.end()
            continue
        found = _TOKENS.match(text, position)
        if found is None:
            raise MalformedQuery(no_viable_alternative(text, position))
        group = str(found.lastgroup)
        if group == "number" and (start := _DATETIME_START.match(text, position)):
            # A dateTime without a zone: mostly a "+" of the address that nobody escaped, so that a blank arrived.
            raise MalformedQuery(no_viable_alternative(text, start.end()))
        if group != "space":
            tokens.append(Token(_KINDS[group], found.group(), position))
        position = found.end()
    tokens.append(Token(Kind.END, "<EOF>", len(text)))
    return tokens


def no_viable_alternative(text: str, position: int) -> str:
    """What Salesforce says of a character that begins or continues no token."""
    character = text[position] if position < len(text) else "<EOF>"
    return (
        f"{lexical_caret(text, position)}line {line_and_column(text, position)} "
        f"no viable alternative at character '{character}'"
    )


def _unterminated(text: str) -> str:
    end = len(text)
    return f"line {line_and_column(text, end)} mismatched character '<EOF>' expecting '''"


def string_value(token: Token) -> str:
    r"""What a quoted text means.

    Raises:
        MalformedQuery: a backslash sequence that SOQL does not know, such as ``\\-``.
    """
    return _ESCAPE.sub(lambda found: _unescape(found, token, ""), token.text[1:-1])


def pattern_value(token: Token) -> str:
    r"""What a quoted text means behind LIKE: as :func:`string_value`, where ``\_`` and ``\%`` stay as written.

    A literal backslash becomes two, so that the pattern can be read once more with ``\`` as its escape.
    """
    return _ESCAPE.sub(lambda found: _unescape(found, token, "_%"), token.text[1:-1])


def _unescape(found: re.Match[str], token: Token, kept: str) -> str:
    sequence = found.group(1)
    if len(sequence) > 1:
        return chr(int(sequence[1:], 16))
    if kept and sequence in kept:
        return found.group()
    value = _ESCAPES.get(sequence)
    if value is None:
        raise MalformedQuery(
            f"Invalid string literal {token.text}. Illegal character sequence '{found.group()}' in string literal."
        )
    return "\\\\" if kept and value == "\\" else value
