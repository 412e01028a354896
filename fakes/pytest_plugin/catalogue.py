"""The step library as a catalogue: every sentence, what it does, by subject; as text, Markdown or JSON."""

from __future__ import annotations

import importlib
import inspect
import json
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from . import STEP_MODULES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pytest_bdd.steps import StepFunctionContext

_ORDER = ("given", "when", "then")


@dataclass(frozen=True)
class CataloguedStep:
    """One sentence of the library."""

    keywords: tuple[str, ...]
    sentence: str
    does: str
    below: str
    """What stands below the line: ``table``, ``text`` or nothing."""


@dataclass(frozen=True)
class Subject:
    """The steps of one module."""

    title: str
    about: str
    steps: tuple[CataloguedStep, ...]


def catalogue() -> list[Subject]:
    """Every subject of the library, in the order of a scenario's life."""
    from pytest_bdd.steps import step_function_context_registry  # noqa: PLC0415  comes with syncrig[test]

    subjects = []
    for name in STEP_MODULES:
        module = importlib.import_module(f"fakes.pytest_plugin.steps.{name}")
        here = [c for c in step_function_context_registry.values() if c.step_func.__module__ == module.__name__]
        title, _, about = inspect.cleandoc(module.__doc__ or name).partition(": ")
        subjects.append(Subject(title, about[:1].upper() + about[1:], tuple(_steps(here))))
    return subjects


def as_text() -> str:
    """For the terminal."""
    lines: list[str] = []
    for subject in catalogue():
        lines += ["", f"{subject.title}: {subject.about}", ""]
        for step in subject.steps:
            lines.append(f"  {_keywords(step):<10} {step.sentence}{_below(step)}")
            lines.append(f"  {'':<10}   {step.does}")
    return "\n".join(lines[1:]) + "\n"


def as_markdown() -> str:
    """For docs/steps.md."""
    lines = [
        "# Steps",
        "",
        "What a feature can say. This page is written by `fakes steps --format md`; a test holds it to the code.",
        "",
        'A place in quotes takes any text (`\\"` for a quote in it); a bare place takes one name of a field, an',
        "sobject or a system, such as `Phone`, `Region__c`, `Lead`, `Salesforce`; `{count:d}` takes a whole number.",
        "People are found by their e-mail address, fields are called by Salesforce's name in both systems.",
    ]
    for subject in catalogue():
        lines += ["", f"## {subject.title}", "", subject.about, "", "| | step | |", "|---|---|---|"]
        lines += [f"| {_keywords(step)} | `{step.sentence}`{_below(step)} | {step.does} |" for step in subject.steps]
    return "\n".join(lines) + "\n"


def as_json() -> str:
    """For editors and other tools."""
    return json.dumps([asdict(subject) for subject in catalogue()], indent=2, ensure_ascii=False) + "\n"


def _steps(contexts: Iterable[StepFunctionContext]) -> Iterable[CataloguedStep]:
    ordered = sorted(contexts, key=lambda c: (c.step_func.__code__.co_firstlineno, c.parser.name))
    for _, group in groupby(ordered, key=lambda c: (c.step_func.__code__.co_firstlineno, c.parser.name)):
        same = [*group]
        function = same[0].step_func
        takes = inspect.signature(function).parameters
        yield CataloguedStep(
            keywords=tuple(sorted({str(c.type) for c in same}, key=_ORDER.index)),
            sentence=same[0].parser.name,
            does=inspect.cleandoc(function.__doc__ or "").replace("\n", " "),
            below="table" if "datatable" in takes else "text" if "docstring" in takes else "",
        )


def _keywords(step: CataloguedStep) -> str:
    return "/".join(keyword.title() for keyword in step.keywords)


def _below(step: CataloguedStep) -> str:
    return f" + {step.below}" if step.below else ""
