"""OAuth: tokens and who they stand for.

Source: Salesforce help, "OAuth Authorization Flows"; RFC 6749.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

import pytest

from tests.fakes.salesforce.conftest import SYNC

CLIENT = {"client_id": "syncrig", "client_secret": "syncrig-secret"}
PASSWORD = {"grant_type": "password", **CLIENT, "username": SYNC, "password": "syncrig"}


@pytest.fixture
def http(api):
    return api.http


def token(http, form, **options):
    return http.post("/services/oauth2/token", data=form, **options)


class TestToken:
    @pytest.mark.parametrize("form", [PASSWORD, {"grant_type": "client_credentials", **CLIENT}])
    def test_the_answer(self, org, http, form):
        answer = token(http, form)
        found = answer.json

        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-cache, no-store"
        assert re.fullmatch(r"00D[A-Za-z0-9]{12,15}![.\w]+", found["access_token"])
        assert found["instance_url"] == "http://localhost"
        assert found["id"] == f"http://localhost/id/{org.organization_id}/{org.sync_user.id}"
        assert (found["token_type"], found["issued_at"]) == ("Bearer", "1767603600000")
        signed = hmac.new(b"syncrig-secret", (found["id"] + found["issued_at"]).encode(), hashlib.sha256).digest()
        assert base64.b64decode(found["signature"]) == signed
        assert "refresh_token" not in found

    def test_basic_credentials(self, http):
        basic = base64.b64encode(b"syncrig:syncrig-secret").decode()
        form = {"grant_type": "client_credentials"}

        assert token(http, form, headers={"Authorization": f"Basic {basic}"}).status_code == 200

    def test_a_refresh_token_comes_back_as_its_user(self, org, http):
        form = {"grant_type": "refresh_token", **CLIENT, "refresh_token": org.refresh_token_of(SYNC)}

        assert token(http, form).json["id"].endswith(org.sync_user.id)

    def test_parameters_may_stand_in_the_address(self, http):
        assert http.post("/services/oauth2/token", query_string=PASSWORD).status_code == 200

    @pytest.mark.parametrize(
        ("change", "status", "error", "description"),
        [
            ({"password": "wrong"}, 400, "invalid_grant", "authentication failure"),
            ({"username": "nobody@x.test"}, 400, "invalid_grant", "authentication failure"),
            ({"client_id": "nobody"}, 400, "invalid_client_id", "client identifier invalid"),
            ({"client_secret": "wrong"}, 401, "invalid_client", "invalid client credentials"),
            ({"grant_type": "nonsense"}, 400, "unsupported_grant_type", "grant type not supported"),
            ({"grant_type": ""}, 400, "invalid_request", "missing required parameter: grant_type"),
            ({"username": ""}, 400, "invalid_request", "missing required parameter: username"),
            (
                {"grant_type": "refresh_token", "refresh_token": "x"},
                400,
                "invalid_grant",
                "expired access/refresh token",
            ),
        ],
    )
    def test_refusals(self, http, change, status, error, description):
        answer = token(http, {**PASSWORD, **change})

        assert answer.status_code == status
        assert answer.json == {"error": error, "error_description": description}

    def test_a_grant_that_is_not_modelled_stands_in_the_ledger(self, org, http):
        answer = token(http, {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"})

        assert answer.json["error"] == "unsupported_grant_type"
        assert org.journal.ledger()[0]["what"] == "OAuth grant"

    def test_tokens_are_asked_for_by_post(self, http):
        assert http.get("/services/oauth2/token").json["error_description"] == "must use HTTP POST"


class TestRevoke:
    def test_a_revoked_session_is_over(self, http):
        dead = token(http, PASSWORD).json["access_token"]

        assert http.post("/services/oauth2/revoke", data={"token": dead}).status_code == 200
        headers = {"Authorization": f"Bearer {dead}"}
        assert http.get("/services/data/v63.0/limits", headers=headers).status_code == 401
        again = http.post("/services/oauth2/revoke", data={"token": dead})
        assert (again.status_code, again.json["error"]) == (400, "invalid_token")


class TestIdentity:
    def test_userinfo(self, org, http):
        bearer = {"Authorization": f"Bearer {token(http, PASSWORD).json['access_token']}"}
        found = http.get("/services/oauth2/userinfo", headers=bearer).json

        assert (found["user_id"], found["organization_id"]) == (org.sync_user.id, org.organization_id)
        assert (found["preferred_username"], found["zoneinfo"]) == (SYNC, "America/Los_Angeles")
        assert found["utcOffset"] == -28_800_000

    def test_the_identity_url(self, http):
        answer = token(http, PASSWORD).json
        bearer = {"Authorization": f"Bearer {answer['access_token']}"}
        path = answer["id"].removeprefix("http://localhost")

        found = http.get(path, headers=bearer).json
        assert found["username"] == SYNC
        assert found["urls"]["rest"] == "http://localhost/services/data/v{version}/"
        assert http.get(f"{path}?version=latest", headers=bearer).json["urls"]["rest"].endswith("/v67.0/")

    @pytest.mark.parametrize(
        ("path", "headers", "word"),
        [
            ("/services/oauth2/userinfo", {}, "Missing_OAuth_Token"),
            ("/services/oauth2/userinfo", {"Authorization": "Bearer x"}, "Bad_OAuth_Token"),
            ("/id/00D/005", {"Authorization": "Bearer x"}, "Bad_OAuth_Token"),
        ],
    )
    def test_a_bad_token_is_answered_with_a_word(self, http, path, headers, word):
        answer = http.get(path, headers=headers)

        assert (answer.status_code, answer.text) == (403, word)

    def test_somebody_elses_identity(self, org, http):
        bearer = {"Authorization": f"Bearer {token(http, PASSWORD).json['access_token']}"}
        start = f"/id/{org.organization_id}"

        assert http.get(f"{start}/{org.administrator.id}", headers=bearer).text == "Bad_Id"
        assert http.get(f"/id/00D000000000000/{org.sync_user.id}", headers=bearer).text == "Wrong_Org"
