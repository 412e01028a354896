from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar

import pytest

from fakes.kit.clock import VirtualClock
from fakes.kit.scenario import SalesforcePart, UserSpec
from fakes.salesforce.app import create_app
from fakes.salesforce.errors import SalesforceError
from fakes.salesforce.org import Org

PART = SalesforcePart(
    users=[
        UserSpec("sync@acme.test", profile="Marketo Sync", permission_sets=("Lead Desk",), sync_user=True),
        UserSpec("admin@acme.test"),
    ],
    records={"Lead": [{"ref": "anna", "LastName": "Berg", "Company": "Acme", "Rating": "Warm"}]},
)


@pytest.fixture
def org():
    return Org.build(PART, clock=VirtualClock(datetime(2026, 1, 5, 9, tzinfo=UTC)))


@pytest.fixture
def door(org):
    return create_app(org).test_client()


def messages(answer):
    return [error["message"] for error in answer.json["errors"]]


def refused(org, **values):
    """The code of the refusal that saving these values meets, or None when it is saved."""
    try:
        org.records.update("Lead", org.refs["anna"], values, by=org.sync_user)
    except SalesforceError as error:
        return error.code
    return None


class TestFieldPermissions:
    @pytest.mark.parametrize(
        ("access", "code"),
        [("hidden", "INVALID_FIELD"), ("read", "INVALID_FIELD_FOR_INSERT_UPDATE"), ("edit", None)],
    )
    def test_are_those_of_the_sync_users_profile_unless_named(self, org, door, access, code):
        answer = door.put("/_fake/field-permissions/Lead.Rating", json={"access": access})

        assert answer.json == {"field": "Lead.Rating", "access": access, "owner": "Marketo Sync", "syncUser": access}
        assert refused(org, Rating="Hot") == code

    def test_of_another_profile_leave_the_sync_user_alone(self, org, door):
        body = {"access": "hidden", "profile": "System Administrator"}
        answer = door.put("/_fake/field-permissions/Lead.Rating", json=body)

        assert answer.json["syncUser"] == "edit"
        assert not org.administrator.access.can_read("Lead", "Rating")

    def test_of_a_permission_set_are_granted_besides_the_profiles(self, door):
        door.put("/_fake/field-permissions/Lead.Rating", json={"access": "hidden"})
        body = {"access": "read", "permissionSet": "Lead Desk"}
        answer = door.put("/_fake/field-permissions/Lead.Rating", json=body)

        assert answer.json["syncUser"] == "read"

    def test_deleted_are_hidden(self, org, door):
        answer = door.delete("/_fake/field-permissions/Lead.Rating?profile=Marketo Sync")

        assert answer.json["access"] == "hidden"
        assert not org.sync_user.access.can_read("Lead", "Rating")

    @pytest.mark.parametrize(
        ("path", "body", "status", "said"),
        [
            ("Lead.Company", {"access": "hidden"}, 400, "Lead.Company is outside field-level security"),
            ("Lead.City", {"access": "hidden"}, 400, "Lead.City is a part of Lead.Address"),
            ("Lead.Rating", {"access": "write"}, 400, "access is hidden, read or edit, not 'write'"),
            ("Lead.Rating", {}, 400, "access: required"),
            ("Lead.Rating", {"access": "read", "profil": "X"}, 400, "profil: unknown key; did you mean profile?"),
            ("Lead.Rating", {"access": "read", "profile": "X", "permissionSet": "Y"}, 400, "give a profile or a"),
            ("Leed.Rating", {"access": "read"}, 404, "no sobject 'Leed'; did you mean Lead?"),
            ("Lead.Ratng", {"access": "read"}, 404, "no field 'Ratng' on Lead; did you mean Rating?"),
            ("Lead", {"access": "read"}, 404, "no field '' on Lead"),
            ("Lead.Rating", {"access": "read", "profile": "Nobody"}, 404, "no profile or permission set 'Nobody'"),
            ("Lead.Rating", {"access": "read", "profile": "Lead Desk"}, 404, "no profile or permission set"),
        ],
    )
    def test_that_cannot_be_are_refused(self, door, path, body, status, said):
        answer = door.put(f"/_fake/field-permissions/{path}", json=body)

        assert answer.status_code == status
        assert messages(answer)[0].startswith(said)

    def test_take_a_json_object_only(self, door):
        answer = door.put("/_fake/field-permissions/Lead.Rating", data="[1]")

        assert (answer.status_code, messages(answer)) == (400, ["the body must be a JSON object"])


