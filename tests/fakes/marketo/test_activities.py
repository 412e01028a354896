from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.kit.clock import VirtualClock
from fakes.kit.scenario import MarketoPart
from fakes.marketo.activities import Feed
from fakes.marketo.instance import Instance
from fakes.marketo.origin import MANUAL
from fakes.marketo.paging import LogToken

from .calls import attributes, error

START = datetime(2026, 1, 5, 9, tzinfo=UTC)


class TestPagingTokens:
    """Source: Marketo developer guide, "Paging Tokens"."""

    def test_answers_without_a_result(self, api):
        answer = api.get("/rest/v1/activities/pagingtoken.json", sinceDatetime="2026-01-05T09:00:00Z")

        assert list(answer) == ["requestId", "success", "nextPageToken"]

    def test_a_plus_that_became_a_blank_is_understood(self, api):
        answer = api.raw("GET", "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-01-05T09:00:00+00:00").json

        assert answer["nextPageToken"] == api.token_since("2026-01-05T09:00:00Z")

    def test_refusals(self, api):
        path = "/rest/v1/activities/pagingtoken.json"

        assert error(api.get(path)) == ("1002", "Missing value for the required parameter 'sinceDatetime'")
        assert error(api.get(path, sinceDatetime="lately")) == (
            "1001",
            "Invalid value 'lately'. Required of type 'DateTime'",
        )

    def test_since_is_inclusive(self, api, clock):
        api.sync({"email": "a@example.org"})
        clock.advance(timedelta(seconds=1))
        api.sync({"email": "b@example.org"})

        assert [e["leadId"] for e in api.activities(12, since="2026-01-05T09:00:00Z")] == [1, 2]
        assert [e["leadId"] for e in api.activities(12, since="2026-01-05T09:00:01Z")] == [2]
        assert api.activities(12, since="2026-01-05T09:00:02Z") == []


class TestActivities:
    """Source: "Activities"."""

    def page(self, api, **query):
        return api.get("/rest/v1/activities.json", **query)

    def test_every_page_has_a_token_and_says_whether_more_follow(self, api):
        api.sync(*({"email": f"{n}@example.org"} for n in range(5)))
        token, seen, sizes = api.token_since(), [], []

        while True:
            page = self.page(api, nextPageToken=token, activityTypeIds=12, batchSize=2)
            seen += [e["leadId"] for e in page["result"]]
            sizes.append(len(page["result"]))
            token = page["nextPageToken"]
            if not page["moreResult"]:
                break

        assert (seen, sizes) == ([1, 2, 3, 4, 5], [2, 2, 1])
        api.sync({"email": "later@example.org"})
        assert [e["leadId"] for e in self.page(api, nextPageToken=token, activityTypeIds=12)["result"]] == [6]

    def test_a_token_gives_the_same_page_again(self, api):
        api.sync(*({"email": f"{n}@example.org"} for n in range(3)))
        query = {"nextPageToken": api.token_since(), "activityTypeIds": 12, "batchSize": 2}

        assert self.page(api, **query)["result"] == self.page(api, **query)["result"]

    def test_only_the_types_and_leads_asked_for(self, api):
        api.sync({"email": "a@example.org"}, {"email": "b@example.org"})
        api.sync({"email": "a@example.org", "title": "T"}, {"email": "b@example.org", "title": "T"})

        assert [e["activityTypeId"] for e in api.activities(13)] == [13, 13]
        assert [(e["leadId"], e["activityTypeId"]) for e in api.activities(12, 13, leadIds="2")] == [(2, 12), (2, 13)]

    def test_only_the_members_of_a_list(self, api, instance):
        api.sync({"email": "a@example.org"}, {"email": "b@example.org"})
        number = instance.lists.create("VIP")
        api.post(f"/rest/v1/lists/{number}/leads.json", {"input": [{"id": 2}]})

        assert [e["leadId"] for e in api.activities(12, listId=number)] == [2]
        assert [e["primaryAttributeValue"] for e in api.activities(24, assetIds=number)] == ["VIP"]

    def test_refusals(self, api):
        token = api.token_since()

        assert error(self.page(api, activityTypeIds=12)) == (
            "1002",
            "Missing value for the required parameter 'nextPageToken'",
        )
        assert error(self.page(api, nextPageToken=token)) == (
            "1002",
            "Missing value for the required parameter 'activityTypeIds'",
        )
        assert error(self.page(api, nextPageToken="XYZ", activityTypeIds=12)) == ("1003", "Invalid nextPageToken")
        assert error(self.page(api, nextPageToken=token, activityTypeIds=",".join(map(str, range(1, 12)))))[0] == "1003"
        assert (
            error(self.page(api, nextPageToken=token, activityTypeIds=12, leadIds=",".join(map(str, range(31)))))[0]
            == "1003"
        )

    def test_types(self, api):
        types = {kind["id"]: kind for kind in api.result("/rest/v1/activities/types.json")}

        assert types[13]["primaryAttribute"] == {"name": "Attribute Name", "dataType": "string"}
        assert "primaryAttribute" not in types[12]
        assert types.keys() >= {1, 2, 6, 7, 10, 11, 12, 13, 19, 21, 22, 23, 24, 25, 26, 28, 29, 32, 37, 46, 47, 104}
        names = [kind["name"] for kind in types.values()]
        assert len(set(names)) == len(names)
        for kind in types.values():
            attribute_names = [attribute["name"] for attribute in kind["attributes"]]
            assert attribute_names == sorted(set(attribute_names))


