"""The compiler against an oracle: random queries answered by SQLite and by a plain filter over the same rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.salesforce.ids import to_18
from tests.fakes.salesforce.soql.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    Row = dict[str, Any]

# -- rows ------------------------------------------------------------------------------------------------------

TEXTS = ["a", "A", "b", "aB", "é", "É", "eé", "o'b", "a%", "a_b", "x\\y", "a b", "z-1"]
LABELS = ["g", "s", "b", "other"]
COLOURS = ["Red", "Green", "Blue", "Ärger"]
NUMBERS = [-2.5, -1.0, 0.0, 1.0, 2.5, 100.0]
DAYS = [date(2026, 1, 14) + timedelta(days=shift) for shift in (-400, -31, -7, -1, 0, 1, 6, 40, 370)]
MOMENTS = [f"{day.isoformat()}T{hour}:00:00.000Z" for day in DAYS for hour in ("00", "07", "08", "23")]

blank = st.none()
account_rows = st.fixed_dictionaries(
    {
        "Name": st.sampled_from(TEXTS),
        "Region__c": blank | st.sampled_from(TEXTS),
        "Score__c": blank | st.sampled_from(NUMBERS),
        "Vip__c": st.sampled_from([0, 1]),
    }
)
lead_rows = st.fixed_dictionaries(
    {
        "LastName": st.sampled_from(TEXTS),
        "Region__c": blank | st.sampled_from(TEXTS),
        "Code__c": blank | st.sampled_from(TEXTS),
        "Tier__c": blank | st.sampled_from(LABELS),
        "Interests__c": blank | st.lists(st.sampled_from(COLOURS), min_size=1, unique=True).map(";".join),
        "Score__c": blank | st.sampled_from(NUMBERS),
        "NumberOfEmployees": blank | st.integers(-2, 3),
        "Vip__c": st.sampled_from([0, 1]),
        "Birthday__c": blank | st.sampled_from(DAYS).map(date.isoformat),
        "Seen__c": blank | st.sampled_from(MOMENTS),
        "IsDeleted": st.sampled_from([0, 0, 0, 1]),
        "firm": blank | st.integers(0, 2),
    }
)

# -- fields: how a query writes them, how the oracle reads them ------------------------------------------------

KINDS = {
    "LastName": "text",
    "Region__c": "text",
    "Code__c": "exact",
    "Tier__c": "picklist",
    "Interests__c": "set",
    "Score__c": "number",
    "NumberOfEmployees": "int",
    "Vip__c": "boolean",
    "Birthday__c": "date",
    "Seen__c": "datetime",
    "Id": "id",
    "Double__c": "number",
    "Firm__r.Name": "text",
    "Firm__r.Region__c": "text",
    "Firm__r.Score__c": "number",
    "Firm__r.Vip__c": "boolean",
}


def read(row: Row, field: str) -> Any:
    """A field of a row; a checkbox is never blank, not even of a parent that is not there."""
    if field == "Double__c":
        return None if row["Score__c"] is None else row["Score__c"] * 2
    parent, _, name = field.rpartition(".")
    if parent:
        row = row["parent"] or {}
    value = row.get(name)
    return bool(value) if KINDS[field] == "boolean" else value


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def written(kind: str, value: Any) -> str:
    if value is None:
        return "null"
    if kind == "boolean":
        return "true" if value else "false"
    if kind in {"number", "int", "date", "datetime"}:
        return str(value)
    return quoted(value)


def text_key(text: str) -> tuple[str, str]:
    """The order of texts as people have it; only letters, digits and blanks take part in comparisons here."""
    lowered = text.lower()
    return lowered.replace("é", "e"), lowered


def comparable(kind: str, value: Any) -> Any:
    if kind in {"text", "picklist"} and value is not None:
        return value.lower()
    return value


ORDERED = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


# -- conditions ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Condition:
    """A condition in SOQL and as the oracle judges it; ``joined`` needs parentheses among others."""

    soql: str
    holds: Callable[[Row], bool]
    joined: str = ""

    def inside(self) -> str:
        return f"({self.soql})" if self.joined else self.soql


def values(kind: str) -> st.SearchStrategy[Any]:
    return {
        "text": st.sampled_from(TEXTS),
        "exact": st.sampled_from(TEXTS),
        "picklist": st.sampled_from([*LABELS, "G", "nothing"]),
        "set": st.lists(st.sampled_from(COLOURS), min_size=1, unique=True).map(";".join),
        "number": st.sampled_from([*NUMBERS, 3]),
        "int": st.integers(-2, 3),
        "boolean": st.booleans(),
        "date": st.sampled_from(DAYS).map(date.isoformat),
        "datetime": st.sampled_from(MOMENTS),
        "id": st.integers(0, 12).map(lead_id),
    }[kind]


def lead_id(number: int) -> str:
    return to_18(f"00Q5f{number:010d}")


@st.composite
def comparisons(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(sorted(KINDS)))
    kind = KINDS[field]
    operators = ["=", "!="]
    if kind in {"number", "int", "date", "datetime", "id"}:
        operators += ["<", "<=", ">", ">="]
    operator = draw(st.sampled_from(operators))
    value = draw(values(kind) | st.none()) if operator in {"=", "!="} else draw(values(kind))

    def equal(row: Row) -> bool:
        if kind == "boolean" and value is None:
            return read(row, field) is False
        return comparable(kind, read(row, field)) == comparable(kind, value)

    def holds(row: Row) -> bool:
        if operator == "=":
            return equal(row)
        if operator == "!=":
            return not equal(row)
        found = read(row, field)
        return found is not None and ORDERED[operator](found, value)

    return Condition(f"{field} {operator} {written(kind, value)}", holds)


@st.composite
def text_orders(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(["LastName", "Region__c", "Firm__r.Name"]))
    operator = draw(st.sampled_from(sorted(ORDERED)))
    value = draw(st.sampled_from([text for text in TEXTS if text.isalnum()]))

    def holds(row: Row) -> bool:
        found = read(row, field)
        if found is None or not found.isalnum():
            # Where punctuation sorts is said in test_functions; here such rows are left out by the query too.
            return False
        return ORDERED[operator](text_key(found), text_key(value))

    odd = ", ".join(quoted(text) for text in TEXTS if not text.isalnum())
    return Condition(f"{field} {operator} {written('text', value)} AND {field} NOT IN ({odd})", holds, "AND")


@st.composite
def memberships(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from([each for each, kind in sorted(KINDS.items()) if kind not in {"boolean", "set"}]))
    kind = KINDS[field]
    listed = draw(st.lists(values(kind) | st.none(), min_size=1, max_size=4))
    negated = draw(st.booleans())
    wanted = {comparable(kind, value) for value in listed}
    return Condition(
        f"{field} {'NOT ' if negated else ''}IN ({', '.join(written(kind, value) for value in listed)})",
        lambda row: (comparable(kind, read(row, field)) in wanted) != negated,
    )


@st.composite
def likes(draw: st.DrawFn) -> Condition:
    field = draw(st.sampled_from(["LastName", "Region__c", "Firm__r.Name", "Tier__c"]))
    pieces = draw(
        st.lists(st.sampled_from(["%", "_", "\\%", "\\_", "a", "B", "é", "É", "o", " "]), min_size=1, max_size=4)
    )
    pattern = "".join(pieces)

    def fits(text: str, left: list[str]) -> bool:
        if not left:
            return text == ""
        head, *rest = left
        if head == "%":
            return any(fits(text[cut:], rest) for cut in range(len(text) + 1))
        if not text:
            return False
        wanted = head[-1]
        return (head == "_" or wanted.lower() == text[0].lower()) and fits(text[1:], rest)

    def holds(row: Row) -> bool:
        found = read(row, field)
        return found is not None and fits(found, pieces)

    return Condition(f"{field} LIKE '{pattern}'", holds)


@st.composite
def inclusions(draw: st.DrawFn) -> Condition:
    sets = draw(st.lists(st.lists(st.sampled_from(COLOURS), min_size=1, max_size=2), min_size=1, max_size=2))
    operator = draw(st.sampled_from(["INCLUDES", "EXCLUDES"]))

    def included(row: Row) -> bool:
        has = set((row["Interests__c"] or "").split(";"))
        return any(set(each) <= has for each in sets)

    listed = ", ".join(quoted(";".join(each)) for each in sets)
    return Condition(
        f"Interests__c {operator} ({listed})",
        lambda row: included(row) == (operator == "INCLUDES"),
    )


@st.composite
def date_literals(draw: st.DrawFn) -> Condition:
    """Days of the user's zone, which is eight hours behind UTC all winter: the clock says 2026-01-14, 10:30 there."""
    field = draw(st.sampled_from(["Birthday__c", "Seen__c"]))
    today = date(2026, 1, 14)
    number = draw(st.integers(0, 8))
    literal, start, end = draw(
        st.sampled_from(
            [
                ("TODAY", today, today + timedelta(1)),
                ("YESTERDAY", today - timedelta(1), today),
                ("THIS_WEEK", date(2026, 1, 11), date(2026, 1, 18)),
                ("LAST_MONTH", date(2025, 12, 1), date(2026, 1, 1)),
                ("THIS_YEAR", date(2026, 1, 1), date(2027, 1, 1)),
                (f"LAST_N_DAYS:{number}", today - timedelta(number), today + timedelta(1)),
                (f"NEXT_N_DAYS:{number}", today + timedelta(1), today + timedelta(1 + number)),
                (f"N_DAYS_AGO:{number}", today - timedelta(number), today - timedelta(number - 1)),
            ]
        )
    )
    operator = draw(st.sampled_from(["=", "!=", *ORDERED]))

    def bound(day: date) -> str:
        return day.isoformat() if field == "Birthday__c" else f"{day.isoformat()}T08:00:00.000Z"

    def holds(row: Row) -> bool:
        found = row[field]
        if found is None:
            return operator == "!="
        inside = bound(start) <= found < bound(end)
        return {
            "=": inside,
            "!=": not inside,
            "<": found < bound(start),
            "<=": found < bound(end),
            ">": found >= bound(end),
            ">=": found >= bound(start),
        }[operator]

    return Condition(f"{field} {operator} {literal}", holds)


