"""Random histories: whatever happened, after enough quiet cycles the promises hold."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.syncengine.conftest import Sync
from tests.syncengine.memory import rule

NAMES = {"Title": "title", "Phone": "phone", "Rating": "rating", "Region__c": "Region__c"}
VALUES = st.sampled_from([None, "1", "2", "Hot"])
PEOPLE = st.integers(0, 2)
EDITS = st.tuples(st.sampled_from(["salesforce", "marketo"]), PEOPLE, st.sampled_from(sorted(NAMES)), VALUES)
EVENTS = st.tuples(
    st.sampled_from(["cycle", "hour", "delete there", "restore", "delete here", "convert", "rule on", "rule off"]),
    PEOPLE,
)
NO_HOT = rule("Rating", "No hot leads.", when=lambda row: row.get("Rating") == "Hot")


def happen(sync, records, event):
    what, number, *rest = event
    record_id = records[number]
    sobject = "Contact" if record_id.startswith("003") else "Lead"
    record = sync.salesforce.records[sobject][record_id]
    carriers = [
        lead for lead in sync.marketo.leads.values() if record_id in {lead.get("sfdcLeadId"), lead.get("sfdcContactId")}
    ]
    if what == "salesforce" and rest[0] in sync.salesforce.described[sobject]:
        if not record["IsDeleted"] and not (rest[0] == "Rating" and rest[1] == "Hot"):
            sync.salesforce.set(sobject, record_id, **{rest[0]: rest[1]})
    elif what == "marketo" and carriers:
        sync.marketo.set(carriers[0]["id"], **{NAMES[rest[0]]: rest[1]})
    elif what == "cycle":
        sync.cycle()
    elif what == "hour":
        sync.pair.clock.tick(hours=1)
    elif what == "delete there" and not record["IsDeleted"]:
        sync.salesforce.set(sobject, record_id, IsDeleted=True)
    elif what == "restore" and record["IsDeleted"]:
        sync.salesforce.set(sobject, record_id, IsDeleted=False)
    elif what == "delete here" and carriers:
        sync.marketo.delete(carriers[0]["id"])
    elif what == "convert" and sobject == "Lead" and not record["IsDeleted"]:
        records[number] = sync.salesforce.convert(record_id)
    elif what == "rule on":
        sync.salesforce.rules[:] = [NO_HOT]
    elif what == "rule off":
        sync.salesforce.rules.clear()


@given(st.lists(EDITS | EVENTS, max_size=25))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_history_the_sides_agree_and_nothing_more_is_written(opened, history):
    with opened._engine.begin() as connection:
        for table in ("links", "watermarks", "tokens", "seen", "outbox", "refusals", "conflicts", "notes", "intents"):
            connection.exec_driver_sql(f"DELETE FROM {table}")
    sync = Sync(state=opened)
    records = [sync.salesforce.add("Lead", LastName=f"L{number}", Company="Acme") for number in range(3)]
    sync.until_quiet()

    for event in history:
        happen(sync, records, event)
    sync.salesforce.rules.clear()
    sync.until_quiet()

    assert not any(sync.state.pending())
    for number, record_id in enumerate(records):
        sobject = "Contact" if record_id.startswith("003") else "Lead"
        record = sync.salesforce.records[sobject][record_id]
        carriers = [
            lead
            for lead in sync.marketo.leads.values()
            if record_id in {lead.get("sfdcLeadId"), lead.get("sfdcContactId")}
        ]
        assert len(carriers) <= 1
        assert sum(lead["lastName"] == f"L{number}" for lead in sync.marketo.leads.values()) <= 1
        if carriers and not record["IsDeleted"]:
            apart = sync.state.links_of([carriers[0]["id"]])[carriers[0]["id"]].agreed.apart
            for ours, theirs in NAMES.items():
                if ours in sync.salesforce.described[sobject] and theirs not in apart:
                    assert (record.get(ours), theirs) == (carriers[0].get(theirs), theirs)
    assert sync.cycle().to_json()["actions"] == []
