r"""Text to tokens: every character is part of a token, white space, a comment, or an error.

```
NUMBER  := digits ("." digits)?
STRING  := '"' character* '"' | "'" character* "'"     \ before n r t N R T " ' \ only; no raw line end
NAME    := letter or "$", then letters, digits, _ $ : . #
symbols := ( ) , + - * / ^ & && || ! = == <> != < > <= >=
```

Source: the grammar of the open-sourced engine, ``FormulaGrammar.g``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from fakes.salesforce.formula import errors


class Kind(Enum):
    """What a token is."""

    NUMBER = "number"
    STRING = "string"
    NAME = "name"
    SYMBOL = "symbol"
    END = "end of formula"


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``text`` as written, ``position`` from 0."""

    kind: Kind
    text: str
    position: int


# K and dotted I: the official lexer lower-cases before it compares, and these two lower-case into a letter.
_LETTER = "a-zA-Z\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}\N{KELVIN SIGN}"
_TOKEN = re.compile(
    rf"""
    (?P<space>    [ \t\f\r\n]+ | /\*(?:\\\*/|[\s\S])*?\*/ )
  | (?P<NUMBER>   [0-9]+(?:\.[0-9]+)? )
  | (?P<NAME>     [{_LETTER}$][{_LETTER}0-9_$:.\#]* )
  | (?P<STRING>   "(?:[^"\\\r\n]|\\[nrtNRT"'\\])*" | '(?:[^'\\\r\n]|\\[nrtNRT"'\\])*' )
  | (?P<SYMBOL>   && | \|\| | <> | <= | >= | != | => | == | [-()+*/^&=<>!,\[\]:;.~] )
""",
    re.VERBOSE,
)
_BARE_FRACTION = re.compile(r"\.[0-9]+")
_EMBEDDED = re.compile(r"\{!([^}]+)\}")
_ESCAPE = re.compile(r"\\([\\\"])")


def tokens(text: str) -> tuple[list[Token], list[str]]:
    """The tokens of a formula, ended by one of kind END, and warnings for what only the help allows.

    Raises:
        FormulaError: a character that starts no token, a text or comment without an end, a bad escape.
    """
    # {!Name} around an expression is tolerated; blanks keep every position where the author sees it.
    text = _EMBEDDED.sub(lambda match: f"  {match[1]} ", text)
    result: list[Token] = []
    warnings: list[str] = []
    position, length = 0, len(text)
    while position < length:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _refusal(text, position)
        kind, matched = match.lastgroup or "", match.group()
        if kind == "SYMBOL" and matched == "." and not _touches(result, position):
            # The official grammar wants a digit before the point; a help page prints ".40" all the same.
            fraction = _BARE_FRACTION.match(text, position)
            if fraction is not None:
                kind, matched = "NUMBER", fraction.group()
                warnings.append(f"{matched} is written without a digit before the point: Salesforce may refuse it")
        if kind != "space":
            result.append(Token(Kind[kind], matched, position))
        position += len(matched)
    result.append(Token(Kind.END, Kind.END.value, length))
    return result, warnings


def _touches(before: list[Token], position: int) -> bool:
    return (
        bool(before) and before[-1].kind is not Kind.SYMBOL and before[-1].position + len(before[-1].text) == position
    )


def _refusal(text: str, position: int) -> errors.FormulaError:
    character = text[position]
    if unicodedata.category(character) in {"Cf", "Cc", "Zs", "Zl", "Zp", "Co", "Cs"}:
        # Formulas pasted from web pages carry such characters, and nobody finds them by looking.
        name = unicodedata.name(character, "control character")
        return errors.FormulaError(
            f"Syntax error.  Found the invisible character U+{ord(character):04X} ({name})", position
        )
    return errors.syntax_error(position)


def text_value(written: str) -> str:
    r"""What a text literal means: only ``\"`` and ``\\`` are decoded, ``\n`` stays two characters."""
    return _ESCAPE.sub(r"\1", written[1:-1])
