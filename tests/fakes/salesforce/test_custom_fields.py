from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.salesforce.custom_fields import (
    TYPES,
    WordsRefused,
    custom_fields,
    drop_custom_field,
    put_custom_field,
)
from fakes.salesforce.schema import NoSuchField, NoSuchSObject, standard


@pytest.fixture
def schema():
    return standard()


def the_field(schema, words, name="Lead.Made__c"):
    return custom_fields(schema, name, words)[0]


def problems(schema, words, name="Lead.Made__c"):
    with pytest.raises(WordsRefused) as refused:
        custom_fields(schema, name, words)
    return list(refused.value.problems)


class TestFieldTypes:
    """Source: Metadata API Developer Guide, "FieldType"; describes recorded from orgs with such fields."""

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ({"type": "Text"}, {"type": "string", "length": 255, "byte_length": 765, "nillable": True}),
            (
                {"type": "Text", "length": 20, "externalId": True, "unique": True, "caseSensitive": True},
                {
                    "length": 20,
                    "external_id": True,
                    "id_lookup": True,
                    "unique": True,
                    "case_sensitive": True,
                },
            ),
            ({"type": "TextArea"}, {"type": "textarea", "length": 255, "filterable": True}),
            (
                {"type": "LongTextArea", "length": 5000},
                {"type": "textarea", "length": 5000, "filterable": False, "sortable": False},
            ),
            (
                {"type": "Html"},
                {"type": "textarea", "html_formatted": True, "extra_type_info": "richtextarea"},
            ),
            (
                {"type": "Number", "precision": 5, "scale": 0},
                {"type": "double", "precision": 5, "scale": 0, "groupable": False, "soap_type": "xsd:double"},
            ),
            ({"type": "Currency"}, {"type": "currency", "precision": 18, "scale": 2}),
            ({"type": "Percent", "scale": 1}, {"type": "percent", "scale": 1}),
            (
                {"type": "Checkbox", "defaultValue": True},
                {"type": "boolean", "default_value": True, "nillable": False},
            ),
            (
                {"type": "Checkbox", "defaultValue": "false"},
                {"default_value": False, "defaulted_on_create": True},
            ),
            ({"type": "Date"}, {"type": "date", "soap_type": "xsd:date"}),
            ({"type": "DateTime"}, {"type": "datetime", "groupable": False}),
            ({"type": "Time"}, {"type": "time", "soap_type": "xsd:time"}),
            ({"type": "Email"}, {"type": "email", "length": 80}),
            ({"type": "Phone"}, {"type": "phone", "length": 40}),
            ({"type": "Url"}, {"type": "url", "length": 255}),
            (
                {"type": "EncryptedText", "length": 30, "maskChar": "X", "maskType": "lastFour"},
                {"type": "encryptedstring", "length": 30, "mask": "X", "mask_type": "lastFour"},
            ),
            (
                {"type": "AutoNumber", "displayFormat": "A-{0000}", "startingNumber": 7},
                {
                    "auto_number": True,
                    "createable": False,
                    "display_format": "A-{0000}",
                    "starting_number": 7,
                },
            ),
            (
                {"type": "MultiselectPicklist", "values": ["A", "B"], "visibleLines": 5},
                {"type": "multipicklist", "length": 4099, "precision": 5, "groupable": False},
            ),
            (
                {"type": "Lookup", "referenceTo": "Account", "relationshipName": "Partners"},
                {
                    "type": "reference",
                    "length": 18,
                    "reference_to": ("Account",),
                    "relationship_name": "Made__r",
                    "child_relationship": "Partners__r",
                },
            ),
            (
                {"type": "Lookup", "referenceTo": "Account", "deleteConstraint": "Restrict"},
                {"restricted_delete": True, "cascade_delete": False},
            ),
            (
                {"type": "Text", "required": True},
                {"nillable": False, "permissionable": False, "required": True},
            ),
            (
                {"type": "Text", "defaultValue": '"new"'},
                {"default_value_formula": '"new"', "default_value": None},
            ),
            (
                {"type": "Text", "label": "My Label", "inlineHelpText": "Why"},
                {"label": "My Label", "inline_help_text": "Why"},
            ),
        ],
        ids=lambda each: each["type"] if "type" in each and each["type"] in TYPES else "",
    )
    def test_each_word_makes_its_field(self, schema, words, expected):
        field = the_field(schema, words)

        assert {name: getattr(field, name) for name in expected} == expected
        assert field.custom

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ({"type": "Text"}, {"type": "string", "length": 1300, "nillable": True}),
            ({"type": "Number", "scale": 2}, {"type": "double", "precision": 18, "scale": 2}),
            ({"type": "Checkbox"}, {"type": "boolean", "nillable": False, "defaulted_on_create": False}),
            (
                {"type": "Number", "formulaTreatBlanksAs": "BlankAsBlank"},
                {"formula_treat_null_number_as_zero": False},
            ),
            ({"type": "Number"}, {"formula_treat_null_number_as_zero": True}),
        ],
    )
    def test_a_formula_is_read_only_and_takes_the_type_it_returns(self, schema, words, expected):
        field = the_field(schema, {**words, "formula": "AnnualRevenue > 1"})

        assert {name: getattr(field, name) for name in expected} == expected
        assert (field.calculated, field.createable, field.updateable, field.stored) == (
            True,
            False,
            False,
            False,
        )
        assert field.formula == "AnnualRevenue > 1"

    def test_a_geolocation_is_three_fields(self, schema):
        made = custom_fields(schema, "Lead.Place__c", {"type": "Location", "scale": 5})

        assert [(field.name, field.type, field.stored) for field in made] == [
            ("Place__c", "location", False),
            ("Place__Latitude__s", "double", True),
            ("Place__Longitude__s", "double", True),
        ]

    def test_a_label_is_made_of_the_name_when_none_is_given(self, schema):
        assert the_field(schema, {"type": "Text"}, "Lead.Lead_Score__c").label == "Lead Score"


