from __future__ import annotations

import json

import pytest

from fakes.salesforce.access import NOTHING, ObjectAccess
from fakes.salesforce.custom_fields import put_custom_field
from fakes.salesforce.describe import describe, describe_brief, global_describe
from fakes.salesforce.errors import NotFound

from .memory_rows import SmallOrg

# As recorded from an org, in this order.
GLOBAL_KEYS = [
    "activateable", "associateEntityType", "associateParentEntity", "createable", "custom",
    "customSetting", "deepCloneable", "deletable", "deprecatedAndHidden", "feedEnabled",
    "hasSubtypes", "isInterface", "isSubtype", "keyPrefix", "label", "labelPlural", "layoutable",
    "mergeable", "mruEnabled", "name", "queryable", "replicateable", "retrieveable", "searchable",
    "triggerable", "undeletable", "updateable", "urls",
]  # fmt: skip
DESCRIBE_KEYS = [
    "actionOverrides", "activateable", "associateEntityType", "associateParentEntity",
    "childRelationships", "compactLayoutable", "createable", "custom", "customSetting",
    "deepCloneable", "defaultImplementation", "deletable", "deprecatedAndHidden", "extendedBy",
    "extendsInterfaces", "feedEnabled", "fields", "hasSubtypes", "implementedBy",
    "implementsInterfaces", "isInterface", "isSubtype", "keyPrefix", "label", "labelPlural",
    "layoutable", "listviewable", "lookupLayoutable", "mergeable", "mruEnabled", "name",
    "namedLayoutInfos", "networkScopeFieldName", "queryable", "recordTypeInfos", "replicateable",
    "retrieveable", "searchLayoutable", "searchable", "sobjectDescribeOption", "supportedScopes",
    "triggerable", "undeletable", "updateable", "urls",
]  # fmt: skip
TITLE = json.loads(
    """{"aggregatable":true,"aiPredictionField":false,"autoNumber":false,"byteLength":384,"calculated":false,
    "calculatedFormula":null,"cascadeDelete":false,"caseSensitive":false,"compoundFieldName":null,
    "controllerName":null,"createable":true,"custom":false,"defaultValue":null,"defaultValueFormula":null,
    "defaultedOnCreate":false,"dependentPicklist":false,"deprecatedAndHidden":false,"digits":0,
    "displayLocationInDecimal":false,"encrypted":false,"externalId":false,"extraTypeInfo":null,"filterable":true,
    "filteredLookupInfo":null,"formulaTreatNullNumberAsZero":false,"groupable":true,"highScaleNumber":false,
    "htmlFormatted":false,"idLookup":false,"inlineHelpText":null,"label":"Title","length":128,"mask":null,
    "maskType":null,"name":"Title","nameField":false,"namePointing":false,"nillable":true,"permissionable":true,
    "picklistValues":[],"polymorphicForeignKey":false,"precision":0,"queryByDistance":false,
    "referenceTargetField":null,"referenceTo":[],"relationshipName":null,"relationshipOrder":null,
    "restrictedDelete":false,"restrictedPicklist":false,"scale":0,"searchPrefilterable":false,
    "soapType":"xsd:string","sortable":true,"type":"string","unique":false,"updateable":true,
    "writeRequiresMasterRead":false}"""
)


@pytest.fixture
def org():
    return SmallOrg()


def described(org, sobject="Lead", access=None, **options):
    return describe(sobject, org.schema, access or org.sync, "63.0", **options)


def fields_of(answer):
    return {field["name"]: field for field in answer["fields"]}


class TestGlobalDescribe:
    """Source: REST API Developer Guide, "Describe Global"."""

    def test_has_every_key_in_the_recorded_order(self, org):
        answer = global_describe(org.schema, org.sync, "63.0")

        assert list(answer) == ["encoding", "maxBatchSize", "sobjects"]
        assert all(list(entry) == GLOBAL_KEYS for entry in answer["sobjects"])

    def test_is_sorted_by_name(self, org):
        entries = global_describe(org.schema, org.admin, "63.0")["sobjects"]
        names = [entry["name"] for entry in entries]

        assert names == sorted(names, key=str.lower)
        assert {"Lead", "Contact", "Account", "User", "FieldPermissions"} <= set(names)

    def test_leaves_out_what_the_user_may_not_read(self, org):
        org.security.set_object_access("Marketo Sync", "Opportunity", NOTHING)
        names = {entry["name"] for entry in global_describe(org.schema, org.sync, "63.0")["sobjects"]}

        assert "Opportunity" not in names
        assert "Lead" in names

    @pytest.mark.parametrize("version", ["63.0", "v63.0"])
    def test_addresses_name_the_version(self, org, version):
        urls = describe_brief(org.schema["Lead"], org.sync, version)["urls"]

        assert urls["rowTemplate"] == "/services/data/v63.0/sobjects/Lead/{ID}"
        assert urls["layouts"] == "/services/data/v63.0/sobjects/Lead/describe/layouts"


