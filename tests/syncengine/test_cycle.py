"""The sync cycle: what it reads, writes and leaves alone. Facts by their ids in the vendors' reference."""

from types import MappingProxyType

import pytest

from syncengine.clients.errors import Fatal
from syncengine.errors import Busy, NeedsPerson, SetupMissing
from tests.syncengine.conftest import Sync
from tests.syncengine.memory import SYNC_USER, out_of_order, rule

HOT_NEEDS_PHONE = rule(
    "Phone", "A hot lead needs a phone.", when=lambda row: row.get("Rating") == "Hot" and not row.get("Phone")
)


class TestBothDirections:
    """Sources: "SFDC Sync: Lead Sync", "SFDC Sync: Contact Sync"."""

    def test_a_lead_created_in_salesforce_becomes_a_person(self, either):
        record_id = either.salesforce.add("Lead", FirstName="Anna", LastName="Berg", Company="Acme", Email="a@b.se")

        either.cycle()

        person = either.pair.person_of(record_id)
        assert (person["firstName"], person["company"], person["email"]) == ("Anna", "Acme", "a@b.se")

    def test_a_person_created_in_marketo_stays_there(self, either):
        either.marketo.add(lastName="Solo", company="Acme", email="solo@example.com")

        either.cycle()

        assert either.salesforce.records["Lead"] == {}

    def test_a_record_with_the_email_of_a_marketo_only_person_becomes_a_second_person(self, either):
        either.marketo.add(lastName="Twin", email="twin@example.com")
        either.salesforce.add("Lead", LastName="Twin", Company="Acme", Email="twin@example.com")

        either.cycle()

        assert len(either.marketo.leads) == 2  # SP-22

    def test_an_edit_in_salesforce_arrives_in_marketo(self, either):
        record_id, person = either.linked(Title="CTO")
        either.salesforce.set("Lead", record_id, Title="CEO")

        either.cycle()

        assert either.marketo.leads[person]["title"] == "CEO"

    def test_an_edit_in_marketo_arrives_in_salesforce(self, either):
        record_id, person = either.linked(Title="CTO")
        either.marketo.set(person, title="CEO")

        either.cycle()

        assert either.salesforce.get("Lead", record_id, "Title") == "CEO"

    def test_only_the_changed_field_is_written(self, sync):
        record_id, person = sync.linked(Title="CTO", Phone="1")
        sync.marketo.set(person, title="CEO")

        report = sync.cycle().to_json()

        assert [(a["action"], a["side"], a["fields"]) for a in report["actions"]] == [
            ("update", "salesforce", {"Title": "CEO"})
        ]
        assert sync.salesforce.get("Lead", record_id, "LastModifiedById") == SYNC_USER

    def test_emptied_fields_travel_both_ways(self, either):
        record_id, person = either.linked(Title="CEO", Phone="9")
        either.salesforce.set("Lead", record_id, Phone=None)
        either.marketo.set(person, title=None)

        either.cycle()

        assert either.marketo.leads[person]["phone"] is None
        assert either.salesforce.get("Lead", record_id, "Title") is None  # VAL-06

    def test_capitals_in_an_address_are_no_change(self, sync):
        _, person = sync.linked(Email="kari.moen@example.com")
        sync.marketo.set(person, email="Kari.Moen@Example.com")

        report = sync.cycle().to_json()

        assert report["actions"] == []  # VAL-09

    def test_an_account_that_changes_changes_the_company_of_its_contacts(self, either):
        account = either.salesforce.add("Account", Name="Acme")
        _contact, person = either.linked("Contact", AccountId=account)
        either.pair.clock.tick(hours=1)
        either.salesforce.set("Account", account, Name="Acme Inc")

        either.cycle()

        assert either.marketo.leads[person]["company"] == "Acme Inc"  # DIR-22

    def test_a_company_that_is_edited_in_marketo_is_not_sent_for_a_contact(self, either):
        account = either.salesforce.add("Account", Name="Acme")
        _, person = either.linked("Contact", AccountId=account)
        either.marketo.set(person, company="Emca")

        either.until_quiet()

        assert either.salesforce.get("Account", account, "Name") == "Acme"  # DIR-19

    def test_a_formula_arrives_with_the_next_save_of_its_record(self, sync):
        record_id, person = sync.linked(Rating="Cold")
        sync.salesforce.formulas["Lead"]["Tier__c"] = lambda _row: "Platinum"

        sync.cycle()
        before = sync.marketo.leads[person].get("Tier__c")
        sync.salesforce.set("Lead", record_id, Title="X")
        sync.cycle()

        assert before is None
        assert sync.marketo.leads[person]["Tier__c"] == "Platinum"  # CYC-22


