from __future__ import annotations

import pytest

from .calls import error, reason


@pytest.fixture
def vip(api, instance):
    api.sync(*({"email": f"{n}@example.org"} for n in range(3)))
    return instance.lists.create("VIP")


class TestStaticLists:
    """Source: Marketo developer guide, "Static Lists"."""

    def test_found_by_id_and_exact_name(self, api, instance, vip):
        instance.lists.create("Others")

        assert [row["id"] for row in api.result("/rest/v1/lists.json", name="VIP")] == [vip]
        assert [row["name"] for row in api.result("/rest/v1/lists.json", id=vip)] == ["VIP"]
        assert len(api.result("/rest/v1/lists.json")) == 2
        page = api.get("/rest/v1/lists.json", batchSize=1)
        assert len(api.result("/rest/v1/lists.json", nextPageToken=page["nextPageToken"])) == 1
        assert error(api.get("/rest/v1/lists/1.json")) == ("1013", "List not found")

    def test_members_come_and_go(self, api, vip):
        path = f"/rest/v1/lists/{vip}/leads.json"

        rows = api.post(path, {"input": [{"id": 1}, {"id": 9}, {"id": 1}]})["result"]
        assert [row["status"] for row in rows] == ["added", "skipped", "added"]
        assert (rows[1]["id"], reason(rows[1])) == (9, ("1004", "Lead not found"))
        assert [lead["id"] for lead in api.result(f"/rest/v1/list/{vip}/leads.json", fields="email")] == [1]

        rows = api.raw("DELETE", f"{path}?id=1,2").json["result"]
        assert rows[0] == {"id": 1, "status": "removed"}
        assert reason(rows[1]) == ("1015", "Lead not in list")
        assert [e["activityTypeId"] for e in api.activities(24, 25)] == [24, 25]

    def test_membership(self, api, vip):
        api.post(f"/rest/v1/lists/{vip}/leads.json?id=1")

        rows = api.result(f"/rest/v1/lists/{vip}/leads/ismember.json", id="1,2,9")

        assert [row["status"] for row in rows] == ["memberof", "notmemberof", "skipped"]
