r"""Java's regular expressions for REGEX, which has to match the whole text.

The pattern is read as Java reads it and written again for the ``regex`` module: every construct is either translated
or refused by name, so that nothing is taken for something else.

```
pattern     := sequence ("|" sequence)*
sequence    := (atom quantifier?)*
quantifier  := ("*" | "+" | "?" | "{" n [","[m]] "}") ("?" | "+")?
atom        := group | class | escape | "." | "^" | "$" | character
group       := "(" ["?:" | "?=" | "?!" | "?<=" | "?<!" | "?>" | "?<name>" | "?" flags ":"] pattern ")" | "(?" flags ")"
class       := "[" "^"? (range | escape | class)* ("&&" …)* "]"
```

Salesforce stops a match after about a million character reads; here a time limit stands for that.

Source: the class ``java.util.regex.Pattern``; Salesforce help, "REGEX"; ``FunctionRegex`` of the official engine.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import regex

from fakes.salesforce.formula.errors import FormulaRunError

if TYPE_CHECKING:
    from collections.abc import Callable

TIME_LIMIT = 0.5
"""Seconds that one match may take."""

_DEEPEST = 100
_LINE_ENDS = "\n\r\x85\u2028\u2029"
_END = r"(?=(?:\r\n|(?<!\r)\n|[\r\x85\u2028\u2029])?\Z)"
_WORD = "A-Za-z0-9_"
_HORIZONTAL = " \\t\\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000"
_VERTICAL = "\\n\\x0b\\f\\r\\x85\\u2028\\u2029"
_CLASSES = {"d": "0-9", "w": _WORD, "s": " \\t\\n\\x0b\\f\\r", "h": _HORIZONTAL, "v": _VERTICAL}
_POSIX = {
    "lower": "a-z", "upper": "A-Z", "ascii": "\\x00-\\x7f", "alpha": "a-zA-Z", "digit": "0-9", "alnum": "a-zA-Z0-9",
    "punct": "!-/:-@\\[-`{-~", "graph": "!-~", "print": " -~", "blank": " \\t", "cntrl": "\\x00-\\x1f\\x7f",
    "xdigit": "0-9a-fA-F", "space": " \\t\\n\\x0b\\f\\r",
}  # fmt: skip
_JAVA_PROPERTIES = {
    "javaLowerCase": r"\p{Lowercase}", "javaUpperCase": r"\p{Uppercase}", "javaLetter": r"\p{L}",
    "javaDigit": r"\p{Nd}", "javaLetterOrDigit": r"\p{L}\p{Nd}", "javaAlphabetic": r"\p{Alphabetic}",
    "javaWhitespace": "\\t-\\r\\x1c-\\x20\\u1680\\u2000-\\u2006\\u2008-\\u200a\\u2028\\u2029\\u205f\\u3000",
    "L1": "\\x00-\\xff", "LC": r"\p{Lu}\p{Ll}\p{Lt}", "LD": r"\p{L}\p{Nd}",
}  # fmt: skip
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
_COUNTED = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_FLAGS = re.compile(r"([idmsuxU]*)(?:-([idmsuxU]*))?([:)])")
_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9]*")
_HEX = frozenset(string.hexdigits)


class BadPattern(Exception):
    """A pattern that Java refuses, or that cannot be translated."""

    def __init__(self, why: str, pattern: str, at: int) -> None:
        self.message = f"{why} near index {at}: {pattern}"
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class _Flags:
    r"""``(?…)``: i ignore case, u of all letters, d only ``\\n`` ends lines, m, s, x, U Unicode classes."""

    i: bool = False
    d: bool = False
    m: bool = False
    s: bool = False
    u: bool = False
    x: bool = False
    U: bool = False


@lru_cache(maxsize=512)
def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Whether a whole text matches the pattern.

    The function it returns raises FormulaRunError when a match takes longer than the time limit.

    Raises:
        BadPattern: it is no Java pattern, or has something that is not translated.
    """
    translated = translate(pattern)
    try:
        compiled = regex.compile(translated, regex.VERSION1)
    except (regex.error, OverflowError, RecursionError) as error:
        raise BadPattern(f"Cannot translate the pattern ({error})", pattern, 0) from error

    def matches(text: str) -> bool:
        try:
            return compiled.fullmatch(text, timeout=TIME_LIMIT) is not None
        except TimeoutError as error:
            raise FormulaRunError(f"Regular expression runtime exceeded for: {pattern}") from error

    return matches


