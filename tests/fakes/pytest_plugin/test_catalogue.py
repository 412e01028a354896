"""The step catalogue is whole and current."""

import json
from pathlib import Path

import pytest

from fakes.pytest_plugin import STEP_MODULES, catalogue
from fakes.pytest_plugin.phrases import Phrase

ROOT = Path(__file__).parents[3]
STEPS = [step for subject in catalogue.catalogue() for step in subject.steps]


def test_every_module_of_the_library_is_a_subject_and_none_is_left_out():
    files = {path.stem for path in (ROOT / "fakes/pytest_plugin/steps").glob("*.py")} - {"__init__"}

    assert files == set(STEP_MODULES)
    assert all(subject.title and subject.about and subject.steps for subject in catalogue.catalogue())


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.sentence)
def test_every_step_says_what_it_does_in_one_sentence(step):
    assert step.does.endswith(".")
    assert "\n" not in step.does


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.sentence)
def test_no_line_can_be_read_by_two_steps(step):
    line = step.sentence
    for place in Phrase(step.sentence).places:
        line = line.replace(f"{{{place}:d}}", "7").replace(f"{{{place}}}", "Some")

    assert [other.sentence for other in STEPS if Phrase(other.sentence).is_matching(line)] == [step.sentence]


def test_the_page_in_the_docs_is_current():
    page = (ROOT / "docs/steps.md").read_text(encoding="utf-8")

    assert page == catalogue.as_markdown(), "run: fakes steps --format md > docs/steps.md"


def test_text_and_json_hold_every_sentence():
    as_text, as_json = catalogue.as_text(), json.loads(catalogue.as_json())

    assert [step["sentence"] for subject in as_json for step in subject["steps"]] == [step.sentence for step in STEPS]
    assert [step.sentence for step in STEPS if step.sentence not in as_text] == []


def test_the_features_of_the_project_use_every_subject():
    said = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "features").glob("*.feature"))
    lines = [line.strip().partition(" ")[2] for line in said.splitlines()]

    unused = [
        subject.title
        for subject in catalogue.catalogue()
        if not any(Phrase(step.sentence).is_matching(line) for step in subject.steps for line in lines)
    ]
    assert unused == []
