"""A fake of nobody: as little as the side door and the exchange layer need."""

from flask import Flask, request

from fakes.kit.clock import VirtualClock
from fakes.kit.control import Control, install
from fakes.kit.faults import Faults
from fakes.kit.journal import Journal


class StandIn:
    """Counts the notes it was given; a note is the effect of a POST."""

    def __init__(self, name="salesforce", clock=None):
        self.name = name
        self.clock = clock or VirtualClock()
        self.journal = Journal()
        self.faults = Faults()
        self.strict = False
        self.notes = []
        self.busy = False

    def snapshot(self):
        return list(self.notes)

    def restore(self, snapshot):
        self.notes = list(snapshot)

    def refusal(self, code):
        return 400, f'[{{"errorCode":"{code}"}}]', "application/json;charset=UTF-8"

    def idle(self, seconds):
        return not self.busy


def app_of(stand_in, control=None, **options):
    """An app with one resource, ``/notes``, and the side door."""
    app = Flask("stand_in")

    @app.get("/services/data/v1/sobjects/Note")
    @app.get("/notes")
    def read():
        return {"notes": stand_in.notes}

    @app.post("/services/data/v1/sobjects/Note")
    @app.post("/notes")
    def write():
        request.environ["syncrig.user"] = "writer@syncrig.test"
        stand_in.notes.append(request.get_json()["text"])
        return {"id": len(stand_in.notes)}, 201

    install(app, stand_in, control or Control(stand_in.clock, [stand_in]), **options)
    return app
