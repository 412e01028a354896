"""Sync Person to SFDC. Source: "Sync Person to SFDC", and the outcome table SP-04."""

import threading

import pytest

from syncengine.clients.errors import Unanswered
from syncengine.clients.salesforce import SaveError
from syncengine.flow_actions import sync_person
from syncengine.settings import SyncSettings
from tests.syncengine.conftest import Sync
from tests.syncengine.memory import SYNC_USER, Killed, killed, rule, unanswered

USER, QUEUE = "005000000000009AAA", "00G000000000001AAA"


def push(sync, person, *, assign_to="auto", action_id=None, write=True, by_hand=False, **settings):
    push.count += 1
    return sync_person(
        sync.systems,
        sync.state,
        SyncSettings(**settings),
        action_id=action_id or f"action-{push.count}",
        lead_id=person,
        assign_to=assign_to,
        write=write,
        clock=sync.pair.clock,
        by_hand=by_hand,
    )


push.count = 0


@pytest.fixture
def person(either):
    return either.marketo.add(firstName="Anna", lastName="Berg", company="Acme", email="anna@example.com")


class TestNotInSalesforce:
    def test_a_lead_is_made_at_once_and_linked(self, either, person):
        result = push(either, person)

        (lead,) = either.salesforce.records["Lead"].values()
        assert (result.status, result.sfdc_id, result.sfdc_type, result.error) == ("done", lead["Id"], "Lead", None)
        assert (lead["LastName"], lead["Email"]) == ("Berg", "anna@example.com")  # SP-01
        assert either.pair.person_of(lead["Id"])["id"] == person  # SP-20

    def test_the_cycle_after_it_has_nothing_to_do(self, either, person):
        push(either, person)

        assert [a for a in either.cycle().to_json()["actions"] if a["action"] != "create-field"] == []

    def test_another_lead_with_the_same_email_is_not_looked_for(self, either, person):
        either.salesforce.add("Lead", LastName="Twin", Company="Acme", Email="anna@example.com")

        push(either, person)

        assert len(either.salesforce.records["Lead"]) == 2  # SP-21

    @pytest.mark.parametrize(
        ("assign_to", "owner", "assignment"), [("auto", SYNC_USER, "auto"), (USER, USER, None), (QUEUE, QUEUE, None)]
    )
    def test_the_owner(self, either, person, assign_to, owner, assignment):
        result = push(either, person, assign_to=assign_to)

        assert either.salesforce.get("Lead", result.sfdc_id, "OwnerId") == owner  # SP-02
        assert either.salesforce.assignments == [assignment]

    def test_what_salesforce_made_of_it_is_taken_over_at_once(self, either, person):
        either.salesforce.watched.after["create"] = lambda: either.salesforce.set(
            "Lead", *either.salesforce.records["Lead"], Rating="Warm", LastName="BERG"
        )

        push(either, person)

        assert either.marketo.leads[person]["rating"] == "Warm"
        assert either.marketo.leads[person]["lastName"] == "BERG"  # CON-17

    def test_without_a_company_salesforce_refuses(self, either):
        incomplete = either.marketo.add(lastName="Berg")

        result = push(either, incomplete)

        assert result.status == "failed"
        assert result.error == (
            "Failed to create in SFDC {REQUIRED_FIELD_MISSING: Required fields are missing: ['Company']}"
        )  # SP-03, U-09

    def test_defaults_are_given_to_salesforce_only(self, either):
        incomplete = either.marketo.add(email="x@example.com")

        result = push(either, incomplete, default_last_name="[unknown]", default_company="[none]")
        either.until_quiet()

        lead = either.salesforce.records["Lead"][result.sfdc_id]
        assert (lead["LastName"], lead["Company"]) == ("[unknown]", "[none]")  # VAL-10
        assert either.marketo.leads[incomplete].get("company") is None  # U-11

    def test_a_default_gives_way_to_the_real_value(self, either):
        incomplete = either.marketo.add(lastName="Berg")
        result = push(either, incomplete, default_company="[none]")
        either.marketo.set(incomplete, company="Acme")

        either.cycle()

        assert either.salesforce.get("Lead", result.sfdc_id, "Company") == "Acme"

    def test_a_person_that_is_not_there(self, either):
        assert push(either, 4711).error == "Marketo has no person 4711"

    def test_without_write_it_only_says(self, either, person):
        assert push(either, person, write=False).status == "done"

        assert either.salesforce.records["Lead"] == {}


