"""``syncengine serve`` as a process: it says when it is ready, answers, and ends when asked to."""

import os
import signal
import socket
import subprocess
import sys

import pytest
import requests

ENV = {
    "SF_URL": "http://127.0.0.1:9",
    "SF_CLIENT_ID": "client",
    "SF_CLIENT_SECRET": "secret",
    "MKTO_URL": "http://127.0.0.1:9",
    "MKTO_CLIENT_ID": "client",
    "MKTO_CLIENT_SECRET": "secret",
}
"""Nobody answers at port 9, and nobody is asked without a cycle or a flow action."""


@pytest.fixture
def serve(tmp_path):
    """Start it in an empty folder; whatever still runs at the end is ended."""
    started = []
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SF_", "MKTO_", "SYNCRIG_"))}

    def start(*arguments, **env):
        process = subprocess.Popen(
            [sys.executable, "-m", "syncengine", "serve", *arguments],
            cwd=tmp_path,
            env=kept | ENV | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_says_where_it_answers_and_ends_when_asked_to(serve, number):
    process = serve("--port", "0", "--no-cycles")
    ready, _, url = process.stdout.readline().strip().partition("=")

    assert ready == "ready engine"
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{url}/health").json()["ready"] is True
        assert session.post(f"{url}/flow-actions", json={}).status_code == 403

    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


def test_goes_on_answering_when_a_cycle_cannot_run(serve):
    process = serve("--port", "0", MKTO_CLIENT_ID="client")
    url = process.stdout.readline().strip().partition("=")[2]

    assert "nobody answers at http://127.0.0.1:9" in process.stderr.readline()
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"{url}/status").json()["links"] == 0

    process.terminate()
    process.communicate(timeout=20)
    assert process.returncode == 0


def test_a_port_in_use_is_told_in_one_line(serve):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        out, err = serve("--port", str(port)).communicate(timeout=20)

    assert out == ""
    assert f"cannot listen at 127.0.0.1:{port}" in err
    assert "--port" in err
    assert err.count("\n") == 1


def test_other_machines_are_listened_to_only_with_a_secret(serve):
    process = serve("--host", "0.0.0.0", "--port", "0")
    out, err = process.communicate(timeout=20)

    assert (process.returncode, out) == (2, "")
    assert "SYNCRIG_ENGINE_SECRET" in err
