"""The unmodified ``marketorestpython`` over a real socket."""

from __future__ import annotations

import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from marketorestpython.client import MarketoClient
from marketorestpython.helper import http_lib

from fakes.kit.serve import serve
from fakes.marketo.app import create_app


@pytest.fixture
def client(instance, monkeypatch):
    # The client holds itself back to five calls a second by sleeping; that is the one thing it is spared.
    monkeypatch.setattr(http_lib, "time", SimpleNamespace(time=time.time, sleep=lambda _: None))
    served = serve(create_app(instance))
    client = MarketoClient("123-ABC-456", "syncrig", "syncrig-secret", max_retry_time=2)
    client.host = served.url
    yield client
    served.close()


def test_a_wrong_secret_is_told_in_the_words_of_the_identity_service(client):
    client.client_secret = "wrong"

    with pytest.raises(Exception, match="Bad client credentials"):
        client.execute(method="get_lead_by_id", id=1)


def test_leads_are_created_found_changed_and_deleted(client):
    rows = client.execute(
        method="create_update_leads",
        leads=[{"email": "a@example.org", "firstName": "Åse"}, {"email": "b@example.org"}, {"email": "no"}],
        action="createOrUpdate",
        lookupField="email",
        asyncProcessing=False,
    )
    assert [row["status"] for row in rows] == ["created", "created", "skipped"]
    found = client.execute(
        method="get_multiple_leads_by_filter_type",
        filterType="email",
        filterValues=["a@example.org", "b@example.org"],
        fields=["email", "firstName"],
        batchSize=1,
    )
    assert [lead["firstName"] for lead in found] == ["Åse", None]
    with pytest.raises(Exception, match="1006"):
        client.execute(method="get_lead_by_id", id=1, fields=["shoe"])
    assert client.execute(method="merge_lead", id=1, leadIds=[2]) is True
    assert client.execute(method="delete_lead", id=[1])[0]["status"] == "deleted"
    deleted = client.execute(method="get_deleted_leads", sinceDatetime="2026-01-01")
    assert [entry["leadId"] for entry in deleted] == [1]


def test_activities_and_changes_are_paged(client):
    client.execute(method="create_update_leads", leads=[{"email": f"{n}@example.org"} for n in range(3)])
    client.execute(method="create_update_leads", leads=[{"email": f"{n}@example.org", "title": "T"} for n in range(3)])

    activities = client.execute(
        method="get_lead_activities", activityTypeIds=["12", "13"], sinceDatetime="2026-01-01", batchSize=2
    )
    changes = client.execute(method="get_lead_changes", fields=["title"], sinceDatetime="2026-01-01", batchSize=2)

    assert [entry["activityTypeId"] for entry in activities] == [12, 12, 12, 13, 13, 13]
    assert len(changes) == 6


def test_lists_campaigns_metadata_and_usage(client, instance):
    client.execute(method="create_update_leads", leads=[{"email": "a@example.org"}])
    number = instance.lists.create("VIP")
    assert client.execute(method="add_leads_to_list", listId=number, id=[1])[0]["status"] == "added"
    assert client.execute(method="member_of_list", listId=number, id=[1])[0]["status"] == "memberof"
    assert len(client.execute(method="get_multiple_leads_by_list_id", listId=number)) == 1
    assert client.execute(method="remove_leads_from_list", listId=number, id=[1])[0]["status"] == "removed"
    assert client.execute(method="get_multiple_lists", name=["VIP"])[0]["id"] == number
    (campaign,) = client.execute(method="get_multiple_campaigns", name=["Sync Person to SFDC"])
    assert client.execute(method="request_campaign", id=campaign["id"], leads=[1], tokens={"my.assignTo": "auto"})
    assert instance.idle(10)
    assert client.execute(method="describe")
    assert client.execute(method="describe2")[0]["name"] == "API Lead"
    assert client.execute(method="get_activity_types")
    assert client.execute(method="get_daily_usage")[0]["total"] > 0
    assert client.execute(method="get_daily_errors")[0]["total"] == 0


def test_a_token_that_expires_on_the_way_is_renewed(client, clock):
    assert client.execute(method="get_lead_by_id", id=1) == []
    clock.advance(timedelta(hours=2))
    client.valid_until = 0  # by its own clock, which no test moves, the client would try the old token ten times

    assert client.execute(method="get_lead_by_id", id=1) == []
