"""What every command promises: examples in its help, one clear line for a mistake, exit codes that mean something."""

import json
import subprocess
import sys

import click
import pytest

from syncengine.cli import cli
from syncengine.cli.common import Where
from syncengine.cli.unsupported import LATER
from syncengine.clients.errors import Fatal, Reauthenticate, RecordRefused, Retry, Unanswered
from syncengine.errors import Busy, NeedsPerson, StateError

from .conftest import REPORT, Report

BUILT = ["init", "run", "plan", "push", "serve", "status", "errors"]


class TestHelp:
    @pytest.mark.parametrize("command", [*BUILT, *LATER])
    def test_of_every_command_has_examples(self, syncengine, command):
        shown = syncengine(command, "--help")

        assert shown.code == 0
        assert f"Examples:\n    syncengine {command}" in shown.out

    def test_lists_every_command_and_says_which_are_not_built(self, syncengine):
        shown = syncengine("--help").out

        assert all(f"\n  {command} " in shown for command in [*BUILT, *LATER])
        assert shown.count("Not supported yet") == len(LATER)
        assert "Exit codes:" in shown

    @pytest.mark.parametrize("command", BUILT)
    def test_every_command_takes_the_same_where(self, command):
        names = {name for parameter in cli.commands[command].params for name in parameter.opts}

        assert {"--env-file", "--settings", "--state"} <= names

    def test_is_what_a_command_without_arguments_shows(self, syncengine):
        shown = syncengine()

        assert shown.code == 2
        assert "Usage: syncengine" in shown.err

    def test_works_as_a_module_too(self):
        shown = subprocess.run(
            [sys.executable, "-m", "syncengine", "--help"], check=False, capture_output=True, text=True
        )

        assert shown.returncode == 0
        assert shown.stdout.startswith("Usage: syncengine")


class TestMistakes:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            pytest.param(["run", "--wirte"], "did you mean", id="unknown option"),
            pytest.param(["rnu"], "rnu", id="unknown command"),
            pytest.param(["push"], "PERSON", id="missing argument"),
            pytest.param(["serve", "--port", "http"], "--port", id="no number"),
            pytest.param(["serve", "--port", "70000"], "--port", id="no port"),
            pytest.param(["run", "--env-file", "nowhere.env"], "nowhere.env", id="no such file"),
            pytest.param(["run", "--settings", "nowhere.toml"], "nowhere.toml", id="no such settings"),
            pytest.param(["errors", "--csv", "--json"], "one of them", id="two formats"),
        ],
    )
    def test_are_told_in_one_line_with_exit_code_2(self, syncengine, arguments, said):
        ended = syncengine(*arguments)

        assert ended.code == 2
        assert ended.out == ""
        assert said.lower() in ended.err.lower()
        assert ended.err.count("\n") == 1

    def test_of_the_settings_are_all_told_a_line_each(self, syncengine, tmp_path):
        (tmp_path / "syncengine.toml").write_text('polcy = "ask"\n')

        ended = syncengine("run", "--once")

        assert ended.code == 2
        assert "polcy: unknown setting; did you mean policy?" in ended.err
        assert "SF_URL: required" in ended.err
        assert "MKTO_CLIENT_SECRET: required" in ended.err
        assert "Traceback" not in ended.err

    @pytest.mark.parametrize("command", LATER)
    def test_a_command_that_is_not_built_says_so(self, syncengine, command):
        ended = syncengine(command, "anna@example.com", "--json")

        assert ended.code == 2
        assert ended.err == f"syncengine: {command} is not supported yet\n"


class TestExitCodes:
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            pytest.param(Retry("Salesforce: 503"), 4, id="try again"),
            pytest.param(Unanswered("lost"), 4, id="unanswered: the next run finds out"),
            pytest.param(Reauthenticate("token"), 4, id="token refused"),
            pytest.param(Busy("another process"), 4, id="another process is at it"),
            pytest.param(RecordRefused("INVALID_FIELD", "no"), 1, id="refused"),
            pytest.param(Fatal("no permission"), 3, id="a person must change something"),
            pytest.param(NeedsPerson("half of all records are gone"), 3, id="a person must look"),
            pytest.param(StateError("newer"), 3, id="state of a newer engine"),
        ],
    )
    def test_of_an_error_say_what_to_do_next(self, syncengine, engine, error, code):
        engine.answer = error

        ended = syncengine("run", "--once", "--write")

        assert ended.code == code
        assert ended.err == f"syncengine: {error}\n"
        assert engine.closed

    @pytest.mark.parametrize("code", [0, 1, 3])
    def test_of_a_cycle_are_its_reports(self, syncengine, engine, code):
        engine.answer = Report(REPORT, code)

        assert syncengine("run", "--once").code == code


