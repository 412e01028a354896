"""The query service: what a page of records looks like, how the next one is got, and which index answers.

Source: REST API Developer Guide, "Query", "QueryAll", "Query More Results"; SOQL and SOSL Reference.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.salesforce.errors import InvalidQueryLocator, MalformedQuery, SalesforceError
from fakes.salesforce.soql import Environment, compile_sql, parse, resolve
from fakes.salesforce.soql.dates import Calendar
from tests.fakes.salesforce.soql.world import NOW, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def empty() -> World:
    return World()


def fill(world: World, count: int, **values) -> list[str]:
    return [world.add("Lead", LastName=f"Lead {number:05}", Company="C", **values) for number in range(count)]


class TestRecords:
    def test_keys_stand_in_the_order_of_the_query_in_their_own_spelling_and_id_only_when_asked_for(self, world):
        world.add("Lead", Id="00Q5f0000000001EAA", LastName="Berg", Company="Fjell")

        (record,) = world.run("select COMPANY, lastname from lead").records

        assert list(record.items()) == [
            ("attributes", {"type": "Lead", "url": "/services/data/v63.0/sobjects/Lead/00Q5f0000000001EAA"}),
            ("Company", "Fjell"),
            ("LastName", "Berg"),
        ]

    def test_values_are_spelled_as_the_vendor_spells_them(self, world):
        world.add(
            "Lead", LastName="a", Company="C", Score__c=10000.0, NumberOfEmployees=5, Vip__c=1,
            Birthday__c="2026-02-01", Seen__c="2026-01-05T09:00:00.000Z", Opens__c="11:59:59.000Z", City="Oslo",
            Place__Latitude__s=1.5, Place__Longitude__s=2.5, Interests__c="Red;Blue",
        )  # fmt: skip

        (record,) = world.run(
            "SELECT Score__c, NumberOfEmployees, Vip__c, Birthday__c, Seen__c, Opens__c, Place__c, Address, Phone, "
            "Interests__c, Double__c FROM Lead"
        ).records

        del record["attributes"]
        assert record == {
            "Score__c": 10000.0,
            "NumberOfEmployees": 5,
            "Vip__c": True,
            "Birthday__c": "2026-02-01",
            "Seen__c": "2026-01-05T09:00:00.000+0000",
            "Opens__c": "11:59:59.000Z",
            "Place__c": {"latitude": 1.5, "longitude": 2.5},
            "Address": {
                "city": "Oslo", "country": None, "geocodeAccuracy": None, "latitude": None, "longitude": None,
                "postalCode": None, "state": None, "street": None,
            },
            "Phone": None,
            "Interests__c": "Red;Blue",
            "Double__c": 20000.0,
        }  # fmt: skip
        assert [type(record[name]) for name in ("Score__c", "NumberOfEmployees", "Vip__c")] == [float, int, bool]

    def test_a_compound_without_any_part_is_null(self, world):
        fill(world, 1)

        assert world.names("SELECT Address FROM Lead", "Address") == [None]
        assert world.names("SELECT Place__c FROM Lead", "Place__c") == [None]


class TestParents:
    def test_two_fields_through_one_parent_share_its_object(self, world):
        account = world.add("Account", Name="Nordlys")
        world.add("Contact", LastName="With", AccountId=account)

        (record,) = world.run("SELECT LastName, Account.Name, Account.Owner.Name FROM Contact").records

        assert list(record) == ["attributes", "LastName", "Account"]
        assert record["Account"] == {
            "attributes": {"type": "Account", "url": f"/services/data/v63.0/sobjects/Account/{account}"},
            "Name": "Nordlys",
            "Owner": {
                "attributes": {"type": "User", "url": f"/services/data/v63.0/sobjects/User/{world.id}"},
                "Name": "Ada Admin",
            },
        }

    def test_an_empty_parent_is_null_with_nothing_under_it(self, world):
        world.add("Contact", LastName="Without")

        (record,) = world.run("SELECT LastName, Account.Name, Account.Owner.Name FROM Contact").records

        assert record["Account"] is None
        assert list(record) == ["attributes", "LastName", "Account"]

    def test_a_polymorphic_parent_shows_as_name_with_the_address_of_what_it_is(self, world):
        queue = world.add("Group", Name="Incoming", Type="Queue")
        world.add("Lead", LastName="a", Company="C", OwnerId=queue)
        world.add("Lead", LastName="b", Company="C")

        owners = world.names("SELECT Owner.Name, Owner.Type, Owner.Id FROM Lead ORDER BY LastName", "Owner")

        root = "/services/data/v63.0/sobjects"
        assert owners == [
            {"attributes": {"type": "Name", "url": f"{root}/Group/{queue}"}, "Name": "Incoming", "Type": "Group",
             "Id": queue},
            {"attributes": {"type": "Name", "url": f"{root}/User/{world.id}"}, "Name": "Ada Admin", "Type": "User",
             "Id": world.id},
        ]  # fmt: skip

    def test_it_can_be_filtered_by_type_and_name(self, world):
        queue = world.add("Group", Name="Incoming", Type="Queue")
        world.add("Lead", LastName="a", Company="C", OwnerId=queue)
        fill(world, 1)

        assert world.names("SELECT LastName FROM Lead WHERE Owner.Type = 'Group'", "LastName") == ["a"]
        assert world.names("SELECT LastName FROM Lead WHERE Owner.Name = 'ada admin'", "LastName") == ["Lead 00000"]

    def test_typeof_chooses_the_fields_by_what_it_is(self, world):
        account = world.add("Account", Name="Acme")
        contact = world.add("Contact", LastName="Kari", AccountId=account)
        lead = world.add("Lead", LastName="Lars", Company="C")
        for who in (contact, lead, None):
            world.add("Task", Subject="Call", WhoId=who)

        people = world.names(
            "SELECT TYPEOF Who WHEN Contact THEN LastName, Account.Name ELSE Name, Type END FROM Task", "Who"
        )

        for person in people[:2]:
            person.pop("attributes")
        assert people[0]["LastName"] == "Kari"
        assert people[0]["Account"]["Name"] == "Acme"
        assert people[1:] == [{"Name": "Lars", "Type": "Lead"}, None]


class TestChildren:
    def test_they_stand_in_the_parent_as_an_answer_of_their_own(self, world):
        acme, bolt = (world.add("Account", Name=name) for name in ("Acme", "Bolt"))
        for name in ("Kari", "Lars", "Mona"):
            world.add("Contact", LastName=name, AccountId=acme)

        first, second = world.run(
            "SELECT Name, (SELECT LastName FROM Contacts WHERE LastName != 'Mona' ORDER BY LastName DESC) "
            "FROM Account ORDER BY Name"
        ).records

        assert first["Contacts"]["totalSize"] == 2
        assert first["Contacts"]["done"] is True
        assert [record["LastName"] for record in first["Contacts"]["records"]] == ["Lars", "Kari"]
        assert second["Contacts"] is None
        assert bolt in second["attributes"]["url"]

    def test_a_limit_counts_for_each_parent(self, world):
        for name in ("Acme", "Bolt"):
            account = world.add("Account", Name=name)
            for number in range(3):
                world.add("Contact", LastName=f"{name} {number}", AccountId=account)

        records = world.run("SELECT (SELECT LastName FROM Contacts LIMIT 2) FROM Account").records

        assert [record["Contacts"]["totalSize"] for record in records] == [2, 2]

    def test_they_can_have_children_since_version_58(self, world):
        account = world.add("Account", Name="Acme")
        contact = world.add("Contact", LastName="Kari", AccountId=account)
        world.add("Toy__c", Name="Ball", Keeper__c=contact)
        query = "SELECT Name, (SELECT LastName, (SELECT Name FROM Toys__r) FROM Contacts) FROM Account"

        (record,) = world.run(query, api_version="58.0").records

        assert record["Contacts"]["records"][0]["Toys__r"]["records"][0]["Name"] == "Ball"
        with pytest.raises(MalformedQuery):
            world.run(query, api_version="57.0")

    def test_they_count_towards_the_page_of_their_parents(self, world):
        for number in range(30):
            account = world.add("Account", Name=f"A{number:02}")
            for _ in range(9):
                world.add("Contact", LastName="a", AccountId=account)

        page = world.run("SELECT Name, (SELECT Id FROM Contacts) FROM Account ORDER BY Name", batch_size=200)
        rest = world.query.more(page.next_locator, by=world)

        assert (page.total_size, len(page.records), len(rest.records), rest.done) == (30, 20, 10, True)
        assert rest.records[0]["Name"] == "A20"
        assert rest.records[0]["Contacts"]["totalSize"] == 9

    def test_more_than_a_page_of_them_get_a_locator_of_their_own(self, world):
        account = world.add("Account", Name="Acme")
        for number in range(250):
            world.add("Contact", LastName=f"{number:03}", AccountId=account)

        (record,) = world.run("SELECT (SELECT LastName FROM Contacts) FROM Account", batch_size=200).records
        children = record["Contacts"]
        more = world.query.more(children["nextRecordsUrl"].rpartition("/")[2], by=world)

        assert (children["totalSize"], children["done"], len(children["records"])) == (250, False, 200)
        assert [child["LastName"] for child in more.records] == [f"{number:03}" for number in range(200, 250)]


class TestAggregates:
    def test_count_alone_is_only_a_number(self, world):
        fill(world, 3)

        assert world.run("SELECT COUNT() FROM Lead").as_json("63.0") == {
            "totalSize": 3, "done": True, "records": [],
        }  # fmt: skip
        assert world.run("SELECT COUNT() FROM Lead LIMIT 2").total_size == 2

    def test_a_group_has_no_address_and_unnamed_values_are_numbered(self, world):
        fill(world, 2, Tier__c="g", Score__c=1.5)
        fill(world, 1, Tier__c="s")

        result = world.run(
            "SELECT Tier__c, COUNT(Id), SUM(Score__c) total, AVG(Score__c), MIN(CreatedDate) "
            "FROM Lead GROUP BY Tier__c ORDER BY COUNT(Id) DESC"
        )

        stamp = "2026-01-05T09:00:00.000+0000"
        kind = {"type": "AggregateResult"}
        assert result.total_size == 2
        assert result.records == [
            {"attributes": kind, "Tier__c": "g", "expr0": 2, "total": 3.0, "expr1": 1.5, "expr2": stamp},
            {"attributes": kind, "Tier__c": "s", "expr0": 1, "total": None, "expr1": None, "expr2": stamp},
        ]

    def test_without_a_group_there_is_one_row_also_for_nothing(self, world):
        (record,) = world.run("SELECT COUNT(Id), MAX(Score__c) FROM Lead").records

        assert (record["expr0"], record["expr1"]) == (0, None)

    def test_a_field_of_a_parent_is_named_by_its_last_part(self, world):
        account = world.add("Account", Name="Acme")
        world.add("Contact", LastName="a", AccountId=account)

        (record,) = world.run("SELECT Account.Name, COUNT(Id) n FROM Contact GROUP BY Account.Name").records

        assert (record["Name"], record["n"]) == ("Acme", 1)

    @pytest.mark.parametrize(
        ("grouping", "expected"),
        [
            pytest.param("ROLLUP(Tier__c, Vip__c)", [
                ("g", False, 2, 0, 0), ("g", True, 1, 0, 0), ("g", None, 3, 0, 1), ("s", False, 1, 0, 0),
                ("s", None, 1, 0, 1), (None, None, 4, 1, 1),
            ], id="ROLLUP: a subtotal for each first field, and the total"),
            pytest.param("CUBE(Tier__c, Vip__c)", [
                ("g", False, 2, 0, 0), ("g", True, 1, 0, 0), ("g", None, 3, 0, 1), ("s", False, 1, 0, 0),
                ("s", None, 1, 0, 1), (None, False, 3, 1, 0), (None, True, 1, 1, 0), (None, None, 4, 1, 1),
            ], id="CUBE: a subtotal for each combination"),
        ],
    )  # fmt: skip
    def test_subtotals(self, world, grouping, expected):
        fill(world, 2, Tier__c="g")
        fill(world, 1, Tier__c="g", Vip__c=1)
        fill(world, 1, Tier__c="s")

        records = world.run(
            "SELECT Tier__c, Vip__c, COUNT(Id) n, GROUPING(Tier__c) t, GROUPING(Vip__c) v FROM Lead "
            f"GROUP BY {grouping} ORDER BY Tier__c NULLS LAST, Vip__c NULLS LAST"
        ).records

        found = [(each["Tier__c"], each["Vip__c"], each["n"], each["t"], each["v"]) for each in records]
        assert found == expected

    def test_a_subtotal_counts_the_field_it_leaves_out_and_having_chooses_groups(self, world):
        fill(world, 2, Tier__c="g")
        fill(world, 1)

        records = world.run(
            "SELECT Tier__c, COUNT(Tier__c) n FROM Lead WHERE Tier__c != 's' GROUP BY ROLLUP(Tier__c) "
            "HAVING COUNT(Id) > 1 ORDER BY Tier__c NULLS LAST"
        ).records

        assert [(each["Tier__c"], each["n"]) for each in records] == [("g", 2), (None, 2)]

    def test_date_functions_count_in_utc_and_in_the_users_zone_on_request(self, world):
        world.add("Lead", LastName="a", Company="C", Seen__c="2026-01-01T03:00:00.000Z")

        (record,) = world.run(
            "SELECT CALENDAR_YEAR(Seen__c), CALENDAR_YEAR(convertTimezone(Seen__c)) there, "
            "HOUR_IN_DAY(convertTimezone(Seen__c)) hour FROM Lead GROUP BY CALENDAR_YEAR(Seen__c), "
            "CALENDAR_YEAR(convertTimezone(Seen__c)), HOUR_IN_DAY(convertTimezone(Seen__c))"
        ).records

        assert (record["expr0"], record["there"], record["hour"]) == (2026, 2025, 19)

    def test_there_is_no_second_page_of_groups(self, world):
        fill(world, 2001)

        with pytest.raises(SalesforceError, match=r"Aggregate query does not support queryMore\(\)") as refused:
            world.run("SELECT LastName FROM Lead GROUP BY LastName")

        assert refused.value.code == "EXCEEDED_ID_LIMIT"
        assert world.run("SELECT LastName FROM Lead GROUP BY LastName LIMIT 2000").total_size == 2000


class TestFunctions:
    def test_tolabel_and_format_keep_the_fields_name_or_take_an_alias(self, world):
        world.add("Lead", LastName="a", Company="C", Tier__c="g", Score__c=1234.5, AnnualRevenue=-1234567.0)

        (record,) = world.run(
            "SELECT toLabel(Tier__c), Tier__c tier, FORMAT(Score__c), FORMAT(AnnualRevenue) revenue, "
            "FORMAT(CreatedDate) made FROM Lead".replace("Tier__c tier, ", "")
        ).records

        del record["attributes"]
        assert record == {
            "Tier__c": "Gold", "Score__c": "1,234.50", "revenue": "-$1,234,567.00", "made": "1/5/2026, 1:00 AM",
        }  # fmt: skip

    def test_a_distance_is_numbered_or_named(self, world):
        world.add("Account", Name="Acme", BillingLatitude=59.91, BillingLongitude=10.75)
        place = "DISTANCE(BillingAddress, GEOLOCATION(60.39, 5.32), 'km')"

        (record,) = world.run(f"SELECT {place}, {place} away FROM Account").records

        assert record["expr0"] == record["away"] == pytest.approx(305, abs=2)

    def test_for_view_notes_that_the_records_were_looked_at(self, world):
        world.add("Contact", LastName="a")

        world.run("SELECT Id FROM Contact FOR VIEW")

        (record,) = world.run("SELECT LastViewedDate, LastReferencedDate FROM Contact").records
        assert record["LastViewedDate"] == record["LastReferencedDate"] == "2026-01-14T18:30:00.000+0000"


class TestPages:
    def test_an_answer_of_one_page_has_no_next(self, world):
        fill(world, 200)

        result = world.run("SELECT Id FROM Lead", batch_size=200)

        assert (result.total_size, result.done, result.next_locator) == (200, True, None)
        assert list(result.as_json("63.0")) == ["totalSize", "done", "records"]

    def test_pages_follow_each_other_until_done(self, world):
        ids = fill(world, 450)

        first = world.run("SELECT Id FROM Lead", batch_size=200)
        second = world.query.more(first.next_locator, by=world)
        third = world.query.more(second.next_locator, by=world)

        assert first.next_locator.endswith("-200")
        assert first.as_json("63.0")["nextRecordsUrl"] == f"/services/data/v63.0/query/{first.next_locator}"
        assert [page.total_size for page in (first, second, third)] == [450, 450, 450]
        assert [page.done for page in (first, second, third)] == [False, False, True]
        assert [record["Id"] for page in (first, second, third) for record in page.records] == ids

    @pytest.mark.parametrize(("asked", "given_"), [(1, 200), (200, 200), (777, 777), (5000, 2000)])
    def test_a_page_has_200_to_2000_records(self, world, asked, given_):
        fill(world, 2001)

        assert len(world.run("SELECT Id FROM Lead", batch_size=asked).records) == given_

    def test_a_page_can_be_read_again(self, world):
        fill(world, 300)
        first = world.run("SELECT Id FROM Lead", batch_size=200)

        again = [world.query.more(first.next_locator, by=world).records for _ in range(2)]

        assert again[0] == again[1]

    def test_records_that_come_or_change_meanwhile_shift_nothing(self, world):
        ids = fill(world, 400, Score__c=1.0)
        first = world.run("SELECT Id, Score__c FROM Lead WHERE Score__c = 1 ORDER BY LastName", batch_size=200)
        world.add("Lead", LastName="A new one", Company="C", Score__c=1.0)
        world.store.update(world.schema["Lead"], ids[200], {"LastName": "A changed one", "Score__c": 2.0})
        world.store.update(world.schema["Lead"], ids[201], {"IsDeleted": 1})

        rest = world.query.more(first.next_locator, by=world).records

        assert [record["Id"] for record in rest] == [ids[200], *ids[202:]]
        assert rest[0]["Score__c"] == 2.0

    def test_limit_counts_over_all_pages(self, world):
        fill(world, 500)

        first = world.run("SELECT Id FROM Lead LIMIT 250 OFFSET 10", batch_size=200)

        assert first.total_size == 250
        assert len(world.query.more(first.next_locator, by=world).records) == 50


class TestLocators:
    @pytest.fixture
    def locator(self, world):
        fill(world, 300)
        return world.run("SELECT Id FROM Lead", batch_size=200).next_locator

    @pytest.mark.parametrize("spoiled", ["01g000000000000AAA-200", "nonsense", "", "{}x", "{}-", "{}00"])
    def test_one_that_was_never_given_is_refused(self, world, locator, spoiled):
        with pytest.raises(InvalidQueryLocator, match="invalid query locator"):
            world.query.more(spoiled.format(locator), by=world)

    def test_it_belongs_to_its_user(self, world, locator):
        somebody = SimpleNamespace(
            id=world.ids.next("005"), access=world.access, timezone="UTC", locale="en_US", username="x"
        )

        with pytest.raises(InvalidQueryLocator):
            world.query.more(locator, by=somebody)

    def test_it_lives_fifteen_minutes_from_its_last_use(self, world, locator):
        world.clock.advance(timedelta(minutes=14))
        world.query.more(locator, by=world)
        world.clock.advance(timedelta(minutes=14))
        world.query.more(locator, by=world)
        world.clock.advance(timedelta(minutes=15, seconds=1))

        with pytest.raises(InvalidQueryLocator):
            world.query.more(locator, by=world)

    def test_each_user_has_the_newest_ten(self, world, locator):
        for _ in range(9):
            world.run("SELECT Id FROM Lead", batch_size=200)
        world.query.more(locator, by=world)
        for _ in range(10):
            world.run("SELECT Id FROM Lead", batch_size=200)

        with pytest.raises(InvalidQueryLocator):
            world.query.more(locator, by=world)

    def test_a_snapshot_keeps_them(self, world, locator):
        snapshot = world.query.snapshot()
        world.query.restore({})
        world.query.restore(snapshot)

        assert len(world.query.more(locator, by=world).records) == 100


class TestQueryAll:
    def test_it_finds_what_lies_in_the_recycle_bin_too(self, world):
        fill(world, 1)
        world.add("Lead", LastName="Gone", Company="C", IsDeleted=1)

        names = world.names("SELECT LastName FROM Lead ORDER BY LastName", "LastName", include_deleted=True)

        assert names == ["Gone", "Lead 00000"]
        assert world.run("SELECT COUNT() FROM Lead WHERE IsDeleted = true", include_deleted=True).total_size == 1
        assert world.run("SELECT COUNT() FROM Lead WHERE IsDeleted = true").total_size == 0


class TestStatements:
    """Values are parameters, and the store's indexes answer."""

    def statement(self, world, soql):
        environment = Environment(world.schema, world.access, NOW, Calendar(UTC), world.id, lambda _what, _detail: None)
        return compile_sql(resolve(parse(soql), environment))

    def plan(self, world, soql):
        statement = self.statement(world, soql)
        rows = world.store.database.connection.execute(f"EXPLAIN QUERY PLAN {statement.sql}", statement.parameters)
        return " / ".join(row["detail"] for row in rows)

    def test_no_value_of_the_query_is_in_the_text(self, world):
        statement = self.statement(
            world,
            "SELECT toLabel(Tier__c) FROM Lead WHERE LastName = 'needle' AND Score__c > 987654 AND Region__c LIKE "
            "'needle%' AND Interests__c INCLUDES ('needle') AND Seen__c > 2026-01-01T00:00:00Z "
            "AND DISTANCE(Place__c, GEOLOCATION(12.5, 13.5), 'km') < 14.5 ORDER BY Tier__c LIMIT 987",
        )

        for value in ("needle", "987", "2026", "12.5", "13.5", "14.5", "km", "Gold"):
            assert value not in statement.sql
        assert statement.sql.count("?") == len(statement.parameters)

    @pytest.mark.parametrize(
        ("condition", "index"),
        [
            ("SystemModstamp >= 2026-01-01T00:00:00Z ORDER BY SystemModstamp, Id", "ix_Lead_SystemModstamp"),
            ("SystemModstamp >= 2026-01-01T00:00:00Z AND SystemModstamp < TODAY", "ix_Lead_SystemModstamp"),
            ("SystemModstamp = LAST_N_DAYS:3 ORDER BY Id", "ix_Lead_SystemModstamp"),
            ("Email = 'a@b.no'", "ix_Lead_Email"),
            ("Email IN ('a@b.no', 'c@d.no') AND IsDeleted = false", "ix_Lead_Email"),
            ("Name LIKE 'Be%'", "ix_Lead_Name"),
            ("LastName = 'Øst'", "ix_Lead_LastName"),
            ("Firm__c = '0015f0000000001AAA'", "ix_Lead_Firm__c"),
            ("Code__c = 'x'", "ix_Lead_Code__c"),
        ],
    )
    def test_a_condition_on_an_indexed_field_is_a_search_in_its_index(self, world, condition, index):
        assert f"SEARCH t0 USING INDEX {index} " in self.plan(world, f"SELECT Id FROM Lead WHERE {condition}")

    def test_the_next_records_by_id_are_a_search_by_id(self, world):
        plan = self.plan(world, "SELECT Id FROM Lead WHERE Id > '00Q5f0000000001EAA' ORDER BY Id LIMIT 2000")

        assert "SEARCH t0 USING" in plan
        assert "TEMP B-TREE" not in plan

    def test_children_are_searched_by_their_lookup(self, world):
        plan = self.plan(world, "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Name = 'a')")

        assert "SCAN" not in plan.replace("SCAN CONSTANT", "")