class TestLead:
    def test_its_pending_changes_go_at_once(self, either):
        record_id, person = either.linked(Title="CTO")
        either.marketo.set(person, title="CEO")

        result = push(either, person)

        assert result.sfdc_id == record_id
        assert either.salesforce.get("Lead", record_id, "Title") == "CEO"  # SP-05
        either.until_quiet()

    def test_no_write_if_nothing_changed(self, either):
        _, person = either.linked()
        either.forget_calls()

        result = push(either, person)

        assert result.status == "done"
        assert not {"update", "create", "write"} & {name for names in either.calls for name in names}  # U-12

    @pytest.mark.parametrize("owner", [USER, QUEUE])
    def test_a_user_or_queue_becomes_its_owner(self, either, owner):
        record_id, person = either.linked()

        assert push(either, person, assign_to=owner).status == "done"
        assert either.salesforce.get("Lead", record_id, "OwnerId") == owner  # SP-04

    def test_auto_leaves_the_owner(self, either):
        record_id, person = either.linked(OwnerId=USER)

        push(either, person)

        assert either.salesforce.get("Lead", record_id, "OwnerId") == USER  # U-40

    def test_a_refusal_is_the_steps_error(self, either):
        either.salesforce.rules.append(rule("Rating", "No hot leads.", when=lambda row: row.get("Rating") == "Hot"))
        _, person = either.linked()
        either.marketo.set(person, rating="Hot")

        result = push(either, person)

        assert (result.status, result.error) == (
            "failed",
            "Failed to update SFDC {FIELD_CUSTOM_VALIDATION_EXCEPTION: No hot leads.}",
        )  # ERR-35

    def test_deleted_there_means_a_new_lead(self, either):
        record_id, person = either.linked()
        either.salesforce.set("Lead", record_id, IsDeleted=True)
        either.cycle()

        result = push(either, person)
        either.until_quiet()

        assert result.status == "done"
        assert result.sfdc_id != record_id  # LIF-11
        assert either.pair.person_of(result.sfdc_id)["id"] == person
        flag = "sfdcIsDeleted" if either.marketo.connector else "syncrigSfdcIsDeleted"
        assert not either.marketo.leads[person].get(flag)


class TestContact:
    @pytest.fixture
    def contact(self, either):
        return either.linked("Contact", Title="CTO")

    def test_its_pending_changes_go_at_once(self, either, contact):
        record_id, person = contact
        either.marketo.set(person, title="CEO")

        assert push(either, person).sfdc_type == "Contact"
        assert either.salesforce.get("Contact", record_id, "Title") == "CEO"

    def test_a_user_cannot_become_its_owner(self, either, contact):
        result = push(either, contact[1], assign_to=USER)

        assert (result.status, result.error) == (
            "failed",
            (
                "Failed to update SFDC {INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: "
                "insufficient access rights on cross-reference id}"
            ),
        )  # SP-04, ERR-03

    def test_a_queue_gets_a_duplicate_lead(self, either, contact):
        either.marketo.set(contact[1], firstName="Anna", company="Acme")

        result = push(either, contact[1], assign_to=QUEUE)

        (lead,) = either.salesforce.records["Lead"].values()
        assert lead["OwnerId"] == QUEUE
        assert (result.status, result.error) == (
            "skipped",
            "Skipped created a duplicate lead Anna Berg and assigned it to Queue",
        )  # SP-06
        assert either.pair.person_of(contact[0])["id"] == contact[1]

    def test_a_lead_that_was_converted_is_its_contact(self, either):
        record_id, person = either.linked(Title="CTO")
        contact = either.salesforce.convert(record_id)
        either.marketo.set(person, title="CEO")

        result = push(either, person)

        assert (result.sfdc_id, result.sfdc_type) == (contact, "Contact")
        assert either.salesforce.get("Contact", contact, "Title") == "CEO"  # LIF-05
        either.until_quiet()


