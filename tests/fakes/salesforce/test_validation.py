"""Validation rules at save, formula fields on read.

Source: Salesforce help, "Validation Rules"; reports R02.
"""

from __future__ import annotations

import pytest

from fakes.salesforce.errors import SalesforceError

DEAL_RULES = {
    "Opportunity.Late": {
        "formula": "CloseDate < TODAY()",
        "message": "The deal cannot close in the past.",
        "field": "CloseDate",
    },
    "Opportunity.Needs_Amount": {
        "formula": "ISBLANK(Amount)",
        "message": "How much is it worth?",
        "field": "Amount",
    },
    "Opportunity.Clean_Name": {"formula": 'CONTAINS(Name, "test")', "message": "No test deals, please."},
}
BAD_DEAL = {"Name": "test deal", "StageName": "Prospecting", "CloseDate": "2020-01-01"}


def told(call, *args, **kwargs):
    with pytest.raises(SalesforceError) as refused:
        call(*args, **kwargs)
    return [(each.code, each.message, each.fields) for each in refused.value.errors]


def lead(org, by=None, **values):
    row = {"LastName": "Berg", "Company": "Acme", **values}
    return org.records.create("Lead", row, by=by or org.sync_user)


class TestValidationRules:
    def test_every_failing_rule_is_reported_and_nothing_is_saved(self, build):
        org = build(validation_rules=DEAL_RULES)

        assert told(org.records.create, "Opportunity", BAD_DEAL, by=org.sync_user) == [
            ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "The deal cannot close in the past.", ("CloseDate",)),
            ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "How much is it worth?", ("Amount",)),
            ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "No test deals, please.", ()),
        ]
        assert org.store.count(org.schema["Opportunity"]) == 0

    def test_they_are_not_asked_before_the_systems_own_checks_pass(self, build):
        org = build(validation_rules=DEAL_RULES)

        codes = [code for code, _, _ in told(org.records.create, "Opportunity", {"Name": "test"}, by=org.sync_user)]

        assert codes == ["REQUIRED_FIELD_MISSING"]

    def test_a_rule_that_is_not_active_is_not_asked(self, build):
        rules = {"Lead.Never": {"formula": "TRUE", "message": "no", "active": False}}

        assert lead(build(validation_rules=rules))

    def test_a_rule_sees_the_merged_record_and_what_changed(self, build):
        rules = {
            "Lead.Frozen": {
                "formula": 'NOT(ISNEW()) && ISCHANGED(Company) && PRIORVALUE(Company) = "Acme"',
                "message": "Acme stays.",
            }
        }
        org = build(validation_rules=rules)
        record = lead(org)
        org.records.update("Lead", record, {"Title": "Dr"}, by=org.sync_user)

        assert told(org.records.update, "Lead", record, {"Company": "Other"}, by=org.sync_user)[0][1] == "Acme stays."

    def test_a_rule_sees_fields_that_the_user_does_not(self, build):
        org = build(
            validation_rules={"Lead.Hot": {"formula": 'ISPICKVAL(Rating, "Hot")', "message": "hot"}},
            field_permissions={"Marketo Sync": {"Lead.Rating": "hidden"}},
        )
        record = lead(org)
        org.store.update(org.schema["Lead"], record, {"Rating": "Hot"})

        assert told(org.records.update, "Lead", record, {"Title": "Dr"}, by=org.sync_user)[0][1] == "hot"

    def test_a_rule_reads_parents_and_the_running_user(self, build):
        rules = {
            "Contact.Same_Name": {"formula": "Account.Name = LastName", "message": "named after the account"},
            "Contact.Not_Sync": {
                "formula": 'LastName = "Sync" && $Profile.Name = "Marketo Sync" && $User.IsActive',
                "message": "not for the sync",
            },
        }
        org = build(validation_rules=rules)
        account = org.records.create("Account", {"Name": "Acme"}, by=org.sync_user)
        values = {"LastName": "Acme", "AccountId": account}

        assert told(org.records.create, "Contact", values, by=org.sync_user)[0][1] == "named after the account"
        assert told(org.records.create, "Contact", {"LastName": "Sync"}, by=org.sync_user)[0][1] == "not for the sync"
        assert org.records.create("Contact", {"LastName": "Sync"}, by=org.administrator)

    def test_a_rule_that_cannot_be_evaluated_refuses_the_save(self, build):
        rules = {"Lead.Per_Head": {"formula": "AnnualRevenue / NumberOfEmployees < 1", "message": "poor"}}
        org = build(validation_rules=rules)

        code, message, fields = told(lead, org, AnnualRevenue=1, NumberOfEmployees=0)[0]

        assert (code, fields) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", ())
        assert message.startswith("The formula in the Per_Head validation rule is invalid due to an error: ")

    def test_a_rule_whose_field_is_gone_refuses_the_save(self, build):
        org = build(
            fields={"Lead.Region__c": {"type": "Text", "length": 20}},
            validation_rules={"Lead.Region": {"formula": 'Region__c = "x"', "message": "no"}},
        )
        assert lead(org)
        org.schema.drop_field("Lead", "Region__c")
        org.store.sync_schema(org.schema)

        assert "Region" in told(lead, org)[0][1]

    def test_today_is_the_users_day(self, build, clock):
        rules = {"Opportunity.Late": DEAL_RULES["Opportunity.Late"]}
        org = build(validation_rules=rules)  # the clock says 09:00 in UTC, 01:00 in Los Angeles
        values = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-01-04"}
        assert told(org.records.create, "Opportunity", values, by=org.sync_user)

        clock.move_to(clock.now().replace(day=6, hour=7))  # 23:00 of the fifth in Los Angeles

        assert org.records.create("Opportunity", {**values, "CloseDate": "2026-01-05"}, by=org.sync_user)