def translate(pattern: str) -> str:
    """The pattern in the syntax of the ``regex`` module, version 1.

    Raises:
        BadPattern: it is no Java pattern, or has something that is not translated.
    """
    return _Translator(pattern).whole()


def _escaped(character: str) -> str:
    code = ord(character)
    if character.isascii() and character.isalnum():
        return character
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


class _Translator:
    """One pass over a pattern: what it reads of Java it writes for ``regex``."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.flags = _Flags()
        self.depth = 0
        self.behind = 0
        self.groups = 0
        self.names: set[str] = set()

    def whole(self) -> str:
        result = self.alternatives()
        if self.at < len(self.pattern):
            raise self.bad("Unmatched closing ')'")
        return result

    def bad(self, why: str) -> BadPattern:
        return BadPattern(why, self.pattern, self.at)

    def peek(self, text: str) -> bool:
        return self.pattern.startswith(text, self.at)

    def take(self, text: str) -> bool:
        if self.peek(text):
            self.at += len(text)
            return True
        return False

    def character(self) -> str:
        if self.at >= len(self.pattern):
            raise self.bad("Unexpected end of pattern")
        self.at += 1
        return self.pattern[self.at - 1]

    def alternatives(self) -> str:
        saved = self.flags
        parts = [self.sequence()]
        while self.take("|"):
            parts.append(self.sequence())
        self.flags = saved
        return "|".join(parts)

    def sequence(self) -> str:
        parts: list[str] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            if self.flags.x and self.skipped():
                continue
            atom = self.atom()
            parts.append(atom + self.quantifier() if atom else "")
        return "".join(parts)

    def skipped(self) -> bool:
        """White space and comments under ``(?x)``."""
        if self.pattern[self.at] in " \t\n\x0b\f\r":
            self.at += 1
            return True
        if self.take("#"):
            while self.at < len(self.pattern) and self.pattern[self.at] not in _LINE_ENDS:
                self.at += 1
            return True
        return False

    def quantifier(self) -> str:
        while self.flags.x and self.at < len(self.pattern) and self.skipped():
            pass
        least_most = ""
        if self.at < len(self.pattern) and self.pattern[self.at] in "*+?":
            least_most = self.character()
            unbounded = least_most != "?"
        elif self.peek("{"):
            counted = _COUNTED.match(self.pattern, self.at)
            if counted is None:
                raise self.bad("Illegal repetition")
            if counted[3] and int(counted[3]) < int(counted[1]):
                raise self.bad("Illegal repetition range")
            unbounded = counted[2] is not None and not counted[3]
            least_most = counted.group()
            self.at = counted.end()
        else:
            return ""
        if unbounded and self.behind:
            raise self.bad("Look-behind group does not have an obvious maximum length")
        mode = self.character() if self.at < len(self.pattern) and self.pattern[self.at] in "?+" else ""
        if self.at < len(self.pattern) and self.pattern[self.at] in "*+?":
            raise self.bad(f"Dangling meta character '{self.pattern[self.at]}'")
        return least_most + mode

    def atom(self) -> str:
        start = self.character()
        match start:
            case "(":
                return self.group()
            case "[":
                return self.bracket()
            case "\\":
                return self.escape()
            case ".":
                if self.flags.s:
                    return r"[\s\S]"
                return r"[^\n]" if self.flags.d else r"[^\n\r\x85\u2028\u2029]"
            case "^":
                return self.line_start()
            case "$":
                return self.line_end()
            case "*" | "+" | "?":
                self.at -= 1
                raise self.bad(f"Dangling meta character '{start}'")
            case "{":
                self.at -= 1
                raise self.bad("Illegal repetition")
        return self.literal(start)

    def line_start(self) -> str:
        if not self.flags.m:
            return r"\A"
        ends = r"(?<=\n)" if self.flags.d else r"(?:(?<=[\n\x85\u2028\u2029])|(?<=\r)(?!\n))"
        return rf"(?:\A|{ends}(?!\Z))"

    def line_end(self) -> str:
        if self.flags.m:
            return r"(?=\n|\Z)" if self.flags.d else r"(?:(?=[\r\x85\u2028\u2029]|\Z)|(?<!\r)(?=\n))"
        return r"(?=\n?\Z)" if self.flags.d else _END

    def literal(self, character: str) -> str:
        variants = self.variants(character)
        return _escaped(character) if len(variants) == 1 else f"[{''.join(map(_escaped, variants))}]"

    def variants(self, character: str) -> list[str]:
        """The character in every case that the flags allow; without ``u`` only ASCII letters have two."""
        if self.flags.i and (character.isascii() or self.flags.u):
            others = {character.lower(), character.upper(), character.upper().lower()} - {character}
            return [character, *sorted(other for other in others if len(other) == 1)]
        return [character]

    def group(self) -> str:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.bad(f"Groups are nested more than {_DEEPEST} levels deep")
        opening, behind, flags = "(", 0, self.flags
        if self.take("?"):
            if (inline := self.inline_flags()) is not None:
                if inline == ")":
                    self.depth -= 1
                    return ""  # the flags hold until the group around them ends
                opening = "(?:"
            else:
                opening, behind = self.special()
        if opening == "(" or opening.startswith("(?P"):
            self.groups += 1
        self.behind += behind
        body = self.alternatives()
        self.behind -= behind
        self.flags = flags
        if not self.take(")"):
            raise self.bad("Unclosed group")
        self.depth -= 1
        return f"{opening}{body})"

    def special(self) -> tuple[str, int]:
        for opening in (":", "=", "!", ">"):
            if self.take(opening):
                return f"(?{opening}", 0
        for opening in ("<=", "<!"):
            if self.take(opening):
                return f"(?{opening}", 1
        if self.take("<"):
            name = _NAME.match(self.pattern, self.at)
            if name is not None:
                self.at = name.end()
                if name.group() in self.names:
                    raise self.bad(f"Named capturing group <{name.group()}> is already defined")
                if self.take(">"):
                    self.names.add(name.group())
                    return f"(?P<{name.group()}>", 0
        raise self.bad("Unknown inline modifier")

    def inline_flags(self) -> str | None:
        """``(?i)`` or ``(?i:``: sets the flags and says how it ended; None if these are no flags."""
        match = _FLAGS.match(self.pattern, self.at)
        if match is None or (not match[1] and match[2] is None):
            return None
        self.at = match.end()
        self.flags = replace(self.flags, **dict.fromkeys(match[1], True), **dict.fromkeys(match[2] or "", False))
        return match[3]

    def escape(self) -> str:
        letter = self.character()
        if letter in "123456789":
            return self.back_reference(letter)
        match letter:
            case "A" | "G":
                return r"\A"
            case "z":
                return r"\Z"
            case "Z":
                return r"(?=\n?\Z)" if self.flags.d else _END
            case "b" | "B":
                return self.boundary(letter)
            case "R":
                return r"(?>\r\n|[\n\x0b\f\r\x85\u2028\u2029])"
            case "X":
                return r"\X"
            case "Q":
                return self.quotation()
            case "k":
                name = _NAME.match(self.pattern, self.at + 1)
                if not self.peek("<") or name is None or name.group() not in self.names:
                    raise self.bad("Named capturing group is missing or does not exist")
                self.at = name.end()
                if not self.take(">"):
                    raise self.bad("Named capturing group is missing trailing '>'")
                return self.caseless(f"(?P={name.group()})")
        inside = self.class_escape(letter)
        if inside is not None:
            return f"[{inside}]"
        return self.literal(self.single(letter))

    def caseless(self, reference: str) -> str:
        return f"(?i:{reference})" if self.flags.i else reference

    def back_reference(self, digits: str) -> str:
        while self.at < len(self.pattern) and self.pattern[self.at] in string.digits:
            longer = digits + self.pattern[self.at]
            if int(longer) > self.groups:
                break
            digits, self.at = longer, self.at + 1
        if int(digits) > self.groups:
            raise self.bad(f"Back reference to group {digits}, which does not exist")
        return self.caseless(f"(?:\\{digits})")

    def boundary(self, letter: str) -> str:
        if self.flags.U:
            return f"\\{letter}"
        if letter == "b":
            return f"(?:(?<=[{_WORD}])(?![{_WORD}])|(?<![{_WORD}])(?=[{_WORD}]))"
        return f"(?:(?<=[{_WORD}])(?=[{_WORD}])|(?<![{_WORD}])(?![{_WORD}]))"

    def quoted(self) -> str:
        end = self.pattern.find("\\E", self.at)
        text = self.pattern[self.at :] if end < 0 else self.pattern[self.at : end]
        self.at = len(self.pattern) if end < 0 else end + 2
        return text

    def quotation(self) -> str:
        r"""``\Q…\E``: a quantifier behind it is of the last character."""
        return "".join(map(self.literal, self.quoted()))

    def single(self, letter: str) -> str:
        """The one character that an escape stands for."""
        match letter:
            case "0":
                return self.octal()
            case "x":
                return self.braced() if self.take("{") else self.hexadecimal(2)
            case "u":
                return self.hexadecimal(4)
            case "c":
                return chr(ord(self.character()) ^ 64)
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if letter.isascii() and letter.isalpha():
            raise self.bad(f"Illegal/unsupported escape sequence \\{letter}")
        return letter

    def octal(self) -> str:
        digits = re.compile("[0-3][0-7]{2}|[0-7]{1,2}").match(self.pattern, self.at)
        if digits is None:
            raise self.bad("Illegal octal escape sequence")
        self.at = digits.end()
        return chr(int(digits.group(), 8))

    def hexadecimal(self, count: int) -> str:
        digits = self.pattern[self.at : self.at + count]
        if len(digits) < count or not _HEX.issuperset(digits):
            raise self.bad("Illegal hexadecimal escape sequence" if count == 2 else "Illegal Unicode escape sequence")
        self.at += count
        return chr(int(digits, 16))

    def braced(self) -> str:
        digits = re.compile(r"([0-9a-fA-F]{1,6})\}").match(self.pattern, self.at)
        if digits is None or int(digits[1], 16) > 0x10FFFF:
            raise self.bad("Illegal hexadecimal escape sequence")
        self.at = digits.end()
        return chr(int(digits[1], 16))

    def class_escape(self, letter: str) -> str | None:
        r"""What a class like ``\d`` or ``\p{Lu}`` contains, to be put between brackets; None for other escapes."""
        if letter in "pP":
            inside = self.named_property()
            return f"[^{inside}]" if letter == "P" else inside
        inside = _CLASSES.get(letter.lower(), "")
        if not inside:
            return None
        if self.flags.U and letter.lower() in "dsw":
            return f"\\{letter}"
        return f"[^{inside}]" if letter.isupper() else inside

    def named_property(self) -> str:
        if self.take("{"):
            end = self.pattern.find("}", self.at)
            if end < 0:
                raise self.bad("Unclosed character family")
            name, self.at = self.pattern[self.at : end], end + 1
        else:
            name = self.character()
        if name.lower() in _POSIX and not self.flags.U:
            if self.flags.i and name.lower() in {"lower", "upper"}:
                return _POSIX["alpha"]
            return _POSIX[name.lower()]
        if name in _JAVA_PROPERTIES:
            return _JAVA_PROPERTIES[name]
        try:
            regex.compile(f"\\p{{{name}}}", regex.VERSION1)
        except regex.error:
            raise self.bad(f"Unknown character property name {{{name}}}") from None
        return f"\\p{{{name}}}"

    def bracket(self) -> str:
        """A class, its opening bracket already read."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.bad(f"Character classes are nested more than {_DEEPEST} levels deep")
        opening = "[^" if self.take("^") else "["
        operands: list[list[str]] = [[]]
        first = True
        while True:
            if self.at >= len(self.pattern):
                raise self.bad("Unclosed character class")
            if self.peek("]") and not first:
                break
            if self.flags.x and self.pattern[self.at] in " \t\n\x0b\f\r":
                self.at += 1
                continue
            if self.take("&&"):
                while self.take("&"):
                    pass
                operands.append([])
            else:
                operands[-1].append(self.member())
            first = False
        self.at += 1
        self.depth -= 1
        filled = ["".join(operand) for operand in operands if operand]
        if not filled:
            raise self.bad("Bad class syntax")
        if len(filled) == 1:
            return f"{opening}{filled[0]}]"
        return f"{opening}{'&&'.join(f'[{operand}]' for operand in filled)}]"

    def member(self) -> str:
        """A nested class, an escape, one character or a range."""
        if self.take("["):
            return self.bracket()
        if self.take("\\Q"):
            return "".join(_escaped(variant) for character in self.quoted() for variant in self.variants(character))
        character = self.character()
        if character == "\\":
            letter = self.character()
            inside = self.class_escape(letter)
            if inside is not None:
                return inside
            character = self.single(letter)
        if not self.peek("-") or self.at + 1 >= len(self.pattern) or self.pattern[self.at + 1] in "][":
            return "".join(map(_escaped, self.variants(character)))
        self.at += 1
        last = self.character()
        if last == "\\":
            last = self.single(self.character())
        if last < character:
            raise self.bad("Illegal character range")
        return self.range(character, last)

    def range(self, first: str, last: str) -> str:
        written = f"{_escaped(first)}-{_escaped(last)}"
        if not self.flags.i:
            return written
        for letters, shift in ((("A", "Z"), 32), (("a", "z"), -32)):
            low, high = max(first, letters[0]), min(last, letters[1])
            if low <= high:
                written += f"{chr(ord(low) + shift)}-{chr(ord(high) + shift)}"
        return written