class TestPicklists:
    def test_values_are_texts_or_say_more(self, schema):
        values = [
            "North",
            {"value": "S", "label": "South", "default": True},
            {"value": "East", "active": False},
        ]
        field = the_field(schema, {"type": "Picklist", "values": values, "restricted": True})

        assert [(each.value, each.label, each.active, each.default) for each in field.picklist_values] == [
            ("North", "North", True, False),
            ("S", "South", True, True),
            ("East", "East", False, False),
        ]
        assert (field.restricted_picklist, field.default_value) == (True, "S")

    def test_a_dependent_value_says_which_controlling_values_allow_it(self, schema):
        words = {
            "type": "Picklist",
            "values": ["Now", "Later"],
            "controllingField": "Rating",
            "valueSettings": {"Now": ["Hot"], "Later": ["Warm", "Cold"]},
        }
        field = the_field(schema, words)

        assert (field.dependent_picklist, field.controller_name) == (True, "Rating")
        assert [value.valid_for for value in field.picklist_values] == ["gAAA", "YAAA"]

    @given(count=st.integers(1, 60), seed=st.integers())
    def test_bit_i_from_the_left_stands_for_controlling_value_i(self, count, seed):
        schema = standard()
        controlling = [f"v{number}" for number in range(count)]
        allowing = [value for value in controlling if random.Random(f"{seed}{value}").random() < 0.5]
        put_custom_field(schema, "Lead.Controller__c", {"type": "Picklist", "values": controlling})
        words = {
            "type": "Picklist",
            "values": ["dependent"],
            "controllingField": "Controller__c",
            "valueSettings": {"dependent": allowing},
        }
        bits = base64.b64decode(the_field(schema, words).picklist_values[0].valid_for or "")

        assert len(bits) % 3 == 0
        assert [controlling[i] for i in range(count) if bits[i // 8] & (0x80 >> i % 8)] == allowing


class TestProblems:
    """Everything that is wrong is said at once, with its key and the nearest known word."""

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ({}, ["type: required; one of Text, TextArea"]),
            ({"type": "Pick list"}, ["type: unknown type 'Pick list'; did you mean Picklist?"]),
            ({"type": "text"}, ["type: unknown type 'text'; did you mean Text?"]),
            ({"type": 7}, ["type: unknown type 7"]),
            ({"type": "Summary"}, ["type: Summary is not modelled; one of"]),
            ({"type": "Text", "lenght": 3}, ["lenght: unknown key; did you mean length?"]),
            ({"type": "Date", "length": 3}, ["length: does not belong to Date, which takes defaultValue"]),
            ({"type": "Text", "length": 256}, ["length: a number from 1 to 255 for Text, not 256"]),
            ({"type": "Text", "length": "20"}, ["length: a number from 1 to 255 for Text, not '20'"]),
            ({"type": "Text", "required": "yes"}, ["required: true or false, not 'yes'"]),
            ({"type": "Number", "precision": 3, "scale": 4}, ["scale: 4 digits behind the point do not fit"]),
            ({"type": "Checkbox", "defaultValue": "maybe"}, ["defaultValue: true or false for Checkbox"]),
            (
                {"type": "LongTextArea", "required": True},
                ["required: a field of type LongTextArea cannot be"],
            ),
            ({"type": "Picklist"}, ["values: a list of at least one value"]),
            ({"type": "Picklist", "values": ["A", "a"]}, ["values: 'a' stands twice"]),
            ({"type": "Picklist", "values": [{"value": "A", "lable": "B"}]}, ["values: unknown key 'lable'"]),
            (
                {"type": "Picklist", "values": [1]},
                ["values: a text, or {value, label, default, active}, not 1"],
            ),
            (
                {"type": "Picklist", "values": ["A"], "controllingField": "Ratting"},
                ["controllingField: no picklist or checkbox 'Ratting'; did you mean Rating?"],
            ),
            (
                {
                    "type": "Picklist",
                    "values": ["A"],
                    "controllingField": "Rating",
                    "valueSettings": {"B": ["Hot"], "A": ["Hat"]},
                },
                [
                    "valueSettings: 'B' is none of the values",
                    "valueSettings: Rating has no value 'Hat'; did you mean Hot?",
                ],
            ),
            ({"type": "Lookup"}, ["referenceTo: required for Lookup"]),
            (
                {"type": "Lookup", "referenceTo": "Acount"},
                ["referenceTo: no sobject 'Acount'; did you mean Account?"],
            ),
            (
                {"type": "MasterDetail", "referenceTo": "Account"},
                ["type: Lead is a standard sobject and cannot be"],
            ),
            (
                {"type": "AutoNumber", "displayFormat": "A-{0}-{0}"},
                ["displayFormat: needs exactly one number"],
            ),
            ({"type": "Email", "formula": "Email"}, ["type: a formula returns Text, Number"]),
            (
                {"type": "Text", "formula": "Email", "length": 9},
                ["length: does not belong to a formula of type Text"],
            ),
            ({"type": "Text", "formula": ""}, ["formula: the text of the formula"]),
            ({"type": "Text", "access": "write"}, ["access: access is hidden, read or edit, not 'write'"]),
            (
                {"type": "Text", "lenght": 3, "values": ["A"], "unique": 1},
                ["lenght: unknown key", "values: does not belong to Text", "unique: true or false, not 1"],
            ),
        ],
    )
    def test_of_words(self, schema, words, expected):
        said = problems(schema, words)

        assert len(said) == len(expected), said
        assert all(each.startswith(start) for each, start in zip(said, expected, strict=True)), said

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("Lead.Region", "Region: a custom field's name begins with a letter"),
            ("Lead.", "(nothing): a custom field's name"),
            ("Lead.1st__c", "1st__c: a custom field's name"),
            ("Lead.Two__Words__c", "Two__Words__c: a custom field's name"),
            (f"Lead.{'x' * 41}__c", f"{'x' * 41}__c: a custom field's name"),
            ("Lead.Rating", "Lead.Rating is a standard field: only custom fields can be put"),
        ],
    )
    def test_of_names(self, schema, name, expected):
        (said,) = problems(schema, {"type": "Text"}, name)

        assert said.startswith(expected)

    def test_an_unknown_sobject(self, schema):
        with pytest.raises(NoSuchSObject, match="sobject 'Leed' is not known"):
            custom_fields(schema, "Leed.Made__c", {"type": "Text"})

    def test_a_type_that_is_not_modelled_says_so_besides(self, schema):
        with pytest.raises(WordsRefused) as refused:
            custom_fields(schema, "Lead.Made__c", {"type": "Summary"})

        assert refused.value.not_modelled