class TestQuietCycles:
    """Nothing changed, nothing written; an update never echoes."""

    def test_a_quiet_cycle_asks_once_for_each_sobject_and_twice_in_marketo(self, either):
        either.linked()
        either.forget_calls()

        either.cycle()

        assert either.calls == (["query", "query"], ["changes", "deleted"])

    @pytest.mark.parametrize("side", ["salesforce", "marketo"])
    def test_an_update_does_not_echo(self, either, side):
        record_id, person = either.linked(Title="CTO")
        if side == "salesforce":
            either.salesforce.set("Lead", record_id, Title="CEO")
        else:
            either.marketo.set(person, title="CEO")
        either.cycle()

        assert either.cycle().to_json()["actions"] == []
        either.forget_calls()
        either.cycle()
        assert either.calls == (["query", "query"], ["changes", "deleted"])

    def test_a_save_that_changes_nothing_writes_nothing(self, sync):
        record_id, _ = sync.linked()
        sync.salesforce.touch("Lead", record_id)

        assert sync.cycle().to_json()["actions"] == []  # CYC-21

    def test_without_write_nothing_happens_and_everything_is_said(self, either):
        record_id, _ = either.linked(Title="CTO")
        either.salesforce.set("Lead", record_id, Title="CEO")
        either.salesforce.add("Lead", LastName="New", Company="Acme")
        before = either.pair.contents()

        said = either.cycle(write=False).to_json()
        again = either.cycle(write=False).to_json()

        assert either.pair.contents() == before
        assert [(a["action"], a["outcome"]) for a in said["actions"]] == [("update", "planned"), ("create", "planned")]
        assert said["actions"] == again["actions"]


class TestConflicts:
    """Sources: the two pages differ: on a Lead Marketo wins, on a Contact Salesforce (CON-01, CON-02)."""

    @pytest.mark.parametrize(("sobject", "winner"), [("Lead", "theirs"), ("Contact", "ours")])
    def test_both_changed_at_once(self, either, sobject, winner):
        record_id, person = either.linked(sobject, Title="CTO")
        either.salesforce.set(sobject, record_id, Title="ours")
        either.marketo.set(person, title="theirs")

        report = either.cycle()

        assert either.salesforce.get(sobject, record_id, "Title") == winner
        assert either.marketo.leads[person]["title"] == winner
        assert [(c.field, c.salesforce, c.marketo) for c in report.conflicts] == [("title", "ours", "theirs")]

    @pytest.mark.parametrize("sobject", ["Lead", "Contact"])
    def test_a_field_that_one_side_changed_flows_whatever_happened_to_its_neighbour(self, either, sobject):
        record_id, person = either.linked(sobject, Title="CTO", Phone="1", FirstName="A")
        either.salesforce.set(sobject, record_id, Title="ours", Phone="2")
        either.marketo.set(person, title="theirs", firstName="B")

        either.cycle()

        assert either.marketo.leads[person]["phone"] == "2"
        assert either.salesforce.get(sobject, record_id, "FirstName") == "B"

    def test_the_same_change_on_both_is_remembered_and_not_written(self, either):
        record_id, person = either.linked(Title="CTO")
        either.salesforce.set("Lead", record_id, Title="CEO")
        either.marketo.set(person, title="CEO")

        report = either.cycle()

        assert report.to_json()["actions"] == []
        assert report.conflicts == []

    def test_ask_leaves_both_sides_and_lists_the_conflict(self):
        sync = Sync()
        record_id, person = sync.linked(Title="CTO")
        sync.salesforce.set("Lead", record_id, Title="ours")
        sync.marketo.set(person, title="theirs")

        report = sync.cycle(policy="ask")

        assert sync.salesforce.get("Lead", record_id, "Title") == "ours"
        assert sync.marketo.leads[person]["title"] == "theirs"
        assert report.conflicts[0].winner is None

    def test_a_read_only_field_takes_salesforces_value(self, either):
        record_id, person = either.linked(Title="CTO")
        either.salesforce.read_only("Lead", "Title")
        either.salesforce.set("Lead", record_id, Title="ours")
        either.marketo.set(person, title="theirs")

        report = either.cycle()

        assert either.marketo.leads[person]["title"] == "ours"  # CON-14
        assert report.conflicts == []


