"""`fakes steps`."""

import json

from click.testing import CliRunner

from fakes.cli.steps import steps

runner = CliRunner()


def test_text_lists_sentences_with_what_they_do():
    result = runner.invoke(steps)

    assert result.exit_code == 0
    assert "When       a sync cycle runs\n" in result.output
    assert "Read both sides, plan, write, remember: once." in result.output


def test_markdown_is_a_page():
    assert runner.invoke(steps, ["--format", "md"]).output.startswith("# Steps\n")


def test_json_can_be_read_by_other_tools():
    subjects = json.loads(runner.invoke(steps, ["--format", "json"]).output)

    assert subjects[0]["title"] == "People"
    assert set(subjects[0]["steps"][0]) == {"keywords", "sentence", "does", "below"}


def test_an_unknown_format_is_misuse():
    assert runner.invoke(steps, ["--format", "pdf"]).exit_code == 2


def test_without_pytest_bdd_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr("fakes.cli.steps.find_spec", lambda _: None)

    result = runner.invoke(steps)

    assert result.exit_code == 2
    assert "pip install 'syncrig[test]'" in result.output
