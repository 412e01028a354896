"""Markup as the API returns it for formula fields."""

from decimal import Decimal

import pytest

from fakes.salesforce.formula import FormulaError
from tests.fakes.salesforce.formula.world import value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('HYPERLINK("/x", "Go")', '<a href="/x" target="_blank">Go</a>'),
        ('HYPERLINK("/x", "Go", "_self")', '<a href="/x" target="_self">Go</a>'),
        ("HYPERLINK(Nickname, Nickname, Nickname)", '<a href=" " target=""> </a>'),
        ('HYPERLINK("/x?a=1&b=2", "a < b")', '<a href="/x?a=1&b=2" target="_blank">a &lt; b</a>'),
        ('IMAGE("/i.png", "a \\"b\\"")', '<img src="/i.png" alt="a &quot;b&quot;" border="0"/>'),
        ("IMAGE(Nickname, Nickname)", '<img src=" " alt=" " border="0"/>'),
        (
            'IMAGE("/i.png", "i", 0.65, Seats)',
            '<img src="/i.png" alt="i" style="height:.65px; width:0px;" border="0"/>',
        ),
        (
            'HYPERLINK("/x", IMAGE("/i.png", "<i>"))',
            '<a href="/x" target="_blank"><img src="/i.png" alt="&lt;i&gt;" border="0"/></a>',
        ),
        ("BR()", "_BR_ENCODED_"),
        ("HTMLENCODE(\"<b>'&'</b>\")", "&lt;b&gt;&#39;&amp;&#39;&lt;/b&gt;"),
        ('JSENCODE("a\'b")', "a\\'b"),
        ('URLENCODE("a b&c")', "a+b%26c"),
    ],
)
def test_markup(text, expected):
    assert value(text, Seats=None) == expected


def test_an_image_has_both_sizes_or_none():
    with pytest.raises(FormulaError, match="Incorrect number of parameters"):
        value('IMAGE("/i.png", "i", 1)', Seats=Decimal(1))
