"""Three-valued logic, the tests for blank, and both blank settings."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.salesforce.formula import FormulaError, FormulaRunError
from tests.fakes.salesforce.formula.world import value

BLANK = "(Seats > 1)"  # neither true nor false while Seats is blank
TRUTH = {"TRUE": True, "FALSE": False, BLANK: None}


def logic(text):
    return value(text, Seats=None)


class TestThreeValues:
    """Source: the official engine; Oracle's three-valued logic."""

    @pytest.mark.parametrize(("text", "expected"), [("NOT(TRUE)", False), ("!FALSE", True), (f"NOT {BLANK}", None)])
    def test_not_leaves_blank_blank(self, text, expected):
        assert logic(text) is expected

    @pytest.mark.parametrize(("one", "two"), list(product(TRUTH, TRUTH)))
    def test_and_and_or_count_blank_as_false(self, one, two):
        both, either = bool(TRUTH[one] and TRUTH[two]), bool(TRUTH[one] or TRUTH[two])

        assert logic(f"AND({one}, {two})") is both
        assert logic(f"{one} && {two}") is both
        assert logic(f"OR({one}, {two})") is either
        assert logic(f"{one} || {two}") is either

    @given(st.lists(st.sampled_from(sorted(TRUTH)), min_size=1, max_size=6))
    def test_any_number_of_arguments(self, texts):
        truths = [TRUTH[text] for text in texts]

        assert logic(f"AND({','.join(texts)})") is all(truths)
        assert logic(f"OR({','.join(texts)})") is any(truths)

    @given(st.sampled_from(sorted(TRUTH)), st.sampled_from(sorted(TRUTH)))
    def test_de_morgan_holds_where_nothing_is_blank(self, one, two):
        if None not in {TRUTH[one], TRUTH[two]}:
            assert logic(f"NOT(AND({one},{two}))") is logic(f"OR(NOT({one}),NOT({two}))")

    @pytest.mark.parametrize("operator", ["=", "<>", "<", ">", "<=", ">="])
    def test_a_comparison_with_a_blank_number_is_blank(self, operator):
        assert logic(f"Seats {operator} 5") is None
        assert logic(f"5 {operator} Seats") is None
        assert logic(f"NOT(Seats {operator} 5)") is None

    @pytest.mark.parametrize("text", ["NULL = NULL", "Seats = NULL", "Start <> NULL", "Active = NULL"])
    def test_nothing_equals_a_literal_null_but_text(self, text):
        assert logic(text) is None

    def test_what_stands_behind_the_stop_is_not_evaluated(self):
        assert logic("OR(ISBLANK(Seats), 1 / 0 > 2)") is True
        assert logic("FALSE && 1 / 0 > 2") is False
        assert logic("IF(TRUE, 1, 1 / 0)") == 1
        assert logic("CASE(2, 1, 1 / 0, 2, 7, 1 / 0)") == 7
        with pytest.raises(FormulaRunError, match="Division by zero"):
            logic("1 / 0 > 2 || TRUE")


class TestBlankText:
    """Source: Salesforce help, "Tips for Working with Text Formula Fields"."""

    @pytest.mark.parametrize("stored", [None, ""])
    def test_blank_text_is_the_empty_text(self, stored):
        assert value('Nickname = ""', Nickname=stored) is True
        assert value("Nickname = NULL", Nickname=stored) is True
        assert value('Nickname <> "x"', Nickname=stored) is True
        assert value('Nickname & "x"', Nickname=stored) == "x"
        assert value('Nickname < "x"', Nickname=stored) is None

    def test_equality_looks_at_case_and_spaces(self):
        assert value('LastName = "lovelace"') is False
        assert value('LastName = "Lovelace "') is False

    def test_order_is_by_code_unit(self):
        assert value('"B" < "a"') is True
        assert value('"10" < "9"') is True


@pytest.mark.parametrize(
    ("field", "stored", "is_blank", "is_null", "blank_value", "null_value"),
    [
        pytest.param("Nickname", None, True, False, "y", "", id="text: never null"),
        pytest.param("Nickname", " ", False, False, " ", " ", id="text of spaces is not blank"),
        pytest.param("Seats", None, True, True, Decimal(7), Decimal(7), id="number"),
        pytest.param("Seats", Decimal(0), False, False, Decimal(0), Decimal(0), id="zero is not blank"),
    ],
)
def test_the_four_tests_for_blank(field, stored, is_blank, is_null, blank_value, null_value):
    other = '"y"' if field == "Nickname" else "7"

    assert value(f"ISBLANK({field})", **{field: stored}) is is_blank
    assert value(f"ISNULL({field})", **{field: stored}) is is_null
    assert value(f"BLANKVALUE({field}, {other})", **{field: stored}) == blank_value
    assert value(f"NULLVALUE({field}, {other})", **{field: stored}) == null_value