class TestLeadChanges:
    """Source: "Activities", section "Lead Changes"."""

    def test_a_change_shows_the_rest_name_where_the_activity_shows_the_display_name(self, api):
        api.sync({"email": "a@example.org", "title": "VP"})
        api.sync({"email": "a@example.org", "title": "CTO", "city": "Oslo"})

        created, changed = api.changes("title")

        assert (created["activityTypeId"], created["fields"]) == (12, [])
        assert changed["fields"] == [{"id": 60, "name": "title", "newValue": "CTO", "oldValue": "VP"}]
        assert "primaryAttributeValue" not in changed
        assert attributes(changed) == {"Reason": "Web service API", "Source": "Web service API", "Lead ID": 1}

    def test_a_cleared_value_is_null(self, api):
        api.sync({"email": "a@example.org", "title": "VP"})
        api.sync({"email": "a@example.org", "title": None})

        assert api.changes("title")[-1]["fields"][0]["newValue"] is None

    def test_refusals(self, api):
        path, token = "/rest/v1/activities/leadchanges.json", api.token_since()

        assert error(api.get(path, fields="title"))[0] == "1002"
        assert error(api.get(path, nextPageToken=token)) == (
            "1002",
            "Missing value for the required parameter 'fields'",
        )
        assert error(api.get(path, nextPageToken=token, fields="title,shoe")) == ("1006", "Field 'shoe' not found")


def read_all(instance, *, batch, types=(12, 13), token=None):
    token, seen, pages = token or LogToken(0), [], 0
    while True:
        page = instance.activities.page(token, types, batch=batch)
        seen += [record["id"] for record in page.records]
        token, pages = LogToken.read(page.next_token), pages + 1
        if not page.more:
            return seen, token, pages


class TestPagingMeetsEachEntryOnce:
    """Ours, as a property: whatever happened, however it is paged."""

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["title", "city", "delete", "wait"])), max_size=30),
        st.integers(1, 7),
        st.none() | st.integers(1, 5),
    )
    def test_read_at_once_or_in_parts_while_it_goes_on(self, history, batch, block):
        clock = VirtualClock(START)
        instance = Instance.build(MarketoPart(persons=[{"lastName": str(n)} for n in range(4)]), clock=clock, seed=1)
        instance.activities.feed = Feed(block=block)
        seen, token, _ = read_all(instance, batch=batch)
        gone: set[int] = set()
        for number, (lead, what) in enumerate(history):
            if what == "wait":
                clock.advance(timedelta(seconds=1))
                more, token, _ = read_all(instance, batch=batch, token=token)
                seen += more
            elif what == "delete":
                gone.update(e["id"] for e in instance.activities.log(lead))
                instance.leads.delete([lead])
            elif instance.leads.get(lead):
                instance.leads.change(lead, {what: str(number)}, MANUAL)
        more, _, _ = read_all(instance, batch=batch, token=token)
        seen += more

        left = {
            e["id"] for lead in range(1, 5) for e in instance.activities.log(lead) if e["activityTypeId"] in {12, 13}
        }
        assert len(seen) == len(set(seen))
        assert left <= set(seen) <= left | gone
        assert seen == sorted(seen)
        instance.close()


class TestHowEntriesComeToReaders:
    """Source: "Activities"; a real instance scans blocks and shows entries late. Both are switches here."""

    def test_a_page_can_be_empty_and_more_follow(self, api, instance):
        api.sync(*({"email": f"{n}@example.org"} for n in range(4)))
        api.sync({"email": "3@example.org", "title": "T"})
        instance.activities.feed = Feed(block=2)

        first = api.get("/rest/v1/activities.json", nextPageToken=api.token_since(), activityTypeIds=13)

        assert (first["result"], first["moreResult"]) == ([], True)
        assert len(read_all(instance, batch=300, types=[13])[0]) == 1

    def test_late_entries_are_missed_by_the_token_and_met_by_an_overlap(self, instance, clock):
        def change(value):
            instance.leads.change(1, {"title": value}, MANUAL)

        instance.leads.create({"lastName": "A"}, MANUAL)
        instance.activities.feed = Feed(delay=timedelta(seconds=30), every=2)
        change("one")  # entry 2: late
        change("two")  # entry 3
        seen, token, _ = read_all(instance, batch=300)

        assert seen == [1, 3]
        clock.advance(timedelta(minutes=1))
        assert read_all(instance, batch=300, token=token)[0] == []
        overlapping = LogToken(int((START - timedelta(minutes=5)).timestamp() * 1000))
        assert read_all(instance, batch=300, token=overlapping)[0] == [1, 2, 3]

    def test_an_entry_dated_ahead_hides_no_other(self, instance, clock):
        instance.leads.create({"lastName": "A"}, MANUAL)
        instance.activities.record(1, 46, {}, primary_value="Web", at=START + timedelta(days=400))
        clock.advance(timedelta(days=1))
        instance.leads.change(1, {"title": "T"}, MANUAL)

        since = LogToken(int((START + timedelta(hours=1)).timestamp() * 1000))

        assert read_all(instance, batch=300, types=(12, 13, 46), token=since)[0] == [2, 3]

    @pytest.mark.parametrize("leads", [(), (1, 2)])
    def test_a_page_is_an_index_range(self, instance, leads):
        statements = []
        instance.leads.create({"lastName": "A"}, MANUAL)
        instance.database.connection.set_trace_callback(statements.append)

        instance.activities.changes(LogToken(0), [60], lead_ids=leads)

        plans = [
            row["detail"]
            for statement in statements
            if statement.startswith("SELECT") and "FROM activity" in statement
            for row in instance.database.connection.execute(f"EXPLAIN QUERY PLAN {statement}")
        ]
        assert plans
        assert not [plan for plan in plans if plan.startswith("SCAN activity") and "INDEX" not in plan]
