"""Feature files as test files: pytest collects them directly, no Python module stands beside them.

What the frame (pytest-bdd) would pass over in silence is refused here by name, before anything runs: steps nobody
defines, scenarios without steps, two scenarios of one name, tables that no step reads, outlines without rows.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import re
import types
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytest_bdd import scenarios
from pytest_bdd.compat import get_fixture_names, getfixturedefs
from pytest_bdd.exceptions import GherkinParseError
from pytest_bdd.feature import features as features_read
from pytest_bdd.gherkin_parser import get_gherkin_document
from pytest_bdd.scenario import scenario_wrapper_template_registry
from pytest_bdd.steps import step_function_context_registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_bdd import gherkin_parser
    from pytest_bdd.parser import Scenario, Step
    from pytest_bdd.steps import StepFunctionContext

CHECKED = pytest.StashKey["Checked"]()
"""On the session's config: what collection has seen of the feature files."""

NOT_MODELLED = pytest.StashKey[list[str]]()
"""On a test: what it asked for that the fakes do not model."""

_MARKER = re.compile(r"[A-Za-z0-9][\w.+/\-]*")
_PYTEST_MARKS = frozenset({"filterwarnings", "parametrize", "skipif", "usefixtures"})
_PYTEST_WORDS = frozenset({"and", "or", "not"})
_PLACEHOLDER = re.compile(r"<([^<>\s][^<>]*)>")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass
class Checked:
    """How much collection has looked at."""

    features: int = 0
    scenarios: int = 0
    steps: int = 0


class FeatureFile(pytest.Module):
    """One .feature file, collected as a module whose tests are its scenarios."""

    def _getobj(self) -> types.ModuleType:
        document = self._document()
        if problems := [*_problems(document)]:
            raise self.CollectError(self._listed(problems))
        for tag in sorted(_tags(document)):
            self.config.addinivalue_line("markers", f"{tag}: a tag of {self.path.name}")
        features_read.pop(str(self.path), None)  # a second run in one process reads the file again
        module = types.ModuleType(re.sub(r"\W", "_", self.path.stem))
        module.__file__ = str(self.path)
        vars(module).update(scenarios=scenarios, path=str(self.path), folder=str(self.path.parent))
        # scenarios() puts its tests where it is called, so it is called inside the fresh module.
        call = compile("scenarios(path, features_base_dir=folder)", str(self.path), "exec")
        try:
            exec(call, vars(module))  # noqa: S102
        except GherkinParseError as error:
            raise self.CollectError(self._listed([_worded(error)])) from None
        return module

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """The scenarios, a test each (an outline: a test a row), after a look at every step.

        Raises:
            CollectError: the file does not parse, or says something that would not run; every line at fault is named.
        """
        found = [*super().collect()]
        definitions = [*_definitions(self)]
        problems: dict[str, None] = {}
        checked = self.config.stash.setdefault(CHECKED, Checked())
        checked.features += 1
        for item in found:
            scenario = scenario_of(item)
            if scenario is None or not isinstance(item, pytest.Function):
                continue
            where = (self.path, scenario.line_number - 1, f"{scenario.feature.name}: {scenario.name}")
            item.reportinfo = functools.partial(_constant, where)  # type: ignore[method-assign]
            checked.scenarios += 1
            checked.steps += len(scenario.steps)
            for step in scenario.steps:
                if problem := _step_problem(step, definitions):
                    problems[problem] = None
        if problems:
            raise self.CollectError(self._listed([*problems]))
        return found

    def _document(self) -> gherkin_parser.GherkinDocument:
        try:
            return get_gherkin_document(str(self.path))
        except GherkinParseError as error:
            raise self.CollectError(self._listed([_worded(error)])) from None
        except UnicodeDecodeError as error:
            raise self.CollectError(self._listed([f"is not UTF-8 text: {error}"])) from None
        except (KeyError, TypeError):  # the frame takes a document apart that has no feature
            raise self.CollectError(self._listed(["has no Feature:"])) from None

    def _listed(self, problems: list[str]) -> str:
        name = relative(self.path, self.config.rootpath)
        return "\n".join(f"{name}: {problem}" for problem in problems)


def scenario_of(item: object) -> Scenario | None:
    """The scenario behind a test, with the values of its Examples row filled in; None for other tests."""
    if not isinstance(item, pytest.Function):
        return None
    template = scenario_wrapper_template_registry.get(item.function)
    if template is None:
        return None
    callspec = getattr(item, "callspec", None)
    row = callspec.params.get("_pytest_bdd_example", {}) if callspec else {}
    return template.render(row)


def _worded(error: GherkinParseError) -> str:
    return f"line {error.line}: {error.message} ({error.line_content.strip()})"


def _constant(value: tuple[Path, int, str]) -> tuple[Path, int, str]:
    return value


