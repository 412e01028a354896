"""Picklists: only in the functions that know them, by their API values."""

from decimal import Decimal

import pytest

from fakes.salesforce.formula import FormulaError
from tests.fakes.salesforce.formula.world import value


class TestSingle:
    """Source: Salesforce help, "Tips for Working with Picklist Formula Fields"."""

    @pytest.mark.parametrize(
        ("text", "stored", "expected"),
        [
            ('ISPICKVAL(Rating, "Hot")', "Hot", True),
            ('ISPICKVAL(Rating, "hot")', "Hot", True),
            ('ISPICKVAL(Rating, "Warm")', "Hot", False),
            ('ISPICKVAL(Rating, "Unheard of")', "Hot", False),
            ('ISPICKVAL(Rating, "")', None, True),
            ('ISPICKVAL(Rating, "")', "Hot", False),
            ('ISPICKVAL(Rating, "Hot")', None, False),
            ('TEXT(Rating) = "Hot"', "Hot", True),
            ('"hot" = TEXT(Rating)', "Hot", True),
            ('TEXT(Rating) <> "Hot"', "Warm", True),
            ('TEXT(Rating) = ""', None, True),
            ("ISBLANK(TEXT(Rating))", None, True),
            ('TEXT(Rating) & "!"', None, "!"),
            ('CASE(Rating, "Hot", 1, "Warm", 2, 3)', "Warm", Decimal(2)),
            ('CASE(Rating, "Hot", 1, 3)', None, Decimal(3)),
            ('CASE(TEXT(Rating), "hot", 1, 3)', "Hot", Decimal(1)),
            ("CASE(TEXT(Rating), LastName, 1, 3)", "Hot", Decimal(3)),
        ],
    )
    def test_rules(self, text, stored, expected):
        assert value(text, Rating=stored) == expected

    @pytest.mark.parametrize(
        "text",
        ['Rating = "Hot"', "LEN(Rating)", 'CONTAINS(Rating, "H")', 'Rating & "x"', "Rating", "Rating < Rating",
         "BLANKVALUE(Rating, Rating)", 'IF(TRUE, Rating, "x")', 'PRIORVALUE(Rating) = "Hot"'],
    )  # fmt: skip
    def test_elsewhere_it_is_refused_by_name(self, text):
        with pytest.raises(FormulaError) as caught:
            value(text)

        assert caught.value.message == (
            "Field Rating is a picklist field. Picklist fields are only supported in certain functions."
        )

    def test_the_entry_has_to_be_a_literal(self):
        with pytest.raises(FormulaError, match="Expected Text Literal, received Text"):
            value("ISPICKVAL(Rating, LastName)")


class TestMultiSelect:
    """Source: Salesforce help, "Tips for Working with Multi-Select Picklist Formula Fields"."""

    @pytest.mark.parametrize(
        ("text", "stored", "expected"),
        [
            ('INCLUDES(Topics, "Press")', "Sales;Press", True),
            ('INCLUDES(Topics, "press")', "Sales;Press", True),
            ('INCLUDES(Topics, "Support")', "Sales;Press", False),
            ('INCLUDES(Topics, "Sales")', None, False),
            ("PICKLISTCOUNT(Topics)", "Sales;Press", Decimal(2)),
            ("PICKLISTCOUNT(Topics)", None, Decimal(0)),
            ("ISBLANK(Topics)", None, True),
        ],
    )
    def test_rules(self, text, stored, expected):
        assert value(text, Topics=stored) == expected

    def test_the_entry_has_to_exist(self):
        with pytest.raises(FormulaError, match="must be a valid value"):
            value('INCLUDES(Topics, "Sport")')

    def test_elsewhere_it_is_refused_by_name(self):
        with pytest.raises(FormulaError, match="Field Topics is a multi-select picklist field"):
            value('Topics = "Sales"')