class TestTheActivityLog:
    """Activity 19 belongs to the campaign; what an ordinary API user can leave is its own entry."""

    def entries(self, sync, person):
        return [
            (each.type_id, each.attributes.get("Error") or each.attributes.get("errorCode"))
            for each in sync.marketo.activities_of(person, 19, 28, 100001)
        ]

    @pytest.mark.parametrize("what", ["create", "update"])
    def test_a_refused_step(self, either, what):
        either.salesforce.rules.append(rule("Rating", "No hot leads.", when=lambda row: row.get("Rating") == "Hot"))
        if what == "create":
            person = either.marketo.add(lastName="Berg", company="Acme")
        else:
            _, person = either.linked()
        either.marketo.set(person, rating="Hot")

        push(either, person)
        push(either, person)

        external = [(100001, "FIELD_CUSTOM_VALIDATION_EXCEPTION")]
        assert self.entries(either, person) == ([] if either.marketo.connector else external)

    def test_a_step_by_hand_is_logged_where_we_may(self, either, person):
        push(either, person, by_hand=True)

        assert self.entries(either, person) == ([(19, None)] if either.marketo.connector else [])

    def test_after_the_mending_nothing_is_open(self, either):
        person = either.marketo.add(lastName="Berg")
        push(either, person)
        either.marketo.set(person, company="Acme")

        push(either, person)

        assert either.state.refusals() == []


class TestOneEffect:
    def test_the_same_action_twice_answers_the_same_and_does_it_once(self, either, person):
        first = push(either, person, action_id="one")

        assert push(either, person, action_id="one") == first
        assert len(either.salesforce.records["Lead"]) == 1

    def test_two_actions_at_once_make_one_lead(self, either, person):
        second = []

        def meanwhile():
            either.salesforce.watched.before.clear()
            thread = threading.Thread(target=lambda: second.append(push(either, person)))
            thread.start()
            meanwhile.thread = thread

        either.salesforce.watched.before["create"] = meanwhile

        first = push(either, person)
        meanwhile.thread.join()

        assert second[0].sfdc_id == first.sfdc_id  # SP-42
        assert len(either.salesforce.records["Lead"]) == 1

    def test_a_cycle_during_the_action_makes_no_second_person(self, either, person):
        either.until_quiet()
        either.salesforce.watched.after["create"] = either.cycle

        result = push(either, person)
        either.salesforce.watched.after.clear()
        either.until_quiet()

        assert list(either.marketo.leads) == [person]
        assert either.pair.person_of(result.sfdc_id)["id"] == person

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_an_answer_that_never_came(self, either, person, moment):
        getattr(either.salesforce.watched, moment)["create"] = unanswered
        if moment == "after":
            result = push(either, person, action_id="one")
        else:
            with pytest.raises(Unanswered):
                push(either, person, action_id="one")
            either.salesforce.watched.before.clear()
            result = push(either, person, action_id="one")

        assert list(either.salesforce.records["Lead"]) == [result.sfdc_id]

    def test_several_leads_could_be_the_one(self):
        sync = Sync()
        person = sync.marketo.add(lastName="Berg", company="Acme")

        def twins():
            sync.salesforce.add("Lead", by=SYNC_USER, LastName="Berg", Company="Acme")
            killed()

        sync.salesforce.watched.after["create"] = twins
        with pytest.raises(Killed):
            push(sync, person, action_id="one")
        sync.salesforce.watched.after.clear()

        report = sync.cycle()

        assert report.exit_code == 3
        assert "delete the others" in report.to_json()["notes"][0]
        assert list(sync.marketo.leads) == [person]

    def test_a_locked_row_is_tried_once_more(self, either):
        record_id, person = either.linked()
        either.marketo.set(person, title="CEO")
        locks = [1]
        either.salesforce.rules.append(
            lambda *_: SaveError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access") if locks.pop() else None
        )
        locks.insert(0, 0)

        assert push(either, person).status == "done"  # U-07
        assert either.salesforce.get("Lead", record_id, "Title") == "CEO"