class TestSize:
    def test_a_thousand_terms_and_a_thousand_values_are_no_matter(self, empty):
        terms = " OR ".join(f"LastName = 'n{number}'" for number in range(3000))
        values = ", ".join(f"'ÆØÅ{number}'" for number in range(3000))

        assert empty.run(f"SELECT COUNT() FROM Lead WHERE {terms}").total_size == 0
        assert empty.run(f"SELECT COUNT() FROM Lead WHERE LastName IN ({values})").total_size == 0

    def test_a_query_has_at_most_100000_characters(self, empty):
        with pytest.raises(MalformedQuery, match="SOQL statements cannot be longer than 100000 characters"):
            empty.run("SELECT Id FROM Lead" + " " * 100_000)

    def test_nesting_without_end_is_refused(self, empty):
        with pytest.raises(MalformedQuery):
            empty.run(f"SELECT Id FROM Lead WHERE {'(' * 5000}Name = 'a'{')' * 5000}")
        with pytest.raises(MalformedQuery):
            empty.run(f"SELECT Id FROM Lead WHERE {'NOT ' * 5000}Name = 'a'")


TOKENS = [
    *("SELECT", "Id", ",", "Name", "FROM", "Lead", "Account", "Contacts", "WHERE", "(", ")", "AND", "OR", "NOT"),
    *("=", "!=", "<", "LIKE", "IN", "INCLUDES", "null", "true", "'a'", "'a\\'", "5", "-1", "2026-01-01"),
    *("2026-01-01T00:00:00Z", "TODAY", "LAST_N_DAYS", ":", "GROUP", "BY", "ORDER", "COUNT", "SUM", "LIMIT"),
    *("OFFSET", "FIELDS", "ALL", "HAVING", "ROLLUP", "TYPEOF", "Owner", "WHEN", "User", "THEN", "END", "."),
    *("USING", "SCOPE", "mine", "FOR", "VIEW", "WITH", "USER_MODE", "Score__c", "Owner.Name", "Region__c"),
    *("toLabel", "FORMAT", "DISTANCE", "GEOLOCATION", "Address", "'km'", "CALENDAR_YEAR", "CreatedDate"),
    *("Interests__c", "Vip__c"),
]


def outcome(world: World, soql: str) -> str:
    try:
        world.run(soql)
    except SalesforceError as refused:
        return "refused" if refused.message and refused.http_status == 400 else refused.code
    return "answered"


@given(st.lists(st.sampled_from(TOKENS), max_size=25).map(" ".join))
def test_nonsense_is_answered_or_refused_and_never_breaks(empty, text):
    for soql in (text, f"SELECT {text} FROM Lead", f"SELECT Id FROM Lead WHERE {text}"):
        assert outcome(empty, soql) in {"answered", "refused"}


@given(st.text(max_size=40))
def test_any_text_is_a_value_that_finds_itself(empty, text):
    empty.store.database.connection.execute('DELETE FROM "Lead"')
    empty.add("Lead", LastName=text or None, Company="C")
    quoted = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")

    assert empty.run(f"SELECT COUNT() FROM Lead WHERE LastName = '{quoted}'").total_size == 1
