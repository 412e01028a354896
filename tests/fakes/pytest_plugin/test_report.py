"""The HTML report: one file, and for a failure both sides as they were."""

import re

import pytest

from fakes.pytest_plugin.report import page

FEATURE = """
Feature: Numbers <b>stay</b>
  Some words.

  @CON-01
  Scenario: good
    Given the person "ada@example.com" is in both systems

  @CON-02
  Scenario: bad
    Given the person "ada@example.com" has Phone "555-0100" in both systems
    When the Phone of "ada@example.com" becomes "555-0199" in Marketo
    And a sync cycle runs
    Then Salesforce shows Phone "555-0000" for "ada@example.com"
    And Marketo shows Phone "555-0199" for "ada@example.com"
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The page of a run with a good and a bad scenario."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "some.feature").write_text(FEATURE, encoding="utf-8")
    quiet = ["-p", "no:cacheprovider", "-p", "no:faker", "-p", "no:hypothesispytest", "-p", "no:requests_mock"]
    pytest.main([*quiet, "-q", "--rootdir", str(folder), "--syncrig-report", str(folder / "report"), str(folder)])
    return (folder / "report" / "index.html").read_text(encoding="utf-8")


class TestContents:
    def test_scenarios_stand_under_their_feature_with_their_tags(self, report):
        scenarios = re.findall(r'<span class="name">(\w+)', report)

        assert "Numbers &lt;b&gt;stay" in report
        assert scenarios == ["good", "bad"]
        assert '<span class="tag">CON-01</span>' in report
        assert "1</b>passed" in report
        assert "1</b>failed" in report

    def test_each_step_has_its_outcome(self, report):
        steps = re.findall(r'<li class="([\w ]+)">', report)

        assert steps == ["passed", "passed", "passed", "passed", "failed", "not run"]

    def test_a_failure_shows_the_error(self, report):
        assert "Why it failed" in report
        assert "555-0000" in report

    def test_a_failure_shows_both_sides_records(self, report):
        assert re.search(r"<h4>Lead 00Q\w+</h4>", report)
        assert re.search(r"<h4>person \d+</h4>", report)
        assert "<tr><th>phone</th><td>555-0199</td></tr>" in report

    def test_a_failure_shows_the_activity_log(self, report):
        assert "Change Data Value" in report

    def test_a_failure_shows_the_latest_plan(self, report):
        assert "The latest plan" in report
        assert re.search(r"<td>update</td><td>salesforce</td>", report)

    def test_what_features_say_is_no_markup(self, report):
        assert "<b>stay</b>" not in report


class TestPage:
    def test_it_needs_no_other_file(self, report):
        assert re.findall(r'(?:src|href)\s*=\s*"', report) == []
        assert "@import" not in report
        assert "url(" not in report

    def test_it_can_be_printed_and_follows_the_reader_s_colours(self, report):
        assert "@media print" in report
        assert "prefers-color-scheme: dark" in report

    def test_a_run_without_scenarios_says_so(self):
        assert "No scenario ran." in page.render([], 0.0, 1.0)
