"""The grammar: what is a formula, how it is grouped, and what is said of the rest."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.salesforce.formula import FormulaError, parse
from fakes.salesforce.formula.nodes import Call, Chain, Link, Literal, Name, Unary
from fakes.salesforce.formula.parser import parse_with_warnings
from fakes.salesforce.formula.printer import written


def grouped(node):
    """A tree with every group in brackets."""
    match node:
        case Literal() | Name():
            return node.text
        case Unary():
            return f"({node.operator} {grouped(node.operand)})"
        case Call():
            return f"{node.name}[{' '.join(map(grouped, node.arguments))}]"
        case Chain():
            text = grouped(node.first)
            for link in node.links:
                text = f"({text} {link.operator} {grouped(link.operand)})"
            return text


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        pytest.param("a + b * c", "(a + (b * c))", id="products first"),
        pytest.param("a ^ b * c", "(a ^ (b * c))", id="the power binds looser than a product"),
        pytest.param("a ^ b ^ c", "((a ^ b) ^ c)", id="powers from the left"),
        pytest.param("-a ^ b", "((- a) ^ b)", id="a sign binds tightest"),
        pytest.param("a - b - c", "((a - b) - c)", id="differences from the left"),
        pytest.param("a & b + c", "((a & b) + c)", id="& stands beside + and -"),
        pytest.param("a < b = c", "((a < b) = c)", id="comparison before equality"),
        pytest.param("a || b && c", "(a || (b && c))", id="and before or"),
        pytest.param("NOT a || b", "((NOT a) || b)", id="NOT is a prefix"),
        pytest.param("NOT(a) && b", "((NOT a) && b)", id="NOT with parentheses is the same prefix"),
        pytest.param("a--b", "(a - (- b))", id="two signs"),
        pytest.param("!a", "(! a)", id="exclamation mark"),
        pytest.param("(a + b) * c", "((a + b) * c)", id="parentheses"),
        pytest.param("f(a, (b), g())", "f[a b g[]]", id="calls"),
        pytest.param("a /* why */ + /* \n */ b", "(a + b)", id="comments between tokens"),
        pytest.param("{!Amount} * 2", "(Amount * 2)", id="merge field braces are tolerated"),
        pytest.param("Owner:User.Name = $User.Name", "(Owner:User.Name = $User.Name)", id="names with : and $"),
    ],
)
def test_grouping(text, groups):
    assert grouped(parse(text)) == groups


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"say \"hi\""', 'say "hi"'),
        (r'"C:\\x"', r"C:\x"),
        (r'"a\nb"', r"a\nb"),
        (r"'it\'s'", r"it\'s"),
        ("'a \"b\" c'", 'a "b" c'),
        ('""', ""),
    ],
)
def test_text_literals_decode_two_escapes_only(text, value):
    assert parse(text) == Literal(value, text, 0)


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("", "Syntax error.  Found 'end of formula'", 1),
        ("1 +", "Syntax error.  Found 'end of formula'", 4),
        ("(1", "Syntax error.  Missing ')'", 3),
        ("f(1", "Syntax error.  Missing ')'", 4),
        ("f(1,)", "Syntax error.  Found ')'", 5),
        ("1)", "Syntax error. Extra ')'", 2),
        ("1 2", "Syntax error. Extra '2'", 3),
        ("a AND b", "Syntax error. Extra AND", 3),
        ("* 1", "Syntax error.  Found '*'", 1),
        ("1; 2", "Syntax error. Extra ';'", 2),
        ("1.2.3", "Syntax error. Extra '.'", 4),
        ("_a", "Syntax error", 1),
        ('"open', "Syntax error", 1),
        ('"a\nb"', "Syntax error", 1),
        (r'"\d"', "Syntax error", 1),
        ("a § b", "Syntax error", 3),
    ],
)
def test_refusals_are_worded_as_salesforce_words_them(text, message, column):
    with pytest.raises(FormulaError) as caught:
        parse(text)

    assert (caught.value.message, caught.value.line, caught.value.column) == (message, 1, column)


def test_an_error_knows_its_line_whatever_ends_the_lines():
    text = "AND(\r\n  a,\n  b\r  c)"

    with pytest.raises(FormulaError) as caught:
        parse(text)

    assert (caught.value.line, caught.value.column) == (4, 3)
    assert caught.value.caret(text) == "  c)\n  ^"


def test_an_invisible_character_is_named():
    with pytest.raises(FormulaError) as caught:
        parse("a =\N{ZERO WIDTH SPACE} b")

    assert "U+200B (ZERO WIDTH SPACE)" in caught.value.message


def test_a_fraction_without_a_digit_before_the_point_is_accepted_with_a_warning():
    tree, warnings = parse_with_warnings("Discount > .40")

    assert grouped(tree) == "(Discount > .40)"
    assert len(warnings) == 1


class TestLimits:
    """Source: Salesforce help, "Formula Field Limits and Restrictions"."""

    def test_a_formula_has_at_most_3900_characters(self):
        parse("1" + " " * 3899)
        with pytest.raises(FormulaError) as caught:
            parse("1" + " " * 3900)

        assert caught.value.message == "Formula is too long (3,901 characters).  Maximum length is 3,900 characters"

    def test_ten_thousand_parentheses_are_too_long(self):
        with pytest.raises(FormulaError, match="Formula is too long"):
            parse("(" * 10_000 + "1" + ")" * 10_000)

    def test_parentheses_that_fit_are_followed_however_many(self):
        assert parse("(" * 1900 + "a" + ")" * 1900) == Name("a", 1900)
        with pytest.raises(FormulaError, match="Found 'end of formula'"):
            parse("(" * 3900)

    def test_a_chain_may_be_as_long_as_the_text(self):
        tree = parse("a" + "&a" * 1900)

        assert isinstance(tree, Chain)
        assert len(tree.links) == 1900

    @pytest.mark.parametrize("text", ["-" * 3000 + "1", "f(" * 1200 + "a" + ")" * 1200])
    def test_levels_within_each_other_are_limited(self, text):
        with pytest.raises(FormulaError, match="nested too deeply"):
            parse(text)


_NAMES = st.sampled_from(["LastName", "$User.Name", "Owner:User.Name", "x__c"]).map(lambda text: Name(text, 0))
_NUMBERS = st.decimals(0, 10**6, places=2).map(str).map(parse)
_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters='"\\\n\r'), max_size=8).map(
    lambda text: parse(f'"{text}"')
)
_LEAVES = st.one_of(_NAMES, _NUMBERS, _TEXTS, st.sampled_from([parse("TRUE"), parse("NULL")]))
_LEVELS = (("*", "/"), ("^",), ("+", "-", "&"), ("<", "<="), ("=", "<>"), ("&&",), ("||",))


def _deeper(nodes):
    chains = st.sampled_from(_LEVELS).flatmap(
        lambda operators: st.builds(
            lambda first, rest: Chain(first, tuple(Link(operator, node, 0) for operator, node in rest), 0),
            nodes,
            st.lists(st.tuples(st.sampled_from(operators), nodes), min_size=1, max_size=3),
        )
    )
    calls = st.builds(
        lambda name, arguments: Call(name, tuple(arguments), 0),
        st.sampled_from(["IF", "LEN", "x"]),
        st.lists(nodes, max_size=3),
    )
    signs = st.builds(lambda operator, node: Unary(operator, node, 0), st.sampled_from(["-", "!", "NOT"]), nodes)
    return st.one_of(chains, calls, signs)


@given(st.recursive(_LEAVES, _deeper, max_leaves=12))
def test_a_tree_written_and_parsed_is_the_same_tree(tree):
    text = written(tree)

    assert written(parse(text)) == text
    assert grouped(parse(text)) == grouped(tree)


_TOKENS = ["1", "2.5", "a", '"t"', "(", ")", ",", "+", "-", "*", "/", "^", "&", "=", "<>", "!", "NOT", "IF(", "&&",
           "||", "'", '"', "\\", "/*", "*/", ".", ";", "[", "]", "\N{ZERO WIDTH SPACE}", "é", "{!", "}"]  # fmt: skip


@given(st.integers(0, 2**32), st.integers(1, 60))
def test_random_tokens_parse_or_are_refused(seed, length):
    generator = random.Random(seed)
    text = " ".join(generator.choice(_TOKENS) for _ in range(length))

    refusal = None
    try:
        parse(text)
    except FormulaError as error:
        refusal = error

    assert refusal is None or (refusal.message and 1 <= refusal.column <= len(text) + 1)
