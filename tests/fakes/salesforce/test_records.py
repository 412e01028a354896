"""Saving records, rule by rule, in Salesforce's order of execution.

Source: Apex Developer Guide, "Triggers and Order of Execution"; Object Reference, "System Fields".
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from fakes.salesforce.errors import SalesforceError, ValidationRuleFailed
from fakes.salesforce.records import Operation

MISSING = "0015f0000000zzz"
PHONE_IF_HOT = {
    "formula": 'ISPICKVAL(Rating, "Hot") && ISBLANK(Phone)',
    "message": "A hot lead needs a phone.",
    "field": "Phone",
}


@pytest.fixture
def user(org):
    return org.sync_user


def refused(call, *args, **kwargs):
    with pytest.raises(SalesforceError) as error:
        call(*args, **kwargs)
    return [(each.code, each.message, each.fields) for each in error.value.errors]


def lead(org, **values):
    return org.records.create("Lead", {"LastName": "Berg", "Company": "Acme", **values}, by=org.sync_user)


def read(org, sobject, record_id):
    return org.records.read(sobject, record_id, by=org.sync_user)


class TestDefaults:
    def test_the_creator_owns_the_record_and_defaults_are_filled_in(self, org, user):
        found = read(org, "Lead", lead(org))

        assert (found["OwnerId"], found["Status"]) == (user.id, "Open - Not Contacted")
        assert found["DoNotCall"] is False

    def test_an_explicit_null_beats_a_default(self, org):
        assert refused(lead, org, Status=None) == [
            ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Status]", ("Status",))
        ]

    def test_a_default_formula_and_a_default_value_of_custom_fields(self, build):
        org = build(
            fields={
                "Lead.Tier__c": {"type": "Picklist", "values": [{"value": "A"}, {"value": "B", "default": True}]},
                "Lead.Note__c": {"type": "Text", "length": 20, "defaultValue": '"new"'},
            }
        )

        found = read(org, "Lead", lead(org))

        assert (found["Tier__c"], found["Note__c"]) == ("B", "new")


class TestNamesAndPermissions:
    """Source: REST API Developer Guide, "Status Codes and Error Responses"; reports R06 and R22."""

    @pytest.fixture
    def org(self, build):
        return build(field_permissions={"Marketo Sync": {"Account.AccountSource": "hidden", "Account.Rating": "read"}})

    @pytest.mark.parametrize("name", ["AccountSource", "Nonsense"])
    def test_hidden_and_unknown_fields_read_alike(self, org, user, name):
        account = org.records.create("Account", {"Name": "Acme"}, by=user)

        assert refused(org.records.update, "Account", account, {name: "Web"}, by=user) == [
            ("INVALID_FIELD", f"No such column '{name}' on sobject of type Account", None)
        ]

    def test_every_field_that_may_not_be_written_is_named_in_one_error(self, org, user):
        account = org.records.create("Account", {"Name": "Old"}, by=user)
        whole = {
            "Name": "New",
            "Rating": "Hot",
            "SystemModstamp": "2026-01-01T00:00:00.000+0000",
            "IsDeleted": False,
            "CreatedById": user.id,
            "BillingAddress": None,
        }

        told = refused(org.records.update, "Account", account, whole, by=user)

        fields = ("Rating", "SystemModstamp", "IsDeleted", "CreatedById", "BillingAddress")
        assert told == [
            (
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                (
                    f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this "
                    "field and verify that it is read/write for your profile or permission set."
                ),
                fields,
            )
        ]
        assert read(org, "Account", account)["Name"] == "Old"

    def test_a_new_record_may_not_bring_its_id(self, org, user):
        values = {"Id": MISSING, "Name": "New"}

        assert refused(org.records.create, "Account", values, by=user) == [
            ("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ("Id",))
        ]

    def test_an_update_may_not_bring_an_id(self, org, user):
        account = org.records.create("Account", {"Name": "Old"}, by=user)

        assert refused(org.records.update, "Account", account, {"Id": account}, by=user) == [
            ("INVALID_FIELD", "The Id field should not be specified in the sobject data.", None)
        ]

    def test_names_are_read_whatever_their_case(self, org, user):
        account = org.records.create("ACCOUNT", {"nAmE": "Acme"}, by=user)

        assert read(org, "account", account)["Name"] == "Acme"

    def test_a_formula_field_cannot_be_written(self, build):
        org = build(fields={"Lead.Greeting__c": {"type": "Text", "formula": '"Hi " & FirstName'}})

        assert refused(lead, org, Greeting__c="x")[0][0] == "INVALID_FIELD_FOR_INSERT_UPDATE"

    def test_an_object_that_may_not_be_read_does_not_exist(self, org, user):
        assert refused(org.records.create, "Nonsense__c", {}, by=user) == [
            ("NOT_FOUND", "The requested resource does not exist", None)
        ]

    def test_a_setup_object_cannot_be_written_without_being_an_administrator(self, org, user):
        assert refused(org.records.update, "User", user.id, {"Title": "x"}, by=user) == [
            ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be updated: User", ())
        ]


class TestLookups:
    def test_an_existing_parent_is_taken_in_either_length(self, org, user):
        account = org.records.create("Account", {"Name": "Acme"}, by=user)
        contact = org.records.create("Contact", {"LastName": "Berg", "AccountId": account[:15]}, by=user)

        assert read(org, "Contact", contact)["AccountId"] == account

    @pytest.mark.parametrize(
        ("value", "code", "message", "fields"),
        [
            pytest.param(
                MISSING,
                "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
                f"insufficient access rights on cross-reference id: {MISSING}",
                (),
                id="nobody is there",
            ),
            pytest.param(
                "abc", "MALFORMED_ID", "Account ID: id value of incorrect type: abc", ("AccountId",), id="no id"
            ),
        ],
    )
    def test_a_dangling_lookup_is_refused(self, org, user, value, code, message, fields):
        values = {"LastName": "Berg", "AccountId": value}

        assert refused(org.records.create, "Contact", values, by=user) == [(code, message, fields)]

    def test_the_id_of_another_type_is_refused(self, org, user):
        values = {"LastName": "Berg", "AccountId": user.id}

        assert refused(org.records.create, "Contact", values, by=user) == [
            ("FIELD_INTEGRITY_EXCEPTION", f"Account ID: id value of incorrect type: {user.id}", ("AccountId",))
        ]

    def test_a_deleted_parent_is_as_good_as_none(self, org, user):
        account = org.records.create("Account", {"Name": "Acme"}, by=user)
        org.records.delete("Account", account, by=user)

        told = refused(org.records.create, "Contact", {"LastName": "Berg", "AccountId": account}, by=user)

        assert told[0][0] == "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"

    def test_an_owner_who_does_not_exist_is_an_invalid_cross_reference(self, org):
        assert refused(lead, org, OwnerId="0055f0000000zzz") == [
            ("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
        ]

    def test_an_inactive_user_cannot_own_a_record(self, org):
        admin = org.administrator
        org.records.update("User", admin.id, {"IsActive": False}, by=admin)

        code, message, _ = refused(lead, org, OwnerId=admin.id)[0]

        assert code == "INACTIVE_OWNER_OR_USER"
        assert message == f"operation performed with inactive user [{admin.id[:15]}] as owner of lead"

    def test_no_record_is_its_own_ancestor(self, org, user):
        parent = org.records.create("Account", {"Name": "Parent"}, by=user)
        child = org.records.create("Account", {"Name": "Child", "ParentId": parent}, by=user)

        told = refused(org.records.update, "Account", parent, {"ParentId": child}, by=user)

        assert told[0][0] == "CIRCULAR_DEPENDENCY"

    def test_a_parent_can_be_given_by_its_external_id(self, build):
        org = build(fields={"Account.Key__c": {"type": "Text", "length": 20, "externalId": True}})
        user = org.sync_user
        account = org.records.create("Account", {"Name": "Acme", "Key__c": "a-1"}, by=user)
        contact = org.records.create("Contact", {"LastName": "B", "Account": {"Key__c": "A-1"}}, by=user)

        assert read(org, "Contact", contact)["AccountId"] == account
        assert refused(org.records.create, "Contact", {"LastName": "B", "Account": {"Key__c": "a-9"}}, by=user) == [
            ("INVALID_FIELD", "Foreign key external ID: a-9 not found for field Key__c in entity Account", ())
        ]
        both = {"LastName": "B", "Account": {"Key__c": "a-1"}, "AccountId": account}
        assert refused(org.records.create, "Contact", both, by=user) == [
            (
                "INVALID_FIELD",
                "Cannot specify both an external ID reference Account and a salesforce id, AccountId",
                (),
            )
        ]


class TestSystemValidation:
    def test_one_error_names_every_missing_field(self, org, user):
        assert refused(org.records.create, "Lead", {"FirstName": "Anna", "LastName": " "}, by=user) == [
            (
                "REQUIRED_FIELD_MISSING",
                "Required fields are missing: [LastName, Company]",
                ("LastName", "Company"),
            )
        ]

    def test_every_text_that_is_too_long_is_reported(self, org):
        told = refused(lead, org, City="x" * 41, FirstName="y" * 41)

        assert [(code, fields) for code, _, fields in told] == [
            ("STRING_TOO_LONG", ("FirstName",)),
            ("STRING_TOO_LONG", ("City",)),
        ]
        assert told[1][1] == f"City: data value too large: {'x' * 41} (max length=40)"

    def test_an_address_that_is_none(self, org):
        assert refused(lead, org, Email="nobody") == [
            ("INVALID_EMAIL_ADDRESS", "Email: invalid email address: nobody", ("Email",))
        ]

    def test_a_restricted_picklist(self, build):
        org = build(fields={"Lead.Region__c": {"type": "Picklist", "values": ["North"], "restricted": True}})

        assert refused(lead, org, Region__c="East") == [
            (
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                "Region: bad value for restricted picklist field: East",
                ("Region__c",),
            )
        ]
        assert read(org, "Lead", lead(org, Region__c="NORTH"))["Region__c"] == "North"

    def test_an_unchanged_value_is_not_checked_again(self, build):
        org = build(fields={"Lead.Region__c": {"type": "Picklist", "values": ["North"], "restricted": True}})
        record = lead(org)
        org.store.update(org.schema["Lead"], record, {"Region__c": "West"})  # a value that was taken away since

        org.records.update("Lead", record, {"Title": "Dr"}, by=org.sync_user)

        assert read(org, "Lead", record)["Region__c"] == "West"

    def test_an_owner_cannot_be_blank(self, org):
        assert refused(lead, org, OwnerId=None) == [
            ("INVALID_CROSS_REFERENCE_KEY", "Owner ID: owner cannot be blank", ("OwnerId",))
        ]


class TestUniqueFields:
    @pytest.fixture
    def org(self, build):
        return build(fields={"Lead.Key__c": {"type": "Text", "length": 20, "unique": True, "externalId": True}})

    def test_a_second_record_with_the_value_is_refused_whatever_the_case(self, org):
        first = lead(org, Key__c="k-1")

        assert refused(lead, org, Key__c="K-1") == [
            (
                "DUPLICATE_VALUE",
                f"duplicate value found: Key__c duplicates value on record with id: {first[:15]}",
                (),
            )
        ]

    def test_blanks_and_deleted_records_do_not_count(self, org):
        lead(org)
        lead(org)
        first = lead(org, Key__c="k-1")
        org.records.delete("Lead", first, by=org.sync_user)

        assert lead(org, Key__c="k-1") != first

    def test_a_username_is_taken_once(self, org):
        admin = org.administrator
        told = refused(org.records.update, "User", admin.id, {"Username": org.sync_username}, by=admin)

        assert told[0][0] == "DUPLICATE_USERNAME"


class TestSystemFields:
    def test_a_create_sets_them_all(self, org, user):
        found = read(org, "Lead", lead(org))

        for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
            assert found[name] == "2026-01-05T09:00:00.000+0000"
        assert found["CreatedById"] == found["LastModifiedById"] == user.id
        assert found["IsDeleted"] is False

    def test_an_update_moves_the_last_three_even_when_nothing_changes(self, org, clock):
        record = lead(org)
        clock.advance(timedelta(minutes=5, milliseconds=700))
        org.records.update("Lead", record, {"LastName": "Berg"}, by=org.administrator)
        found = read(org, "Lead", record)

        assert found["CreatedDate"] == "2026-01-05T09:00:00.000+0000"
        assert found["LastModifiedDate"] == found["SystemModstamp"] == "2026-01-05T09:05:00.000+0000"
        assert found["LastModifiedById"] == org.administrator.id

    def test_a_deletion_moves_the_stamp_too(self, org, user, clock):
        record = lead(org)
        clock.advance(timedelta(minutes=1))
        org.records.delete("Lead", record, by=user)

        assert org.store.get(org.schema["Lead"], record)["SystemModstamp"] == "2026-01-05T09:01:00.000Z"


class TestComposedNames:
    @pytest.mark.parametrize("sobject", ["Lead", "Contact"])
    def test_name_is_first_name_and_last_name(self, org, user, sobject):
        company = {"Company": "Acme"} if sobject == "Lead" else {}
        values = {"Salutation": "Ms.", "FirstName": "Anna", "LastName": "Berg", **company}
        record = org.records.create(sobject, values, by=user)
        assert read(org, sobject, record)["Name"] == "Anna Berg"

        org.records.update(sobject, record, {"FirstName": None}, by=user)

        assert read(org, sobject, record)["Name"] == "Berg"

    def test_name_itself_is_read_only(self, org):
        assert refused(lead, org, Name="Anna Berg")[0][2] == ("Name",)


class TestHooks:
    def test_a_hook_before_the_save_changes_what_the_rules_see(self, build):
        org = build(validation_rules={"Lead.Phone_If_Hot": PHONE_IF_HOT})
        org.records.hooks.before_save["Lead"].append(lambda save: save.row.update(Rating="Cold"))

        assert read(org, "Lead", lead(org, Rating="Hot"))["Rating"] == "Cold"

    def test_a_hook_may_refuse(self, org):
        def refuse(save):
            raise ValidationRuleFailed("not today", [])

        org.records.hooks.before_save["Lead"].append(refuse)

        assert refused(lead, org)[0][1] == "not today"
        assert org.store.count(org.schema["Lead"]) == 0

    def test_a_field_update_after_the_save_does_not_ask_the_rules_again(self, build):
        org = build(validation_rules={"Lead.Phone_If_Hot": PHONE_IF_HOT})
        org.records.hooks.after_save["Lead"].append(lambda save: save.row.update(Rating="Hot", FirstName="X"))

        found = read(org, "Lead", lead(org))

        assert (found["Rating"], found["Name"]) == ("Hot", "X Berg")


class TestOpportunityStages:
    def test_probability_and_category_follow_the_stage(self, org, user):
        values = {"Name": "Deal", "StageName": "Closed Won", "CloseDate": "2026-02-01", "Amount": 50}
        deal = org.records.create("Opportunity", values, by=user)
        found = read(org, "Opportunity", deal)
        assert (found["IsWon"], found["IsClosed"], found["Probability"]) == (True, True, 100.0)
        assert found["ExpectedRevenue"] == 50.0

        org.records.update("Opportunity", deal, {"StageName": "Prospecting", "Probability": 45}, by=user)

        found = read(org, "Opportunity", deal)
        assert (found["IsWon"], found["IsClosed"], found["Probability"]) == (False, False, 45.0)


class TestTasksAndCampaigns:
    """Source: Object Reference, "Task" and "CampaignMember"."""

    def test_a_task_is_closed_by_its_status(self, org, user):
        task = org.records.create("Task", {"Subject": "Call", "Status": "Completed"}, by=user)
        assert read(org, "Task", task)["IsClosed"] is True

        org.records.update("Task", task, {"Status": "In Progress"}, by=user)

        assert read(org, "Task", task)["IsClosed"] is False

    def test_a_person_is_a_member_of_a_campaign_once(self, org):
        admin, person = org.administrator, lead(org)
        campaigns = [org.records.create("Campaign", {"Name": name}, by=admin) for name in ("One", "Two")]
        for campaign in campaigns:
            org.records.create("CampaignMember", {"CampaignId": campaign, "LeadId": person}, by=admin)

        again = {"CampaignId": campaigns[0], "LeadId": person}

        assert refused(org.records.create, "CampaignMember", again, by=admin) == [
            ("DUPLICATE_VALUE", "Already a campaign member.", ())
        ]


class TestConvertedLeads:
    def test_they_cannot_be_changed(self, org, user):
        record = lead(org)
        org.store.update(org.schema["Lead"], record, {"IsConverted": 1})

        assert refused(org.records.update, "Lead", record, {"Title": "x"}, by=user) == [
            ("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())
        ]


class TestRecordsThatAreNotThere:
    @pytest.mark.parametrize("what", ["update", "delete"])
    def test_changing_one_that_never_was(self, org, user, what):
        arguments = ({"Title": "x"},) if what == "update" else ()

        told = refused(getattr(org.records, what), "Lead", "00Q5f0000000zzz", *arguments, by=user)

        assert told == [("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())]

    @pytest.mark.parametrize("what", ["update", "delete", "read"])
    def test_one_in_the_recycle_bin(self, org, user, what):
        record = lead(org)
        org.records.delete("Lead", record, by=user)
        arguments = ({"Title": "x"},) if what == "update" else ()

        told = refused(getattr(org.records, what), "Lead", record, *arguments, by=user)

        assert told == [("ENTITY_IS_DELETED", "entity is deleted", ())]

    def test_the_id_of_another_sobject(self, org, user):
        account = org.records.create("Account", {"Name": "Acme"}, by=user)

        assert refused(org.records.update, "Lead", account, {"Title": "x"}, by=user) == [
            ("MALFORMED_ID", f"Lead ID: id value of incorrect type: {account}", ("Id",))
        ]
        assert refused(org.records.read, "Lead", account, by=user)[0][0] == "NOT_FOUND"

    def test_a_segment_that_is_no_id_is_read_as_an_external_id(self, org, user):
        assert refused(org.records.read, "Lead", "tmp_1", by=user) == [
            ("NOT_FOUND", "Provided external ID field does not exist or is not accessible: tmp_1", None)
        ]


class TestDelete:
    def test_a_child_loses_its_parent_and_moves_its_stamp_only(self, org, user, clock):
        account = org.records.create("Account", {"Name": "Parent"}, by=user)
        child = org.records.create("Account", {"Name": "Child", "ParentId": account}, by=user)
        clock.advance(timedelta(minutes=1))
        org.records.delete("Account", account, by=user)

        found = read(org, "Account", child)

        assert found["ParentId"] is None
        assert found["SystemModstamp"] == "2026-01-05T09:01:00.000+0000"
        assert found["LastModifiedDate"] == "2026-01-05T09:00:00.000+0000"

    @pytest.mark.parametrize("constraint", ["Restrict", "Cascade"])
    def test_a_child_stops_it_or_goes_with_it_as_its_lookup_says(self, build, constraint):
        lookup = {"type": "Lookup", "referenceTo": "Lead", "relationshipName": "Contacts"}
        org = build(fields={"Contact.Origin__c": {**lookup, "deleteConstraint": constraint}})
        origin = lead(org)
        child = org.records.create("Contact", {"LastName": "Berg", "Origin__c": origin}, by=org.sync_user)

        if constraint == "Restrict":
            told = refused(org.records.delete, "Lead", origin, by=org.sync_user)
            assert told[0][0] == "DELETE_FAILED"
            assert "Berg" in told[0][1]
            assert read(org, "Contact", child)["Origin__c"] == origin
        else:
            org.records.delete("Lead", origin, by=org.sync_user)
            assert refused(read, org, "Contact", child)[0][0] == "ENTITY_IS_DELETED"


class TestUpsert:
    @pytest.fixture
    def org(self, build):
        return build(
            fields={"Contact.External_Key__c": {"type": "Text", "length": 20, "externalId": True}},
            field_permissions={"Marketo Sync": {"Contact.External_Key__c": "edit"}},
        )

    def test_the_key_of_nobody_creates(self, org, user):
        record, created = org.records.upsert("contact", "external_key__c", "k-1", {"LastName": "B"}, by=user)

        assert created
        assert read(org, "Contact", record)["External_Key__c"] == "k-1"

    def test_the_key_of_somebody_updates(self, org, user):
        first = org.records.create("Contact", {"LastName": "A", "External_Key__c": "k-1"}, by=user)

        assert org.records.upsert("Contact", "External_Key__c", "K-1", {"LastName": "B"}, by=user) == (first, False)
        assert read(org, "Contact", first)["LastName"] == "B"

    def test_the_key_may_not_stand_in_the_body(self, org, user):
        told = refused(org.records.upsert, "Contact", "External_Key__c", "k", {"external_key__c": "k"}, by=user)

        assert told == [
            ("INVALID_FIELD", "The External_Key__c field should not be specified in the sobject data.", None)
        ]

    @pytest.mark.parametrize("field", ["Title", "Nonsense__c"])
    def test_a_field_that_is_no_key(self, org, user, field):
        assert refused(org.records.upsert, "Contact", field, "k", {"LastName": "B"}, by=user) == [
            ("NOT_FOUND", f"Provided external ID field does not exist or is not accessible: {field}", None)
        ]

    def test_a_key_field_that_the_user_may_only_read_matches_and_does_not_create(self, org, user):
        first = org.records.create("Contact", {"LastName": "A", "External_Key__c": "k-1"}, by=user)
        org.security.set_field_access("Marketo Sync", "Contact", "External_Key__c", "read")

        assert org.records.upsert("Contact", "External_Key__c", "k-1", {"LastName": "B"}, by=user) == (first, False)
        told = refused(org.records.upsert, "Contact", "External_Key__c", "k-2", {"LastName": "B"}, by=user)
        assert (told[0][0], told[0][2]) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ("External_Key__c",))

    def test_a_hidden_key_field_does_not_exist(self, org, user):
        org.security.set_field_access("Marketo Sync", "Contact", "External_Key__c", "hidden")

        told = refused(org.records.upsert, "Contact", "External_Key__c", "k-1", {"LastName": "B"}, by=user)

        assert told[0][1].endswith("not accessible: External_Key__c")

    def test_two_with_the_key_write_nothing(self, org, user):
        twins = [lead(org, Email="twin@example.com") for _ in range(2)]

        with pytest.raises(SalesforceError) as several:
            org.records.upsert("Lead", "Email", "TWIN@example.com", {"LastName": "New"}, by=user)

        assert several.value.http_status == 300
        assert list(several.value.record_ids) == twins
        assert {read(org, "Lead", twin)["LastName"] for twin in twins} == {"Berg"}


class TestSavingMany:
    def test_each_stands_on_its_own(self, org, user):
        good = {"LastName": "Berg", "Company": "Acme"}
        results = org.records.save([Operation("create", "Lead", row) for row in (good, {}, good)], by=user)

        assert [result.success for result in results] == [True, False, True]
        assert org.store.count(org.schema["Lead"]) == 2

    def test_all_or_none(self, org, user):
        good = {"LastName": "Berg", "Company": "Acme"}
        operations = [Operation("create", "Lead", row) for row in (good, {}, good)]

        results = org.records.save(operations, by=user, all_or_none=True)

        assert [result.errors[0].code for result in results] == [
            "ALL_OR_NONE_OPERATION_ROLLED_BACK",
            "REQUIRED_FIELD_MISSING",
            "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        ]
        assert org.store.count(org.schema["Lead"]) == 0

    def test_an_unknown_column_refuses_the_whole_call(self, org, user):
        good = {"LastName": "Berg", "Company": "Acme"}
        operations = [Operation("create", "Lead", row) for row in (good, {**good, "Nonsense": 1})]

        told = refused(org.records.save, operations, by=user)

        assert told[0][0] == "INVALID_FIELD"
        assert org.store.count(org.schema["Lead"]) == 0


class TestReading:
    def test_the_whole_record_comes_in_the_order_of_the_describe_without_hidden_fields(self, build):
        org = build(field_permissions={"Marketo Sync": {"Lead.Rating": "hidden"}})
        found = read(org, "Lead", lead(org))

        visible = [name for name in org.schema["Lead"].fields if name != "Rating"]
        assert list(found) == ["attributes", *visible]

    def test_asked_for_fields_come_with_the_id(self, org, user):
        account = org.records.create("Account", {"Name": "Acme"}, by=user)
        contact = org.records.create("Contact", {"LastName": "Berg", "AccountId": account}, by=user)

        found = org.records.read("Contact", contact, ["lastname", "Account.Name"], by=user, version="63.0")

        assert found == {
            "attributes": {"type": "Contact", "url": f"/services/data/v63.0/sobjects/Contact/{contact}"},
            "LastName": "Berg",
            "Account": {
                "attributes": {"type": "Account", "url": f"/services/data/v63.0/sobjects/Account/{account}"},
                "Name": "Acme",
            },
            "Id": contact,
        }

    def test_an_address_is_an_object_or_null(self, org):
        assert read(org, "Lead", lead(org))["Address"] is None
        found = read(org, "Lead", lead(org, Street="Main 1", City="Oslo"))["Address"]
        assert found == {
            "city": "Oslo",
            "country": None,
            "geocodeAccuracy": None,
            "latitude": None,
            "longitude": None,
            "postalCode": None,
            "state": None,
            "street": "Main 1",
        }

    def test_an_unknown_field_stands_under_a_caret(self, org, user):
        told = refused(org.records.read, "Lead", lead(org), ["LastName", "Foo"], by=user)

        assert told == [
            (
                "INVALID_FIELD",
                (
                    "\nSELECT LastName,Foo FROM Lead\n                ^\nERROR at Row:1:Column:17\n"
                    "No such column 'Foo' on entity 'Lead'. If you are attempting to use a custom field, be sure to "
                    "append the '__c' after the custom field name. Please reference your WSDL or the describe call for "
                    "the appropriate names."
                ),
                None,
            )
        ]


class TestPermissionRows:
    """Source: Object Reference, "FieldPermissions"."""

    def test_an_administrator_hides_a_field_by_deleting_its_row(self, org, user):
        admin = org.administrator
        owner = org.security.permission_set_id("Marketo Sync")
        row = org.store.where(org.schema["FieldPermissions"], {"ParentId": [owner], "Field": ["Lead.Rating"]})[0]
        org.records.delete("FieldPermissions", row["Id"], by=admin)
        assert not user.access.can_read("Lead", "Rating")

        values = {"ParentId": owner, "SobjectType": "Lead", "Field": "Lead.Rating", "PermissionsRead": True}
        org.records.create("FieldPermissions", values, by=admin)

        assert user.access.can_read("Lead", "Rating")
        assert not user.access.can_edit("Lead", "Rating")

    def test_a_field_outside_field_level_security_has_no_row(self, org):
        owner = org.security.permission_set_id("Marketo Sync")
        values = {"ParentId": owner, "SobjectType": "Lead", "Field": "Lead.Company", "PermissionsRead": True}

        told = refused(org.records.create, "FieldPermissions", values, by=org.administrator)

        assert told[0][0] == "FIELD_INTEGRITY_EXCEPTION"
