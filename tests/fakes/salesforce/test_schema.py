from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes.salesforce import schema as schema_module
from fakes.salesforce.field_kinds import KINDS
from fakes.salesforce.schema import (
    NoSuchField,
    NoSuchSObject,
    ValidationRule,
    make_field,
    standard,
    standard_rows,
)

FILES = sorted(Path(schema_module.__file__).with_name("standard").glob("*.json"))


@pytest.fixture
def schema():
    return standard()


class TestStandardSObjects:
    """Source: Object Reference, and describes recorded from orgs that nobody had customised."""

    @pytest.mark.parametrize(
        ("sobject", "field", "expected"),
        [
            (
                "Lead",
                "LastName",
                {"type": "string", "length": 80, "nillable": False, "permissionable": False},
            ),
            ("Lead", "Company", {"length": 255, "required": True, "permissionable": False}),
            (
                "Lead",
                "Status",
                {"length": 255, "nillable": False, "required": False, "defaulted_on_create": True},
            ),
            ("Lead", "Email", {"type": "email", "length": 80, "byte_length": 240, "id_lookup": True}),
            (
                "Lead",
                "Description",
                {"length": 32000, "filterable": False, "sortable": False, "groupable": False},
            ),
            (
                "Lead",
                "AnnualRevenue",
                {"type": "currency", "precision": 18, "scale": 0, "soap_type": "xsd:double"},
            ),
            ("Lead", "NumberOfEmployees", {"type": "int", "digits": 8, "groupable": True}),
            ("Lead", "OwnerId", {"reference_to": ("Group", "User"), "polymorphic": True, "nillable": False}),
            (
                "Lead",
                "HasOptedOutOfEmail",
                {"type": "boolean", "permissionable": True, "defaulted_on_create": True},
            ),
            ("Lead", "IsConverted", {"createable": True, "updateable": False}),
            (
                "Lead",
                "Name",
                {"length": 121, "createable": False, "extra_type_info": "personname", "stored": True},
            ),
            ("Lead", "Address", {"type": "address", "query_by_distance": True, "stored": False}),
            ("Lead", "Street", {"type": "textarea", "compound_field_name": "Address"}),
            ("Lead", "CleanStatus", {"restricted_picklist": True}),
            ("Contact", "AccountId", {"reference_to": ("Account",), "relationship_name": "Account"}),
            ("Contact", "OwnerId", {"reference_to": ("User",), "polymorphic": False}),
            (
                "Account",
                "Name",
                {"length": 255, "extra_type_info": "switchablepersonname", "name_field": True},
            ),
            ("Opportunity", "Amount", {"type": "currency", "scale": 2}),
            ("Opportunity", "CloseDate", {"required": True, "permissionable": False}),
            ("Opportunity", "Probability", {"type": "percent", "precision": 3}),
            ("Opportunity", "ExpectedRevenue", {"createable": False, "updateable": False}),
            ("CampaignMember", "LeadId", {"createable": True, "updateable": False}),
            ("Task", "Subject", {"type": "combobox", "length": 255, "groupable": False}),
            ("Task", "WhoId", {"reference_to": ("Contact", "Lead"), "polymorphic": True}),
            ("Event", "ShowAs", {"restricted_picklist": True, "default_value": "Busy"}),
            ("User", "Username", {"required": True}),
            (
                "FieldPermissions",
                "ParentId",
                {"reference_to": ("PermissionSet",), "relationship_name": "Parent"},
            ),
        ],
    )
    def test_have_their_real_fields(self, schema, sobject, field, expected):
        found = schema[sobject].fields[field]

        assert {name: getattr(found, name) for name in expected} == expected

    def test_have_their_real_picklists(self, schema):
        status = schema["Lead"].fields["Status"].picklist_values

        assert [value.value for value in status] == [
            "Open - Not Contacted",
            "Working - Contacted",
            "Closed - Converted",
            "Closed - Not Converted",
        ]
        assert [value.value for value in status if value.default] == ["Open - Not Contacted"]
        assert len(schema["Lead"].fields["Industry"].picklist_values) == 32
        assert [value.value for value in schema["Lead"].fields["Rating"].picklist_values] == [
            "Hot",
            "Warm",
            "Cold",
        ]

    def test_every_sobject_begins_with_its_id_and_has_its_own_key_prefix(self, schema):
        prefixes = [schema[name].key_prefix for name in schema.names()]
        shared = {"01J"}  # the values of LeadStatus, OpportunityStage and TaskStatus really share one

        assert {next(iter(schema[name].fields)) for name in schema.names()} == {"Id"}
        assert sorted(set(prefixes) - shared) == sorted(prefix for prefix in prefixes if prefix not in shared)

    def test_the_parts_of_an_address_belong_to_it(self, schema):
        parts = schema["Contact"].compounds["MailingAddress"]

        assert [part.name for part in parts] == [
            f"Mailing{part}"
            for part in (
                "Street",
                "City",
                "State",
                "PostalCode",
                "Country",
                "Latitude",
                "Longitude",
                "GeocodeAccuracy",
            )
        ]

    def test_every_picklist_default_is_one_of_its_values(self, schema):
        for name in schema.names():
            for field in schema[name].fields.values():
                if field.picklist_values and field.default_value is not None:
                    assert field.picklist_value(str(field.default_value)), f"{name}.{field.name}"

    def test_setup_tables_come_with_their_rows(self, schema):
        rows = standard_rows()

        assert [row["ApiName"] for row in rows["LeadStatus"] if row["IsConverted"]] == ["Closed - Converted"]
        assert [(row["ApiName"], row["DefaultProbability"]) for row in rows["OpportunityStage"] if row["IsWon"]] == [
            ("Closed Won", 100)
        ]
        for name, each in rows.items():
            assert all(set(row) <= set(schema[name].fields) for row in each)

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_a_file_says_only_what_differs_from_the_kind(self, path):
        data = json.loads(path.read_text(encoding="utf-8"))

        assert data["name"] == path.stem
        for name, delta in data["fields"].items():
            kind = KINDS[delta.get("kind", "text")]
            said = {key: value for key, value in delta.items() if key not in {"kind", "label"}}
            assert not {key for key, value in said.items() if kind.get(schema_module._snake(key)) == value}, name