class TestSObjectDescribe:
    """Source: REST API Developer Guide, "sObject Describe"; SOAP API Developer Guide, "DescribeSObjectResult"."""

    def test_has_every_key_in_the_recorded_order(self, org):
        for name in org.schema.names():
            assert list(described(org, name, org.admin)) == DESCRIBE_KEYS

    def test_a_plain_text_field_is_the_base_template_key_for_key(self, org):
        title = fields_of(described(org))["Title"]

        assert list(title) == list(TITLE)
        assert title == TITLE

    def test_is_json(self, org):
        words = {"type": "Picklist", "values": ["North", "South"], "required": True}
        put_custom_field(org.schema, "Lead.Region__c", words)

        assert json.loads(json.dumps(described(org))) == described(org)

    def test_picklist_values_have_their_five_keys(self, org):
        rating = fields_of(described(org))["Rating"]

        assert rating["picklistValues"][0] == {
            "active": True,
            "defaultValue": False,
            "label": "Hot",
            "validFor": None,
            "value": "Hot",
        }

    def test_children_are_listed_as_the_parent_sees_them(self, org):
        children = described(org, "Account")["childRelationships"]
        contacts = next(child for child in children if child["childSObject"] == "Contact")

        assert contacts == {
            "cascadeDelete": True,
            "childSObject": "Contact",
            "deprecatedAndHidden": False,
            "field": "AccountId",
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": "Contacts",
            "restrictedDelete": False,
        }

    def test_the_master_record_type_is_always_there_and_last(self, org):
        own = {"Id": "012000000000001AAA", "Name": "Partner", "DeveloperName": "Partner", "IsActive": False}
        infos = described(org, record_types=[own])["recordTypeInfos"]

        assert [(info["name"], info["master"], info["active"], info["available"]) for info in infos] == [
            ("Partner", False, False, False),
            ("Master", True, True, True),
        ]
        assert infos[-1]["recordTypeId"] == "012000000000000AAA"

    def test_pages_stand_on_the_orgs_host(self, org):
        urls = described(org, host="https://acme.my.salesforce.com")["urls"]

        assert urls["uiDetailTemplate"] == "https://acme.my.salesforce.com/{ID}"
        assert urls["uiNewRecord"] == "https://acme.my.salesforce.com/00Q/e"

    def test_only_people_accounts_and_cases_can_be_merged(self, org):
        names = {name for name in org.schema.names() if described(org, name, org.admin)["mergeable"]}

        assert names == {"Lead", "Contact", "Account"}


class TestShapedByAccess:
    def test_a_hidden_field_is_missing(self, org):
        org.security.set_field_access("Marketo Sync", "Account", "AccountSource", "hidden")

        assert "AccountSource" not in fields_of(described(org, "Account"))
        assert "AccountSource" in fields_of(described(org, "Account", org.sales))

    def test_a_field_that_can_only_be_read_is_neither_createable_nor_updateable(self, org):
        org.security.set_field_access("Marketo Sync", "Account", "Rating", "read")
        rating = fields_of(described(org, "Account"))["Rating"]

        assert (rating["createable"], rating["updateable"]) == (False, False)

    def test_a_hidden_address_hides_its_parts(self, org):
        org.security.set_field_access("Marketo Sync", "Lead", "Address", "hidden")

        assert not {"Address", "Street", "City", "Country", "Latitude"} & set(fields_of(described(org)))

    @pytest.mark.parametrize(
        ("rights", "flags"),
        [
            (ObjectAccess(read=True), (False, False, False, False)),
            (ObjectAccess(read=True, create=True), (True, False, False, False)),
            (ObjectAccess(read=True, edit=True), (False, True, False, False)),
            (ObjectAccess(read=True, edit=True, delete=True), (False, True, True, True)),
        ],
    )
    def test_object_permissions_are_its_flags(self, org, rights, flags):
        org.security.set_object_access("Marketo Sync", "Lead", rights)
        answer = described(org)
        title = fields_of(answer)["Title"]

        assert tuple(answer[key] for key in ("createable", "updateable", "deletable", "undeletable")) == flags
        assert (title["createable"], title["updateable"]) == flags[:2]

    def test_an_sobject_without_read_is_not_found_like_an_unknown_one(self, org):
        org.security.set_object_access("Marketo Sync", "Lead", NOTHING)
        told = []
        for name in ("Lead", "Leed"):
            with pytest.raises(NotFound) as refused:
                described(org, name)
            told.append((refused.value.code, refused.value.message, refused.value.http_status))

        assert told == [("NOT_FOUND", "The requested resource does not exist", 404)] * 2

    def test_a_child_that_cannot_be_read_is_not_listed(self, org):
        org.security.set_object_access("Marketo Sync", "Contact", NOTHING)

        assert "Contact" not in {child["childSObject"] for child in described(org, "Account")["childRelationships"]}
