"""Record ids: 15 characters that count, 3 more that survive a change of case.

Source: Salesforce help, "ID Field Type" (SOAP API Developer Guide, "Primitive Data Types").
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_CHECK_BITS = {character: bits for bits, character in enumerate(_CHECKS)}
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ALLOWED = frozenset(_DIGITS)
_COUNTER_LENGTH = 8


def to_18(id_15: str) -> str:
    """The 18 character form: a check character for each five tells which of them are capitals."""
    checks = (
        _CHECKS[sum(1 << bit for bit, c in enumerate(id_15[start : start + 5]) if "A" <= c <= "Z")]
        for start in (0, 5, 10)
    )
    return id_15 + "".join(checks)


@lru_cache(maxsize=4096)
def canonical(text: str) -> str | None:
    """The 18 character form of an id in either form, or None if the text is no id.

    The case of the first 15 characters is repaired from the last three: an 18 character id may have been
    through software that does not keep case.
    """
    if not _ALLOWED.issuperset(text):
        return None
    if len(text) == 15:
        return to_18(text)
    if len(text) != 18:
        return None
    repaired = []
    for index, character in enumerate(text[:15]):
        bits = _CHECK_BITS.get(text[15 + index // 5].upper())
        if bits is None:
            return None
        is_capital = bits >> (index % 5) & 1
        if is_capital and not character.isalpha():
            return None
        repaired.append(character.upper() if is_capital else character.lower())
    return to_18("".join(repaired))


def looks_like_id(text: str) -> bool:
    """Whether a path segment has the form of an id: 15 or 18 letters and digits, whatever they spell."""
    return len(text) in {15, 18} and _ALLOWED.issuperset(text)


class IdSequence:
    """The ids of one org: for each key prefix the next one, increasing, never given twice.

    Args:
        pod: two characters that every id of this org carries after the prefix, as an instance's do.

    """

    def __init__(self, pod: str = "5f") -> None:
        self.pod = pod
        self._last: dict[str, int] = {}

    def next(self, prefix: str) -> str:
        """A new 18 character id that begins with the three characters of ``prefix``."""
        number = self._last.get(prefix, 0) + 1
        self._last[prefix] = number
        return to_18(f"{prefix}{self.pod}00{_base62(number)}")

    def number(self, series: str) -> int:
        """The next number of a series that is no id: what an auto-number field counts."""
        number = self._last[series] = self._last.get(series, 0) + 1
        return number

    def start_after(self, record_id: str) -> None:
        """Go on behind an id that exists already: for an org opened from a file."""
        number = 0
        for character in record_id[15 - _COUNTER_LENGTH : 15]:
            number = number * 62 + _DIGITS.index(character)
        prefix = record_id[:3]
        self._last[prefix] = max(number, self._last.get(prefix, 0))

    def snapshot(self) -> Mapping[str, int]:
        """Where each prefix stands."""
        return dict(self._last)

    def restore(self, snapshot: Mapping[str, int]) -> None:
        """Go on from where a snapshot stood: the same ids are given again."""
        self._last = dict(snapshot)


def _base62(number: int) -> str:
    digits = []
    for _ in range(_COUNTER_LENGTH):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))
