"""A process killed anywhere: the next run ends where the unkilled run would have, and nothing happened twice.

Killed before and after every single call to a vendor, in a cycle that does everything a cycle can do.
"""

import copy

import pytest

from syncengine.flow_actions import sync_person
from syncengine.state.store import StateStore
from tests.syncengine.conftest import Sync
from tests.syncengine.memory import Killed, killed, rule

NO_HOT = rule("Rating", "No hot leads.", when=lambda row: row.get("Rating") == "Hot")


def busy_world(*, native):
    """Persons to be created, changed, refused, flagged, moved, and in conflict."""
    sync = Sync(native=native)
    sync.salesforce.rules.append(NO_HOT)
    salesforce, marketo = sync.salesforce, sync.marketo
    records = [
        salesforce.add("Lead", LastName=f"L{number}", Company="Acme", Title="CTO", Phone="1") for number in range(6)
    ]
    contact = salesforce.add("Contact", LastName="Contact", Title="CTO")
    sync.until_quiet()
    person = [sync.pair.person_of(record)["id"] for record in records]
    salesforce.set("Lead", records[0], Title="CEO")
    marketo.set(person[1], phone="2")
    salesforce.set("Lead", records[2], Title="ours", Phone="3")
    marketo.set(person[2], title="theirs")
    marketo.set(person[3], rating="Hot")
    salesforce.set("Lead", records[4], IsDeleted=True)
    salesforce.convert(records[5])
    salesforce.set("Contact", contact, Title="CFO")
    salesforce.add("Lead", LastName="New", Company="Acme")
    return sync


class Copies:
    """The same world and the same memory again and again, apart from the first; one copy at a time."""

    def __init__(self, sync):
        self.original = sync
        self.state = StateStore.open()

    def fresh(self):
        twin = Sync.__new__(Sync)
        twin.settings = self.original.settings
        twin.pair = copy.deepcopy(self.original.pair)
        twin.salesforce, twin.marketo, twin.systems = twin.pair.salesforce, twin.pair.marketo, twin.pair.systems
        twin.state = self.state
        with self.original.state._engine.connect() as here, self.state._engine.connect() as there:
            here.connection.driver_connection.backup(there.connection.driver_connection)
        twin.forget_calls()
        return twin


def moments(sync, work):
    """Before every call that some work makes, and after every one that changes something."""
    work(sync)
    for side in ("salesforce", "marketo"):
        for number, name in enumerate(getattr(sync, side).watched.names, 1):
            yield side, "before", number, name
            if name in {"update", "create", "write", "add_activities"}:
                yield side, "after", number, name


def killed_at(sync, work, side, moment, number):
    at = getattr(getattr(sync, side).watched, moment)
    at[number] = killed
    with pytest.raises(Killed):
        work(sync)
    at.clear()


def cycles(sync):
    for _ in range(3):
        sync.cycle()
    return sync.pair.contents()


@pytest.mark.parametrize("native", [True, False], ids=["native", "external"])
def test_a_cycle_killed_at_any_call_loses_nothing_and_repeats_nothing(native):
    copies = Copies(busy_world(native=native))
    expected = cycles(copies.fresh())
    ended = {}
    for side, moment, number, name in list(moments(copies.fresh(), Sync.cycle)):
        if not native and name in {"query", "describe", "read"}:
            continue
        sync = copies.fresh()
        killed_at(sync, Sync.cycle, side, moment, number)

        ended[side, moment, number, name] = cycles(sync)

    assert {at: contents for at, contents in ended.items() if contents != expected} == {}
    assert len(ended) > 10


@pytest.mark.parametrize("key_field", [True, False], ids=["with an external id", "without"])
@pytest.mark.parametrize("next_step", ["the flow action again", "a cycle first"])
def test_a_flow_action_killed_at_any_call_makes_one_lead(key_field, next_step):
    world = Sync()
    if key_field:
        world.salesforce.described["Lead"]["Marketo_Id__c"] = world.salesforce.described["Lead"]["Title"]
    person = world.marketo.add(lastName="Berg", company="Acme", email="berg@example.com")
    world.until_quiet()
    copies = Copies(world)

    def push(sync):
        return sync_person(
            sync.systems, sync.state, sync.settings, action_id="a", lead_id=person, write=True, clock=sync.pair.clock
        )

    for side, moment, number, name in list(moments(copies.fresh(), push)):
        sync = copies.fresh()
        killed_at(sync, push, side, moment, number)
        if next_step == "a cycle first":
            sync.cycle()
        result = push(sync)
        sync.until_quiet()

        at = f"killed {moment} {side}'s call {number}, {name}"
        assert result.status == "done", at
        assert list(sync.salesforce.records["Lead"]) == [result.sfdc_id], at
        assert list(sync.marketo.leads) == [person], at
        assert sync.pair.person_of(result.sfdc_id)["id"] == person, at