class TestFields:
    """Source: "SFDC Sync: Field Sync"."""

    def test_a_custom_field_that_is_visible_is_made_in_marketo_and_filled(self, either):
        _record_id, person = either.linked(Region__c="North")

        assert either.marketo.leads[person]["Region__c"] == "North"  # FLD-10

    def test_a_hidden_field_is_neither_read_nor_written(self, either):
        either.salesforce.hide("Lead", "Rating")
        record_id, person = either.linked()
        either.salesforce.set("Lead", record_id, Rating="Hot")
        either.marketo.set(person, rating="Cold")

        report = either.cycle()

        assert either.salesforce.get("Lead", record_id, "Rating") == "Hot"
        assert either.marketo.leads[person]["rating"] == "Cold"
        assert report.refused == []

    def test_a_field_hidden_later_stops_and_keeps_its_value(self, either):
        record_id, person = either.linked(Rating="Warm")
        either.salesforce.hide("Lead", "Rating")
        either.salesforce.set("Lead", record_id, Rating="Hot", Title="CEO")

        report = either.cycle()

        assert either.marketo.leads[person]["rating"] == "Warm"  # FLD-14
        assert either.marketo.leads[person]["title"] == "CEO"
        assert report.exit_code == 0

    def test_a_read_only_field_flows_from_salesforce_only(self, either):
        either.salesforce.read_only("Lead", "Rating")
        record_id, person = either.linked(Rating="Warm")
        either.marketo.set(person, rating="Cold")

        report = either.cycle()
        either.salesforce.set("Lead", record_id, Rating="Hot")
        kept = either.salesforce.get("Lead", record_id, "Rating")
        either.cycle()

        assert report.refused == []
        assert kept == "Hot"
        assert either.marketo.leads[person]["rating"] == "Hot"  # FLD-12

    def test_a_value_that_marketo_cannot_hold_costs_only_its_own_field(self, either):
        either.marketo.refuse["email"] = "åsa@example.com"
        record_id = either.salesforce.add("Lead", LastName="Ås", Company="Acme", Email="åsa@example.com")

        report = either.cycle()

        assert either.pair.person_of(record_id)["lastName"] == "Ås"  # VAL-02
        assert [refusal.fields for outcome in report.refused for refusal in outcome.refusals] == [("email",)]


