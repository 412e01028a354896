"""JSON values in, kept values, JSON values out.

Source: REST API Developer Guide, "Supported Date and Time Formats"; Object Reference, "Field Types".
"""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.salesforce import values
from fakes.salesforce.errors import MalformedId
from fakes.salesforce.schema import PicklistValue, make_field
from fakes.salesforce.wire import locate

COLOURS = tuple(PicklistValue(name, name) for name in ("Red", "Green", "Blue"))


def field(kind, **described):
    return make_field(kind=kind, name="F__c", label="The Field", **described)


TEXT = field("text", length=10)
NUMBER = field("double", precision=5, scale=2)
CHECKBOX = field("checkbox")
PICKLIST = field("picklist", picklist_values=COLOURS)
RESTRICTED = field("picklist", picklist_values=COLOURS, restricted_picklist=True)
MULTI = field("multipicklist", picklist_values=COLOURS)


@pytest.mark.parametrize(
    ("kind", "sent", "kept", "shown"),
    [
        pytest.param(TEXT, "  padded\t", "padded", "padded", id="text is trimmed at both ends"),
        pytest.param(TEXT, "\u00a0x", "\u00a0x", "\u00a0x", id="a no-break space is not"),
        pytest.param(TEXT, " ", None, None, id="blank text is null"),
        pytest.param(TEXT, 12, "12", "12", id="a number in a text is written out"),
        pytest.param(TEXT, Decimal("12.50"), "12.50", "12.50", id="with the digits it was written with"),
        pytest.param(TEXT, True, "true", "true", id="and so is a truth value"),
        pytest.param(TEXT, "a\x00b\x1fc", "abc", "abc", id="control characters are dropped"),
        pytest.param(NUMBER, "12.345", 12.35, 12.35, id="numbers round half up to the field's scale"),
        pytest.param(NUMBER, 2.675, 2.68, 2.68, id="as written, not as a binary fraction"),
        pytest.param(NUMBER, 7, 7.0, 7.0, id="a whole double is shown as 7.0"),
        pytest.param(NUMBER, None, None, None, id="null clears a number"),
        pytest.param(field("int"), "5", 5, 5, id="an int may come as text"),
        pytest.param(CHECKBOX, None, 0, False, id="a checkbox is never null"),
        pytest.param(CHECKBOX, "True", 1, True, id="a checkbox may come as text"),
        pytest.param(field("date"), "2026-02-01", "2026-02-01", "2026-02-01", id="date"),
        pytest.param(field("date"), "2026-02-01T10:00:00Z", "2026-02-01", "2026-02-01", id="date with a time"),
        pytest.param(
            field("datetime"),
            "2026-02-01T10:00:00+02:00",
            "2026-02-01T08:00:00.000Z",
            "2026-02-01T08:00:00.000+0000",
            id="date/times are kept in UTC",
        ),
        pytest.param(
            field("datetime"),
            "2026-02-01",
            "2026-02-01T00:00:00.000Z",
            "2026-02-01T00:00:00.000+0000",
            id="a bare date is midnight in UTC",
        ),
        pytest.param(field("time"), "11:59:59.5Z", "11:59:59.500Z", "11:59:59.500Z", id="time"),
        pytest.param(field("email"), "Anna@Example.COM", "anna@example.com", "anna@example.com", id="email"),
        pytest.param(PICKLIST, "gReEn", "Green", "Green", id="a picklist value in its defined spelling"),
        pytest.param(PICKLIST, "Pink", "Pink", "Pink", id="an unknown value of an unrestricted picklist"),
        pytest.param(MULTI, "blue; red;Red", "Red;Blue", "Red;Blue", id="multi-select: once, in order"),
        pytest.param(
            field("lookup", reference_to=("Account",)),
            "0015f0000000001",
            "0015f0000000001AAA",
            "0015f0000000001AAA",
            id="ids are kept with 18 characters",
        ),
    ],
)
def test_a_value_is_kept_and_shown(kind, sent, kept, shown):
    assert values.from_json(kind, sent) == kept
    assert values.to_json(kind, kept) == shown
    assert type(values.to_json(kind, kept)) is type(shown)


