"""``fakes up``: serves a world, says where, and refuses what it cannot do in one line."""

import os
import shlex
import signal
import socket
import subprocess
import sys

import pytest
import requests

PORTS = ["--salesforce-port", "0", "--marketo-port", "0", "--console-port", "0"]


def fakes(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "fakes", *arguments], capture_output=True, text=True, timeout=60, check=False, **options
    )


def read_env(path):
    return dict(line.split("=", 1) for line in shlex.split(path.read_text()))


class Running:
    def __init__(self, *arguments, **env):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fakes", "up", *PORTS, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **env},
        )
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if line.startswith("ready "):
                break
        words = self.lines[-1].split()[1:] if self.lines else []
        self.urls = dict(word.split("=", 1) for word in words)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=30)
        return self.process.returncode, output, errors


@pytest.fixture
def start():
    running = []

    def start(*arguments, **env):
        running.append(Running(*arguments, **env))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate(timeout=30)


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


class TestServing:
    def test_it_names_both_systems_and_the_console_when_all_answer(self, start, session, tmp_path):
        env_file = tmp_path / "world.env"

        up = start("--virtual-clock", "2026-02-01T08:00:00Z", "--env-file", str(env_file))

        assert list(up.urls) == ["salesforce", "marketo", "console"]
        for system in ("salesforce", "marketo"):
            assert session.get(f"{up.urls[system]}/_fake/health").json()["ready"] is True
        assert "syncrig" in session.get(up.urls["console"]).text
        assert session.get(f"{up.urls['marketo']}/_fake/clock").json()["now"] == "2026-02-01T08:00:00Z"
        env = read_env(env_file)
        assert env["SF_URL"] == up.urls["salesforce"]
        assert env["SF_USERNAME"] == "sync@syncrig.test"
        assert env["SYNCRIG_CLOCK_URL"] == f"{up.urls['salesforce']}/_fake/clock"
        assert env_file.stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
    def test_ctrl_c_ends_it_quietly(self, start, number):
        assert start().stop(number) == (0, "", "")

    def test_with_an_engine_of_its_own_cycles_follow_the_clock(self, start, session, tmp_path):
        env_file = tmp_path / "world.env"
        up = start("--scenario", "starter", "--virtual-clock", "--engine", "auto", "--env-file", str(env_file))
        env = read_env(env_file)

        moved = session.post(f"{up.urls['salesforce']}/_fake/clock", json={"advance": "PT11M", "settle": 30})

        assert moved.ok, moved.text
        status = session.get(f"{env['SYNCRIG_ENGINE_URL']}/status").json()
        assert len([run for run in status["runs"] if run["ended"]]) == 3
        assert session.get(up.urls["console"]).text.count("No engine is connected") == 0
        code, _, errors = up.stop()
        assert code == 0
        assert "Traceback" not in errors

    def test_a_world_in_a_folder_survives_a_restart(self, start, session, tmp_path):
        data, env_file = tmp_path / "data", tmp_path / "world.env"
        arguments = ["--data", str(data), "--env-file", str(env_file)]

        def login(url):
            form = {"grant_type": "password", "client_id": "syncrig", "client_secret": "syncrig-secret"}
            form |= {"username": "admin@syncrig.test", "password": "syncrig"}
            token = session.post(f"{url}/services/oauth2/token", data=form).json()["access_token"]
            return {"Authorization": f"Bearer {token}"}

        first = start(*arguments)
        url = first.urls["salesforce"]
        made = session.post(
            f"{url}/services/data/v63.0/sobjects/Lead", json={"LastName": "Berg", "Company": "Acme"}, headers=login(url)
        )
        assert made.status_code == 201, made.text
        first.stop()

        url = start(*arguments).urls["salesforce"]

        row = session.get(f"{url}/services/data/v63.0/sobjects/Lead/{made.json()['id']}", headers=login(url))
        assert row.json()["LastName"] == "Berg"

    def test_tls_names_the_authority_that_clients_must_trust(self, start, session):
        up = start("--tls")

        authority = up.lines[0].removeprefix("authority=")
        assert up.urls["salesforce"].startswith("https://")
        assert session.get(f"{up.urls['salesforce']}/services/data", verify=authority).ok

    def test_strict_fails_when_something_not_modelled_was_asked_for(self, start, session):
        up = start("--strict")
        form = {"grant_type": "client_credentials", "client_id": "syncrig", "client_secret": "syncrig-secret"}
        token = session.get(f"{up.urls['marketo']}/identity/oauth/token", params=form).json()["access_token"]
        session.get(f"{up.urls['marketo']}/rest/asset/v1/emails.json", headers={"Authorization": f"Bearer {token}"})

        code, _, errors = up.stop()

        assert code == 1
        assert "not modelled: marketo: " in errors

    def test_without_a_side_door_there_is_none(self, start, session):
        up = start("--no-side-door")

        assert not session.get(f"{up.urls['salesforce']}/_fake/health").ok


class TestRefusals:
    """One clear line that names the thing and the way out, exit code 2, no traceback."""

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["up", "--scenaro", "acme"], "--scenaro"),
            (["up", "--scenario", "acne"], "acne: no such scenario"),
            (["up", "--org", "no/such/folder"], "no/such/folder: no such folder"),
            (["up", "--virtual-clock", "noon"], "ISO 8601"),
            (["up", "--salesforce-port", "99999"], "99999"),
            (["up", "--host", "0.0.0.0"], "SYNCRIG_SIDE_DOOR_TOKEN"),
            (["upp"], "upp"),
            (["check", "."], "not supported yet"),
            (["import-org", "--to", "x"], "not supported yet"),
        ],
    )
    def test_misuse(self, arguments, says):
        answer = fakes(*arguments)

        assert answer.returncode == 2
        assert says in answer.stderr
        assert len(answer.stderr.splitlines()) == 1
        assert answer.stdout == ""

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("salesforce:\n  recrods: {}\n", ":2: unknown key 'recrods'"),
            ("salesforce: [\n", "not YAML"),
            (
                "salesforce:\n  validation_rules:\n    Lead.Bad: {formula: 'ISBLANK(', message: No.}\n",
                "Bad",
            ),
            (
                "salesforce:\n  validation_rules:\n    Lead.Bad: {formula: 'Nonsense__c = 1', message: No.}\n",
                "Nonsense__c",
            ),
            ("salesforce:\n  records:\n    Lead:\n      - {FirstName: Anna}\n", ":4: "),
            ("marketo:\n  campaigns: [{name: A, flow: [{step: Sync Persn to SFDC}]}]\n", ":2: marketo.campaigns[0]"),
        ],
    )
    def test_a_scenario_that_cannot_be_loaded(self, tmp_path, text, says):
        path = tmp_path / "scenario.yaml"
        path.write_text(text)

        answer = fakes("up", "--scenario", str(path), *PORTS)

        assert answer.returncode == 2
        assert str(path) in answer.stderr
        assert says in answer.stderr
        assert len(answer.stderr.splitlines()) == 1

    def test_a_port_in_use_is_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]

            answer = fakes("up", "--salesforce-port", str(port))

        assert answer.returncode == 2
        assert f"127.0.0.1:{port} cannot be used" in answer.stderr
        assert len(answer.stderr.splitlines()) == 1

    def test_help_has_examples(self):
        for command in ("up", "formula", "steps", "new"):
            answer = fakes(command, "--help")
            assert answer.returncode == 0
            assert f"fakes {command}" in answer.stdout
