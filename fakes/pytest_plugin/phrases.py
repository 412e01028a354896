r"""The words of a step: one sentence with places for what changes.

A place in double quotes, ``"{email}"``, takes any text up to the closing quote (``\"`` stands for a quote); a bare
place takes one word of the vendors' (``{field}``: letters, digits, underscores); ``{count:d}`` takes a whole number.
The grammar is this narrow so that no sentence can be read by two steps.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import pytest_bdd
from pytest_bdd import parsers

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")
Decorator = "Callable[[Callable[P, T]], Callable[P, T]]"

_PLACE = re.compile(r'(?P<quoted>"\{(?P<text>\w+)\}")|\{(?P<number>\w+):d\}|\{(?P<word>\w+)\}')
_TEXT = r'"(?P<{name}>(?:[^"\\]|\\.)*)"'
_WORD = r"(?P<{name}>[A-Za-z]\w*)"
_NUMBER = r"(?P<{name}>\d+)"
_ESCAPED = re.compile(r"\\(.)")


class Phrase(parsers.StepParser):
    """A step's sentence, as a parser for pytest-bdd."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.texts: set[str] = set()
        self.numbers: set[str] = set()
        pattern, end = "", 0
        for place in _PLACE.finditer(name):
            pattern += re.escape(name[end : place.start()])
            if text := place["text"]:
                self.texts.add(text)
                pattern += _TEXT.format(name=text)
            elif number := place["number"]:
                self.numbers.add(number)
                pattern += _NUMBER.format(name=number)
            else:
                pattern += _WORD.format(name=place["word"])
            end = place.end()
        self._regex = re.compile(pattern + re.escape(name[end:]))

    @property
    def places(self) -> list[str]:
        """The names of the places, from left to right."""
        return sorted(self._regex.groupindex, key=lambda name: self._regex.groupindex[name])

    def is_matching(self, name: str) -> bool:
        """Whether a feature's line says this sentence."""
        return self._regex.fullmatch(name) is not None

    def parse_arguments(self, name: str) -> dict[str, Any] | None:
        """What stands at the places; numbers as int, texts without their escapes."""
        match = self._regex.fullmatch(name)
        if match is None:
            return None
        arguments: dict[str, Any] = match.groupdict()
        for place in self.texts:
            arguments[place] = _ESCAPED.sub(r"\1", arguments[place])
        for place in self.numbers:
            arguments[place] = int(arguments[place])
        return arguments


def given(sentence: str, *, target_fixture: str | None = None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A step that sets the scene."""
    return pytest_bdd.given(Phrase(sentence), target_fixture=target_fixture)


def when(sentence: str, *, target_fixture: str | None = None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A step that makes something happen."""
    return pytest_bdd.when(Phrase(sentence), target_fixture=target_fixture)


def then(sentence: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A step that says what must hold."""
    return pytest_bdd.then(Phrase(sentence))


def given_or_when(sentence: str, *, target_fixture: str | None = None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A step that reads well as a scene and as an event."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        # pytest-bdd places the step in the module of the caller's caller, hence one level more than usual.
        for keyword in (pytest_bdd.given, pytest_bdd.when):
            keyword(Phrase(sentence), target_fixture=target_fixture, stacklevel=2)(function)
        return function

    return decorate
