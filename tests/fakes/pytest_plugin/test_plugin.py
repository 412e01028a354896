"""Options and fixtures, in runs of their own."""

import pytest

# Loaded before the inner runs begin: each forgets what it imports itself, and SQLAlchemy cannot be imported twice.
import fakes.world  # noqa: F401
import syncengine.engine  # noqa: F401

pytest_plugins = "pytester"

QUICK = "-p no:cacheprovider -p no:faker -p no:hypothesispytest -p no:requests_mock"


@pytest.fixture
def project(pytester):
    pytester.makeini(f"[pytest]\nfilterwarnings = error\naddopts = --strict-markers {QUICK}\n")

    def feature(text):
        pytester.makefile(".feature", some=text)

    pytester.feature = feature
    return pytester


PEOPLE = """
Feature: People
  @DIR-16
  Scenario: A Lead arrives
    Given the Lead "ada@example.com" is created in Salesforce
    When a sync cycle runs
    Then Marketo has one person "ada@example.com"
"""


class TestEngine:
    """An engine is found by entry point; a project under test overrides the fixture."""

    def test_the_installed_engine_runs_the_cycle(self, project):
        project.feature(PEOPLE)

        project.runpytest().assert_outcomes(passed=1)

    def test_a_project_s_own_run_sync_cycle_is_called_instead(self, project):
        project.makeconftest(
            """
            import pytest

            @pytest.fixture
            def run_sync_cycle(salesforce, marketo):
                def run():
                    for lead in salesforce.query("SELECT Email, LastName FROM Lead"):
                        marketo.create({"Email": lead["Email"], "LastName": lead["LastName"]})
                return run
            """
        )
        project.feature(PEOPLE + '    And Marketo knows no Salesforce record of "ada@example.com"\n')

        project.runpytest().assert_outcomes(passed=1)

    def test_no_installed_engine_is_said_with_the_way_out(self, project, monkeypatch):
        monkeypatch.setenv("SYNCRIG_ENGINE", "nobody")
        project.feature(PEOPLE)

        result = project.runpytest()

        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*no sync engine is installed: *override the fixture run_sync_cycle*"])

    def test_asking_for_a_report_before_a_cycle_is_said_so(self, project):
        project.feature("Feature: f\n  Scenario: s\n    Then the cycle reports no refusal\n")

        result = project.runpytest()

        result.stdout.fnmatch_lines(["*no sync cycle has run in this scenario yet*"])


class TestFixtures:
    """The same fixtures serve tests in Python."""

    def test_drivers_clock_and_cycle(self, project):
        project.makepyfile(
            """
            def test_sync(salesforce, marketo, clock, run_sync_cycle):
                salesforce.create("Lead", {"LastName": "Ada", "Company": "Acme", "Email": "ada@example.com"})
                clock.advance("PT5M")
                report = run_sync_cycle()
                assert report["refused"] == []
                assert marketo.value("ada@example.com", "LastName") == "Ada"
                assert clock.now() == "2026-01-05T09:05:00Z"

            def test_every_test_has_a_world_of_its_own(salesforce, clock):
                assert salesforce.records("ada@example.com") == []
                assert clock.now() == "2026-01-05T09:00:00Z"
            """
        )

        project.runpytest().assert_outcomes(passed=2)

    def test_a_refusal_of_a_system_is_told_in_its_own_words(self, project):
        project.makepyfile(
            """
            def test_it(salesforce):
                salesforce.create("Lead", {"LastName": "Ada", "Email": "ada@example.com"})
            """
        )

        result = project.runpytest()

        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["*POST sobjects/Lead was refused: REQUIRED_FIELD_MISSING: *Company*"])