class TestRun:
    def test_once_only_plans_unless_told_to_write(self, syncengine, engine):
        assert "nothing was written" in syncengine("run", "--once").out
        assert "nothing was written" not in syncengine("run", "--once", "--write").out
        assert engine.asked == [("cycle", False), ("cycle", True)]

    @pytest.mark.usefixtures("engine")
    def test_json_prints_the_report_and_nothing_else(self, syncengine):
        assert json.loads(syncengine("run", "--once", "--json").out) == REPORT

    def test_plan_is_a_run_that_never_writes(self, syncengine, engine):
        assert json.loads(syncengine("plan", "--json").out) == REPORT
        assert engine.asked == [("cycle", False)]

    def test_a_person_reads_what_was_done_and_why(self, syncengine, engine):
        engine.answer = Report(
            REPORT
            | {
                "actions": [
                    {
                        "action": "update",
                        "side": "salesforce",
                        "sobject": "Lead",
                        "salesforceId": "00Q1",
                        "marketoId": 7,
                        "fields": {"Phone": "555"},
                        "reason": "changed in Marketo",
                        "outcome": "done",
                    }
                ],
                "refused": [
                    {
                        "sobject": "Lead",
                        "salesforceId": "00Q2",
                        "marketoId": 8,
                        "fields": ["Phone"],
                        "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                        "message": "Needs a phone.",
                    }
                ],
            },
            1,
        )

        out = syncengine("run", "--once", "--write").out

        assert "done: update in salesforce: Lead 00Q1 person 7, Phone='555' (changed in Marketo)" in out
        assert "refused: Lead 00Q2 person 8: FIELD_CUSTOM_VALIDATION_EXCEPTION: Needs a phone. [Phone]" in out
        assert "1 action, 0 conflicts, 1 refused; calls: 3 to Salesforce, 2 to Marketo" in out


class TestPush:
    ANSWER = {"status": "done", "sfdcId": "00Q1", "sfdcType": "Lead", "error": None}  # noqa: RUF012

    def test_takes_an_id(self, syncengine, engine):
        engine.answer = self.ANSWER

        ended = syncengine("push", "1042", "--write")

        assert (ended.code, ended.out) == (0, "done: Lead 00Q1\n")
        assert engine.asked == [("push", 1042, "auto", True)]

    def test_takes_an_e_mail_that_one_person_has(self, syncengine, engine):
        engine.answer, engine.emails = self.ANSWER, {"anna@example.com": [1042]}

        assert json.loads(syncengine("push", "anna@example.com", "--json").out) == self.ANSWER
        assert engine.asked == [("push", 1042, "auto", False)]

    def test_an_e_mail_of_several_needs_a_person_and_lists_them(self, syncengine, engine):
        engine.emails = {"anna@example.com": [7, 1042]}

        ended = syncengine("push", "anna@example.com", "--write")

        assert ended.code == 3
        assert "7, 1042" in ended.err
        assert engine.asked == []

    @pytest.mark.parametrize("person", ["nobody@example.com", "anna", "7;8", "a@example.com,b@example.com"])
    def test_nobody_is_misuse(self, syncengine, engine, person):
        ended = syncengine("push", person)

        assert ended.code == 2
        assert person in ended.err
        assert engine.asked == []

    def test_a_refused_person_is_exit_code_1(self, syncengine, engine):
        engine.answer = {"status": "failed", "sfdcId": None, "sfdcType": None, "error": "Needs a phone."}

        ended = syncengine("push", "7", "--write", "--assign-to", "005000000000001AAA")

        assert (ended.code, ended.out) == (1, "failed: Needs a phone.\n")
        assert engine.asked == [("push", 7, "005000000000001AAA", True)]


class TestWithoutSystems:
    """What is told from the state database alone."""

    def test_status_of_a_new_state(self, syncengine):
        status = json.loads(syncengine("status", "--json").out)

        assert status["links"] == 0
        assert status["readUntil"] == {"Lead": None, "Contact": None, "Marketo": None}

    def test_status_reads_for_a_person(self, syncengine):
        assert "Lead read until (never)" in syncengine("status", "--state", "sqlite://").out

    def test_errors_as_marketos_own_list_has_them(self, syncengine):
        assert syncengine("errors", "--csv").out == "Failed On,Error Type,Error Details\n"
        assert json.loads(syncengine("errors", "--json").out) == {"errors": []}

    @pytest.mark.parametrize(("state", "code"), [("nonsense", 2), ("sqlite:////dev/null/state.db", 3)])
    def test_a_state_that_cannot_be_opened_is_told_in_a_line(self, syncengine, state, code):
        ended = syncengine("status", "--state", state)

        assert ended.code == code
        assert state in ended.err
        assert ended.err.count("\n") == 1
        assert "Traceback" not in ended.err


class TestWhere:
    def test_variables_of_the_environment_beat_the_file_and_a_line_says_so(self, tmp_path, monkeypatch, capfd):
        path = tmp_path / "world.env"
        path.write_text("SF_URL=http://127.0.0.1:8101\nMKTO_URL=http://127.0.0.1:8102\n")
        monkeypatch.setenv("SF_URL", "https://acme.my.salesforce.com")
        monkeypatch.delenv("MKTO_URL", raising=False)

        environ = Where(path, None, "sqlite://").environ()

        assert environ["SF_URL"] == "https://acme.my.salesforce.com"
        assert environ["MKTO_URL"] == "http://127.0.0.1:8102"
        assert capfd.readouterr().err == f"note: SF_URL of the environment is used, not that of {path}\n"


def test_no_two_options_of_a_command_share_a_name():
    for command in cli.commands.values():
        names = [name for each in command.params if isinstance(each, click.Option) for name in each.opts]
        assert len(names) == len(set(names))
