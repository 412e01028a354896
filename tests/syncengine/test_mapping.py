"""Which field is which, and how values are read, written and compared. Facts by their ids."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncengine.clients.marketo import LeadField
from syncengine.clients.salesforce import FieldDescribe
from syncengine.mapping import PRESET, FieldPair, ObjectMapping, build, lead_field_type
from syncengine.model import Side
from tests.syncengine.memory import ACCOUNT, CONTACT, LEAD, LEAD_FIELDS, fields, text

SALESFORCE, MARKETO = Side.SALESFORCE, Side.MARKETO


def pair(kind="text", **more):
    return FieldPair(name="f", salesforce="F", kind=kind, **more)


def mapped(sobject, described, *, account=None, lead_fields=LEAD_FIELDS, **more):
    given = {"overrides": {}, "shadow": {}, "key_field": "Marketo_Id__c"}
    return build(sobject, described, account, lead_fields, **(given | more))


class TestPreset:
    """Source: "Default Salesforce Field Mapping"."""

    @pytest.mark.parametrize(
        ("sobject", "salesforce", "marketo"),
        [
            ("Lead", "Title", "title"),
            ("Lead", "Street", "address"),
            ("Lead", "Status", "leadStatus"),
            ("Lead", "HasOptedOutOfEmail", "unsubscribed"),
            ("Lead", "mkto71_Lead_Score__c", "leadScore"),
            ("Contact", "MailingStreet", "address"),
            ("Contact", "Birthdate", "dateOfBirth"),
        ],
    )
    def test_standard_fields_have_their_lead_fields(self, sobject, salesforce, marketo):
        assert PRESET[sobject][salesforce] == marketo  # MAP-01, MAP-02

    @pytest.mark.parametrize("name", ["LastActivityDate", "OtherPhone", "AssistantName", "Name", "Jigsaw"])
    def test_a_standard_field_outside_the_preset_takes_no_part(self, name):
        mapping = mapped("Lead", LEAD | fields(text(name)))

        assert name not in {each.salesforce for each in mapping.pairs}  # FLD-04, FLD-06

    def test_a_lead_owns_its_company_and_a_contact_only_shows_its_accounts(self):
        lead, contact = mapped("Lead", LEAD), mapped("Contact", CONTACT, account=ACCOUNT)

        assert (lead.by_name["company"].salesforce, lead.by_name["company"].push) == ("Company", True)
        assert contact.by_name["company"].salesforce == "Account.Name"
        assert contact.by_name["company"].push is False  # DIR-03, MAP-05

    def test_without_sight_of_accounts_a_contact_has_no_company(self):
        assert "company" not in mapped("Contact", CONTACT).by_name


class TestCustomFields:
    def test_every_visible_custom_field_takes_part_under_its_own_name(self):
        lead_fields = LEAD_FIELDS | {"Region__c": LeadField("Region__c", "Region", "string", 255, False, 1)}

        assert mapped("Lead", LEAD, lead_fields=lead_fields).by_name["Region__c"].salesforce == "Region__c"  # FLD-02

    def test_what_marketo_lacks_is_named_so_that_it_can_be_made(self):
        missing = {each.name: each.specification for each in mapped("Lead", LEAD).missing}

        assert missing["Region__c"] == {"name": "Region__c", "displayName": "Region__c", "dataType": "string"}

    def test_names_that_differ_in_case_are_one_lead_field(self):
        lead_fields = LEAD_FIELDS | {"region__C": LeadField("region__C", "Region", "string", 255, False, 1)}

        assert mapped("Lead", LEAD, lead_fields=lead_fields).by_name["region__C"].salesforce == "Region__c"  # MAP-06

    def test_the_settings_can_give_another_name_or_leave_a_field_out(self):
        lead_fields = LEAD_FIELDS | {"region": LeadField("region", "Region", "string", 255, False, 1)}

        renamed = mapped("Lead", LEAD, lead_fields=lead_fields, overrides={"Lead.Region__c": "region"})
        left_out = mapped("Lead", LEAD, lead_fields=lead_fields, overrides={"Lead.Region__c": ""})

        assert renamed.by_name["region"].salesforce == "Region__c"
        assert "Region__c" not in {each.name for each in left_out.missing}

    @pytest.mark.parametrize(
        ("path", "problem"),
        [
            ("Lead.Title", "cannot be changed"),
            ("Lead.OwnerId", "only custom fields"),
            ("Lead.Nonsense__c", "sees no such field"),
        ],
    )
    def test_what_cannot_be_mapped_is_a_problem_and_not_a_surprise(self, path, problem):
        (said,) = mapped("Lead", LEAD, overrides={path: "rating"}).problems

        assert said.startswith(path)
        assert problem in said  # MAP-04

    def test_an_account_field_with_the_name_of_a_persons_has_its_own(self):
        missing = mapped("Contact", CONTACT, account=ACCOUNT | fields(text("Region__c", custom=True))).missing

        assert [each.name for each in missing] == ["Region__c", "Region__c_account"]  # MAP-07

    def test_the_key_is_no_value(self):
        mapping = mapped("Lead", LEAD | fields(text("Marketo_Id__c", custom=True)))

        assert mapping.key_field == "Marketo_Id__c"
        assert "Marketo_Id__c" not in {each.name for each in mapping.missing}

    @pytest.mark.parametrize(
        ("described", "made"),
        [
            ({"type": "string"}, "string"),
            ({"type": "picklist"}, "string"),
            ({"type": "multipicklist", "length": 255}, "string"),
            ({"type": "multipicklist", "length": 4099}, "text"),
            ({"type": "textarea"}, "text"),
            ({"type": "double", "scale": 0}, "integer"),
            ({"type": "double", "scale": 2}, "float"),
            ({"type": "currency"}, "currency"),
            ({"type": "percent"}, "percent"),
            ({"type": "boolean"}, "boolean"),
            ({"type": "datetime"}, "datetime"),
            ({"type": "reference"}, "string"),
        ],
    )
    def test_the_type_of_a_new_lead_field(self, described, made):
        assert lead_field_type(FieldDescribe("X__c", "X", **described)) == made  # TYP-01 to TYP-15


class TestPermissions:
    def test_a_field_that_may_not_be_edited_is_pulled_only(self):
        closed = fields(text("Rating", createable=False, updateable=False))

        rating = mapped("Lead", LEAD | closed).by_name["rating"]

        assert (rating.pull, rating.push, rating.create) == (True, False, False)  # FLD-12

    def test_a_formula_is_pulled_only(self):
        lead_fields = LEAD_FIELDS | {"Tier__c": LeadField("Tier__c", "Tier", "string", 255, False, 1)}

        tier = mapped("Lead", LEAD, lead_fields=lead_fields).by_name["Tier__c"]

        assert (tier.push, tier.calculated) == (False, True)  # FLD-33


class TestValues:
    @pytest.mark.parametrize(
        ("kind", "raw", "canonical"),
        [
            ("text", "  Acme ", "Acme"),
            ("text", "", None),
            ("text", "   ", None),
            ("text", "a\r\nb", "a\nb"),
            ("number", 5.0, 5),
            ("number", "5.50", 5.5),
            ("number", "many", "many"),
            ("date", "2026-01-05", "2026-01-05"),
            ("date", "2026-01-05T00:00:00Z", "2026-01-05"),
            ("datetime", "2026-01-05T09:00:00.000+0000", "2026-01-05T09:00:00Z"),
            ("datetime", "2026-01-05T10:00:00+01:00", "2026-01-05T09:00:00Z"),
            ("datetime", "yesterday", "yesterday"),
        ],
    )
    @pytest.mark.parametrize("side", Side)
    def test_the_canonical_form(self, side, kind, raw, canonical):
        assert pair(kind).canonical(side, raw) == canonical  # VAL-08, VAL-16

    @pytest.mark.parametrize(
        ("side", "raw", "canonical"),
        [
            (SALESFORCE, None, False),
            (SALESFORCE, True, True),
            (MARKETO, None, None),
            (MARKETO, "1", True),
            (MARKETO, "False", False),
        ],
    )
    def test_salesforce_has_no_empty_checkbox(self, side, raw, canonical):
        assert pair("boolean").canonical(side, raw) is canonical  # VAL-07

    @pytest.mark.parametrize(
        ("pair_", "value", "sent"),
        [
            (pair(marketo_length=5), "abcdefgh", "abcde"),
            (pair(marketo_type="text"), "é" * 20_000, "é" * 15_000),
            (pair("number", marketo_type="percent"), 12.5, 13),
            (pair("number", marketo_type="integer"), -0.5, -1),
            (pair("number", marketo_type="float"), 12.5, 12.5),
            (pair("number"), 12.5, "12.5"),
            (pair("boolean"), True, "true"),
            (pair("boolean", marketo_type="boolean"), True, True),
            (pair("date", marketo_type="datetime"), "2026-01-05", "2026-01-05T00:00:00Z"),
            (pair("datetime", marketo_type="date"), "2026-01-05T09:00:00Z", "2026-01-05"),
            (pair(), None, None),
        ],
    )
    def test_marketo_gets_what_fits(self, pair_, value, sent):
        assert pair_.wire(MARKETO, value) == sent  # VAL-03, U-15

    def test_salesforce_gets_all_of_it_and_may_refuse(self):
        assert pair(marketo_length=5).wire(SALESFORCE, "x" * 300) == "x" * 300  # VAL-04

    @pytest.mark.parametrize(
        ("kind", "one", "other", "same"),
        [
            ("email", "Kari@Example.com", "kari@example.com", True),
            ("text", "Kari", "kari", False),
            ("multipicklist", "a;b", "b;a", True),
            ("multipicklist", "a;b", "a", False),
            ("boolean", None, True, True),
            ("boolean", False, True, False),
            ("number", 5, 5.0, True),
        ],
    )
    def test_what_counts_as_the_same(self, kind, one, other, same):
        assert pair(kind).same(one, other) is same  # VAL-07, VAL-09

    KINDS = st.sampled_from(["text", "email", "number", "boolean", "date", "datetime", "multipicklist"])
    TYPES = st.sampled_from(
        ["string", "text", "integer", "percent", "float", "currency", "boolean", "date", "datetime"]
    )
    RAW = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.text(max_size=300)

    @given(KINDS, TYPES, RAW, st.sampled_from(Side))
    def test_a_side_holds_what_it_holds(self, kind, marketo_type, raw, side):
        field = pair(kind, marketo_type=marketo_type, scale=2)
        value = field.canonical(side, raw)

        held = field.held(side, value)

        assert field.canonical(side, value) == value
        assert field.held(side, held) == held
        assert json.loads(json.dumps(held)) == held


def test_a_mapping_survives_being_kept():
    mapping = mapped("Contact", CONTACT, account=ACCOUNT, overrides={"Contact.X": "y"})

    assert ObjectMapping.from_json(json.loads(json.dumps(mapping.to_json()))) == mapping


def test_an_account_that_is_not_there_leaves_its_values_empty():
    mapping = mapped("Contact", CONTACT, account=ACCOUNT)

    assert mapping.values(SALESFORCE, {"LastName": "Berg", "Account": None}) == {
        "lastName": "Berg",
        "company": None,
        "industry": None,
    }