@pytest.mark.parametrize(
    ("kind", "sent", "message"),
    [
        (NUMBER, "N01", "double from VALUE_STRING value N01 or request may be missing a required field at"),
        (NUMBER, "", "double from VALUE_STRING value  or"),
        (NUMBER, True, "double from VALUE_TRUE value true or"),
        (NUMBER, "Infinity", "double from VALUE_STRING value Infinity or"),
        (field("int"), 5.5, "int from VALUE_NUMBER_FLOAT value 5.5 or"),
        (CHECKBOX, "FALSE", "boolean from VALUE_STRING value FALSE or"),
        (CHECKBOX, 1, "boolean from VALUE_NUMBER_INT value 1 or"),
        (field("date"), "01/02/2026", "date from VALUE_STRING value 01/02/2026 or"),
        (field("date"), "2026-02-30", "date from VALUE_STRING value 2026-02-30 or"),
        (field("date"), "", "date from VALUE_STRING value  or"),
        (field("datetime"), "2026-02-01 10:00:00", "datetime from VALUE_STRING value 2026-02-01 10:00:00 or"),
        (field("datetime"), "2026-02-01T10:00:00.1234Z", "datetime from VALUE_STRING value 2026-02-01T10:00"),
        (field("time"), "25:00:00Z", "time from VALUE_STRING value 25:00:00Z or"),
        (TEXT, {"a": 1}, "string from START_OBJECT value [line:1, column:7]"),
        (TEXT, [1], "string from START_ARRAY value [line:1, column:7]"),
    ],
)
def test_a_value_of_another_type_is_refused_with_its_place(kind, sent, message):
    body = json.dumps({"F__c": sent}, separators=(",", ":"))[:-1] + "}"
    body = body.replace('"F__c":', '"F__c":', 1)

    with pytest.raises(values.NotOfType) as refused:
        values.from_json(kind, sent, "F__c")

    told = locate(refused.value, body).message
    assert told.startswith("Cannot deserialize instance of ")
    assert message.replace("column:7", f"column:{body.index(':') + 2}") in told
    assert told.endswith(f"[line:1, column:{body.index(':') + 2}]")


def test_the_place_of_a_value_is_found_behind_nested_values_and_line_ends():
    body = '{\n "a": {"F__c": ["}", 1]},\n "F__c" :  "x"}'

    with pytest.raises(values.NotOfType) as refused:
        values.from_json(NUMBER, "x", "F__c")

    assert locate(refused.value, body).message.endswith("at [line:3, column:12]")


def test_a_text_that_is_no_id_is_malformed():
    with pytest.raises(MalformedId) as refused:
        values.from_json(field("lookup", reference_to=("Account",)), "abc")

    assert (refused.value.message, refused.value.fields) == (
        "The Field: id value of incorrect type: abc",
        ("F__c",),
    )


@pytest.mark.parametrize(
    ("kind", "kept", "code", "message"),
    [
        (TEXT, "x" * 11, "STRING_TOO_LONG", "The Field: data value too large: xxxxxxxxxxx (max length=10)"),
        (
            NUMBER,
            1000.0,
            "NUMBER_OUTSIDE_VALID_RANGE",
            "The Field: value outside of valid range on numeric field: 1000.0",
        ),
        (
            field("currency", precision=18),
            1e20,
            "NUMBER_OUTSIDE_VALID_RANGE",
            "The Field: value outside of valid range on numeric field: 1.0E20",
        ),
        (
            field("int"),
            10**12,
            "NUMBER_OUTSIDE_VALID_RANGE",
            "The Field: value outside of valid range on numeric field: 1000000000000",
        ),
        (
            field("date"),
            "1600-01-01",
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            "The Field: value not of required type: 1600-01-01",
        ),
    ],
)
def test_a_value_that_is_too_large_is_a_problem(kind, kept, code, message):
    problem = values.length_problem(kind, kept)

    assert (problem.code, problem.message, problem.fields) == (code, message, ("F__c",))


@pytest.mark.parametrize("address", ["a", "a@b", "a@@b.com", "a b@c.com", "a@b..com", ".a@b.com", "a@b.c"])
def test_what_is_no_address_is_a_problem(address):
    problem = values.format_problem(field("email"), address)

    assert problem.message == f"The Field: invalid email address: {address}"


def test_a_restricted_picklist_takes_its_active_values_only():
    retired = field(
        "picklist", restricted_picklist=True, picklist_values=(*COLOURS, PicklistValue("Old", "Old", active=False))
    )

    assert values.format_problem(RESTRICTED, "Red") is None
    for value in ("Pink", "Old"):
        problem = values.format_problem(retired, value)
        assert problem.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
        assert problem.message == f"The Field: bad value for restricted picklist field: {value}"


@given(st.text())
def test_every_text_is_kept_in_a_form_that_does_not_change_again(text):
    kept = values.from_json(TEXT, text)

    assert kept is None or values.from_json(TEXT, kept) == kept


@given(st.datetimes(timezones=st.timezones()))
def test_every_moment_comes_back_as_the_same_moment_in_milliseconds(moment):
    if not 1 < moment.year < 9999:
        return
    kept = values.kept_datetime(moment)

    assert values.from_json(field("datetime"), values.to_json(field("datetime"), kept)) == kept
    assert abs((values.parse_kept_datetime(kept) - moment).total_seconds()) < 0.001
