r"""Java's regular expressions; in a formula each backslash is written twice."""

import pytest

from fakes.salesforce.formula import FormulaError, FormulaRunError
from fakes.salesforce.formula.regex import BadPattern, compile_pattern
from tests.fakes.salesforce.formula.world import value


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        pytest.param(r"\d{5}(-\d{4})?", ["94105", "94105-1234"], ["9410", "94105-", "٩٤١٠٥"], id="digits are ASCII"),
        pytest.param(r"\w+", ["ab_9"], ["é", ""], id="words are ASCII"),
        pytest.param(r"(?i)abc|x", ["ABC", "X"], ["É"], id="case is ignored"),
        pytest.param(r"é(?i)é|k", ["éé", "K"], ["éÉ", "\N{KELVIN SIGN}"], id="of ASCII letters only"),
        pytest.param(r"(?iu)é", ["É"], ["e"], id="of all letters with u"),
        pytest.param(r"(a(?i)b)c", ["aBc"], ["aBC", "ABc"], id="flags end with their group"),
        pytest.param(r"(?i:a)b", ["Ab"], ["AB"], id="flags of a group"),
        pytest.param(r"a.c", ["axc"], ["a\nc", "a\rc", "a\x85c", "a\u2028c"], id="the point stops at line ends"),
        pytest.param(r"(?s)a.c", ["a\nc"], [], id="unless s is set"),
        pytest.param(r"[\p{Alpha}&&[^aeiou]]+", ["xyz"], ["xay"], id="intersection"),
        pytest.param(r"[a-c[x-z]]+", ["axz"], ["d"], id="union"),
        pytest.param(r"[^a-c[x-z]]", ["d"], ["a", "x"], id="negated union"),
        pytest.param(r"[]a]+", ["]a"], ["b"], id="a bracket that closes nothing"),
        pytest.param(r"[a\-z]+", ["a-z"], ["b"], id="an escaped dash"),
        pytest.param(r"[a~|-]+", ["a~|-"], ["b"], id="signs that mean something elsewhere"),
        pytest.param(r"(?i)[b-d]+", ["BcD"], ["A"], id="ranges in any case"),
        pytest.param(r"\p{Lu}\p{L}+", ["Øre"], ["øre", "Ø1"], id="categories"),
        pytest.param(r"\p{IsLatin}+|\p{InGreek}+", ["é", "λ"], ["ж"], id="scripts and blocks"),
        pytest.param(r"\p{Punct}+", ["!~`"], ["é"], id="POSIX names"),
        pytest.param(r"\P{Digit}\pL", ["xé"], ["1é"], id="short and negated properties"),
        pytest.param(r"(\w)\1", ["aa"], ["ab"], id="back reference"),
        pytest.param(r"(?<x>\w)\k<x>", ["aa"], ["ab"], id="named group"),
        pytest.param(r"a++b", ["aab"], ["b"], id="possessive"),
        pytest.param(r"(?>a|ab)c", ["ac"], ["abc"], id="atomic group"),
        pytest.param(r"(?=.*\d)(?!.*x).+", ["a1"], ["a", "a1x"], id="looking ahead"),
        pytest.param(r".*(?<=b{1,2})c", ["abc"], ["ac"], id="looking behind"),
        pytest.param(r"\Qa.b\E+", ["a.b", "a.bb"], ["axb"], id="quotation"),
        pytest.param(r"\x41\u0042\x{43}\0104\t", ["ABCD\t"], ["ABCD"], id="codes"),
        pytest.param(r"a\b.+", ["a b"], ["ab"], id="word boundaries"),
        pytest.param(r"^ab$", ["ab"], ["ab\n"], id="anchors do not replace characters"),
        pytest.param(r"(?m)a$\n^b", ["a\nb"], ["ab"], id="anchors at line ends"),
        pytest.param("(?x) a b # why", ["ab"], ["a b"], id="white space and comments"),
        pytest.param(r"a\R\h\v", ["a\r\n \n"], ["a"], id="line ends and kinds of space"),
        pytest.param(r"(((\d{4}-){3}\d{4})|\d{16})?", ["", "1234567890123456"], ["1"], id="optional as a whole"),
    ],
)
def test_java_patterns(pattern, matching, others):
    matches = compile_pattern(pattern)

    assert [text for text in matching if not matches(text)] == []
    assert [text for text in others if matches(text)] == []


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "[a", "a**", "*a", "a{2,1}", "a{x", r"\q", r"\1", r"\p{Nonsense}", "(?y)a", "[z-a]", "(?<a>x)(?<a>y)",
     r"(?<=a+)b", r"\k<x>", r"\u12", "\\", "(" * 300 + ")" * 300],
)  # fmt: skip
def test_what_java_refuses_is_refused(pattern):
    with pytest.raises(BadPattern) as caught:
        compile_pattern(pattern)

    assert "near index" in caught.value.message


def test_the_whole_text_has_to_match():
    assert value(r'REGEX("94105", "\\d{5}")') is True
    assert value(r'REGEX("94105 ", "\\d{5}")') is False
    assert value('REGEX(Nickname, "x*")') is True


def test_a_bad_literal_is_a_compile_error_and_a_bad_value_one_of_the_run():
    with pytest.raises(FormulaError):
        value('REGEX("a", "((")')
    with pytest.raises(FormulaRunError):
        value('REGEX("a", Nickname)', Nickname="((")


def test_a_pattern_without_end_is_stopped():
    with pytest.raises(FormulaRunError, match="Regular expression runtime exceeded for: "):
        value('REGEX(Nickname, "(x|xx|xxx)*y?z|(x+x+)+y.*z?q")', Nickname="x" * 200 + "y" * 3)
