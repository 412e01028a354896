"""A compiled formula at work: references, formula fields, what the API shows."""

from datetime import UTC, date, datetime
from decimal import Decimal, localcontext

import pytest

from fakes.salesforce.formula import FormulaError, FormulaRunError, compile_formula
from tests.fakes.salesforce.formula.world import Names, Record, value


def compiled(text, **options):
    return compile_formula(text, Names(options.pop("blank_as", "blank"), options.pop("purpose", "any")), **options)


class TestNames:
    def test_parents_globals_and_permissions(self):
        assert value('Account.Name & "/" & $User.Username', **{"Account.Name": "Acme"}) == "Acme/sync@example.test"
        assert value("$Permission.Bypass") is False

    def test_an_empty_lookup_makes_text_empty_checkboxes_false_and_the_rest_blank(self):
        assert value('Account.Name = ""') is True
        assert value("Account.Partner") is False
        assert value("Account.Revenue") is None

    def test_an_id_is_its_15_characters(self):
        assert value("LEN(AccountId)") == 15
        assert value('AccountId = "001AAAAAAAAAAAa"') is True
        assert value('AccountId = "001AAAAAAAAAAAaAAB"') is False

    def test_references_are_the_names_that_were_read(self):
        assert compiled('Account.Name & TEXT(Seats) & TEXT(Third) & "x"').references == {
            "Account.Name", "Seats", "Third",
        }  # fmt: skip


class TestFormulaFields:
    """They are compiled in place: their values are not rounded on the way."""

    def test_no_rounding_in_between(self):
        assert value("ROUND(Third * 3, 10)") == 1
        assert value("Part") == Decimal("0.75")

    def test_each_keeps_its_own_setting_for_blanks(self):
        assert value("ISBLANK(Part)", Seats=None) is True
        assert value("Part", blank_as="zero", Seats=None) == 0

    def test_names_of_a_parents_formula_are_the_parents(self):
        formula = compiled("Account.Share")

        assert formula.evaluate(Record({"Account.Revenue": Decimal(9)})) == 3
        assert "Account.Revenue" in formula.references

    def test_a_circle_is_refused(self):
        with pytest.raises(FormulaError, match="directly or indirectly refers to itself"):
            compiled("Ping > 1")

    def test_a_broken_one_is_named(self):
        with pytest.raises(FormulaError) as caught:
            compiled("1 + Broken")

        assert caught.value.message == (
            "Error in referenced formula Broken, Incorrect parameter type for function 'LEN()'. "
            "Expected Text, received Number"
        )
        assert caught.value.column == 5

    def test_fields_that_double_one_another_stop_at_a_size(self):
        class Doubling(Names):
            def field(self, path):
                step = int(path[0][1:])
                return super().field(("Seats",)) if step == 0 else _doubled(step)

        with pytest.raises(FormulaError, match="too big to execute"):
            compile_formula("F40", Doubling())


def _doubled(step):
    from fakes.salesforce.formula import FieldInfo  # noqa: PLC0415

    return FieldInfo("double", formula=f"F{step - 1} + F{step - 1}")


class TestFieldValue:
    """Source: Salesforce help, "Formula Field Limits and Restrictions"."""

    @pytest.mark.parametrize(
        ("text", "returns", "scale", "expected"),
        [
            ("12.345", "Number", 2, Decimal("12.35")),
            ("-12.345", "Currency", 2, Decimal("-12.35")),
            ("Discount", "Percent", 1, Decimal("45.0")),
            ("1 / 3", "Number", None, Decimal("0." + "3" * 32)),
            ('""', "Text", None, None),
            ("Seats > NULL", "Checkbox", None, False),
            ("Called", "Date", None, date(2024, 3, 1)),
            ("1 / 0", "Number", 2, None),
            ("1 / 0 > 1", "Checkbox", None, False),
            ('VALUE("1E999999")', "Number", 2, None),
        ],
    )
    def test_what_the_api_shows(self, text, returns, scale, expected):
        assert compiled(text, returns=returns, scale=scale).field_value(Record()) == expected

    def test_a_text_is_cut_at_1300_characters(self):
        assert compiled('RPAD("x", 2000, "y")', returns="Text").field_value(Record()) == "x" + "y" * 1299

    @pytest.mark.parametrize(
        ("text", "memory", "query"),
        [
            ("TEXT(0.5)", "0.5", ".5"),
            ("TEXT(-0.5)", "-0.5", "-.5"),
            ("MOD(Seats, 0)", None, Decimal(6)),
            ('SUBSTITUTE("ab", Nickname, "x")', None, "ab"),
            ('RIGHT("ab", 1.5)', "b", None),
            ("NOT(ISNUMBER(Nickname))", True, False),
            ("TEXT(End)", None, None),
            ('" x "', " x ", "x"),
            ('" "', " ", None),
        ],
    )
    def test_memory_and_query_differ_in_a_few_rows(self, text, memory, query):
        returns = {str: "Text", Decimal: "Number", bool: "Checkbox"}[type(query if query is not None else "")]

        assert compiled(text, returns=returns).field_value(Record()) == memory
        assert compiled(text, returns=returns, mode="query").field_value(Record()) == query

    def test_a_blank_instant_reads_as_z_in_a_query(self):
        assert value("TEXT(Called)", mode="query", Called=None) == "Z"


def test_a_formula_without_fields_is_computed_once_and_fails_only_when_run():
    formula = compiled("IF(Active, 1, DATE(2023, 2, 30) - DATE(2023, 1, 1))")

    assert formula.evaluate(Record()) == 1
    with pytest.raises(FormulaRunError):
        formula.evaluate(Record({"Active": False}))


def test_the_callers_decimal_context_does_not_matter():
    with localcontext() as context:
        context.prec = 3

        assert value("Seats * 1.0000001 + Discount", Seats=Decimal("123456.789")) == Decimal("123457.2513456789")


@pytest.mark.parametrize(
    "text",
    ["NOT(" * 390 + "Active" + ")" * 390, "IF(Active, " * 250 + "1" + ", 2)" * 250, "Seats" + " + 1" * 900,
     'IF(Seats = 1, "a", ' * 180 + '"z"' + ")" * 180],
)  # fmt: skip
def test_deep_and_long_formulas_are_evaluated(text):
    assert value(text) is not None


def test_values_of_a_formula_are_independent_of_the_record_before():
    formula = compiled("Seats + 1")

    assert [formula.evaluate(Record({"Seats": Decimal(seats)})) for seats in (1, 2, 3)] == [2, 3, 4]
    assert compiled("NOW()").evaluate(Record(now=datetime(2030, 1, 1, tzinfo=UTC))).year == 2030