def combined(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=2, max_size=3)

    def joined(word: str, found: list[Condition]) -> Condition:
        judge = all if word == "AND" else any
        return Condition(
            f" {word} ".join(each.inside() for each in found),
            lambda row: judge(each.holds(row) for each in found),
            word,
        )

    return (
        several.map(lambda found: joined("AND", found))
        | several.map(lambda found: joined("OR", found))
        | parts.map(lambda found: Condition(f"NOT {found.inside()}", lambda row: not found.holds(row)))
    )


conditions = st.recursive(
    comparisons() | memberships() | likes() | inclusions() | date_literals() | text_orders(), combined, max_leaves=6
)

# -- order -----------------------------------------------------------------------------------------------------

ORDERABLE = ["Score__c", "NumberOfEmployees", "Birthday__c", "Seen__c", "Tier__c", "Vip__c", "Firm__r.Score__c"]
orders = st.lists(
    st.tuples(st.sampled_from(ORDERABLE), st.booleans(), st.booleans()), max_size=2, unique_by=lambda each: each[0]
)


def sort_key(row: Row, field: str) -> Any:
    found = read(row, field)
    if field == "Tier__c" and found is not None:
        return LABELS.index(found)  # the order of the value set; what is not in it comes last
    if field.startswith("Firm__r") and row["parent"] is None:
        return None
    return found


