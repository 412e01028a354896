"""The record's past and other records."""

from decimal import Decimal

import pytest

from fakes.salesforce.formula import FormulaError
from tests.fakes.salesforce.formula.world import Record, value


def changed(text, now, before, **flags):
    return value(text, record=Record(now, before, **flags))


class TestIsChanged:
    """Source: Salesforce help, "ISCHANGED"."""

    @pytest.mark.parametrize(
        ("field", "before", "now", "expected"),
        [
            ("LastName", "Ada", "Ada", False),
            ("LastName", "Ada", "ADA", True),
            ("LastName", "a\r\nb", "a\nb", False),
            ("LastName", None, "", False),
            ("Seats", Decimal("1.0"), Decimal(1), False),
            ("Seats", None, Decimal(0), True),
            ("Active", None, False, False),
            ("Rating", "Hot", "Warm", True),
            ("Topics", "Sales", "Sales;Press", True),
            ("Part", None, None, True),
        ],
    )
    def test_values_are_compared(self, field, before, now, expected):
        old, new = {field: before}, {field: now}
        if field == "Part":  # a formula field: computed with both states
            old, new = {"Seats": Decimal(1)}, {"Seats": Decimal(2)}

        assert changed(f"ISCHANGED({field})", new, old) is expected

    def test_nothing_is_changed_on_insert(self):
        assert changed("ISCHANGED(LastName)", {"LastName": "Ada"}, {"LastName": None}, is_new=True) is False

    @pytest.mark.parametrize("text", ["ISCHANGED(Account.Name)", "PRIORVALUE($User.Username)"])
    def test_only_own_fields(self, text):
        with pytest.raises(FormulaError, match="function cannot reference the"):
            value(text)

    @pytest.mark.parametrize("text", ["ISCHANGED(LastName & LastName)", 'PRIORVALUE("x")', "ISCHANGED(TEXT(Rating))"])
    def test_only_fields(self, text):
        with pytest.raises(FormulaError, match="Incorrect argument type"):
            value(text)


class TestPriorValue:
    """Source: Salesforce help, "PRIORVALUE"."""

    def test_it_is_the_stored_value(self):
        assert changed("PRIORVALUE(Seats) < Seats", {"Seats": Decimal(7)}, {"Seats": Decimal(3)}) is True
        assert changed('ISPICKVAL(PRIORVALUE(Rating), "Hot")', {"Rating": "Warm"}, {"Rating": "Hot"}) is True
        assert changed("TEXT(PRIORVALUE(Rating))", {"Rating": "Warm"}, {"Rating": "Hot"}) == "Hot"
        assert changed('INCLUDES(PRIORVALUE(Topics), "Sales")', {"Topics": None}, {"Topics": "Sales"}) is True

    def test_on_insert_it_is_the_current_value(self):
        assert changed("PRIORVALUE(Seats) = Seats", {"Seats": Decimal(7)}, {"Seats": None}, is_new=True) is True


def test_isnew_and_isclone():
    assert changed("ISNEW()", {}, {}, is_new=True) is True
    assert changed("ISNEW() || ISCLONE()", {}, {}) is False


class TestVlookup:
    """Source: Salesforce help, "VLOOKUP"."""

    CALL = "VLOOKUP($ObjectType.Zone__c.Fields.Limit__c, $ObjectType.Zone__c.Fields.Name, LastName)"

    def test_it_reads_a_field_of_the_row_with_that_name(self):
        assert value(self.CALL, LastName="South") == Decimal("0.3")

    def test_no_row_is_blank(self):
        assert value(self.CALL, LastName="West") is None
        assert value(self.CALL, LastName=None) is None

    def test_it_stands_in_validation_rules_only(self):
        with pytest.raises(FormulaError) as caught:
            value(self.CALL, purpose="formula_field")

        assert caught.value.message == "Function VLOOKUP may not be used in this type of formula"

    @pytest.mark.parametrize(
        "text",
        [
            "VLOOKUP(LastName, $ObjectType.Zone__c.Fields.Name, LastName)",
            "VLOOKUP($ObjectType.Zone__c.Fields.Limit__c, $ObjectType.Other__c.Fields.Name, LastName)",
            "VLOOKUP($ObjectType.Zone__c.Fields.Limit__c, $ObjectType.Zone__c.Fields.Limit__c, LastName)",
            "VLOOKUP($ObjectType.Zone__c.Fields.Limit__c, $ObjectType.Zone__c.Fields.Name, Seats)",
        ],
    )
    def test_it_wants_two_fields_of_one_sobject_the_second_its_name(self, text):
        with pytest.raises(FormulaError):
            value(text)