class TestFormulaFields:
    @pytest.fixture
    def org(self, build):
        return build(
            fields={
                "Lead.Greeting__c": {"type": "Text", "formula": '"Dear " & FirstName & " of " & Company'},
                "Lead.Share__c": {
                    "type": "Percent",
                    "precision": 5,
                    "scale": 1,
                    "formula": "NumberOfEmployees / 1000",
                },
                "Lead.Per_Head__c": {
                    "type": "Number",
                    "precision": 18,
                    "scale": 2,
                    "formula": "AnnualRevenue / NumberOfEmployees",
                    "formulaTreatBlanksAs": "BlankAsBlank",
                },
                "Lead.Is_Big__c": {"type": "Checkbox", "formula": "NumberOfEmployees > 100"},
                "Lead.Born__c": {"type": "Date", "formula": "DATEVALUE(CreatedDate)"},
            }
        )

    def read(self, org, record):
        return org.records.read("Lead", record, by=org.sync_user)

    def test_they_are_computed_when_the_record_is_read(self, org):
        found = self.read(org, lead(org, FirstName="Anna", NumberOfEmployees=250, AnnualRevenue=1000))

        assert found["Greeting__c"] == "Dear Anna of Acme"
        assert (found["Share__c"], found["Per_Head__c"], found["Is_Big__c"]) == (25.0, 4.0, True)

    def test_a_change_of_the_formula_shows_at_once_and_moves_no_stamp(self, org, clock):
        record = lead(org, NumberOfEmployees=250)
        before = self.read(org, record)
        clock.move_to(clock.now().replace(hour=10))
        org.store.update(org.schema["Lead"], record, {"NumberOfEmployees": 1})
        after = self.read(org, record)

        assert (before["Is_Big__c"], after["Is_Big__c"]) == (True, False)
        assert before["SystemModstamp"] == after["SystemModstamp"]

    def test_an_error_is_null(self, org):
        found = self.read(org, lead(org, NumberOfEmployees=0, AnnualRevenue=5))

        assert found["Per_Head__c"] is None

    def test_a_query_computes_them_too(self, org):
        lead(org, FirstName="Anna", NumberOfEmployees=250)

        found = org.query.run(
            "SELECT Greeting__c, Is_Big__c FROM Lead WHERE Share__c = 25", by=org.sync_user, api_version="63.0"
        )

        assert [(each["Greeting__c"], each["Is_Big__c"]) for each in found.records] == [("Dear Anna of Acme", True)]
