from __future__ import annotations

from datetime import timedelta

from .calls import Calls, error
from .conftest import app_of

DESCRIBE = "/rest/v1/leads/describe.json"


class TestAuthentication:
    """Source: Marketo developer guide, "Authentication"."""

    def test_a_fresh_token_says_so_in_an_oauth_body_without_envelope(self, api):
        answer = api.identity()

        assert answer.keys() == {"access_token", "token_type", "expires_in", "scope"}
        assert answer["token_type"] == "bearer"
        assert answer["expires_in"] == 3599
        assert "@" in answer["scope"]
        assert ":" in answer["access_token"]

    def test_the_same_token_comes_back_with_fewer_seconds(self, api, clock):
        clock.advance(timedelta(minutes=10))

        answer = api.identity()

        assert answer["access_token"] == api.token
        assert answer["expires_in"] == 2999

    def test_in_its_last_second_it_is_still_the_same_token(self, api, clock):
        clock.advance(timedelta(seconds=3599, milliseconds=500))

        answer = api.identity()

        assert (answer["access_token"], answer["expires_in"]) == (api.token, 0)

    def test_an_expired_token_is_refused_with_602_and_identity_gives_another(self, api, clock):
        clock.advance(timedelta(seconds=3600))

        assert error(api.get(DESCRIBE)) == ("602", "Access token expired")
        assert api.identity()["access_token"] != api.token

    def test_after_a_day_an_expired_token_is_as_good_as_made_up(self, api, clock):
        clock.advance(timedelta(hours=26))

        assert error(api.get(DESCRIBE)) == ("601", "Access token invalid")

    def test_parameters_may_come_as_a_form(self, api):
        form = {"grant_type": "client_credentials", "client_id": "syncrig", "client_secret": "syncrig-secret"}

        assert api.http.post("/identity/oauth/token", data=form).json["access_token"] == api.token

    def test_refusals_carry_an_http_status_and_an_oauth_body(self, api):
        cases = [
            ({"client_secret": "wrong"}, 401, "invalid_client", "Bad client credentials"),
            ({"client_id": "who"}, 401, "unauthorized", "No client with requested id: who"),
            ({"grant_type": "password"}, 400, "unsupported_grant_type", "Unsupported grant type: password"),
            ({"grant_type": ""}, 400, "invalid_request", "Missing grant type"),
        ]
        good = {"grant_type": "client_credentials", "client_id": "syncrig", "client_secret": "syncrig-secret"}
        for wrong, status, name, description in cases:
            answer = api.http.get("/identity/oauth/token", query_string={**good, **wrong})

            assert answer.status_code == status
            assert answer.json == {"error": name, "error_description": description}

    def test_two_services_have_tokens_of_their_own(self, api, connector):
        assert api.token != connector.token

    def test_the_connector_exists_only_with_a_native_sync(self, build):
        app = app_of(build("external"))

        answer = app.test_client().get(
            "/identity/oauth/token",
            query_string={
                "grant_type": "client_credentials",
                "client_id": "marketo-connector",
                "client_secret": "marketo-connector-secret",
            },
        )
        assert answer.status_code == 401
        assert Calls(app).get(DESCRIBE)["success"]


class TestUsingTheToken:
    """Source: "Authentication", section "Using an Access Token"."""

    def test_in_the_header_whatever_the_case_of_its_scheme(self, api):
        assert api.raw("GET", DESCRIBE, headers={"Authorization": f"bEARER {api.token}"}).json["success"]

    def test_in_the_address(self, api):
        assert api.http.get(DESCRIBE, query_string={"access_token": api.token}).json["success"]

    def test_in_a_form(self, api):
        form = {"access_token": api.token, "_method": "GET", "filterType": "id", "filterValues": "1"}

        assert api.http.post("/rest/v1/leads.json", data=form).json["success"]

    def test_without_any(self, api):
        assert error(api.http.get(DESCRIBE).json) == ("600", "Access token not specified")

    def test_made_up(self, api):
        answer = api.raw("GET", DESCRIBE, headers={"Authorization": "Bearer nonsense"})

        assert answer.status_code == 200
        assert error(answer.json) == ("601", "Access token invalid")
