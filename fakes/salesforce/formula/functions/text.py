"""Text functions. Positions and lengths count UTF-16 units, as Java does.

Source: Salesforce help, "Text Functions"; blanks and limits as in the official engine.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from fakes.salesforce.formula import errors
from fakes.salesforce.formula.code import Code
from fakes.salesforce.formula.functions.registry import ON_SAVE, Function, Site, simple
from fakes.salesforce.formula.nodes import Literal
from fakes.salesforce.formula.numbers import number, plain, whole
from fakes.salesforce.formula.regex import BadPattern, compile_pattern
from fakes.salesforce.formula.types import RecordContext, Type, number_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

T, N, B = Type.TEXT, Type.NUMBER, Type.BOOLEAN

LONGEST = 1_000_000
"""Characters that a text may grow to while a formula runs."""

_DOTTED = "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}"
_DOTLESS = "\N{LATIN SMALL LETTER DOTLESS I}"
_WIDE = re.compile("[\U00010000-\U0010ffff]")


def length(text: str) -> int:
    """UTF-16 units: an emoji is two."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def part(text: str, start: int, stop: int) -> str:
    """The units from ``start`` to ``stop``; half of a pair becomes the replacement character."""
    if text.isascii() or not _WIDE.search(text):
        return text[start:stop]
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * stop].decode("utf-16-le", "replace")


def _limited(size: int) -> None:
    if size > LONGEST:
        raise errors.FormulaRunError(f"A text grows beyond {LONGEST:,} characters")


def _left(text: str, count: Decimal) -> str:
    return part(text, 0, max(0, whole(count)))


def _right(site: Site) -> Code:
    site.count(2)
    read, number_of_characters = site.take(0, T), site.take(1, N)
    query = site.mode == "query"

    def run(record: RecordContext) -> str:
        text, count = read(record), number_of_characters(record)
        if count is None or (query and count != count.to_integral_value()):
            return ""
        size = length(text)
        return part(text, size - min(size, max(0, whole(count))), size)

    return site.result(T, run)


def _mid(text: str, start: Decimal, count: Decimal) -> str:
    first = max(1, whole(start))
    if start > length(text):
        return ""
    return part(text, first - 1, first - 1 + max(0, whole(count)))