def in_order(rows: list[Row], order: list[tuple[str, bool, bool]]) -> list[Row]:
    def compare(one: Row, other: Row) -> int:
        for field, descending, nulls_last in order:
            a, b = sort_key(one, field), sort_key(other, field)
            if a == b:
                continue
            if a is None or b is None:
                return (1 if a is None else -1) * (1 if nulls_last else -1)
            return (1 if a > b else -1) * (-1 if descending else 1)
        return 1 if one["Id"] > other["Id"] else -1

    return sorted(rows, key=cmp_to_key(compare))


def order_clause(order: list[tuple[str, bool, bool]]) -> str:
    if not order:
        return ""
    parts = (
        f"{field}{' DESC' if descending else ''}{' NULLS LAST' if nulls_last else ''}"
        for field, descending, nulls_last in order
    )
    return " ORDER BY " + ", ".join(parts)


# -- the property ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shared() -> World:
    return World()


def fill(world: World, accounts: list[Row], leads: list[Row]) -> list[Row]:
    """Put these rows in place of all others; answers the leads as the oracle reads them, with their parents."""
    connection = world.store.database.connection
    connection.execute('DELETE FROM "Lead"')
    connection.execute('DELETE FROM "Account"')
    ids = [world.add("Account", **account) for account in accounts]
    filled = []
    for number, row in enumerate(leads):
        firm = row["firm"] if row["firm"] is not None and row["firm"] < len(ids) else None
        kept = {key: value for key, value in row.items() if key != "firm"} | {
            "Id": lead_id(number),
            "Firm__c": None if firm is None else ids[firm],
        }
        world.add("Lead", Company="C", **kept)
        filled.append({**kept, "parent": None if firm is None else accounts[firm]})
    return filled


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(
    accounts=st.lists(account_rows, max_size=3),
    leads=st.lists(lead_rows, max_size=7),
    condition=conditions,
    order=orders,
    limit=st.none() | st.integers(0, 5),
    offset=st.none() | st.integers(0, 3),
    include_deleted=st.booleans(),
)
def test_a_query_finds_what_a_plain_filter_finds(
    shared, accounts, leads, condition, order, limit, offset, include_deleted
):
    rows = fill(shared, accounts, leads)
    expected = [row for row in rows if (include_deleted or not row["IsDeleted"]) and condition.holds(row)]
    expected = in_order(expected, order)[offset or 0 :]
    expected = expected if limit is None else expected[:limit]
    soql = f"SELECT Id FROM Lead WHERE {condition.soql}{order_clause(order)}"
    soql += "" if limit is None else f" LIMIT {limit}"
    soql += "" if offset is None else f" OFFSET {offset}"

    found = shared.run(soql, include_deleted=include_deleted)

    assert [record["Id"] for record in found.records] == [row["Id"] for row in expected], soql
    assert found.total_size == len(expected)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(leads=st.lists(lead_rows, max_size=8), condition=conditions)
def test_groups_count_and_add_up_to_what_a_plain_loop_counts(shared, leads, condition):
    rows = [row for row in fill(shared, [], leads) if not row["IsDeleted"] and condition.holds(row)]
    groups: dict[Any, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["Tier__c"], []).append(row)

    found = shared.run(
        "SELECT Tier__c, COUNT(Id), COUNT(Score__c) scores, SUM(Score__c) total, MAX(NumberOfEmployees) most, "
        f"COUNT_DISTINCT(Birthday__c) days FROM Lead WHERE {condition.soql} GROUP BY Tier__c"
    )

    assert {record["Tier__c"] for record in found.records} == groups.keys()
    for record in found.records:
        members = groups[record["Tier__c"]]
        scores = [row["Score__c"] for row in members if row["Score__c"] is not None]
        assert record["expr0"] == len(members)
        assert record["scores"] == len(scores)
        assert record["total"] == (math.fsum(scores) if scores else None)
        assert record["most"] == max(
            (row["NumberOfEmployees"] for row in members if row["NumberOfEmployees"] is not None), default=None
        )
        assert record["days"] == len({row["Birthday__c"] for row in members} - {None})