@pytest.mark.parametrize("field", ["Start", "Called", "Opens", "Rating", "Topics", "Place"])
def test_other_fields_are_blank_when_null(field):
    assert value(f"ISBLANK({field})", **{field: None}) is True
    assert value(f"ISNULL({field})", **{field: None}) is True
    assert value(f"ISBLANK({field})") is False


@pytest.mark.parametrize("call", ["ISBLANK(Active)", "ISNULL(Active)", "BLANKVALUE(Active, TRUE)"])
def test_a_checkbox_cannot_be_tested_for_blank(call):
    with pytest.raises(FormulaError, match="Incorrect argument type"):
        value(call)


def test_a_blank_checkbox_is_false():
    assert value("Active", Active=None) is False
    assert value("NOT(Active)", Active=None) is True


def test_blankvalue_takes_a_literal_for_something_that_cannot_be_blank():
    assert value('BLANKVALUE("", "x")') == ""


class TestBlankAsZero:
    """Source: Salesforce help, "Build a Formula Field": treat blank fields as zeros."""

    @pytest.mark.parametrize(
        ("text", "zero", "blank"),
        [
            ("Seats + 1", Decimal(1), None),
            ("ISBLANK(Seats)", False, True),
            ("BLANKVALUE(Seats, 7)", Decimal(0), Decimal(7)),
            ("Seats = NULL", None, None),
            ("Discount * 2", Decimal(0), None),
            ("Account.Revenue", Decimal(0), None),
            ('VALUE("") + 1', None, None),
            ("End + 1", None, None),
            ('Nickname = ""', True, True),
            ("MAX(Seats, -1)", Decimal(0), None),
        ],
    )
    def test_only_number_fields_change(self, text, zero, blank):
        assert value(text, blank_as="zero", Seats=None, Discount=None) == zero
        assert value(text, blank_as="blank", Seats=None, Discount=None) == blank

    def test_a_date_and_a_blank_number_is_the_date(self):
        assert value("Start + Seats = Start", blank_as="zero", Seats=None) is True


class TestIfAndCase:
    """Source: Salesforce help, "IF" and "CASE"."""

    def test_a_blank_condition_takes_the_last_branch(self):
        assert value('IF(Seats > 1, "many", "few")', Seats=None) == "few"

    def test_null_may_be_a_branch_but_not_the_condition(self):
        assert value('IF(TRUE, NULL, "x")') == ""
        assert value("IF(FALSE, 1, NULL)") is None
        with pytest.raises(FormulaError, match="Expected Boolean, received Null"):
            value("IF(NULL, 1, 2)")

    def test_a_ladder_of_ifs_takes_the_first_true_one(self):
        ladder = 'IF(Seats < 2, "a", IF(Seats < 7, "b", IF(Seats < 9, "c", "d")))'

        assert [value(ladder, Seats=Decimal(seats)) for seats in (1, 6, 8, 10)] == ["a", "b", "c", "d"]

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ('CASE(Seats, 5, "five", 6, "six", "other")', "six"),
            ('CASE(Seats, NULL, "null", "other")', "other"),
            ('CASE(LastName, "LOVELACE", 1, "Lovelace", 2, 3)', Decimal(2)),
            ('CASE(Nickname, "", 1, 2)', Decimal(1)),
            ('CASE(End, Start, "same", "other")', "other"),
            ('CASE(Seats, 6.0, "equal by value", "other")', "equal by value"),
            ("CASE(Seats, Seats, 1, 2)", Decimal(1)),
        ],
    )
    def test_case_compares_as_equality_does(self, text, expected):
        assert value(text) == expected

    def test_case_wants_pairs_and_an_else(self):
        with pytest.raises(FormulaError) as caught:
            value("CASE(Seats, 1, 2, 3, 4)")

        assert caught.value.message == ("Incorrect number of parameters for function 'CASE()'. Expected 4, received 5")

    @pytest.mark.parametrize("text", ["CASE(Active, TRUE, 1, 2)", "CASE(Seats, 1, TRUE, FALSE)"])
    def test_case_neither_tests_nor_returns_a_checkbox(self, text):
        with pytest.raises(FormulaError, match="Incorrect argument type for function 'CASE"):
            value(text)


@pytest.mark.parametrize(
    ("text", "expected"), [("12", True), ("-1.5e3", True), (".5", True), ("1,000", False), ("", False), (" 1", False)]
)
def test_isnumber_says_what_value_would_read(text, expected):
    assert value("ISNUMBER(Nickname)", Nickname=text) is expected