class TestPutAndDrop:
    def test_a_refused_field_changes_nothing(self, schema):
        version = schema.version
        with pytest.raises(WordsRefused):
            put_custom_field(schema, "Lead.Made__c", {"type": "Txt"})

        assert schema.version == version

    def test_a_geolocation_goes_with_its_parts(self, schema):
        put_custom_field(schema, "Lead.Place__c", {"type": "Location"})
        drop_custom_field(schema, "Lead", "place__c")

        assert not [name for name in schema["Lead"].fields if name.startswith("Place__")]

    def test_a_controlling_field_stays_while_a_picklist_depends_on_it(self, schema):
        put_custom_field(schema, "Lead.Controller__c", {"type": "Checkbox"})
        words = {"type": "Picklist", "values": ["A"], "controllingField": "Controller__c"}
        put_custom_field(schema, "Lead.Dependent__c", words)

        with pytest.raises(WordsRefused, match=r"Lead\.Controller__c controls Dependent__c"):
            drop_custom_field(schema, "Lead", "Controller__c")

    def test_a_standard_or_unknown_field_is_not_dropped(self, schema):
        with pytest.raises(WordsRefused, match=r"Lead\.Rating is a standard field"):
            drop_custom_field(schema, "Lead", "Rating")
        with pytest.raises(NoSuchField):
            drop_custom_field(schema, "Lead", "Nothing__c")
