"""The type checker, in Salesforce's words."""

import pytest

from fakes.salesforce.formula import FormulaError, compile_formula
from fakes.salesforce.formula.functions import ELSEWHERE, FUNCTIONS
from tests.fakes.salesforce.formula.world import Names, value


def refusal(text, purpose="any", **options):
    with pytest.raises(FormulaError) as caught:
        compile_formula(text, Names(purpose=purpose), **options)
    return caught.value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("LEN(5)", "Incorrect parameter type for function 'LEN()'. Expected Text, received Number"),
        ("len(5)", "Incorrect parameter type for function 'len()'. Expected Text, received Number"),
        ("LEFT(LastName)", "Incorrect number of parameters for function 'LEFT()'. Expected 2, received 1"),
        ("IF(TRUE, 1, 2, 3)", "Incorrect number of parameters for function 'IF()'. Expected 3, received 4"),
        ("TRUNC(1)", "Incorrect number of parameters for function 'TRUNC()'. Expected 2, received 1"),
        ('IF(TRUE, "a", 1)', "Incorrect parameter type for function 'IF()'. Expected Text, received Number"),
        ("NOT(1)", "Incorrect parameter type for function 'NOT()'. Expected Boolean, received Number"),
        ("AND(TRUE, Seats)", "Incorrect parameter type for function 'AND()'. Expected Boolean, received Number"),
        ("ISNUMBER(5)", "Incorrect argument type for function 'ISNUMBER()'. "),
        ("LastName = 1", "Incorrect parameter type for operator '='. Expected Text, received Number"),
        ("1 != Active", "Incorrect parameter type for operator '<>'. Expected Number, received Boolean"),
        ('"a" + 1', "Incorrect parameter type for operator '+'. Expected Text, received Number"),
        ('1 + "a"', "Incorrect parameter type for operator '+'. Expected Number, Date, DateTime, received Text"),
        ('"a" & 1', "Incorrect parameter type for operator '&'. Expected Text, received Number"),
        ('"a" * 2', "Incorrect parameter type for operator '*'. Expected Number, received Text"),
        ("Start > 5", "Incorrect parameter type for operator '>'. Expected Date, received Number"),
        ("-LastName", "Incorrect parameter type for operator '-'. Expected Number, received Text"),
        ("TRUE && 1", "Incorrect parameter type for operator '&&'. Expected Boolean, received Number"),
        ("Nope__c = 1", "Field Nope__c does not exist. Check spelling."),
        ("Account.Nope__c", "Field Account.Nope__c does not exist. Check spelling."),
        ("POWER(2, 3)", "Unknown function POWER. Check spelling."),
        ("Place = Place", "Incorrect argument type for operator '='. "),
        ("TRUE > TRUE", "Incorrect parameter type for operator '>'. Expected Number, Date, DateTime, received Boolean"),
        ('REGEX("a", "(")', "Unclosed group near index 1: ("),
    ],
)  # fmt: skip
def test_messages(text, message):
    assert refusal(text).message == message


def test_the_place_is_that_of_the_argument():
    error = refusal("AND(\n  ISBLANK(LastName),\n  LEN(Seats) > 1)")

    assert (error.line, error.column) == (3, 7)
    assert error.caret("AND(\n  ISBLANK(LastName),\n  LEN(Seats) > 1)") == "  LEN(Seats) > 1)\n      ^"


def test_types_are_checked_in_branches_that_are_never_taken():
    assert refusal("IF(FALSE, LEN(1), 2)").message.startswith("Incorrect parameter type")


def test_names_are_found_in_any_case():
    assert value("len(LASTNAME) = 8 && not isblank(account.NAME)") is False


@pytest.mark.parametrize("name", ["IFERROR", "IFS", "SUBSTR", "CONCAT", "RANDOM", "SUM"])
def test_functions_of_other_places_are_unknown(name):
    assert refusal(f"{name}(1)").message == f"Unknown function {name}. Check spelling."


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_functions_of_pages_and_reports_are_refused_by_name(name):
    assert refusal(f"{name}(LastName)").message == f"Function {name} may not be used in this type of formula"


@pytest.mark.parametrize(
    ("text", "validation", "formula_field", "default"),
    [
        ("ISCHANGED(LastName)", True, False, False),
        ("ISNEW()", True, False, False),
        ('REGEX($User.Username, "a")', True, False, True),
        ("ISBLANK(HYPERLINK($User.Username, $User.Username))", True, True, False),
        ("ISBLANK(HTMLENCODE($User.Username))", False, False, False),
        ("ISBLANK(Account.Name)", True, True, False),
        ("ISBLANK($User.Username)", True, True, True),
        ("LEN(Diary) > 0", True, False, False),
        ("ISBLANK(Diary)", True, False, False),
        ("ISBLANK(Notes)", False, False, False),
        ("LEN(Notes) = 0", True, False, False),
        ("ISBLANK(Secret)", False, False, False),
    ],
)
def test_what_may_stand_where(text, validation, formula_field, default):
    allowed = {"validation": validation, "formula_field": formula_field, "default": default}

    for purpose, expected in allowed.items():
        if expected:
            compile_formula(text, Names(purpose=purpose))
        else:
            refusal(text, purpose)


class TestResult:
    """The formula has to yield the type of its place."""

    @pytest.mark.parametrize(
        ("text", "returns", "expected", "received"),
        [
            ("1", "Text", "Text", "Number"),
            ("LastName", "Currency", "Currency", "Text"),
            ("Start", "DateTime", "DateTime", "Date"),
            ("TRUE", "percent", "Percent", "Boolean"),
        ],
    )
    def test_another_type_is_refused(self, text, returns, expected, received):
        assert refusal(text, returns=returns).message == (
            f"Formula result is data type ({received}), incompatible with expected data type ({expected})."
        )

    def test_a_validation_rule_has_to_yield_a_checkbox(self):
        assert refusal("1", "validation").message == (
            "Formula result is data type (Number), incompatible with expected data type (Boolean)."
        )

    @pytest.mark.parametrize(
        ("text", "returns"), [("NULL", "Text"), ("1", "Percent"), ("Called", "Date"), ("LastName", "Picklist")]
    )
    def test_what_fits(self, text, returns):
        compile_formula(text, Names(), returns=returns)


def test_every_function_refuses_a_call_without_sense_instead_of_failing():
    for name in FUNCTIONS:
        for arguments in ("", "Place", "Rating", "Topics", "Active", "NULL", "Place, NULL, Active, Rating, 1, 2"):
            try:
                compile_formula(f"{name}({arguments})", Names())
            except FormulaError as error:
                assert error.message  # noqa: PT017  # a value is fine, too
