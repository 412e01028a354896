"""What field-level security and object permissions hide does not exist, in every clause of a query."""

from __future__ import annotations

import pytest

from fakes.salesforce.errors import InvalidField, InvalidType, SalesforceError

EVERYWHERE = [
    "SELECT {} FROM Lead",
    "SELECT Id FROM Lead WHERE {} = null",
    "SELECT Id FROM Lead WHERE NOT (Id = null OR {} IN ('a'))",
    "SELECT Id FROM Lead WHERE {} LIKE 'a%'",
    "SELECT Id FROM Lead ORDER BY {}",
    "SELECT COUNT(Id) FROM Lead GROUP BY {}",
    "SELECT Tier__c FROM Lead GROUP BY Tier__c HAVING MIN({}) = 'a'",
    "SELECT COUNT({}) FROM Lead",
    "SELECT toLabel({}) FROM Lead",
    "SELECT FORMAT({}) FROM Lead",
    "SELECT Id, (SELECT {} FROM Leads__r) FROM Account",
    "SELECT Id, (SELECT Id FROM Leads__r WHERE {} = 'a') FROM Account",
    "SELECT Id FROM Account WHERE Id IN (SELECT Firm__c FROM Lead WHERE {} = 'a')",
    "SELECT COUNT() FROM Lead WHERE {} = 'a'",
]


@pytest.mark.parametrize("query", EVERYWHERE)
def test_a_hidden_field_is_answered_word_for_word_as_one_that_does_not_exist(world, query):
    world.grant(hidden=("Lead.Region__c",))

    with pytest.raises(InvalidField) as hidden:
        world.run(query.format("Region__c"))
    with pytest.raises(InvalidField) as unknown:
        world.run(query.format("Nonsen__c"))

    assert hidden.value.message == unknown.value.message.replace("Nonsen__c", "Region__c")
    assert (hidden.value.code, hidden.value.http_status) == ("INVALID_FIELD", 400)


@pytest.mark.parametrize("query", EVERYWHERE)
def test_the_same_field_works_for_who_may_read_it(world, query):
    world.run(query.format("Region__c"))


def test_the_message_names_the_place_the_column_and_the_entity(world):
    world.grant(hidden=("Account.AccountSource",))

    with pytest.raises(InvalidField) as refused:
        world.run("SELECT Name, Id, AccountSource FROM Account")

    assert refused.value.message == (
        "\nSELECT Name, Id, AccountSource FROM Account\n                 ^\nERROR at Row:1:Column:18\n"
        "No such column 'AccountSource' on entity 'Account'. If you are attempting to use a custom field, be sure to "
        "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
        "appropriate names."
    )


class TestFieldsOfParents:
    def test_a_hidden_field_of_a_parent_does_not_exist(self, world):
        world.grant(hidden=("Account.Region__c",))

        with pytest.raises(InvalidField, match="No such column 'Region__c' on entity 'Account'"):
            world.run("SELECT Firm__r.Region__c FROM Lead")

    def test_a_hidden_lookup_is_no_relationship_either(self, world):
        world.grant(hidden=("Lead.Firm__c",))

        with pytest.raises(InvalidField, match="Didn't understand relationship 'Firm__r' in field path"):
            world.run("SELECT Firm__r.Name FROM Lead")
        with pytest.raises(InvalidType, match="Didn't understand relationship 'Leads__r' in FROM part"):
            world.run("SELECT Id, (SELECT Id FROM Leads__r) FROM Account")


class TestObjectPermissions:
    def test_an_sobject_that_cannot_be_read_is_not_supported(self, world):
        world.grant(no_object=("Account",))

        with pytest.raises(InvalidType, match="sObject type 'Account' is not supported"):
            world.run("SELECT Id FROM Account")

    @pytest.mark.parametrize(
        "query",
        [
            "SELECT Account.Name FROM Contact",
            "SELECT Id FROM Contact WHERE Account.Name = 'a'",
            "SELECT Id FROM Lead WHERE Firm__c IN (SELECT Id FROM Account)",
        ],
    )
    def test_nothing_leads_to_it(self, world, query):
        world.grant(no_object=("Account",))

        with pytest.raises(SalesforceError):
            world.run(query)


class TestFieldsFunction:
    def test_fields_all_leaves_hidden_fields_out(self, world):
        world.grant(hidden=("Lead.Region__c",))
        world.add("Lead", LastName="a", Company="C")

        (record,) = world.run("SELECT FIELDS(ALL) FROM Lead LIMIT 1").records

        assert "Region__c" not in record
        assert {"Id", "Score__c", "Company"} <= record.keys()

    def test_fields_standard_needs_no_limit_and_has_no_custom_field(self, world):
        world.add("Lead", LastName="a", Company="C")

        (record,) = world.run("SELECT FIELDS(STANDARD) FROM Lead").records

        assert not [name for name in record if name.endswith("__c")]

    def test_it_does_not_exist_before_version_51(self, world):
        with pytest.raises(SalesforceError) as refused:
            world.run("SELECT FIELDS(ALL) FROM Account LIMIT 1", api_version="50.0")

        assert refused.value.code == "UNSUPPORTED_API_VERSION"
        assert "The SOQL FIELDS function is not supported in this version of the API" in refused.value.message


def test_a_field_does_not_exist_before_its_api_version(world):
    world.run("SELECT Id, Type FROM PermissionSet", api_version="46.0")

    with pytest.raises(InvalidField, match="No such column 'Type' on entity 'PermissionSet'"):
        world.run("SELECT Id, Type FROM PermissionSet", api_version="45.0")
