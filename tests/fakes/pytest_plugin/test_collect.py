"""Feature files are collected directly, and what would not run as written is refused by name."""

import pytest

pytest_plugins = "pytester"

QUICK = "-p no:cacheprovider -p no:faker -p no:hypothesispytest -p no:requests_mock"
"""Other plugins of this environment, whose imports would be most of an inner run's time."""

STEPS = """
from pytest_bdd import given, parsers, then, when

@given(parsers.parse("x is {n:d}"), target_fixture="x")
def _(n):
    return n

@when("nothing happens")
def _(): ...

@then(parsers.parse("x is still {n:d}"))
def _(x, n):
    assert x == n

@given("a table")
def _(datatable): ...

@given("a text")
def _(docstring): ...
"""


@pytest.fixture
def project(pytester):
    """A project whose steps speak of x; marks and warnings are strict."""
    pytester.makeconftest(STEPS)
    pytester.makeini(f"[pytest]\nfilterwarnings = error\naddopts = --strict-markers {QUICK}\n")

    def feature(text, name="some"):
        pytester.makefile(".feature", **{name: text})

    pytester.feature = feature
    return pytester


class TestTags:
    """Tags are marks: `-m` chooses by them, strictness included."""

    FEATURE = """
@sync
Feature: Facts as tags
  @CYC-01 @lead.wins
  Scenario: plain
    Given x is 1

  Rule: contacts
    Background:
      Given x is 2

    @CON-02 @slow
    Scenario: in a rule
      Then x is still 2

  @DIR-01
  Scenario Outline: tagged examples
    Given x is <n>
    @fast
    Examples:
      | n |
      | 3 |
    @slow
    Examples:
      | n |
      | 4 |
"""

    @pytest.mark.parametrize(
        ("expression", "chosen"),
        [
            ("CYC-01", 1),
            ("lead.wins", 1),
            ("fast", 1),
            ("slow", 2),
            ("CYC-01 and not slow", 1),
            ("sync", 4),
            ("not DIR-01", 2),
        ],
    )
    def test_an_expression_chooses_exactly_the_tagged_scenarios(self, project, expression, chosen):
        project.feature(self.FEATURE)

        project.runpytest("-m", expression).assert_outcomes(passed=chosen, deselected=4 - chosen)

    def test_without_an_expression_everything_runs_and_nothing_warns(self, project):
        project.feature(self.FEATURE)

        project.runpytest().assert_outcomes(passed=4)

    @pytest.mark.parametrize(
        "tag",
        [
            pytest.param("jira:SYNC-1", id="a colon ends a marker's name"),
            pytest.param("issue(3)", id="brackets are arguments"),
            pytest.param("_hidden", id="an underscore in front"),
            pytest.param("not", id="a word of the expressions"),
            pytest.param("parametrize", id="pytest's own"),
        ],
    )
    def test_a_tag_that_could_not_be_chosen_is_refused_by_name(self, project, tag):
        project.feature(f"Feature: f\n  @{tag}\n  Scenario: s\n    Given x is 1\n")

        result = project.runpytest()

        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines([f"*some.feature: tag @{tag}: *"])