class TestValidationRules:
    HOT: ClassVar = {"formula": 'ISPICKVAL(Rating, "Hot") && ISBLANK(Phone)', "message": "A hot lead needs a phone."}

    def test_a_rule_holds_from_now_on(self, org, door):
        answer = door.put("/_fake/validation-rules/Lead.Phone_If_Hot", json={**self.HOT, "field": "phone"})

        assert answer.json == {"rule": "Lead.Phone_If_Hot", **self.HOT, "field": "Phone", "active": True}
        assert refused(org, Rating="Hot") == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
        assert refused(org, Rating="Hot", Phone="555-0100") is None

    def test_an_inactive_or_deleted_rule_does_not(self, org, door):
        door.put("/_fake/validation-rules/Lead.Phone_If_Hot", json={**self.HOT, "active": False})
        assert refused(org, Rating="Hot") is None
        door.put("/_fake/validation-rules/Lead.Phone_If_Hot", json=self.HOT)
        assert refused(org, Rating="Cold") is None
        assert refused(org, Rating="Hot") == "FIELD_CUSTOM_VALIDATION_EXCEPTION"

        assert door.delete("/_fake/validation-rules/lead.phone_if_hot").status_code == 200
        assert refused(org, Rating="Hot") is None

    @pytest.mark.parametrize(
        ("formula", "line", "column"),
        [("ISBLANK(Phone", 1, 14), ("ISBLANK(Phone) &&\n  ISBLANK(Nonsense)", 2, 11), ('"text"', 1, 1)],
    )
    @pytest.mark.parametrize("active", [True, False])
    def test_a_rule_that_does_not_compile_changes_nothing(self, org, door, formula, line, column, active):
        version = org.schema.version
        body = {"formula": formula, "message": "No.", "active": active}
        answer = door.put("/_fake/validation-rules/Lead.Broken", json=body)

        (error,) = answer.json["errors"]
        assert answer.status_code == 400
        assert (error["line"], error["column"]) == (line, column)
        assert set(error) == {"message", "line", "column"}
        assert org.schema.version == version

    @pytest.mark.parametrize(
        ("path", "body", "status", "said"),
        [
            ("Leed.Rule", HOT, 404, ["no sobject 'Leed'; did you mean Lead?"]),
            ("Lead.Rule", {**HOT, "field": "Phon"}, 404, ["no field 'Phon' on Lead; did you mean Phone?"]),
            ("Lead.1st", HOT, 400, ["1st: a rule's name begins with a letter"]),
            ("Lead.", HOT, 400, ["(nothing): a rule's name begins with a letter"]),
            ("Lead.Rule", {}, 400, ["formula: required", "message: required"]),
            ("Lead.Rule", {**HOT, "fomula": "x"}, 400, ["fomula: unknown key; did you mean formula?"]),
            ("Lead.Rule", {**HOT, "message": ""}, 400, ["message: a text of 1 to 255 characters"]),
            ("Lead.Rule", {"formula": 1, "message": None, "active": 0}, 400, ["formula: a", "message: a", "active: "]),
        ],
    )
    def test_that_cannot_be_are_refused(self, door, path, body, status, said):
        answer = door.put(f"/_fake/validation-rules/{path}", json=body)

        assert answer.status_code == status
        assert all(each.startswith(start) for each, start in zip(messages(answer), said, strict=True))

    def test_an_unknown_rule_cannot_be_deleted(self, door):
        door.put("/_fake/validation-rules/Lead.Phone_If_Hot", json=self.HOT)
        answer = door.delete("/_fake/validation-rules/Lead.Phone_If_Hod")

        assert answer.status_code == 404
        assert messages(answer) == ["no validation rule 'Phone_If_Hod' on Lead; did you mean Phone_If_Hot?"]


