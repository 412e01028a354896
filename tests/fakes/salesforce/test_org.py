"""An org is built from a scenario, goes back to a snapshot, and goes on from its file."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from fakes.kit.scenario import GenerateSpec, ScenarioError, UserSpec
from fakes.salesforce.errors import LoginRefused, SessionExpired

from .conftest import ADMIN, SYNC

ANNA = {"ref": "anna", "FirstName": "Anna", "LastName": "Berg", "Company": "Acme", "Email": "anna@example.com"}
REGION = {"Lead.Region__c": {"type": "Picklist", "values": ["North", "South"], "restricted": True}}


def names(org, sobject="Lead"):
    found = org.query.run(f"SELECT Name FROM {sobject} ORDER BY Name", by=org.administrator, api_version="63.0")
    return [each["Name"] for each in found.records]


class TestScenario:
    def test_records_are_saved_in_order_and_refer_to_each_other(self, build):
        org = build(
            records={
                "Account": [{"ref": "acme", "Name": "Acme"}],
                "Contact": [{"ref": "bo", "LastName": "Ek", "AccountId": "@acme"}],
            }
        )

        contact = org.records.read("Contact", org.refs["bo"], by=org.sync_user)
        assert contact["AccountId"] == org.refs["acme"]
        assert contact["CreatedById"] == org.administrator.id
        assert org.sobject_of(org.refs["bo"]) == "Contact"

    def test_custom_fields_can_be_used_by_the_sync_user_and_the_administrator(self, build):
        org = build(fields=REGION)

        for user in (org.sync_user, org.administrator):
            assert user.access.can_edit("Lead", "Region__c")

    def test_field_permissions_are_laid_over_the_profile(self, build):
        org = build(field_permissions={"Marketo Sync": {"Lead.Rating": "hidden", "Lead.Phone": "read"}})
        access = org.sync_user.access

        assert (access.can_read("Lead", "Rating"), access.can_read("Lead", "Phone")) == (False, True)
        assert not access.can_edit("Lead", "Phone")

    def test_a_permission_set_grants_what_the_profile_hides(self, build):
        users = [
            UserSpec(SYNC, profile="Marketo Sync", sync_user=True, permission_sets=("Lead Desk",)),
            UserSpec(ADMIN),
        ]
        org = build(
            users=users,
            field_permissions={"Marketo Sync": {"Lead.Rating": "hidden"}, "Lead Desk": {"Lead.Rating": "edit"}},
        )

        assert org.sync_user.access.can_edit("Lead", "Rating")

    def test_people_are_generated_from_the_seed(self, build):
        spec = [GenerateSpec("Lead", 5, ("en_US", "sv_SE")), GenerateSpec("Contact", 3), GenerateSpec("Account", 2)]
        first, second, other = build(generate=spec, seed=7), build(generate=spec, seed=7), build(generate=spec, seed=8)

        assert names(first) == names(second) != names(other)
        assert [len(first.generated[name]) for name in ("Lead", "Contact")] == [5, 3]
        assert names(first, "Contact")

    @pytest.mark.parametrize(
        ("words", "line"),
        [
            (
                {"records": {"Lead": [{"ref": "anna", "Nonsense": 1}]}},
                "salesforce.records.Lead[0] (anna): INVALID_FIELD: No such column 'Nonsense' on sobject of type Lead",
            ),
            (
                {"records": {"Nothing__c": [{}]}},
                "salesforce.records.Nothing__c[0]: sobject 'Nothing__c' is not known",
            ),
            (
                {"records": {"Lead": [{**ANNA, "OwnerId": "@nobody"}]}},
                "salesforce.records.Lead[0] (anna): OwnerId: no record before this one has the ref 'nobody'",
            ),
            (
                {
                    "records": {"Lead": [ANNA]},
                    "validation_rules": {"Lead.No": {"formula": "TRUE", "message": "Never."}},
                },
                "salesforce.records.Lead[0] (anna): FIELD_CUSTOM_VALIDATION_EXCEPTION: Never.",
            ),
            (
                {"validation_rules": {"Lead.Bad": {"formula": "ISBLANK(", "message": "x"}}},
                "salesforce.validation_rules.Lead.Bad: formula, line 1, column ",
            ),
            (
                {"validation_rules": {"Lead.Bad": {"formula": "TRUE", "message": "x", "field": "Nope"}}},
                "salesforce.validation_rules.Lead.Bad: no field 'Nope' on sobject Lead",
            ),
            (
                {"fields": {"Lead.Sum__c": {"type": "Number", "formula": "Nope__c + 1"}}},
                "salesforce.fields.Lead.Sum__c: formula, line 1, column 1: ",
            ),
            ({"fields": {"Lead.X__c": {"type": "Txt"}}}, "salesforce.fields.Lead.X__c: "),
            ({"field_permissions": {"Marketo Sync": {"Lead.Company": "hidden"}}}, "salesforce.field_permissions: "),
            ({"field_permissions": {"Marketo Sync": {"Lead.Nope": "hidden"}}}, "salesforce.field_permissions: "),
            ({"generate": [GenerateSpec("Campaign", 1)]}, "salesforce.generate[0]: people can be made into"),
            ({"generate": [GenerateSpec("Lead", 1, ("xx_XX",))]}, "salesforce.generate[0]: "),
        ],
    )
    def test_what_cannot_be_is_said_in_one_line(self, build, words, line):
        with pytest.raises(ScenarioError) as problem:
            build(**words)

        assert str(problem.value).startswith(line)
        assert "\n" not in str(problem.value)


class TestLogin:
    @pytest.fixture
    def org(self, build):
        users = [UserSpec(SYNC, "secret", profile="Marketo Sync", sync_user=True, token="TOKEN"), UserSpec(ADMIN)]
        return build(users=users)

    @pytest.mark.parametrize("password", ["secret", "secretTOKEN"])
    def test_the_token_may_follow_the_password(self, org, password):
        assert org.authenticate(SYNC, password).username == SYNC

    @pytest.mark.parametrize(
        ("username", "password"), [(SYNC, "secretNO"), (SYNC, ""), (SYNC, "TOKEN"), ("nobody@x.test", "secret")]
    )
    def test_anything_else_is_refused(self, org, username, password):
        with pytest.raises(LoginRefused):
            org.authenticate(username, password)

    def test_an_inactive_user_is_refused_and_loses_the_session(self, org):
        admin = org.administrator
        token = org.sessions.open(org.sync_user.id).token
        org.records.update("User", org.sync_user.id, {"IsActive": False}, by=admin)

        with pytest.raises(LoginRefused):
            org.authenticate(SYNC, "secret")
        assert not org.user_by_id(org.sessions.use(token).user_id).row["IsActive"]


class TestSessions:
    """Source: Salesforce help, "Modify Session Security Settings"."""

    def test_a_session_that_is_used_lives_on(self, org, clock):
        session = org.sessions.open(org.sync_user.id)
        for _ in range(3):
            clock.advance(timedelta(hours=1, minutes=59))
            assert org.sessions.use(session.token).user_id == org.sync_user.id

    def test_a_session_that_is_not_used_for_two_hours_ends(self, org, clock):
        session = org.sessions.open(org.sync_user.id)
        clock.advance(timedelta(hours=2))

        with pytest.raises(SessionExpired):
            org.sessions.use(session.token)

    def test_tokens_are_the_same_in_every_run_and_different_in_one(self, build):
        first, second = build(seed=1), build(seed=1)

        one, two = (org.sessions.open(org.sync_user.id).token for org in (first, second))
        assert one == two != first.sessions.open(first.sync_user.id).token


class TestSnapshot:
    def test_everything_goes_back(self, build):
        org = build(records={"Lead": [ANNA]}, fields=REGION)
        token = org.sessions.open(org.sync_user.id).token
        before = org.snapshot()
        made = org.records.create("Lead", {"LastName": "New", "Company": "X"}, by=org.sync_user)
        org.schema.drop_field("Lead", "Region__c")
        org.store.sync_schema(org.schema)
        org.security.set_field_access("Marketo Sync", "Lead", "Rating", "hidden")
        later = org.sessions.open(org.sync_user.id).token

        for _ in range(2):  # a snapshot stays good
            org.restore(before)
            org.store.sync_schema(org.schema)

            assert names(org) == ["Anna Berg"]
            assert org.sync_user.access.can_read("Lead", "Rating")
            assert "Region__c" in org.records.read("Lead", org.refs["anna"], by=org.sync_user)
            assert org.sessions.use(token)
            with pytest.raises(SessionExpired):
                org.sessions.use(later)
            assert org.records.create("Lead", {"LastName": "New", "Company": "X"}, by=org.sync_user) == made

    def test_the_refresh_token_of_the_environment_outlives_a_reset(self, org):
        before = org.snapshot()
        org.restore(before)

        assert org.sessions.refresh(org.refresh_token_of(SYNC), "syncrig") == org.sync_user.id


class TestFile:
    def test_an_org_goes_on_from_its_file(self, build, tmp_path):
        words = {"records": {"Lead": [ANNA]}, "fields": REGION, "data": tmp_path}
        first = build(**words)
        record = first.records.create(
            "Lead", {"LastName": "New", "Company": "X", "Region__c": "South"}, by=first.sync_user
        )
        sync_user = first.sync_user
        first.close()

        second = build(**words)
        assert names(second) == ["Anna Berg", "New"]
        assert second.organization_id == first.organization_id
        assert second.records.read("Lead", record, by=second.sync_user)["Region__c"] == "South"
        assert second.records.create("Lead", {"LastName": "Z", "Company": "X"}, by=second.sync_user) > record
        assert second.authenticate(SYNC, "syncrig").id == sync_user.id
        assert second.refs == first.refs
        second.close()

    def test_what_was_customised_while_it_ran_is_kept_too(self, build, tmp_path):
        first = build(fields=REGION, data=tmp_path)
        first.close()
        second = build(data=tmp_path)

        assert second.schema["Lead"].field("Region__c").restricted_picklist
        assert second.schema["Lead"].field("Region__c").picklist_values == (
            first.schema["Lead"].field("Region__c").picklist_values
        )
        second.close()


class TestRefusal:
    @pytest.mark.parametrize(
        ("code", "status", "message"),
        [
            ("UNABLE_TO_LOCK_ROW", 400, "unable to obtain exclusive access to this record or 1 records"),
            ("INVALID_SESSION_ID", 401, "Session expired or invalid"),
            ("REQUEST_LIMIT_EXCEEDED", 403, "TotalRequests Limit exceeded."),
            ("SERVER_UNAVAILABLE", 503, "The server is currently unavailable. Please try again later."),
            ("TOO_MANY_JOBS", 400, "too many jobs"),
        ],
    )
    def test_an_ordered_error_reads_as_salesforce_words_it(self, org, code, status, message):
        answered, body, content_type = org.refusal(code)

        assert (answered, content_type) == (status, "application/json;charset=UTF-8")
        assert (json.loads(body)[0]["errorCode"], json.loads(body)[0]["message"]) == (code, message)


def test_two_orgs_know_nothing_of_each_other(build):
    first, second = build(), build()
    first.records.create("Lead", {"LastName": "Berg", "Company": "Acme"}, by=first.sync_user)

    assert (names(first), names(second)) == (["Berg"], [])