class TestRefusals:
    """Source: "SFDC Sync: Lead Sync": a rule fails the sync, and the result is in the person's activity log."""

    def entries(self, sync, person):
        return [each for each in sync.marketo.activities_of(person, 28, 100001) if each.attributes]

    def test_a_refused_write_changes_nothing_and_the_others_go_through(self, either):
        either.salesforce.rules.append(HOT_NEEDS_PHONE)
        record_id, person = either.linked()
        other_id, other = either.linked()
        either.marketo.set(person, rating="Hot", title="CEO")
        either.marketo.set(other, title="CFO")

        report = either.cycle()

        assert either.salesforce.get("Lead", record_id, "Title") is None  # ERR-05
        assert either.salesforce.get("Lead", other_id, "Title") == "CFO"
        assert report.exit_code == 1
        assert report.to_json()["refused"] == [
            {
                "sobject": "Lead",
                "salesforceId": record_id,
                "marketoId": person,
                "fields": ["Phone"],
                "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
                "message": "A hot lead needs a phone.",
            }
        ]

    def test_it_is_logged_once_and_tried_in_every_cycle(self, either):
        either.salesforce.rules.append(HOT_NEEDS_PHONE)
        _, person = either.linked()
        either.marketo.set(person, rating="Hot")

        reports = [either.cycle() for _ in range(3)]

        assert [report.exit_code for report in reports] == [1, 1, 1]  # U-07
        assert len(self.entries(either, person)) == 1
        said = " ".join(str(value) for value in self.entries(either, person)[0].attributes.values())
        assert "FIELD_CUSTOM_VALIDATION_EXCEPTION" in said
        assert "A hot lead needs a phone." in said

    def test_the_native_entry_has_the_native_words(self, sync):
        sync.salesforce.rules.append(HOT_NEEDS_PHONE)
        _, person = sync.linked()
        sync.marketo.set(person, rating="Hot")

        sync.cycle()

        assert self.entries(sync, person)[0].attributes["Error"] == (
            "Failed to update SFDC {FIELD_CUSTOM_VALIDATION_EXCEPTION: A hot lead needs a phone.}"
        )  # ERR-03

    def test_after_mending_the_next_cycle_succeeds(self, either):
        either.salesforce.rules.append(HOT_NEEDS_PHONE)
        record_id, person = either.linked()
        either.marketo.set(person, rating="Hot")
        either.cycle()
        either.marketo.set(person, phone="555")

        report = either.cycle()

        assert either.salesforce.get("Lead", record_id, "Rating") == "Hot"
        assert report.exit_code == 0
        either.until_quiet()
        assert either.state.refusals() == []

    def test_after_the_rule_is_gone_the_next_cycle_succeeds_without_any_change(self, either):
        either.salesforce.rules.append(HOT_NEEDS_PHONE)
        record_id, person = either.linked()
        either.marketo.set(person, rating="Hot")
        either.cycle()
        either.salesforce.rules.clear()

        either.cycle()

        assert either.salesforce.get("Lead", record_id, "Rating") == "Hot"

    def test_a_write_that_is_taken_back_is_pending_no_more(self, either):
        either.salesforce.rules.append(HOT_NEEDS_PHONE)
        _, person = either.linked(Rating="Warm")
        either.marketo.set(person, rating="Hot")
        either.cycle()
        either.marketo.set(person, rating="Warm")

        report = either.cycle()

        assert report.exit_code == 0
        assert either.state.pending() == []

    def test_another_reason_is_another_entry(self, either):
        either.salesforce.rules.append(HOT_NEEDS_PHONE)
        _, person = either.linked()
        either.marketo.set(person, rating="Hot")
        either.cycle()
        either.salesforce.rules[:] = [rule("Rating", "No hot leads.", when=lambda row: row.get("Rating") == "Hot")]

        either.cycle()

        assert len(self.entries(either, person)) == 2

    def test_after_twenty_unchanged_cycles_it_is_set_aside_until_something_changes(self, sync):
        sync.salesforce.rules.append(HOT_NEEDS_PHONE)
        record_id, person = sync.linked()
        sync.marketo.set(person, rating="Hot")
        for _ in range(20):
            sync.cycle()

        set_aside = sync.cycle()
        sync.salesforce.rules.clear()
        still = sync.cycle()
        sync.marketo.set(person, title="CEO")
        sync.cycle()

        assert (set_aside.exit_code, still.to_json()["actions"]) == (0, [])  # U-07
        assert sync.salesforce.get("Lead", record_id, "Rating") == "Hot"

    def test_a_refused_winner_leaves_both_sides_as_they_are(self, either):
        either.salesforce.rules.append(HOT_NEEDS_PHONE)
        record_id, person = either.linked(Rating="Warm")
        either.salesforce.set("Lead", record_id, Rating="Cold", Title="CEO")
        either.marketo.set(person, rating="Hot")

        first = either.cycle()
        second = either.cycle()

        assert either.salesforce.get("Lead", record_id, "Rating") == "Cold"  # U-21
        assert either.marketo.leads[person]["rating"] == "Hot"
        assert either.marketo.leads[person]["title"] == "CEO"
        assert (len(first.conflicts), len(second.conflicts)) == (1, 0)

    def test_a_field_that_becomes_read_only_in_mid_cycle_lets_the_rest_through(self, either):
        record_id, person = either.linked(Rating="Warm")
        either.marketo.set(person, rating="Hot", title="CEO")
        either.salesforce.watched.before["update"] = lambda: either.salesforce.read_only("Lead", "Rating")

        report = either.cycle()
        either.salesforce.watched.before.clear()
        either.until_quiet()

        assert either.salesforce.get("Lead", record_id, "Title") == "CEO"
        assert [refusal.fields for outcome in report.refused for refusal in outcome.refusals] == [("Rating",)]

    def test_native_leaves_an_entry_for_every_pushed_person(self, sync):
        _, person = sync.linked()
        sync.marketo.set(person, title="CEO")

        sync.cycle()

        assert [each.attributes for each in sync.marketo.activities_of(person, 28)] == [{}]


