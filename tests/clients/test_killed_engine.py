"""``kill -9`` of the engine in mid-cycle: the next run loses nothing and does nothing twice (design, "Races")."""

import json
import os
import signal
import subprocess
import sys

import pytest

from fakes.kit.faults import ConnectionDropped
from fakes.kit.scenario import parse
from fakes.kit.serve import serve
from fakes.world import World

SCENARIO = """\
salesforce:
  records:
    Lead:
      - {ref: anna, FirstName: Anna, LastName: Berg, Company: Acme, Email: anna@example.com}
      - {ref: nora, FirstName: Nora, LastName: Lind, Company: Lind, Email: nora@example.com, Phone: "1"}
marketo:
  crm_sync: CRM_SYNC
  persons:
    - {ref: nora, firstName: Nora, lastName: Lind, company: Lind, email: nora@example.com, phone: "2"}
    - {ref: tom, firstName: Tom, lastName: Fletcher, company: Fletcher, email: tom@example.com}
links: [[nora, nora]]
"""


class Killer:
    """Kills a process on its first call of a kind, before or after the effect; it gets no answer."""

    def __init__(self, app):
        self.app = app
        self.aim = None

    def __call__(self, environ, start_response):
        call = (environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if self.aim is None or call[0] != self.aim["method"] or self.aim["path"] not in call[1]:
            return self.app(environ, start_response)
        aim, self.aim = self.aim, None
        if aim["moment"] == "after":
            list(self.app(environ, lambda *_: lambda _: None))
        os.kill(aim["process"](), signal.SIGKILL)
        raise ConnectionDropped


class Rig:
    """A world on sockets, and an engine that is started anew for every command."""

    def __init__(self, crm_sync, folder):
        self.world = World.build(parse(SCENARIO.replace("CRM_SYNC", crm_sync)))
        self.apps = {"salesforce": Killer(self.world.salesforce_app), "marketo": Killer(self.world.marketo_app)}
        self.served = [serve(app) for app in self.apps.values()]
        self.env = {**os.environ, **self.world.env(*(served.url for served in self.served))}
        self.state = f"sqlite:///{folder / 'state.db'}"
        self.process = None

    def run(self, *command):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "syncengine", *command, "--write", "--state", self.state],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        output, errors = self.process.communicate(timeout=60)
        return self.process.returncode, output, errors

    def kill_at(self, side, method, path, moment):
        self.apps[side].aim = {"method": method, "path": path, "moment": moment, "process": lambda: self.process.pid}

    def leads(self):
        soql = "SELECT Id, Email, Phone FROM Lead ORDER BY Email"
        return self.world.org.query.run(soql, by=self.world.org.administrator).records

    def persons(self):
        return self.world.instance.leads.browse(["email", "phone"]).records

    def close(self):
        for served in self.served:
            served.close()
        self.world.close()


@pytest.fixture
def rig(request, tmp_path):
    rig = Rig(request.param, tmp_path)
    code, output, errors = rig.run("init")
    assert code == 0, output + errors
    yield rig
    rig.close()


@pytest.mark.parametrize("rig", ["native", "external"], indirect=True)
@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    ("side", "method", "path"),
    [("marketo", "POST", "/rest/v1/leads.json"), ("salesforce", "PATCH", "/composite/sobjects")],
)
def test_a_cycle_killed_at_a_write_is_finished_by_the_next_one(rig, side, method, path, moment):
    rig.kill_at(side, method, path, moment)

    killed, _, _ = rig.run("run", "--once")
    again, output, errors = rig.run("run", "--once", "--json")

    assert killed == -signal.SIGKILL
    assert again == 0, output + errors
    emails = sorted(person["email"] for person in rig.persons())
    assert emails == ["anna@example.com", "nora@example.com", "tom@example.com"]
    assert [lead["Phone"] for lead in rig.leads()] == [None, "2"]
    code, output, _ = rig.run("run", "--once", "--json")
    assert (code, json.loads(output)["actions"]) == (0, [])


@pytest.mark.parametrize("rig", ["native"], indirect=True)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_push_killed_at_the_create_makes_one_lead(rig, moment):
    tom = next(person["id"] for person in rig.persons() if person["email"] == "tom@example.com")
    rig.kill_at("salesforce", "POST", "/sobjects", moment)

    killed, _, _ = rig.run("push", str(tom))
    again, output, errors = rig.run("push", str(tom))

    assert killed == -signal.SIGKILL
    assert again == 0, output + errors
    assert [lead["Email"] for lead in rig.leads()].count("tom@example.com") == 1
