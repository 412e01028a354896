"""Whatever is sent: Marketo's envelope, never a traceback, never half of a record."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fakes.kit.clock import VirtualClock
from fakes.kit.scenario import MarketoPart
from fakes.marketo.instance import Instance

from .calls import Calls
from .conftest import app_of

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
names = st.sampled_from(
    ["email", "id", "firstName", "unsubscribed", "leadScore", "dateOfBirth", "sfdcType", "shoe", "createdAt"]
)
records = st.dictionaries(names, anything, max_size=4) | anything
POSTS = [
    "/rest/v1/leads.json",
    "/rest/v1/leads/delete.json",
    "/rest/v1/leads/partitions.json",
    "/rest/v1/leads/1/merge.json",
    "/rest/v1/leads/schema/fields.json",
    "/rest/v1/leads/schema/fields/email.json",
    "/rest/v1/activities/external.json",
    "/rest/v1/activities/external/type.json",
    "/rest/v1/activities/external/type/x/attributes/create.json",
    "/rest/v1/campaigns/1001/trigger.json",
    "/rest/v1/lists/1001/leads.json",
]
GETS = [
    "/rest/v1/leads.json",
    "/rest/v1/lead/1.json",
    "/rest/v1/activities.json",
    "/rest/v1/activities/leadchanges.json",
    "/rest/v1/activities/deletedleads.json",
    "/rest/v1/activities/pagingtoken.json",
    "/rest/v1/campaigns.json",
    "/rest/v1/lists.json",
    "/rest/v1/leads/schema/fields.json",
]
PARAMETERS = [
    "fields",
    "filterType",
    "filterValues",
    "batchSize",
    "nextPageToken",
    "activityTypeIds",
    "leadIds",
    "listId",
    "sinceDatetime",
    "id",
    "name",
]


@pytest.fixture(scope="module")
def api():
    instance = Instance.build(MarketoPart(persons=[{"email": "a@example.org"}]), clock=VirtualClock(), seed=1)
    instance.lists.create("VIP")
    yield Calls(app_of(instance))
    instance.close()


FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZ
@given(
    st.sampled_from(POSTS),
    st.fixed_dictionaries(
        {"input": st.lists(records, max_size=4) | anything},
        optional={
            "action": anything,
            "lookupField": names | anything,
            "partitionName": anything,
            "attributes": anything,
        },
    )
    | st.dictionaries(st.text(max_size=8), anything, max_size=4),
)
@example(path="/rest/v1/leads/partitions.json", body={"input": [0]})
def test_bodies(api, path, body):
    answer = api.raw("POST", path, json=body)

    assert answer.status_code == 200
    assert isinstance(answer.json["success"], bool)
    if answer.json["success"] and "result" in answer.json:
        assert all("status" in row or "id" in row for row in answer.json["result"])


@FUZZ
@given(
    st.sampled_from(GETS),
    st.dictionaries(st.sampled_from(PARAMETERS), st.text(max_size=12) | st.integers().map(str), max_size=5),
)
def test_parameters(api, path, query):
    answer = api.raw("GET", path, query_string=query)

    assert answer.status_code == 200
    assert isinstance(answer.json["success"], bool)


@FUZZ
@given(st.sampled_from(POSTS), st.binary(max_size=60))
def test_bytes(api, path, body):
    answer = api.raw("POST", path, data=body, content_type="application/json")

    assert answer.status_code == 200
    assert isinstance(answer.json["success"], bool)
