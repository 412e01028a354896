"""A pair of systems in memory, a state in memory, and one cycle between them."""

import pytest

from syncengine import setup
from syncengine.cycle import run_cycle
from syncengine.settings import SyncSettings
from syncengine.state.store import StateStore
from syncengine.state.tables import metadata
from tests.syncengine.memory import Pair


class Sync:
    """One sync of a pair, as a test drives it."""

    def __init__(self, *, native=True, settings=None, state=None):
        self.pair = Pair(native=native)
        self.salesforce = self.pair.salesforce
        self.marketo = self.pair.marketo
        self.systems = self.pair.systems
        self.settings = settings or SyncSettings()
        self.state = state or StateStore.open()
        if not native:
            setup.init(self.systems, self.state, self.settings, write=True)

    def cycle(self, *, write=True, **settings):
        chosen = SyncSettings(**settings) if settings else self.settings
        return run_cycle(self.systems, self.state, chosen, write=write, clock=self.pair.clock)

    def until_quiet(self):
        for _ in range(5):
            if not self.cycle().to_json()["actions"]:
                return
        raise AssertionError("five cycles and still no quiet one")

    def linked(self, sobject="Lead", **values):
        """A record and its person, last synced."""
        given = {"LastName": "Berg", **({"Company": "Acme"} if sobject == "Lead" else {}), **values}
        record_id = self.salesforce.add(sobject, **given)
        self.until_quiet()
        return record_id, self.pair.person_of(record_id)["id"]

    def forget_calls(self):
        self.salesforce.watched.names.clear()
        self.marketo.watched.names.clear()

    @property
    def calls(self):
        return sorted(self.salesforce.watched.names), sorted(self.marketo.watched.names)


@pytest.fixture(scope="session")
def opened():
    """One state database for all tests: its statements are compiled once."""
    store = StateStore.open()
    yield store
    store.close()


@pytest.fixture
def state(opened):
    """An empty state."""
    with opened._engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return opened


@pytest.fixture
def sync(state):
    """The sync of a native pair."""
    return Sync(state=state)


@pytest.fixture(params=["native", "external"])
def either(request, state):
    """A sync of each kind: the promises hold in both."""
    return Sync(native=request.param == "native", state=state)
