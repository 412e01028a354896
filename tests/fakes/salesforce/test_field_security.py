"""What a hidden, a read-only and an unknown field look like at every door of the API.

Administrators swear that the field exists while the integration reads "no such column": hidden and unknown must be
told in the same words, read-only in others.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from fakes.kit.clock import VirtualClock
from fakes.kit.scenario import SalesforcePart, UserSpec
from fakes.salesforce.app import create_app
from fakes.salesforce.custom_fields import put_custom_field
from fakes.salesforce.org import Org

DATA = "/services/data/v63.0"
NOT_EDITABLE = (
    "Unable to create/update fields: Rating. Please check the security settings of this field and verify that it "
    "is read/write for your profile or permission set."
)


class Caller:
    """One user at the REST API."""

    def __init__(self, app, username):
        self._client = app.test_client()
        answer = self._client.post(
            "/services/oauth2/token",
            data={
                "grant_type": "password",
                "client_id": "syncrig",
                "client_secret": "syncrig-secret",
                "username": username,
                "password": "syncrig",
            },
        )
        self._headers = {"Authorization": f"Bearer {answer.json['access_token']}"}

    def __call__(self, method, path, body=None, **parameters):
        answer = self._client.open(
            DATA + path, method=method, json=body, query_string=parameters, headers=self._headers
        )
        return answer.status_code, answer.json if answer.data else None

    def query(self, soql):
        return self("GET", "/query", q=soql)


@pytest.fixture
def org():
    part = SalesforcePart(
        users=[
            UserSpec("sync@acme.test", profile="Marketo Sync", sync_user=True),
            UserSpec("admin@acme.test"),
        ],
        field_permissions={"Marketo Sync": {"Account.AccountSource": "hidden", "Account.Rating": "read"}},
        fields={"Account.Key__c": {"type": "Text", "externalId": True, "unique": True}},
        records={"Account": [{"ref": "acme", "Name": "Acme", "AccountSource": "Web", "Rating": "Warm", "Key__c": "1"}]},
    )
    return Org.build(part, clock=VirtualClock(datetime(2026, 1, 5, 9, tzinfo=UTC)))


@pytest.fixture
def app(org):
    return create_app(org)


@pytest.fixture
def sync(app):
    return Caller(app, "sync@acme.test")


@pytest.fixture
def admin(app):
    return Caller(app, "admin@acme.test")


@pytest.fixture
def acme(org):
    return org.refs["acme"]


class TestHidden:
    """Word for word the answer for a name that does not exist."""

    WRITES = (
        pytest.param("POST", "/sobjects/Account", {"Name": "New"}, id="create"),
        pytest.param("PATCH", "/sobjects/Account/{acme}", {}, id="update"),
        pytest.param("PATCH", "/sobjects/Account/Key__c/1", {}, id="upsert that finds"),
        pytest.param("PATCH", "/sobjects/Account/Key__c/2", {"Name": "New"}, id="upsert that creates"),
    )

    @pytest.mark.parametrize(("method", "path", "body"), WRITES)
    def test_written_is_no_such_column(self, sync, acme, method, path, body):
        answers = [
            sync(method, path.format(acme=acme), {**body, field: "Web"}) for field in ("AccountSource", "Nonsense")
        ]

        assert answers[0] == (
            400,
            [{"message": "No such column 'AccountSource' on sobject of type Account", "errorCode": "INVALID_FIELD"}],
        )
        assert json.loads(json.dumps(answers[0]).replace("AccountSource", "Nonsense")) == list(
            json.loads(json.dumps(answers[1]))
        )

    @pytest.mark.parametrize(
        "soql",
        [
            "SELECT {} FROM Account",
            "SELECT Id FROM Account WHERE {} = 'Web'",
            "SELECT Id FROM Account ORDER BY {}",
            "SELECT COUNT(Id) FROM Account GROUP BY {}",
            "SELECT Id, Account.{} FROM Contact",
        ],
    )
    def test_asked_for_in_soql_is_no_such_column(self, sync, soql):
        hidden, unknown = (sync.query(soql.format(field)) for field in ("AccountSource", "Nonsense"))

        assert hidden[0] == 400
        assert hidden[1][0]["errorCode"] == "INVALID_FIELD"
        assert "No such column 'AccountSource' on entity 'Account'" in hidden[1][0]["message"]
        assert hidden[1][0]["message"].replace("AccountSource", "Nonsense") == unknown[1][0]["message"]

    def test_read_is_left_out_unless_asked_for(self, sync, acme):
        status, row = sync("GET", f"/sobjects/Account/{acme}")
        asked = sync("GET", f"/sobjects/Account/{acme}", fields="AccountSource")

        assert status == 200
        assert "AccountSource" not in row
        assert row["Rating"] == "Warm"
        assert (asked[0], asked[1][0]["errorCode"]) == (400, "INVALID_FIELD")

    def test_is_missing_from_the_describe(self, sync):
        _, described = sync("GET", "/sobjects/Account/describe")

        assert "AccountSource" not in {field["name"] for field in described["fields"]}

    def test_keeps_its_value(self, sync, admin, acme):
        assert sync("PATCH", f"/sobjects/Account/{acme}", {"Name": "Acme Inc."})[0] == 204

        assert admin("GET", f"/sobjects/Account/{acme}", fields="AccountSource")[1]["AccountSource"] == "Web"


class TestReadOnly:
    @pytest.mark.parametrize(("method", "path", "body"), TestHidden.WRITES)
    def test_written_is_refused_with_its_name(self, sync, acme, method, path, body):
        answer = sync(method, path.format(acme=acme), {**body, "Rating": "Hot"})

        assert answer == (
            400,
            [{"message": NOT_EDITABLE, "errorCode": "INVALID_FIELD_FOR_INSERT_UPDATE", "fields": ["Rating"]}],
        )

    def test_in_a_collection_refuses_its_own_record_only(self, sync):
        body = {
            "records": [
                {"attributes": {"type": "Account"}, "Name": "New", "Rating": "Hot"},
                {"attributes": {"type": "Account"}, "Name": "Newer"},
            ]
        }
        status, results = sync("POST", "/composite/sobjects", body)

        assert status == 200
        assert [result["success"] for result in results] == [False, True]
        assert results[0]["errors"][0]["statusCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"

    def test_is_read_and_filtered_like_any_other(self, sync):
        status, found = sync.query("SELECT Rating FROM Account WHERE Rating = 'Warm' ORDER BY Rating")

        assert (status, [record["Rating"] for record in found["records"]]) == (200, ["Warm"])

    def test_is_neither_createable_nor_updateable_in_the_describe(self, sync):
        _, described = sync("GET", "/sobjects/Account/describe")
        rating = next(field for field in described["fields"] if field["name"] == "Rating")

        assert (rating["createable"], rating["updateable"]) == (False, False)


class TestPermissionRows:
    """The same through records, as an administrator. Source: Object Reference, "FieldPermissions"."""

    def row(self, admin, field, profile="Marketo Sync"):
        soql = (
            f"SELECT Id, PermissionsRead, PermissionsEdit FROM FieldPermissions "
            f"WHERE Field = '{field}' AND Parent.Profile.Name = '{profile}'"
        )
        records = admin.query(soql)[1]["records"]
        return records[0] if records else None

    def test_say_what_is_enforced(self, admin):
        rating = self.row(admin, "Account.Rating")

        assert (rating["PermissionsRead"], rating["PermissionsEdit"]) == (True, False)
        assert self.row(admin, "Account.AccountSource") is None

    def test_changed_and_deleted_are_enforced_at_once(self, sync, admin, acme):
        row = f"/sobjects/FieldPermissions/{self.row(admin, 'Account.Rating')['Id']}"
        assert admin("PATCH", row, {"PermissionsEdit": True})[0] == 204
        assert sync("PATCH", f"/sobjects/Account/{acme}", {"Rating": "Hot"})[0] == 204
        assert admin("DELETE", row)[0] == 204

        assert sync.query("SELECT Rating FROM Account")[1][0]["errorCode"] == "INVALID_FIELD"

    def test_of_an_assigned_permission_set_are_granted_besides(self, org, sync, admin):
        _, made = admin("POST", "/sobjects/PermissionSet", {"Name": "Desk", "Label": "Desk"})
        grant = {
            "ParentId": made["id"],
            "SobjectType": "Account",
            "Field": "Account.AccountSource",
            "PermissionsRead": True,
        }
        assert admin("POST", "/sobjects/FieldPermissions", grant)[0] == 201
        assert sync.query("SELECT AccountSource FROM Account")[0] == 400
        assignment = {"PermissionSetId": made["id"], "AssigneeId": org.sync_user.id}
        assert admin("POST", "/sobjects/PermissionSetAssignment", assignment)[0] == 201

        assert sync.query("SELECT AccountSource FROM Account")[0] == 200

    def test_are_not_the_sync_users_to_change(self, sync, admin):
        row = self.row(admin, "Account.Rating")["Id"]
        status, errors = sync("PATCH", f"/sobjects/FieldPermissions/{row}", {"PermissionsEdit": True})

        assert (status, errors[0]["errorCode"]) == (400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")

    def test_a_deployed_field_is_hidden_even_from_the_administrator(self, org, admin):
        put_custom_field(org.schema, "Account.Fresh__c", {"type": "Text"})
        org.keep_schema()

        status, errors = admin.query("SELECT Fresh__c FROM Account")
        assert (status, errors[0]["errorCode"]) == (400, "INVALID_FIELD")