class TestDeletes:
    """Source: "Deleting a Lead/Contact"."""

    FLAG = MappingProxyType({True: "sfdcIsDeleted", False: "syncrigSfdcIsDeleted"})

    def test_deleted_in_salesforce_is_a_flag_on_the_person(self, either):
        record_id, person = either.linked()
        either.salesforce.set("Lead", record_id, IsDeleted=True)

        either.cycle()

        assert either.marketo.leads[person][self.FLAG[either.marketo.connector]] is True  # LIF-10
        either.marketo.set(person, title="CEO")
        assert either.cycle().to_json()["actions"] == []  # CON-15

    def test_restored_in_salesforce_it_syncs_again(self, either):
        record_id, person = either.linked()
        either.salesforce.set("Lead", record_id, IsDeleted=True)
        either.cycle()
        either.salesforce.set("Lead", record_id, IsDeleted=False, Title="CEO")

        either.cycle()

        assert either.marketo.leads[person][self.FLAG[either.marketo.connector]] is False  # LIF-14
        assert either.marketo.leads[person]["title"] == "CEO"

    def test_deleted_in_marketo_comes_back_with_the_next_update_in_salesforce(self, either):
        record_id, person = either.linked()
        either.marketo.delete(person)

        either.cycle()
        either.cycle()
        gone = len(either.marketo.leads)
        either.salesforce.set("Lead", record_id, Title="CEO")
        either.cycle()

        assert gone == 0
        assert either.pair.person_of(record_id)["id"] != person  # LIF-12
        assert either.pair.person_of(record_id)["title"] == "CEO"

    def test_our_own_last_save_does_not_bring_a_deleted_person_back(self, either):
        _record_id, person = either.linked()
        either.marketo.set(person, title="CEO")
        either.cycle()
        either.marketo.delete(person)

        either.cycle()
        either.cycle()

        assert either.marketo.leads == {}

    def test_a_person_deleted_in_mid_cycle_is_made_anew(self, either):
        record_id, person = either.linked()
        either.salesforce.set("Lead", record_id, Title="CEO")
        either.marketo.watched.before["write"] = lambda: either.marketo.delete(person)

        either.cycle()
        either.marketo.watched.before.clear()
        either.cycle()

        assert either.pair.person_of(record_id)["title"] == "CEO"

    def test_a_record_deleted_in_mid_cycle_is_no_error(self, either):
        record_id, person = either.linked()
        either.marketo.set(person, title="CEO")
        either.salesforce.watched.before["update"] = lambda: either.salesforce.set("Lead", record_id, IsDeleted=True)

        first = either.cycle()
        either.salesforce.watched.before.clear()
        either.until_quiet()

        assert first.exit_code == 0
        assert either.marketo.leads[person][self.FLAG[either.marketo.connector]] is True

    def test_a_delete_of_what_never_synced_is_ignored(self, either):
        record_id = either.salesforce.add("Lead", LastName="Ghost", Company="Acme")
        either.salesforce.set("Lead", record_id, IsDeleted=True)

        either.cycle()

        assert either.marketo.leads == {}  # LIF-17

    def test_an_emptied_side_stops_the_sync(self, either):
        people = [either.salesforce.add("Lead", LastName=f"L{n}", Company="Acme") for n in range(30)]
        either.until_quiet()
        for person in list(either.marketo.leads):
            either.marketo.delete(person)

        with pytest.raises(NeedsPerson, match="30 linked records were deleted in Marketo"):
            either.cycle()
        assert len(people) == 30


