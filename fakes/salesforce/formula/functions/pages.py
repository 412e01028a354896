"""Functions that make markup or belong to pages: HYPERLINK, IMAGE, BR, GETSESSIONID, the encoders.

Source: Salesforce help, "HYPERLINK", "IMAGE", "BR"; the markup is what the API returns for such formula fields.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from fakes.salesforce.formula import errors
from fakes.salesforce.formula.functions.registry import Function, Site, simple
from fakes.salesforce.formula.nodes import Call, Node, children
from fakes.salesforce.formula.numbers import plain
from fakes.salesforce.formula.types import Purpose, RecordContext, Type, text_of

if TYPE_CHECKING:
    from decimal import Decimal

    from fakes.salesforce.formula.code import Code

T, N = Type.TEXT, Type.NUMBER

_SHOWN: frozenset[Purpose] = frozenset({"formula_field", "validation", "workflow", "any"})
_ONLY_PAGES: frozenset[Purpose] = frozenset({"any"})

_HTML = {
    "<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&quot;", "'": "&#39;", "\N{LINE SEPARATOR}": "<br>",
    "\N{PARAGRAPH SEPARATOR}": "<p>", "\N{COPYRIGHT SIGN}": "&copy;",
}  # fmt: skip
_SCRIPT = {
    "\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", '"': '\\"', "<": "\\u003C", ">": "\\u003E",
    "\N{LINE SEPARATOR}": "\\n", "\N{PARAGRAPH SEPARATOR}": "\\u2029", "\0": "",
}  # fmt: skip


def _attribute(text: str) -> str:
    """What is shown as text or stands in an attribute is escaped; the address is not."""
    return html.escape(text).replace("&#x27;", "&#039;")


def _is_markup(node: Node) -> bool:
    """Whether a piece makes markup itself, which is shown as it is."""
    waiting = [node]
    while waiting:
        piece = waiting.pop()
        if isinstance(piece, Call) and piece.name.upper() in {"HYPERLINK", "IMAGE", "BR"}:
            return True
        waiting += children(piece)
    return False


def _hyperlink(site: Site) -> Code:
    given = site.count(2, 3)
    url, shown = site.take(0, T), site.take(1, T)
    target = site.take(2, T) if given == 3 else None
    markup = _is_markup(site.arguments[1].node)

    def run(record: RecordContext) -> str:
        address, text = url(record) or " ", shown(record) or " "
        frame = "_blank" if target is None else _attribute(target(record))
        return f'<a href="{address}" target="{frame}">{text if markup else _attribute(text)}</a>'

    return site.result(T, run)


def _picture(url: str, alternative: str, style: str) -> str:
    return f'<img src="{url or " "}" alt="{_attribute(alternative or " ")}"{style} border="0"/>'


def _build_image(site: Site) -> Code:
    given = site.count(2, 4)
    if given == 3:
        raise errors.wrong_count(site.where, 4, given, site.position)
    url, alternative = site.take(0, T), site.take(1, T)
    if given == 2:
        return site.result(T, lambda record: _picture(url(record), alternative(record), ""))
    height, width = site.take(2, N), site.take(3, N)

    def run(record: RecordContext) -> str:
        style = f' style="height:{_pixels(height(record))}px; width:{_pixels(width(record))}px;"'
        return _picture(url(record), alternative(record), style)

    return site.result(T, run)


def _pixels(size: Decimal | None) -> str:
    return "0" if size is None else re.sub(r"^(-?)0\.", r"\1.", plain(size))


def _session(site: Site) -> Code:
    site.count(0)
    return site.result(T, lambda record: text_of(record.value(("$Api", "Session_ID"))))


def _line_break(site: Site) -> Code:
    site.count(0)
    return site.result(T, lambda _: "_BR_ENCODED_")


def _html(text: str) -> str:
    return "".join(
        _HTML.get(character, character if ord(character) <= 0xFFFF else f"&#{ord(character)};") for character in text
    )


def _script(text: str) -> str:
    encoded = "".join(_SCRIPT.get(character, character) for character in text)
    return encoded.replace("!--", "\\!--").replace("/*", "\\/\\*").replace("*/", "\\*\\/")


FUNCTIONS = (
    Function("HYPERLINK", _hyperlink, _SHOWN),
    Function("IMAGE", _build_image, _SHOWN),
    Function("BR", _line_break, _SHOWN),
    Function("GETSESSIONID", _session, _SHOWN, varies=True),
    simple("HTMLENCODE", (T,), T, _html, purposes=_ONLY_PAGES),
    simple("JSENCODE", (T,), T, _script, purposes=_ONLY_PAGES),
    simple("JSINHTMLENCODE", (T,), T, lambda text: _script(_html(text)), purposes=_ONLY_PAGES),
    simple("URLENCODE", (T,), T, quote_plus, purposes=_ONLY_PAGES),
)

ELSEWHERE = frozenset(
    {
        "GETRECORDIDS", "IMAGEPROXYURL", "INCLUDE", "LINKTO", "PARENTGROUPVAL", "PREDICT", "PREVGROUPVAL",
        "REQUIRESCRIPT", "URLFOR",
    }
)  # fmt: skip
"""Functions that exist, but not for a formula on a record."""
