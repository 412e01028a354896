"""Where a message says the mistake is. The shapes are those of answers that users of real orgs printed."""

from __future__ import annotations

import pytest

from fakes.salesforce.errors import InvalidField, MalformedQuery
from fakes.salesforce.soql.positions import caret, lexical_caret


def block(text: str, mark: str = "«") -> str:
    """The caret block for the token behind the mark."""
    return caret(text.replace(mark, ""), text.index(mark))


class TestCaretBlock:
    def test_a_short_query_is_shown_whole_with_row_and_column_from_one(self):
        assert block("SELECT Id, «Foo FROM Lead") == (
            "\nSELECT Id, Foo FROM Lead\n           ^\nERROR at Row:1:Column:12\n"
        )

    def test_rows_are_counted_and_only_the_line_of_the_token_is_shown(self):
        assert block("SELECT Id\nFROM Lead\nWHERE «Foo = 1") == "\nWHERE Foo = 1\n      ^\nERROR at Row:3:Column:7\n"

    def test_to_the_left_it_begins_with_the_word_that_40_characters_back_fall_into(self):
        names = f"{'A' * 30}, {'B' * 30}, "

        assert block(f"SELECT {names}«Foo FROM Lead") == (
            f"\n{names}Foo FROM Lead\n{' ' * 64}^\nERROR at Row:1:Column:72\n"
        )

    def test_to_the_right_it_ends_before_the_word_that_40_characters_on_fall_into(self):
        shown = block(f"SELECT «Foo, {'A' * 20}, {'B' * 20}, C FROM Lead").splitlines()[1]

        assert shown == f"SELECT Foo, {'A' * 20}"

    def test_field_lists_without_blanks_are_cut_at_commas(self):
        names = ",".join(f"Field_Number_{number}__c" for number in range(8))
        shown, mark = block(f"SELECT {names},«Foo,{names} FROM Lead").splitlines()[1:3]

        assert shown.startswith("Field_Number_5__c,Field_Number_6__c,Field_Number_7__c,Foo,Field")
        assert shown[len(mark) - 1 :].startswith("Foo,")

    def test_a_character_that_fits_nowhere_is_counted_from_zero_with_the_caret_one_to_the_left(self):
        text = "SELECT Id FROM Account WHERE LastModifiedDate >= 2013-12-01T12:00:00 00:00"

        assert lexical_caret(text, 68) == (
            "\nLastModifiedDate >= 2013-12-01T12:00:00 00:00\n" + " " * 38 + "^\nERROR at Row:1:Column:68\n"
        )


class TestWhereTheCaretStands:
    @pytest.mark.parametrize(
        ("query", "error", "column"),
        [
            pytest.param("SELECT Id, Account.Foo FROM Contact", InvalidField, 12, id="a path: at its beginning"),
            pytest.param("SELECT Id FROM Lead WHERE CreatedDate > 'x'", InvalidField, 27, id="a value: at its field"),
            pytest.param("SELECT COUNT(Foo) FROM Lead", InvalidField, 14, id="inside a function: at the field"),
            pytest.param("SELECT Id FORM Lead", MalformedQuery, 11, id="a misspelt keyword: there"),
        ],
    )
    def test_it_stands_under_the_token(self, world, query, error, column):
        with pytest.raises(error) as refused:
            world.run(query)

        assert f"\n{' ' * (column - 1)}^\nERROR at Row:1:Column:{column}\n" in refused.value.message

    def test_tokens_are_quoted_from_version_50_on(self, world):
        with pytest.raises(MalformedQuery, match=r"unexpected token: FORM$"):
            world.run("SELECT Id FORM Lead", api_version="49.0")
        with pytest.raises(MalformedQuery, match=r"unexpected token: 'FORM'$"):
            world.run("SELECT Id FORM Lead", api_version="50.0")
