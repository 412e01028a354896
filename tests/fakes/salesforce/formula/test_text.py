"""Text functions, one row a sentence."""

from decimal import Decimal

import pytest

from fakes.salesforce.formula import FormulaError, FormulaRunError
from tests.fakes.salesforce.formula.world import value

WAVE = "\N{WAVING HAND SIGN}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('BEGINS("Lovelace", "Love")', True),
        ('BEGINS("Lovelace", "love")', False),
        ('BEGINS("Lovelace", "")', True),
        ('BEGINS(Nickname, "L")', None),
        ('CONTAINS("Lovelace", "lac")', True),
        ('CONTAINS("Lovelace", "LAC")', False),
        ('CONTAINS("a:b:c", Nickname)', True),
        ('CONTAINS(Nickname, "a")', None),
        ('NOT(CONTAINS(Nickname, "a"))', None),
        ('FIND("l", "Lovelace")', Decimal(5)),
        ('FIND("e", "Lovelace", 5)', Decimal(8)),
        ('FIND("e", "Lovelace", -3)', Decimal(4)),
        ('FIND("e", "Lovelace", 50)', Decimal(0)),
        ('FIND("z", "Lovelace")', Decimal(0)),
        ('FIND("", "Lovelace")', Decimal(0)),
        (f'FIND("b", "a{WAVE}b")', Decimal(4)),
        ('FIND("e", "Lovelace", VALUE(""))', Decimal(4)),
        ('LEFT("Lovelace", 4)', "Love"),
        ('LEFT("Lovelace", 99)', "Lovelace"),
        ('LEFT("Lovelace", 2.9)', "Lo"),
        ('LEFT("Lovelace", -1)', ""),
        ('LEFT("Lovelace", VALUE(""))', ""),
        ('RIGHT("Lovelace", 4)', "lace"),
        ('RIGHT("Lovelace", 0)', ""),
        ('RIGHT("Lovelace", 99)', "Lovelace"),
        ('MID("Lovelace", 5, 2)', "la"),
        ('MID("Lovelace", 0, 2)', "Lo"),
        ('MID("Lovelace", 9, 2)', ""),
        ('MID("Lovelace", 2, -2)', ""),
        ('LEN("Lovelace")', Decimal(8)),
        (f'LEN("{WAVE}")', Decimal(2)),
        ("LEN(Nickname)", Decimal(0)),
        ('LOWER("ÅSE")', "åse"),
        ('UPPER("straße")', "STRASSE"),
        ('UPPER("istanbul", "tr")', "İSTANBUL"),
        ('LOWER("İ", "tr")', "i"),
        ('INITCAP("ada o\'neil-smith 2b a_c")', "Ada O'Neil-Smith 2b A_C"),
        ('LPAD("ab", 5)', "   ab"),
        ('LPAD("ab", 5, "xy")', "xyxab"),
        ('LPAD("Lovelace", 4, "x")', "Love"),
        ('LPAD("ab", 0, "x")', ""),
        ('LPAD("ab", 5, Nickname)', ""),
        ('RPAD("ab", 5, "xy")', "abxyx"),
        ('RPAD("Lovelace", 4)', "Love"),
        ('SUBSTITUTE("banana", "an", "o")', "booa"),
        ('SUBSTITUTE("banana", "AN", "o")', "banana"),
        ('SUBSTITUTE("banana", "an", Nickname)', "ba"),
        ('SUBSTITUTE("banana", Nickname, "x")', ""),
        ('TRIM("  a  b ")', "a  b"),
        ('REVERSE("abc")', "cba"),
        ('ASCII("A")', Decimal(65)),
        ("ASCII(Nickname)", None),
        ("CHR(65)", "A"),
        ("CHR(0)", ""),
        ("CHR(10)", "\n"),
        ('CASESAFEID("001AAAAAAAAAAAa")', "001AAAAAAAAAAAaY5P"),
        ('CASESAFEID("too short")', "too short"),
        ('VALUE("1E3")', Decimal(1000)),
        ('VALUE("-.5")', Decimal("-0.5")),
        ('VALUE("5.")', Decimal(5)),
        ("VALUE(Nickname)", None),
    ],
)
def test_text_functions(text, expected):
    assert value(text) == expected


@pytest.mark.parametrize("text", ["1,000", " 1", "$5", "5%", "1_000", "NaN", "Infinity", "--1"])
def test_value_refuses_what_is_not_a_plain_number(text):
    with pytest.raises(FormulaRunError, match="is not a valid number"):
        value("VALUE(Nickname)", Nickname=text)


class TestText:
    """Source: Salesforce help, "TEXT"."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("TEXT(0.50)", "0.5"),
            ("TEXT(25.0)", "25"),
            ("TEXT(10 ^ 12)", "1000000000000"),
            ("TEXT(1 / 3)", "0." + "3" * 39),
            ("TEXT(Discount)", "0.45"),
            ("TEXT(Start)", "2024-02-29"),
            ("TEXT(Called)", "2024-03-01 03:30:00Z"),
            ("TEXT(Opens)", "10:20:30.004"),
            ("TEXT(Rating)", "Hot"),
            ("TEXT(End)", ""),
            ("TEXT(NULL)", ""),
        ],
    )
    def test_in_memory(self, text, expected):
        assert value(text) == expected

    @pytest.mark.parametrize("text", ["TEXT(LastName)", "TEXT(Active)", "TEXT(Topics)", "TEXT(Place)"])
    def test_what_it_refuses(self, text):
        with pytest.raises(FormulaError):
            value(text)


def test_a_text_cannot_grow_without_end():
    text = '"x"'
    for _ in range(8):
        text = f'SUBSTITUTE({text}, "x", "{"x" * 20}")'

    with pytest.raises(FormulaRunError, match="grows beyond"):
        value(text)