class TestWhatTheFrameWouldPassOver:
    """Refused at collection, with file and line; nothing of the file runs."""

    @pytest.mark.parametrize(
        ("text", "complaint"),
        [
            pytest.param(
                "Feature: f\n  Scenario: s\n    Given y is 1\n",
                "*some.feature: line 3: Given y is 1*",
                id="a step nobody defines",
            ),
            pytest.param(
                "Feature: f\n  Scenario: s\n    When x is 1\n",
                "*is no When step; it can be said as Given*",
                id="a step under the wrong keyword",
            ),
            pytest.param(
                "Feature: f\n  Scenario: s\n    Given x is 1\n  Scenario: s\n    Given x is 2\n",
                "*line 4: a second scenario 's'; the first stands on line 2*",
                id="two scenarios of one name",
            ),
            pytest.param(
                "Feature: f\n  Rule: a\n    Scenario: s\n      Given x is 1\n"
                "  Rule: b\n    Scenario: s\n      Given x is 2\n",
                "*line 6: a second scenario 's'*",
                id="two scenarios of one name in different rules",
            ),
            pytest.param("Feature: f\n  Scenario: s\n", "*'s' has no steps*", id="a scenario without steps"),
            pytest.param("Feature: f\n", "*has no scenario*", id="a feature without scenarios"),
            pytest.param("# nothing yet\n", "*has no Feature:*", id="an empty file"),
            pytest.param(
                "Feature: f\n  Scenario Outline: s\n    Given x is <n>\n    Examples:\n      | n |\n",
                "*the Examples of 's' have no rows*",
                id="an outline without rows",
            ),
            pytest.param(
                "Feature: f\n  Scenario Outline: s\n    Given x is <m>\n    Examples:\n      | n |\n      | 1 |\n",
                "*have no column <m>*",
                id="a placeholder without a column",
            ),
            pytest.param(
                "Feature: f\n  Scenario Outline: s\n    Given x is 1\n",
                "*outline 's' has no Examples*",
                id="no Examples",
            ),
            pytest.param(
                "Feature: f\n  Scenario: s\n    Given x is 1\n      | a |\n",
                "*takes no table, and one is given*",
                id="a table that no step reads",
            ),
            pytest.param(
                'Feature: f\n  Scenario: s\n    Given x is 1\n      """\n      a\n      """\n',
                "*takes no text block, and one is given*",
                id="a text that no step reads",
            ),
            pytest.param("Feature: f\n  Scenario: s\n    Given a table\n", "*needs a table below it*", id="no table"),
            pytest.param(
                "Feature: f\n  Scenario: s\n    Given a text\n", "*needs a text block below it*", id="no text"
            ),
            pytest.param("Feature: f\n  Scenario: s\n    And x is 1\n", "*line 3: *", id="And without a Given"),
            pytest.param(
                "Feature: f\n  Background:\n    Given x is 1\n"
                "  Background:\n    Given x is 2\n  Scenario: s\n    Given x is 3\n",
                "*line 4: *Background*",
                id="two backgrounds",
            ),
            pytest.param("Feature: f\n  Scenario s\n    Given x is 1\n", "*has no scenario*", id="a missing colon"),
        ],
    )
    def test_is_refused(self, project, text, complaint):
        project.feature(text)

        result = project.runpytest()

        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines([complaint])
        result.stdout.no_fnmatch_line("*Traceback*")

    def test_every_unknown_step_of_a_file_is_named_at_once(self, project):
        project.feature("Feature: f\n  Scenario: s\n    Given y is 1\n    Then z is 2\n")

        result = project.runpytest()

        result.stdout.fnmatch_lines(["*line 3: Given y is 1*", "*line 4: Then z is 2*"])

    def test_the_nearest_step_is_offered(self, project):
        project.feature('Feature: f\n  Scenario: s\n    Given the persn "ada@example.com" is in both systems\n')

        result = project.runpytest()

        result.stdout.fnmatch_lines(['*nearest: the person "{email}" is in both systems*'])

    def test_an_outline_is_checked_row_by_row(self, project):
        project.feature(
            "Feature: f\n  Scenario Outline: s\n    Given <what>\n    Examples:\n"
            "      | what   |\n      | x is 1 |\n      | y is 2 |\n"
        )

        result = project.runpytest()

        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*Given y is 2*"])


class TestDirectCollection:
    """A feature file is a test file of its own."""

    def test_a_scenario_is_a_node_with_the_feature_s_path(self, project):
        project.feature("Feature: f\n  Scenario: Ada calls\n    Given x is 1\n")

        result = project.runpytest("--collect-only", "-q")

        result.stdout.fnmatch_lines(["some.feature::test_ada_calls"])

    def test_one_scenario_can_be_run_by_its_node_id(self, project):
        project.feature("Feature: f\n  Scenario: one\n    Given x is 1\n  Scenario: two\n    Given x is 2\n")

        project.runpytest("some.feature::test_two").assert_outcomes(passed=1)

    def test_two_files_may_have_scenarios_of_one_name(self, project):
        text = "Feature: f\n  Scenario: s\n    Given x is 1\n"
        project.feature(text, "one")
        project.feature(text, "two")

        project.runpytest().assert_outcomes(passed=2)

    def test_another_language_works(self, project):
        project.feature("# language: no\nEgenskap: f\n  Scenario: s\n    Gitt x is 1\n    Så x is still 1\n")

        project.runpytest().assert_outcomes(passed=1)

    def test_a_changed_file_is_read_again(self, project):
        project.feature("Feature: f\n  Scenario: s\n    Given x is 1\n    Then x is still 2\n")
        project.runpytest().assert_outcomes(failed=1)
        project.feature("Feature: f\n  Scenario: s\n    Given x is 2\n    Then x is still 2\n")

        project.runpytest().assert_outcomes(passed=1)

    def test_workers_share_the_scenarios(self, project):
        project.feature("Feature: f\n  Scenario: one\n    Given x is 1\n  Scenario: two\n    Given x is 2\n")

        project.runpytest("-n", "2").assert_outcomes(passed=2)

    def test_a_project_that_binds_its_features_itself_can_switch_it_off(self, project):
        project.feature("Feature: f\n  Scenario: s\n    Given x is 1\n")

        project.runpytest("-o", "syncrig_features=false").assert_outcomes()


class TestStepsCheck:
    """`--syncrig-steps-check` looks at every step and runs nothing."""

    def test_says_how_much_it_looked_at(self, project):
        project.feature("Feature: f\n  Scenario: s\n    Given x is 1\n    Then x is still 2\n")

        result = project.runpytest("--syncrig-steps-check")

        assert result.ret == 0
        result.stdout.fnmatch_lines(["steps check: 1 features, 1 scenarios, 2 steps; *"])

    def test_fails_for_an_unknown_step(self, project):
        project.feature("Feature: f\n  Scenario: s\n    Given y is 1\n")

        result = project.runpytest("--syncrig-steps-check")

        assert result.ret == pytest.ExitCode.INTERRUPTED
        result.stdout.fnmatch_lines(["*Given y is 1*"])