def relative(path: str | Path, root: Path) -> str:
    """A path as the run's root sees it."""
    path = Path(path)
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def _definitions(node: pytest.Collector) -> Iterator[StepFunctionContext]:
    """Every step definition that a scenario of this file may use."""
    manager = node.session._fixturemanager  # noqa: SLF001  # pytest has no public list of fixtures; pytest-bdd does the same
    for name in get_fixture_names(manager):
        for definition in getfixturedefs(manager, name, node) or ():
            context = step_function_context_registry.get(definition.func)
            if context is not None:
                yield context


def _step_problem(step: Step, definitions: list[StepFunctionContext]) -> str | None:
    """What is wrong with a step, or None."""
    name, where = step.name, f"line {step.line_number}: {step.keyword.strip()} {step.name}"
    matching = [d for d in definitions if d.type in {None, step.type} and d.parser.is_matching(name)]
    if not matching:
        others = sorted({d.type or "any" for d in definitions if d.parser.is_matching(name)})
        if others:
            keywords = " or ".join(other.title() for other in others)
            return f"{where}\n    is no {step.type.title()} step; it can be said as {keywords}"
        near = _nearest(name, definitions)
        hint = f"; nearest: {near}" if near else ""
        return f"{where}\n    no step says that{hint} (`fakes steps` lists them)"
    for part, given in (("datatable", step.datatable), ("docstring", step.docstring)):
        takes = [part in inspect.signature(d.step_func).parameters for d in matching]
        word = "table" if part == "datatable" else "text block"
        if given is not None and not any(takes):
            return f"{where}\n    takes no {word}, and one is given"
        if given is None and all(takes) and all(_required(d, part) for d in matching):
            return f"{where}\n    needs a {word} below it"
    return None


def _required(definition: StepFunctionContext, parameter: str) -> bool:
    return inspect.signature(definition.step_func).parameters[parameter].default is inspect.Parameter.empty


def _nearest(name: str, definitions: list[StepFunctionContext]) -> str | None:
    shapes = {_QUOTED.sub('"…"', d.parser.name): d.parser.name for d in definitions}
    near = difflib.get_close_matches(_QUOTED.sub('"…"', name), shapes, n=1, cutoff=0.6)
    return shapes[near[0]] if near else None


def _scenarios(document: gherkin_parser.GherkinDocument) -> Iterator[gherkin_parser.Scenario]:
    for child in document.feature.children:
        if child.scenario:
            yield child.scenario
        for inner in child.rule.children if child.rule else ():
            if inner.scenario:
                yield inner.scenario


def _tags(document: gherkin_parser.GherkinDocument) -> set[str]:
    rules = [child.rule for child in document.feature.children if child.rule]
    scenarios = [*_scenarios(document)]
    examples = [table for scenario in scenarios for table in scenario.examples]
    tagged: list[Any] = [document.feature, *rules, *scenarios, *examples]
    return {tag.name.lstrip("@") for thing in tagged for tag in thing.tags or ()}


def _problems(document: gherkin_parser.GherkinDocument) -> Iterator[str]:
    """What the frame would run differently from what the file says."""
    for tag in sorted(_tags(document)):
        if tag in _PYTEST_MARKS:
            yield f"tag @{tag}: pytest keeps this name for itself and it needs arguments"
        elif tag in _PYTEST_WORDS or not _MARKER.fullmatch(tag):
            yield f"tag @{tag}: cannot be chosen with -m; use letters, digits and . _ - + /"
    seen: dict[str, int] = {}
    found = False
    for scenario in _scenarios(document):
        found = True
        line = scenario.location.line
        if scenario.name in seen:
            yield f"line {line}: a second scenario {scenario.name!r}; the first stands on line {seen[scenario.name]}"
        seen.setdefault(scenario.name, line)
        if not scenario.name.strip():
            yield f"line {line}: a scenario without a name"
        if not scenario.steps:
            yield f"line {line}: scenario {scenario.name!r} has no steps, so it would pass whatever happens"
        yield from _outline_problems(scenario)
    if not found:
        yield "has no scenario"


def _outline_problems(scenario: gherkin_parser.Scenario) -> Iterator[str]:
    line, name = scenario.location.line, scenario.name
    if not scenario.examples:
        if scenario.keyword.strip() in {"Scenario Outline", "Scenario Template"}:
            yield f"line {line}: outline {name!r} has no Examples"
        return
    used = {place for step in scenario.steps for place in _PLACEHOLDER.findall(step.text)}
    for table in scenario.examples:
        columns = [cell.value for cell in table.table_header.cells] if table.table_header else []
        if not table.table_body:
            yield f"line {table.location.line}: the Examples of {name!r} have no rows"
        elif twice := sorted({c for c in columns if columns.count(c) > 1}):
            yield f"line {table.location.line}: column <{twice[0]}> stands twice"
        elif missing := sorted(used - set(columns)):
            yield f"line {table.location.line}: the Examples of {name!r} have no column <{missing[0]}>"
