"""Rows in SQLite: tables follow the schema, deleted rows stay."""

from __future__ import annotations

import pytest

from fakes.kit.database import Database
from fakes.salesforce.schema import make_field, standard
from fakes.salesforce.store import Store

ANNA, BO = "00Q5f0000000001EAA", "00Q5f0000000002EAA"


@pytest.fixture
def schema():
    return standard()


@pytest.fixture
def store(schema):
    made = Store(Database())
    made.sync_schema(schema)
    return made


def columns(store, table):
    rows = store.database.connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    return {row["name"]: row["type"] for row in rows}


class TestTables:
    def test_one_table_an_sobject_and_one_typed_column_a_stored_field(self, store, schema):
        there = columns(store, "Lead")

        assert set(there) == {field.name for field in schema["Lead"].stored_fields}
        assert {there[name] for name in ("NumberOfEmployees", "DoNotCall")} == {"INTEGER"}
        assert there["AnnualRevenue"] == "REAL"
        assert there["LastName"] == there["CreatedDate"] == "TEXT"

    def test_every_table_marks_deleted_rows(self, store, schema):
        assert all("IsDeleted" in columns(store, name) for name in schema.names())

    def test_a_new_field_is_a_new_column_and_a_checkbox_shows_its_default(self, store, schema):
        store.insert(schema["Lead"], {"Id": ANNA})
        schema.put_field("Lead", make_field(kind="text", name="Region__c", label="Region", length=20))
        schema.put_field("Lead", make_field(kind="checkbox", name="Vip__c", label="Vip", default_value=True))
        store.sync_schema(schema)

        row = store.get(schema["Lead"], ANNA)
        assert (row["Region__c"], row["Vip__c"]) == (None, 1)

    def test_a_field_that_is_gone_takes_its_values_along(self, store, schema):
        key = make_field(kind="text", name="Key__c", label="Key", length=20, external_id=True)
        schema.put_field("Lead", key)
        store.sync_schema(schema)
        store.insert(schema["Lead"], {"Id": ANNA, "Key__c": "k"})
        schema.drop_field("Lead", "Key__c")
        store.sync_schema(schema)
        schema.put_field("Lead", key)
        store.sync_schema(schema)

        assert store.get(schema["Lead"], ANNA)["Key__c"] is None

    def test_a_field_of_another_type_keeps_what_can_be_carried_over(self, store, schema):
        schema.put_field("Lead", make_field(kind="text", name="Score__c", label="Score", length=20))
        store.sync_schema(schema)
        store.insert(schema["Lead"], {"Id": ANNA, "Score__c": "12.5"})
        schema.put_field("Lead", make_field(kind="double", name="Score__c", label="Score", precision=5, scale=1))
        store.sync_schema(schema)

        assert store.get(schema["Lead"], ANNA)["Score__c"] == 12.5

    @pytest.mark.parametrize("name", ["Email", "OwnerId", "SystemModstamp", "Name", "LastName"])
    def test_what_salesforce_indexes_is_indexed(self, store, name):
        plan = store.database.connection.execute(
            f'EXPLAIN QUERY PLAN SELECT "Id" FROM "Lead" WHERE "{name}" = ?', ("x",)
        ).fetchall()

        assert f"ix_Lead_{name}" in plan[0]["detail"]


class TestRows:
    @pytest.fixture
    def lead(self, store, schema):
        found = schema["Lead"]
        store.insert(found, {"Id": ANNA, "LastName": "Berg", "Email": "anna@example.com"})
        store.insert(found, {"Id": BO, "LastName": "Ek", "Email": "BO@example.com"})
        return found

    def test_an_inserted_row_is_found_by_id(self, store, lead):
        assert store.get(lead, ANNA)["LastName"] == "Berg"
        assert store.get(lead, "00Q5f0000000009EAA") is None

    def test_text_compares_without_regard_to_case(self, store, lead):
        assert [row["Id"] for row in store.find(lead, "Email", "bo@EXAMPLE.com")] == [BO]

    def test_unless_the_field_says_so(self, store, schema):
        code = make_field(kind="text", name="Code__c", label="Code", length=5, unique=True, case_sensitive=True)
        schema.put_field("Lead", code)
        store.sync_schema(schema)
        store.insert(schema["Lead"], {"Id": ANNA, "Code__c": "a"})

        assert store.find(schema["Lead"], "Code__c", "A") == []

    def test_deleted_rows_stay_and_are_found_by_id_only(self, store, lead):
        store.update(lead, ANNA, {"IsDeleted": 1})

        assert store.get(lead, ANNA)["IsDeleted"] == 1
        assert store.find(lead, "LastName", "Berg") == []
        assert store.is_deleted(lead, ANNA) is True
        assert store.is_deleted(lead, BO) is False
        assert store.is_deleted(lead, "00Q5f0000000009EAA") is None
        assert store.count(lead) == 1

    def test_many_rows_are_found_at_once(self, store, lead):
        assert set(store.get_many(lead, [ANNA, BO, "00Q5f0000000009EAA"])) == {ANNA, BO}
        assert [row["Id"] for row in store.where(lead, {"LastName": ["EK", "berg"]})] == [ANNA, BO]

    def test_a_transaction_that_fails_leaves_nothing(self, store, lead):
        def change_and_fail():
            with store.database.transaction():
                store.update(lead, ANNA, {"LastName": "Changed"})
                raise RuntimeError

        with pytest.raises(RuntimeError):
            change_and_fail()

        assert store.get(lead, ANNA)["LastName"] == "Berg"
