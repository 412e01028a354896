"""Whatever is sent: an answer in Salesforce's shape, never a failure of the server, never half a record."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.kit.clock import VirtualClock
from fakes.kit.scenario import empty
from fakes.salesforce.org import Org
from fakes.salesforce.schema import standard

from .conftest import Caller

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.datetimes().map(datetime.isoformat),
    st.sampled_from(["", "0015f0000000001", "005", "2026-02-30", "a;b", "1e400", "-0", "Infinity", "\ud800", "\x00"]),
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6
)
NAMES = st.one_of(
    st.sampled_from([*standard()["Lead"].fields, "attributes", "Owner", "lastname", "Id", ""]), st.text(max_size=20)
)
BODIES = st.dictionaries(NAMES, JSON, max_size=5)
SEGMENTS = st.one_of(
    st.sampled_from(["Lead", "Account", "User", "describe", "Id", "Email", "updated", "00Q5f0000000001", "..", "x/y"]),
    st.text(max_size=20),
)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def org():
    return Org.build(empty().salesforce, clock=VirtualClock(datetime(2026, 1, 5, 9, tzinfo=UTC)))


@pytest.fixture(scope="module")
def api(org):
    return Caller(org, org.sync_user)


def check(answer, allowed):
    assert answer.status_code in allowed, answer.text
    if answer.status_code >= 400 and answer.data:
        assert answer.content_type == "application/json;charset=UTF-8"
        assert all(isinstance(error["message"], str) and error["errorCode"] for error in answer.json)
        assert {error["errorCode"] for error in answer.json}.isdisjoint({"UNKNOWN_EXCEPTION"})


@FEW
@given(BODIES)
def test_any_object_as_a_new_lead(org, api, body):
    before = org.store.count(org.schema["Lead"])
    answer = api.post("sobjects/Lead", data=json.dumps(body), content_type="application/json")

    check(answer, {201, 300, 400})
    assert org.store.count(org.schema["Lead"]) - before == (answer.status_code == 201)


@FEW
@given(NAMES, JSON)
def test_any_value_in_any_field_of_a_lead(org, api, name, value):
    lead = org.records.create("Lead", {"LastName": "Berg", "Company": "Acme"}, by=org.sync_user)
    changed = api.patch(f"sobjects/Lead/{lead}", data=json.dumps({name: value}), content_type="application/json")

    check(changed, {204, 300, 400})
    check(api.get(f"sobjects/Lead/{lead}"), {200})


@FEW
@given(st.binary(max_size=60))
def test_any_bytes_as_a_body(api, body):
    for path in ("sobjects/Lead", "composite/sobjects"):
        check(api.post(path, data=body, content_type="application/json"), {200, 201, 400})


@FEW
@given(st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD"]), st.lists(SEGMENTS, max_size=4), BODIES)
def test_any_address(api, method, segments, body):
    path = "/services/data/v63.0/sobjects/" + "/".join(segments)
    answer = api.call(method, path, data=json.dumps(body), content_type="application/json")

    check(answer, {200, 201, 204, 300, 400, 403, 404, 405, 501})


@FEW
@given(JSON, BODIES)
def test_any_collection(api, records, record):
    for sent in (records, [record], [{"attributes": {"type": "Lead"}, **record}], [{"attributes": record}]):
        body = json.dumps({"records": sent})
        check(api.post("composite/sobjects", data=body, content_type="application/json"), {200, 400})
        check(api.patch("composite/sobjects/Lead/Email", data=body, content_type="application/json"), {200, 400})