def _find(sought: str, text: str, start: Decimal | None = None) -> Decimal | None:
    if not sought or not text:
        return number_of(0)
    first = 0 if start is None else max(0, whole(start) - 1)
    if _WIDE.search(text):
        # Bytes of the pairs, so that positions count units; an odd offset is a match across two of them.
        units, wanted = (value.encode("utf-16-le", "surrogatepass") for value in (text, sought))
        at = units.find(wanted, 2 * first)
        while at > 0 and at % 2:
            at = units.find(wanted, at + 1)
        return number_of(at // 2 + 1 if at >= 0 else 0)
    return number_of(text.find(sought, first) + 1)


def _filled(text: str, count: Decimal, padding: str) -> tuple[str, str]:
    """The first characters of the text, and what fills it up; both empty if nothing can be."""
    size = whole(count)
    if not text or size <= 0 or not padding:
        return "", ""
    _limited(size)
    missing = size - length(text)
    if missing <= 0:
        return part(text, 0, size), ""
    return text, part(padding * (missing // length(padding) + 1), 0, missing)


def _lpad(text: str, count: Decimal, padding: str = " ") -> str:
    kept, filling = _filled(text, count, padding)
    return filling + kept


def _rpad(text: str, count: Decimal, padding: str = " ") -> str:
    kept, filling = _filled(text, count, padding)
    return kept + filling


def _substitute(site: Site) -> Code:
    site.count(3)
    text, old, new = (site.take(index, T) for index in range(3))
    query = site.mode == "query"

    def run(record: RecordContext) -> str:
        source, sought, replacement = text(record), old(record), new(record)
        if not sought:
            return str(source) if query else ""
        if len(replacement) > len(sought):
            _limited(len(source) + source.count(sought) * (len(replacement) - len(sought)))
        return str(source.replace(sought, replacement))

    return site.result(T, run)


def _begins(text: str, start: str) -> bool | None:
    return True if not start else text.startswith(start) if text else None


def _contains(text: str, sought: str) -> bool | None:
    return True if not sought else sought in text if text else None


def _title(text: str) -> str:
    """INITCAP: a letter is a capital after anything but a letter or digit."""
    result: list[str] = []
    starts = True
    for character in text:
        if character.islower() or character.isupper():
            result.append(character.upper() if starts else character.lower())
            starts = False
        else:
            result.append(character)
            starts = not character.isdigit()
    return "".join(result)


def _lower(text: str, locale: str = "") -> str:
    if _turkish(locale):
        text = text.replace(_DOTTED, "i").replace("I", _DOTLESS)
    return text.lower()


def _upper(text: str, locale: str = "") -> str:
    if _turkish(locale):
        text = text.replace("i", _DOTTED)
    return text.upper()


def _turkish(locale: str) -> bool:
    return locale[:2].lower() in {"tr", "az"}


def _character(code: Decimal) -> str:
    at = whole(code)
    return chr(at) if 0 < at <= 0x10FFFF else ""


def _code_point(text: str) -> Decimal | None:
    return number_of(ord(text[0])) if text else None


_SAFE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def case_safe_id(text: str) -> str:
    """The 18 characters of an id of 15; anything else stays as it is.

    Source: Salesforce help, "CASESAFEID"; three letters say which characters of each five are capitals.
    """
    if len(text) != 15:
        return text
    return text + "".join(
        _SAFE_LETTERS[sum(1 << index for index, character in enumerate(text[at : at + 5]) if "A" <= character <= "Z")]
        for at in (0, 5, 10)
    )


def _number_text(value: Decimal | None) -> str:
    return "" if value is None else plain(value)


def _number_text_of_query(value: Decimal | None) -> str:
    """The database leaves out the zero before the point."""
    text = _number_text(value)
    return re.sub(r"^(-?)0\.", r"\1.", text)


def _date_text(value: date | None) -> str:
    return "" if value is None else value.isoformat()


def _instant_text(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(UTC).isoformat(" ", "seconds").removesuffix("+00:00") + "Z"


def _time_text(value: time | None) -> str:
    return "" if value is None else value.isoformat("milliseconds")


def _text(site: Site) -> Code:
    site.count(1)
    (code,) = site.arguments
    if code.type is Type.PICKLIST:
        # The reference stays, so that TEXT(picklist) = "entry" is compared as ISPICKVAL.
        return Code(T, code.run, site.node, code.reference)
    query = site.mode == "query"
    writers: dict[Type, Callable[[Any], str]] = {
        N: _number_text_of_query if query else _number_text,
        Type.DATE: _date_text,
        Type.DATETIME: (lambda value: _instant_text(value) or "Z") if query else _instant_text,
        Type.TIME: _time_text,
        Type.NULL: lambda _: "",
    }
    if code.type not in writers:
        raise site.refusal(code, N, Type.DATE, Type.DATETIME, Type.PICKLIST)
    run, write = code.run, writers[code.type]
    return site.result(T, lambda record: write(run(record)))


def _regex(site: Site) -> Code:
    site.count(2)
    text, pattern = (site.one_of(index, T) for index in range(2))
    read, written = text.run, pattern.run
    if isinstance(pattern.node, Literal):
        try:
            matches = compile_pattern(str(pattern.node.value))
        except BadPattern as error:
            raise errors.FormulaError(error.message, pattern.position) from error
        return site.result(B, lambda record: matches(read(record)))

    def run(record: RecordContext) -> bool:
        subject = read(record)
        try:
            return compile_pattern(written(record))(subject)
        except BadPattern as error:
            raise errors.FormulaRunError(error.message) from error

    return site.result(B, run)


FUNCTIONS = (
    simple("BEGINS", (T, T), B, _begins),
    simple("CONTAINS", (T, T), B, _contains),
    simple("FIND", (T, T, N), N, _find, optional=1, sees_blank=True),
    simple("LEFT", (T, N), T, _left),
    Function("RIGHT", _right),
    simple("MID", (T, N, N), T, _mid),
    simple("LEN", (T,), N, lambda text: number_of(length(text))),
    simple("LOWER", (T, T), T, _lower, optional=1),
    simple("UPPER", (T, T), T, _upper, optional=1),
    simple("INITCAP", (T,), T, _title),
    simple("LPAD", (T, N, T), T, _lpad, optional=1),
    simple("RPAD", (T, N, T), T, _rpad, optional=1),
    Function("SUBSTITUTE", _substitute),
    simple("TRIM", (T,), T, lambda text: text.strip(" ")),
    simple("REVERSE", (T,), T, lambda text: text[::-1]),
    Function("TEXT", _text),
    simple("VALUE", (T,), N, lambda text: number(text) if text else None),
    Function("REGEX", _regex, ON_SAVE | {"default"}),
    simple("ASCII", (T,), N, _code_point),
    simple("CHR", (N,), T, _character),
    simple("CASESAFEID", (T,), T, case_safe_id),
)