class TestConversion:
    """Source: "Converting a Lead into a Contact in Salesforce"."""

    def test_the_person_becomes_the_contacts(self, either):
        record_id, person = either.linked(Title="CTO", Phone="1")
        contact = either.salesforce.convert(record_id)

        either.cycle()

        assert list(either.marketo.leads) == [person]  # LIF-04
        assert either.pair.person_of(contact)["id"] == person
        either.until_quiet()

    def test_an_edit_made_meanwhile_reaches_the_contact(self, either):
        record_id, person = either.linked(Title="CTO")
        contact = either.salesforce.convert(record_id)
        either.marketo.set(person, title="CEO")

        either.until_quiet()

        assert either.salesforce.get("Contact", contact, "Title") == "CEO"  # LIF-05

    def test_what_the_conversion_left_empty_does_not_empty_the_person(self, either):
        record_id, person = either.linked(Region__c="North")
        contact = either.salesforce.convert(record_id, Region__c=None)

        either.until_quiet()

        assert either.marketo.leads[person]["Region__c"] == "North"  # U-37
        assert either.salesforce.get("Contact", contact, "Region__c") is None

    def test_a_contact_seen_before_its_lead_is_no_second_person(self, either):
        record_id, person = either.linked()
        either.pair.clock.tick(hours=1)
        contacts = []
        queries = len(either.salesforce.watched.names)
        # Between the query of Leads and the query of Contacts.
        either.salesforce.watched.after[queries + 1] = lambda: contacts.append(either.salesforce.convert(record_id))

        either.cycle()
        either.until_quiet()

        assert list(either.marketo.leads) == [person]
        assert either.pair.person_of(contacts[0])["id"] == person

    def test_converted_into_a_contact_that_is_another_person_waits_for_a_merge(self, either):
        contact, other = either.linked("Contact")
        record_id, person = either.linked()
        either.salesforce.set("Lead", record_id, IsConverted=True, ConvertedContactId=contact)

        report = either.cycle()

        assert report.exit_code == 3
        assert set(either.marketo.leads) == {person, other}
        either.until_quiet()