class TestOptions:
    def test_a_scenario_is_the_world_to_start_in(self, project):
        project.makefile(
            ".yaml",
            team="salesforce:\n  records:\n    Lead: [{LastName: Berg, Company: Acme, Email: anna@example.com}]\n",
        )
        project.feature('Feature: f\n  Scenario: s\n    Then Salesforce has one Lead "anna@example.com"\n')

        project.runpytest("--syncrig-scenario", "team.yaml").assert_outcomes(passed=1)

    def test_a_scenario_can_be_set_for_the_project(self, project):
        project.feature('Feature: f\n  Scenario: s\n    Then Salesforce has one Lead "anna.berg@example.com"\n')
        project.mkdir("scenarios").joinpath("mine.yaml").write_text(
            "salesforce:\n  records:\n    Lead: [{LastName: Berg, Company: Acme, Email: anna.berg@example.com}]\n",
            encoding="utf-8",
        )

        project.runpytest("-o", "syncrig_scenario=scenarios/mine.yaml").assert_outcomes(passed=1)

    @pytest.mark.parametrize(
        ("options", "line"),
        [
            pytest.param(
                ["--syncrig-target", "moon"], "*--syncrig-target is 'moon': neither inprocess nor*", id="target"
            ),
            pytest.param(["--syncrig-scenario", "nowhere"], "*nowhere*", id="scenario"),
            pytest.param(
                ["--syncrig-crm-sync", "both"], "*crm_sync is 'both'; it can be native, external, none*", id="sync"
            ),
        ],
    )
    def test_a_wrong_value_ends_the_run_with_one_line_and_exit_code_2(self, project, options, line):
        project.feature(PEOPLE)

        result = project.runpytest(*options)

        assert result.ret == 2
        result.stdout.fnmatch_lines([line])
        result.stdout.no_fnmatch_line("*Traceback*")

    @pytest.mark.parametrize(("crm_sync", "outcome"), [("native", {"passed": 1}), ("external", {"skipped": 1})])
    def test_a_scenario_of_one_kind_of_sync_is_skipped_under_the_other(self, project, crm_sync, outcome):
        project.feature(PEOPLE.replace("@DIR-16", "@native-only"))

        project.runpytest("--syncrig-crm-sync", crm_sync).assert_outcomes(**outcome)

    def test_what_is_not_modelled_fails_the_scenario_only_when_strict(self, project):
        project.makeconftest(
            """
            import pytest
            from pytest_bdd import when
            from fakes.pytest_plugin.drivers import Refused

            @when("somebody asks for a dashboard")
            def _(salesforce):
                with pytest.raises(Refused):
                    salesforce._call("GET", "analytics/reports")
            """
        )
        project.feature("Feature: f\n  Scenario: s\n    When somebody asks for a dashboard\n")

        lenient, strict = project.runpytest(), project.runpytest("--syncrig-strict")

        lenient.assert_outcomes(passed=1)
        lenient.stdout.fnmatch_lines(["*not modelled, and asked for: *analytics/reports*"])
        strict.assert_outcomes(failed=1)
        strict.stdout.fnmatch_lines(["*not modelled, and --syncrig-strict is set: *analytics/reports*"])


class TestTerminal:
    def test_a_line_a_scenario(self, project):
        project.feature(
            "Feature: f\n"
            '  Scenario: good\n    Then Salesforce has no record for "ada@example.com"\n'
            '  Scenario: bad\n    Then Salesforce has one Lead "ada@example.com"\n'
        )

        result = project.runpytest()

        result.assert_outcomes(passed=1, failed=1)
        result.stdout.re_match_lines([r"some\.feature", r"  ✓ good \(.* s\)", r"  ✗ bad \(.* s\)"], consecutive=True)
        result.stdout.fnmatch_lines(["some.feature:4  bad", '  ✗ Then Salesforce has one Lead "ada@example.com"'])

    def test_quietly_a_line_a_scenario_under_the_feature_s_name(self, project):
        project.feature(
            "Feature: Calls\n"
            '  Scenario: one\n    Then Salesforce has no record for "ada@example.com"\n'
            '  Scenario: two\n    Then Marketo has no person "ada@example.com"\n'
        )

        result = project.runpytest("-q")

        result.stdout.re_match_lines([r"Calls", r"  ✓ one \(.* s\)", r"  ✓ two \(.* s\)"], consecutive=True)