class TestSchema:
    def test_names_are_found_in_any_case_and_listed_without_regard_to_it(self, schema):
        assert schema["lEAD"].name == "Lead"
        assert schema["Lead"].field("LASTNAME").name == "LastName"
        assert schema["Contact"].relationship("account").name == "AccountId"
        assert schema.names() == sorted(schema.names(), key=str.lower)

    def test_an_unknown_name_is_none_or_raises(self, schema):
        assert schema.get("Leed") is None
        assert schema["Lead"].field("Nonsense") is None
        with pytest.raises(NoSuchSObject, match="sobject 'Leed' is not known"):
            schema["Leed"]
        with pytest.raises(NoSuchField, match="no field 'Nonsense' on sobject Lead"):
            schema.drop_field("Lead", "Nonsense")

    def test_every_change_moves_the_version_and_replaces_the_sobject(self, schema):
        before = schema["Lead"]
        versions = [schema.version]
        schema.put_field("lead", make_field(name="Score__c", label="Score", kind="double", custom=True))
        versions.append(schema.version)
        schema.put_rule(ValidationRule("Lead", "No_Company", "ISBLANK(Company)", "Give a company."))
        versions.append(schema.version)

        assert "Score__c" not in before.fields
        assert list(schema["Lead"].fields)[-1] == "Score__c"
        assert versions == sorted(set(versions))

    def test_a_field_put_again_keeps_its_place(self, schema):
        order = list(schema["Lead"].fields)
        schema.put_field("Lead", make_field(name="Title", label="Job Title", length=80))

        assert list(schema["Lead"].fields) == order
        assert schema["Lead"].fields["Title"].label == "Job Title"

    def test_rules_are_put_replaced_and_dropped_by_name_in_any_case(self, schema):
        schema.put_rule(ValidationRule("Lead", "Rule", "TRUE", "No."))
        schema.put_rule(ValidationRule("lead", "rule", "FALSE", "Yes."))

        assert [rule.formula for rule in schema["Lead"].validation_rules.values()] == ["FALSE"]
        assert schema.drop_rule("Lead", "RULE") is True
        assert schema.drop_rule("Lead", "RULE") is False

    def test_a_snapshot_brings_back_fields_and_rules(self, schema):
        schema.put_rule(ValidationRule("Lead", "Kept", "TRUE", "No."))
        snapshot = schema.snapshot()
        version = schema.version
        schema.drop_rule("Lead", "Kept")
        schema.put_field("Lead", make_field(name="Later__c", label="Later", custom=True))
        schema.restore(snapshot)

        assert list(schema["Lead"].validation_rules) == ["Kept"]
        assert schema["Lead"].field("Later__c") is None
        assert schema.version > version

    def test_two_schemas_share_nothing_that_changes(self, schema):
        schema.put_field("Lead", make_field(name="Mine__c", label="Mine", custom=True))

        assert standard()["Lead"].field("Mine__c") is None

    def test_child_relationships_are_seen_from_the_parent(self, schema):
        found = {
            (child.child, child.field): (child.name, child.cascade_delete)
            for child in schema.child_relationships("Account")
        }

        assert found[("Contact", "AccountId")] == ("Contacts", True)
        assert found[("Account", "ParentId")] == ("ChildAccounts", False)
        assert found[("Task", "WhatId")] == ("Tasks", False)
        assert list(found) == sorted(found)

    def test_child_relationships_follow_a_new_lookup(self, schema):
        assert not [child for child in schema.child_relationships("Lead") if child.field == "Twin__c"]
        twin = make_field(
            kind="lookup", name="Twin__c", label="Twin", reference_to=("Lead",), child_relationship="Twins__r"
        )
        schema.put_field("Lead", twin)

        assert [child.name for child in schema.child_relationships("Lead") if child.field == "Twin__c"] == ["Twins__r"]