class TestFirstRun:
    """Links are read from the id field on the person; Salesforce fills Marketo's empty fields, else the policy."""

    @pytest.fixture
    def carried(self, either):
        """A record and a person that carries its id, of which the state knows nothing."""

        def make(record, lead, sobject="Lead"):
            record_id = either.salesforce.add(sobject, LastName="Berg", Company="Acme", **record)
            marks = (
                {"sfdcType": sobject, f"sfdc{sobject}Id": record_id}
                if either.marketo.connector
                else {"syncrigSfdcType": sobject, "syncrigSfdcId": record_id}
            )
            person = either.marketo.add(lastName="Berg", company="Acme", **lead, **marks)
            return record_id, person

        return make

    def test_equal_records_are_linked_without_a_write(self, either, carried):
        carried({"Title": "CEO"}, {"title": "CEO"})
        entries = len(either.marketo.log)

        first = either.cycle().to_json()
        either.cycle()

        assert {a["action"] for a in first["actions"]} - {"create-field"} == {"link"}
        assert len(either.marketo.log) == entries
        assert len(either.marketo.leads) == 1

    def test_salesforce_fills_what_is_empty_in_marketo(self, either, carried):
        _, person = carried({"Title": "CEO"}, {})

        either.cycle()

        assert either.marketo.leads[person]["title"] == "CEO"

    @pytest.mark.parametrize(("sobject", "winner"), [("Lead", "theirs"), ("Contact", "ours")])
    def test_the_policy_decides_the_rest(self, either, carried, sobject, winner):
        record_id, person = carried({"Title": "ours"}, {"title": "theirs"}, sobject)

        either.cycle()

        assert either.marketo.leads[person]["title"] == winner
        assert either.salesforce.get(sobject, record_id, "Title") == winner

    def test_an_edit_in_marketo_during_the_first_reading_is_not_missed(self, either):
        record_id = either.salesforce.add("Lead", LastName="Berg", Company="Acme")

        def edit():
            (person,) = either.marketo.leads
            either.marketo.set(person, title="CEO")

        either.marketo.watched.after["write"] = edit
        either.cycle()
        either.marketo.watched.after.clear()
        either.cycle()

        assert either.salesforce.get("Lead", record_id, "Title") == "CEO"

    def test_an_external_sync_without_its_fields_says_what_to_do(self):
        sync = Sync()
        sync.marketo.connector = False

        with pytest.raises(SetupMissing, match="syncengine init --write"):
            sync.cycle()


class TestLateness:
    """Overlap and key paging: nothing is skipped because it became visible late."""

    def test_a_marketo_change_that_becomes_visible_late_is_not_missed(self, sync):
        record_id, person = sync.linked()
        sync.marketo.set(person, title="CEO")
        sync.marketo.late.add(sync.marketo.log[-1].guid)
        sync.cycle()
        sync.pair.clock.tick(minutes=4)
        sync.marketo.late.clear()

        sync.cycle()

        assert sync.salesforce.get("Lead", record_id, "Title") == "CEO"

    def test_a_record_that_is_committed_late_with_an_earlier_stamp_is_not_missed(self, sync):
        sync.linked()
        stamp = sync.salesforce.records["Lead"].copy()
        late = sync.salesforce.add("Lead", LastName="Late", Company="Acme")
        row = sync.salesforce.records["Lead"].pop(late)
        sync.pair.clock.tick(minutes=3)
        sync.salesforce.add("Lead", LastName="Prompt", Company="Acme")
        sync.cycle()
        sync.salesforce.records["Lead"][late] = row

        sync.cycle()

        assert sync.pair.person_of(late)["lastName"] == "Late"
        assert len(stamp) == 1

    @pytest.mark.parametrize("size", [1, 2, 3])
    def test_records_that_share_a_stamp_at_the_edge_of_a_page_are_all_read(self, sync, size):
        ids = [sync.salesforce.add("Lead", LastName=f"L{number}", Company="Acme") for number in range(5)]
        for record_id in ids:
            sync.salesforce.records["Lead"][record_id]["SystemModstamp"] = "2026-01-05T10:00:00.000+0000"

        sync.cycle(page_size=size)

        assert len(sync.marketo.leads) == 5


class TestFailures:
    """Whatever stops a cycle, the watermarks wait and the next one goes on."""

    def test_after_a_failure_the_next_cycle_reads_the_same_again(self, either):
        record_id, person = either.linked()
        either.salesforce.set("Lead", record_id, Title="CEO")
        either.marketo.watched.before["write"] = out_of_order
        with pytest.raises(Fatal):
            either.cycle()
        either.pair.clock.tick(hours=1)
        either.marketo.watched.before.clear()

        either.cycle()

        assert either.marketo.leads[person]["title"] == "CEO"
        assert [run["status"] for run in either.state.last_runs(2)] == ["done", "failed"]

    def test_two_cycles_of_one_pair_never_overlap(self, sync):
        def second():
            with pytest.raises(Busy):
                sync.cycle()

        sync.salesforce.watched.before[1] = second

        sync.cycle()

        assert sync.state.last_runs()[0]["status"] == "done"  # CYC-07
