"""SOAP: login and the few calls that clients make around it.

Source: SOAP API Developer Guide, "login()", "getServerTimestamp()", "getUserInfo()".
"""

from __future__ import annotations

import re

import pytest

from tests.fakes.salesforce.conftest import SYNC

SIMPLE_SALESFORCE = """<?xml version="1.0" encoding="utf-8" ?><env:Envelope
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:env="http://schemas.xmlsoap.org/soap/envelope/">
  <env:Body><n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{}</n1:username>
  <n1:password>{}</n1:password></n1:login></env:Body></env:Envelope>"""
JSFORCE = (
    '<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Header/><se:Body>'
    '<login xmlns="urn:partner.soap.sforce.com"><username>{}</username><password><![CDATA[{}]]></password></login>'
    "</se:Body></se:Envelope>"
)


@pytest.fixture
def http(api):
    return api.http


def call(http, name, session, kind="u"):
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><SessionHeader>'
        f"<sessionId>{session}</sessionId></SessionHeader></e:Header><e:Body><{name}/></e:Body></e:Envelope>"
    )
    return http.post(f"/services/Soap/{kind}/59.0", data=body, content_type="text/xml")


def login(http, body, path="/services/Soap/u/59.0"):
    return http.post(path, data=body, content_type="text/xml; charset=UTF-8", headers={"SOAPAction": "login"})


class TestLogin:
    @pytest.mark.parametrize("shape", [SIMPLE_SALESFORCE, JSFORCE])
    @pytest.mark.parametrize("kind", ["u", "c"])
    def test_clients_find_what_they_look_for(self, org, http, shape, kind):
        answer = login(http, shape.format(SYNC, "syncrig"), f"/services/Soap/{kind}/59.0/{org.organization_id[:15]}")
        found = dict(re.findall(r"<(\w+)>([^<]+)</\1>", answer.text))

        assert answer.status_code == 200
        assert answer.content_type == "text/xml;charset=UTF-8"
        assert found["serverUrl"] == f"http://localhost/services/Soap/{kind}/59.0/{org.organization_id[:15]}"
        assert (found["passwordExpired"], found["userId"]) == ("false", org.sync_user.id)
        assert (found["organizationId"], found["userName"]) == (org.organization_id, SYNC)
        headers = {"Authorization": f"Bearer {found['sessionId']}"}
        assert http.get("/services/data/v59.0/limits", headers=headers).status_code == 200

    @pytest.mark.parametrize("kind", ["u", "c"])
    def test_a_wrong_password(self, http, kind):
        answer = login(http, JSFORCE.format(SYNC, "wrong"), f"/services/Soap/{kind}/59.0")

        assert answer.status_code == 500
        assert "<faultcode>INVALID_LOGIN</faultcode>" in answer.text
        text = "Invalid username, password, security token; or user locked out."
        assert f"<faultstring>INVALID_LOGIN: {text}</faultstring>" in answer.text
        assert "<sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode>" in answer.text
        assert f"<sf:exceptionMessage>{text}</sf:exceptionMessage>" in answer.text
        assert f'xmlns:sf="urn:fault.{"partner" if kind == "u" else "enterprise"}.soap.sforce.com"' in answer.text

    def test_a_retired_version(self, http):
        answer = login(http, JSFORCE.format(SYNC, "syncrig"), "/services/Soap/u/20.0")

        assert "UNSUPPORTED_API_VERSION" in answer.text

    @pytest.mark.parametrize(
        "body",
        [
            "nonsense",
            "",
            "<a/>",
            '<!DOCTYPE x [<!ENTITY e "x">]><a>&e;</a>',
            '<e:Envelope xmlns:e="x"><e:Body/></e:Envelope>',
        ],
    )
    def test_what_is_no_envelope(self, http, body):
        answer = login(http, body)

        assert answer.status_code == 500
        assert "<faultcode>sf:UNKNOWN_EXCEPTION</faultcode>" in answer.text


class TestCalls:
    def test_get_server_timestamp(self, api, http):
        assert "<timestamp>2026-01-05T09:00:00.000Z</timestamp>" in call(http, "getServerTimestamp", api.token).text

    def test_get_user_info(self, api, http):
        assert f"<userName>{SYNC}</userName>" in call(http, "getUserInfo", api.token).text

    def test_logout(self, api, http):
        assert call(http, "logout", api.token).status_code == 200
        assert api.get("limits").status_code == 401

    def test_a_bad_session(self, http):
        answer = call(http, "getUserInfo", "nonsense")

        assert answer.status_code == 500
        assert re.search(r"<faultcode>[a-zA-Z]+:INVALID_SESSION_ID</faultcode>", answer.text)

    def test_a_call_that_is_not_modelled_stands_in_the_ledger(self, org, api, http):
        answer = call(http, "convertLead", api.token)

        assert answer.status_code == 500
        assert "convertLead() is not supported" in answer.text
        assert org.journal.ledger() == [{"what": "SOAP call", "detail": "convertLead", "count": 1}]