class TestFields:
    REGION: ClassVar = {"type": "Picklist", "values": ["North", "South"], "restricted": True}

    def test_a_field_can_be_used_at_once_by_the_sync_user_and_the_administrator(self, org, door):
        answer = door.put("/_fake/fields/Lead.Region__c", json=self.REGION)

        assert answer.json == {"field": "Lead.Region__c", "type": "picklist", "access": "edit"}
        assert refused(org, Region__c="North") is None
        assert refused(org, Region__c="West") == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        assert org.administrator.access.can_edit("Lead", "Region__c")
        assert org.records.read("Lead", org.refs["anna"], ["Region__c"], by=org.sync_user)["Region__c"] == "North"

    @pytest.mark.parametrize(
        ("access", "code"), [("read", "INVALID_FIELD_FOR_INSERT_UPDATE"), ("hidden", "INVALID_FIELD")]
    )
    def test_its_access_is_the_sync_users(self, org, door, access, code):
        door.put("/_fake/fields/Lead.Region__c", json={**self.REGION, "access": access})

        assert refused(org, Region__c="North") == code
        assert org.administrator.access.can_edit("Lead", "Region__c")

    def test_a_formula_field_computes(self, org, door):
        words = {"type": "Text", "formula": 'LastName & "!"'}
        assert door.put("/_fake/fields/Lead.Shout__c", json=words).status_code == 200

        assert org.records.read("Lead", org.refs["anna"], ["Shout__c"], by=org.sync_user)["Shout__c"] == "Berg!"

    def test_a_formula_that_does_not_compile_makes_no_field(self, org, door):
        answer = door.put("/_fake/fields/Lead.Broken__c", json={"type": "Number", "formula": "1 +"})

        assert answer.status_code == 400
        assert set(answer.json["errors"][0]) == {"message", "line", "column"}
        assert org.schema["Lead"].field("Broken__c") is None

    def test_a_field_put_again_is_replaced(self, org, door):
        door.put("/_fake/fields/Lead.Region__c", json=self.REGION)
        door.put("/_fake/fields/Lead.Region__c", json={"type": "Picklist", "values": ["West"], "restricted": True})

        assert refused(org, Region__c="West") is None
        assert refused(org, Region__c="North") == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"

    def test_a_field_that_becomes_required_or_computed_loses_what_its_rows_granted(self, org, door):
        door.put("/_fake/fields/Lead.Code__c", json={"type": "Text"})
        door.put("/_fake/fields/Lead.Code__c", json={"type": "Text", "formula": "LastName"})
        rows = list(org.rows.read("FieldPermissions", {"Field": ["Lead.Code__c"]}))
        assert rows
        assert not any(row["PermissionsEdit"] for row in rows)

        door.put("/_fake/fields/Lead.Code__c", json={"type": "Text", "required": True})
        assert not list(org.rows.read("FieldPermissions", {"Field": ["Lead.Code__c"]}))

    def test_a_deleted_field_is_unknown(self, org, door):
        door.put("/_fake/fields/Lead.Region__c", json=self.REGION)
        assert door.delete("/_fake/fields/Lead.Region__c").status_code == 200

        assert refused(org, Region__c="North") == "INVALID_FIELD"
        assert door.delete("/_fake/fields/Lead.Region__c").status_code == 404

    def test_a_field_in_use_stays_as_it_is(self, org, door):
        door.put("/_fake/fields/Lead.Region__c", json=self.REGION)
        rule = {"formula": 'ISPICKVAL(Region__c, "South")', "message": "Not the south."}
        door.put("/_fake/validation-rules/Lead.Not_South", json=rule)

        answer = door.delete("/_fake/fields/Lead.Region__c")
        assert answer.status_code == 400
        assert messages(answer)[0].startswith(
            "Lead.Region__c is in use, and would break validation rule Lead.Not_South"
        )
        answer = door.put("/_fake/fields/Lead.Region__c", json={"type": "Number"})
        assert answer.status_code == 400
        assert refused(org, Region__c="South") == "FIELD_CUSTOM_VALIDATION_EXCEPTION"

    @pytest.mark.parametrize(
        ("path", "body", "status", "said"),
        [
            ("Leed.Region__c", REGION, 404, ["no sobject 'Leed'; did you mean Lead?"]),
            ("Lead.Region", REGION, 400, ["Region: a custom field's name"]),
            ("Lead.Rating", REGION, 400, ["Lead.Rating is a standard field"]),
            ("Lead.Region__c", {"type": "Picklist", "valus": ["A"]}, 400, ["valus: unknown key", "values: a list"]),
            ("Lead.Region__c", {"type": "Pickllist"}, 400, ["type: unknown type 'Pickllist'; did you mean Picklist?"]),
            ("Lead.Region__c", {}, 400, ["type: required"]),
            ("Lead.Region__c", {"type": "Text", "access": "x"}, 400, ["access is hidden, read or edit, not 'x'"]),
        ],
    )
    def test_that_cannot_be_are_refused(self, org, door, path, body, status, said):
        version = org.schema.version
        answer = door.put(f"/_fake/fields/{path}", json=body)

        assert answer.status_code == status
        assert all(each.startswith(start) for each, start in zip(messages(answer), said, strict=True))
        assert org.schema.version == version

    def test_a_type_that_is_not_modelled_stands_in_the_ledger(self, org, door):
        answer = door.put("/_fake/fields/Lead.Total__c", json={"type": "Summary"})

        assert answer.status_code == 400
        assert "Summary" in str(org.journal.ledger())

    def test_a_standard_field_cannot_be_deleted(self, door):
        answer = door.delete("/_fake/fields/Lead.Rating")

        assert answer.status_code == 400
        assert messages(answer) == ["Lead.Rating is a standard field: it cannot be deleted"]


class TestReset:
    def test_brings_back_fields_rules_and_permissions(self, org, door):
        door.put("/_fake/fields/Lead.Region__c", json=TestFields.REGION)
        door.put("/_fake/validation-rules/Lead.Phone_If_Hot", json=TestValidationRules.HOT)
        door.put("/_fake/field-permissions/Lead.Industry", json={"access": "hidden"})
        assert door.post("/_fake/reset").status_code == 200

        assert org.schema["Lead"].field("Region__c") is None
        assert not org.schema["Lead"].validation_rules
        assert org.sync_user.access.can_edit("Lead", "Industry")
        assert refused(org, Rating="Hot") is None
