"""Commands in this process, with an engine that answers as told."""

import os
from dataclasses import dataclass

import pytest

from syncengine import cli
from syncengine.cli.common import Where
from syncengine.schedule import Stop

REPORT = {
    "run": "1",
    "policy": "marketo-native",
    "read": {},
    "actions": [],
    "conflicts": [],
    "refused": [],
    "calls": {"salesforce": 3, "marketo": 2},
    "started": "2026-01-05T09:00:00Z",
    "ended": "2026-01-05T09:00:01Z",
    "notes": [],
}
VARIABLES = ("SF_", "MKTO_", "SYNCRIG_")


@dataclass
class Report:
    data: dict
    exit_code: int = 0

    def to_json(self):
        return self.data


class Engine:
    """An engine that remembers what it was asked; what it answers can be an error."""

    def __init__(self):
        self.asked = []
        self.answer = Report(REPORT)
        self.emails = {}
        self.stop = Stop()
        self.closed = False

    def _answer(self, *asked):
        self.asked.append(asked)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def init(self, *, write):
        return self._answer("init", write)

    def cycle(self, *, write):
        return self._answer("cycle", write)

    def push(self, lead_id, assign_to, write):
        return self._answer("push", lead_id, assign_to, write)

    def persons_with_email(self, email):
        return self.emails.get(email, [])

    def close(self):
        self.closed = True


@pytest.fixture
def engine(monkeypatch):
    """What every command opens instead of a real engine."""
    engine = Engine()
    monkeypatch.setattr(Where, "open", lambda _: engine)
    return engine


@dataclass
class Ended:
    code: int
    out: str
    err: str


@pytest.fixture
def syncengine(capfd, monkeypatch, tmp_path):
    """Run a command in an empty folder, without any variable of ours; its exit code and what it printed."""
    for name in list(os.environ):
        if name.startswith(VARIABLES):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as end:
            cli.main([str(each) for each in arguments])
        captured = capfd.readouterr()
        return Ended(end.value.code or 0, captured.out, captured.err)

    return run
