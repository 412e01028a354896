"""SOQL tokens → tree, one method per line of the grammar.

::

    query      := SELECT item {"," item} FROM source {"," source} [USING SCOPE NAME] [WHERE condition]
                  [WITH security] [GROUP BY grouping [HAVING condition]] [ORDER BY ordering {"," ordering}]
                  [LIMIT n] [OFFSET n] [FOR (VIEW | REFERENCE) {"," (VIEW | REFERENCE)}] [UPDATE tracking]
    item       := "(" query ")" | typeof | FIELDS "(" group ")" | COUNT "(" ")" | operand [alias]
    typeof     := TYPEOF path WHEN NAME THEN path {"," path} {WHEN …} [ELSE path {"," path}] END
    operand    := path | FUNCTION "(" argument {"," argument} ")"
    argument   := operand | GEOLOCATION "(" NUMBER "," NUMBER ")" | STRING
    source     := path [[AS] alias]
    condition  := term {AND term} | term {OR term}                  (never both without parentheses)
    term       := NOT term | "(" condition ")" | operand test
    test       := comparison value | [NOT] IN list | (INCLUDES | EXCLUDES) "(" value {"," value} ")"
    list       := "(" value {"," value} ")" | "(" query ")"
    value      := STRING | NUMBER | TRUE | FALSE | NULL | DATE | DATETIME | TIME | CURRENCY | date literal
    grouping   := operand {"," operand} | (ROLLUP | CUBE) "(" operand {"," operand} ")"
    ordering   := operand [ASC | DESC] [NULLS (FIRST | LAST)]

Source: SOQL and SOSL Reference, "SOQL SELECT Syntax".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from fakes.salesforce.errors import InvalidField, MalformedQuery, NumberOutsideValidRange
from fakes.salesforce.soql import nodes
from fakes.salesforce.soql.dates import NUMBERED_LITERALS, PLAIN_LITERALS
from fakes.salesforce.soql.lexer import Kind, Token, pattern_value, string_value, tokenize
from fakes.salesforce.soql.positions import caret

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

MAX_OFFSET = 2000
MAX_STRING = 4000
MAX_INT = 2**31 - 1
MAX_DEPTH = 100  # of parentheses; Salesforce's own limit is not written down, and recursion has one

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "AVG", "SUM", "MIN", "MAX"})
DATE_FUNCTIONS = frozenset(
    {
        "CALENDAR_MONTH",
        "CALENDAR_QUARTER",
        "CALENDAR_YEAR",
        "DAY_IN_MONTH",
        "DAY_IN_WEEK",
        "DAY_IN_YEAR",
        "DAY_ONLY",
        "FISCAL_MONTH",
        "FISCAL_QUARTER",
        "FISCAL_YEAR",
        "HOUR_IN_DAY",
        "WEEK_IN_MONTH",
        "WEEK_IN_YEAR",
    }
)
FUNCTIONS = (
    AGGREGATES | DATE_FUNCTIONS | {"TOLABEL", "FORMAT", "CONVERTCURRENCY", "CONVERTTIMEZONE", "DISTANCE", "GROUPING"}
)
COMPARISONS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_AFTER_SOURCE = frozenset(
    {"USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "UPDATE", "ALL"}
)
_CURRENCY = re.compile(r"[A-Za-z]{3}\d+\Z")


def parse(text: str, *, api_version: float = 63.0) -> nodes.Query:
    """The tree of a query; nothing is known yet of objects and fields.

    Raises:
        MalformedQuery: the text breaks the grammar; the message shows where.
        NumberOutsideValidRange: an OFFSET beyond 2000.
    """
    return _Parser(text, tokenize(text), quote_tokens=api_version >= 50.0).whole()


class _Parser:
    """Reads tokens from left to right; every method leaves ``_at`` behind what it read."""

    def __init__(self, text: str, tokens: list[Token], *, quote_tokens: bool) -> None:
        self._text = text
        self._tokens = tokens
        self._quote_tokens = quote_tokens
        self._at = 0
        self._depth = 0

    # -- the query ---------------------------------------------------------------------------------------

    def whole(self) -> nodes.Query:
        query = self._query()
        if self._token.kind is not Kind.END:
            self._unexpected()
        return query

    def _query(self) -> nodes.Query:
        position = self._token.position
        self._expect("SELECT")
        items = self._several(self._item)
        self._expect("FROM")
        sources = self._several(self._source)
        scope, scope_position = None, 0
        if self._accept("USING"):
            self._expect("SCOPE")
            scope_position, scope = self._token.position, self._name()
        where = self._condition() if self._accept("WHERE") else None
        security = self._security() if self._accept("WITH") else None
        grouping, having = None, None
        if self._is("GROUP"):
            grouping = self._grouping()
        if self._accept("HAVING"):
            having = self._condition()
        order: tuple[nodes.Ordering, ...] = ()
        if self._accept("ORDER"):
            self._expect("BY")
            order = self._several(self._ordering)
        limit_position, limit = self._count("LIMIT")
        offset_position, offset = self._count("OFFSET")
        if offset is not None and offset > MAX_OFFSET:
            raise NumberOutsideValidRange(
                f"{caret(self._text, offset_position)}Maximum SOQL offset allowed is {MAX_OFFSET}"
            )
        touch = self._touch()
        return nodes.Query(
            text=self._text,
            position=position,
            items=items,
            sources=sources,
            scope=scope,
            scope_position=scope_position,
            where=where,
            security=security,
            grouping=grouping,
            having=having,
            order=order,
            limit=limit,
            limit_position=limit_position,
            offset=offset,
            offset_position=offset_position,
            touch=touch,
        )

    def _source(self) -> nodes.Source:
        path = self._path()
        if self._accept("AS"):
            return nodes.Source(path, self._name())
        token = self._token
        if token.kind is Kind.NAME and token.word not in _AFTER_SOURCE:
            return nodes.Source(path, self._name())
        return nodes.Source(path, None)

    def _security(self) -> str:
        token = self._token
        word = self._name().upper()
        if word in {"SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"}:
            return word
        if word == "DATA":
            self._expect("CATEGORY")
            # The rest of the clause is not read: whoever resolves the query refuses it.
            while self._token.kind is not Kind.END and not (
                self._token.kind is Kind.NAME and self._token.word in _AFTER_SOURCE - {"WITH", "WHERE", "USING"}
            ):
                self._at += 1
            return "DATA CATEGORY"
        self._unexpected(token)
        return None

    def _grouping(self) -> nodes.Grouping:
        self._expect("GROUP")
        self._expect("BY")
        position = self._token.position
        for kind in ("ROLLUP", "CUBE"):
            if self._is(kind) and self._next_is("("):
                self._at += 2
                operands = self._several(self._operand)
                self._symbol(")")
                return nodes.Grouping(kind, operands, position)
        return nodes.Grouping("PLAIN", self._several(self._operand), position)

    def _ordering(self) -> nodes.Ordering:
        operand = self._operand()
        descending = False
        if self._accept("DESC"):
            descending = True
        else:
            self._accept("ASC")
        nulls_last = False
        if self._accept("NULLS"):
            if self._accept("LAST"):
                nulls_last = True
            else:
                self._expect("FIRST")
        return nodes.Ordering(operand, descending, nulls_last)

    def _count(self, keyword: str) -> tuple[int, int | None]:
        """The number behind LIMIT or OFFSET, with its place, if the keyword is there."""
        if not self._accept(keyword):
            return 0, None
        token = self._token
        if token.kind is Kind.SYMBOL and token.text == ":":
            self._refuse(token, "Bind variables only allowed in Apex code")
        if token.kind is not Kind.NUMBER or not token.text.isdigit():
            if token.kind is Kind.END:
                self._unexpected()
            self._refuse(token, f"expecting a colon, found '{token.text}'")
        self._at += 1
        return token.position, int(token.text) if len(token.text) < 10 else MAX_INT

    def _touch(self) -> tuple[str, ...]:
        """What stands behind LIMIT and OFFSET and does something besides the query."""
        touch: list[str] = []
        while self._is("FOR"):
            self._at += 1
            touch.extend(self._several(lambda: self._one_of("VIEW", "REFERENCE", "UPDATE")))
        if self._accept("UPDATE"):
            touch.extend(self._several(lambda: self._one_of("TRACKING", "VIEWSTAT")))
        if self._is("ALL"):
            token = self._token
            self._at += 1
            self._expect("ROWS")
            self._refuse(token, "ALL ROWS not allowed in this context")
        return tuple(touch)

    # -- SELECT ------------------------------------------------------------------------------------------

    def _item(self) -> nodes.Item:
        token = self._token
        if token.kind is Kind.SYMBOL and token.text == "(":
            self._at += 1
            query = self._nested(self._query)
            self._symbol(")")
            return nodes.ChildQuery(query, token.position)
        if token.kind is not Kind.NAME:
            self._unexpected()
        if token.word == "TYPEOF" and self._tokens[self._at + 1].kind is Kind.NAME:
            return self._type_of()
        if self._next_is("(") and token.word == "FIELDS":
            self._at += 2
            group = self._one_of("ALL", "STANDARD", "CUSTOM")
            self._symbol(")")
            return nodes.FieldsOf(group, token.position)
        if self._next_is("(") and token.word == "COUNT" and self._tokens[self._at + 2].text == ")":
            self._at += 3
            return nodes.CountAll(token.position)
        operand = self._operand()
        return nodes.Selected(operand, self._alias(), token.position)

    def _alias(self) -> str | None:
        """The next name, if a comma, FROM or the end follows it: otherwise it is a misspelt keyword."""
        token = self._token
        if token.kind is not Kind.NAME or token.word == "FROM":
            return None
        following = self._tokens[self._at + 1]
        if following.text == "," or following.word == "FROM" or following.kind is Kind.END:
            self._at += 1
            return token.text
        self._unexpected()
        return None

    def _type_of(self) -> nodes.TypeOf:
        position = self._token.position
        self._expect("TYPEOF")
        relationship = self._path()
        cases: list[tuple[str, int, tuple[nodes.Path, ...]]] = []
        self._require("WHEN")
        while self._accept("WHEN"):
            at = self._token.position
            name = self._name()
            self._expect("THEN")
            cases.append((name, at, self._several(self._path)))
        otherwise = self._several(self._path) if self._accept("ELSE") else ()
        self._expect("END")
        return nodes.TypeOf(relationship, tuple(cases), otherwise, position)

    def _operand(self) -> nodes.Operand:
        token = self._token
        if token.kind is not Kind.NAME:
            self._unexpected()
        if not self._next_is("("):
            return self._path()
        self._at += 1
        if token.word not in FUNCTIONS:
            self._unexpected()
        self._at += 1
        arguments = self._nested(lambda: self._several(self._argument))
        self._symbol(")")
        wanted = 3 if token.word == "DISTANCE" else 1
        if len(arguments) != wanted:
            self._refuse(token, f"{token.text} takes {wanted} argument{'s' if wanted > 1 else ''}")
        return nodes.Call(token.word, arguments, token.position, token.text)

    def _argument(self) -> nodes.Operand | nodes.Geolocation | nodes.Unit:
        token = self._token
        if token.kind is Kind.STRING:
            self._at += 1
            return nodes.Unit(string_value(token), token.position)
        if token.kind is Kind.NAME and token.word == "GEOLOCATION" and self._next_is("("):
            self._at += 2
            latitude = self._coordinate()
            self._symbol(",")
            longitude = self._coordinate()
            self._symbol(")")
            return nodes.Geolocation(latitude, longitude, token.position)
        return self._operand()

    def _coordinate(self) -> float:
        token = self._token
        if token.kind is not Kind.NUMBER:
            self._unexpected()
        self._at += 1
        return float(token.text)

    def _path(self) -> nodes.Path:
        position = self._token.position
        parts = [self._name()]
        while self._token.kind is Kind.SYMBOL and self._token.text == ".":
            self._at += 1
            parts.append(self._name())
        return nodes.Path(tuple(parts), position)

    # -- conditions --------------------------------------------------------------------------------------

    def _condition(self) -> nodes.Condition:
        position = self._token.position
        terms = [self._term()]
        word = self._token.word if self._token.kind is Kind.NAME else ""
        if word not in {"AND", "OR"}:
            return terms[0]
        while self._accept(word):
            terms.append(self._term())
        if self._is("AND") or self._is("OR"):
            # AND and OR have no precedence; a mixture needs parentheses.
            self._unexpected()
        return nodes.And(tuple(terms), position) if word == "AND" else nodes.Or(tuple(terms), position)

    def _term(self) -> nodes.Condition:
        token = self._token
        if self._is("NOT"):
            self._at += 1
            return nodes.Not(self._nested(self._term), token.position)
        if token.kind is Kind.SYMBOL and token.text == "(":
            self._at += 1
            inner = self._nested(self._condition)
            self._symbol(")")
            return inner
        return self._test()

    def _test(self) -> nodes.Condition:
        position = self._token.position
        left = self._operand()
        operator = self._token
        if operator.kind is Kind.SYMBOL and operator.text in COMPARISONS:
            self._at += 1
            text = "!=" if operator.text == "<>" else operator.text
            return nodes.Comparison(left, text, self._value(), position, operator.position)
        if self._accept("LIKE"):
            value = self._value(as_pattern=True)
            return nodes.Comparison(left, "LIKE", value, position, operator.position)
        for word in ("INCLUDES", "EXCLUDES"):
            if self._accept(word):
                return nodes.Membership(left, word, self._values(), position, operator.position)
        negated = False
        if self._is("NOT") and self._tokens[self._at + 1].word == "IN":
            self._at += 1
            negated = True
        if not self._accept("IN"):
            self._unexpected()
        if self._token.text == "(" and self._tokens[self._at + 1].word == "SELECT":
            self._at += 1
            query = self._nested(self._query)
            self._symbol(")")
            return nodes.SemiJoin(left, negated, query, position)
        name = "NOT IN" if negated else "IN"
        return nodes.Membership(left, name, self._values(), position, operator.position)

    def _values(self) -> tuple[nodes.Value, ...]:
        token = self._token
        if token.text != "(":
            if token.text == ":":
                self._refuse(token, "Bind variables only allowed in Apex code")
            if token.kind is Kind.END:
                self._unexpected()
            self._refuse(token, f"expecting a colon, found '{token.text}'")
        self._at += 1
        values = self._several(self._value)
        self._symbol(")")
        return values

    def _value(self, *, as_pattern: bool = False) -> nodes.Value:
        token = self._token
        at = token.position
        self._at += 1
        match token.kind:
            case Kind.STRING:
                return nodes.Literal("string", _text(token, pattern_value if as_pattern else string_value), at)
            case Kind.NUMBER:
                return nodes.Literal("number", _number(token.text), at)
            case Kind.DATE | Kind.DATETIME | Kind.TIME:
                return nodes.Literal(token.kind.value, token.text, at)
            case Kind.NAME:
                return self._word_value(token)
            case _:
                self._at -= 1
                if token.text == ":":
                    self._refuse(token, "Bind variables only allowed in Apex code")
                self._unexpected()
        return None

    def _word_value(self, token: Token) -> nodes.Value:
        at = token.position
        if token.word in {"TRUE", "FALSE"}:
            return nodes.Literal("boolean", token.word == "TRUE", at)
        if token.word == "NULL":
            return nodes.Literal("null", None, at)
        if token.word in PLAIN_LITERALS:
            return nodes.DateLiteral(token.word, None, at)
        if token.word in NUMBERED_LITERALS:
            if self._token.text != ":":
                if self._token.kind is Kind.END:
                    self._unexpected()
                self._refuse(self._token, f"expecting a colon, found '{self._token.text}'")
            self._at += 1
            number = self._token
            if number.kind is not Kind.NUMBER or not number.text.isdigit():
                self._unexpected()
            self._at += 1
            return nodes.DateLiteral(token.word, int(number.text) if len(number.text) < 10 else MAX_INT, at)
        if _CURRENCY.match(token.text):
            amount = token.text[3:]
            if self._token.kind is Kind.NUMBER and self._token.text.startswith("."):
                amount += self._token.text
                self._at += 1
            return nodes.Literal("currency", float(amount), at, currency=token.text[:3].upper())
        # A name where a value should be: another field, or a text without quotes.
        self._refuse(token, "Bind variables only allowed in Apex code")
        return None

    # -- tokens ------------------------------------------------------------------------------------------

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _is(self, keyword: str) -> bool:
        return self._token.kind is Kind.NAME and self._token.word == keyword

    def _next_is(self, symbol: str) -> bool:
        following = self._tokens[min(self._at + 1, len(self._tokens) - 1)]
        return following.kind is Kind.SYMBOL and following.text == symbol

    def _accept(self, keyword: str) -> bool:
        if not self._is(keyword):
            return False
        self._at += 1
        return True

    def _require(self, keyword: str) -> None:
        if not self._is(keyword):
            self._unexpected()

    def _expect(self, keyword: str) -> None:
        self._require(keyword)
        self._at += 1

    def _one_of(self, *keywords: str) -> str:
        for keyword in keywords:
            if self._accept(keyword):
                return keyword
        self._unexpected()
        return None

    def _symbol(self, symbol: str) -> None:
        if self._token.kind is not Kind.SYMBOL or self._token.text != symbol:
            self._unexpected()
        self._at += 1

    def _name(self) -> str:
        token = self._token
        if token.kind is not Kind.NAME:
            self._unexpected()
        self._at += 1
        return token.text

    def _several(self, read: Callable[[], T]) -> tuple[T, ...]:
        found = [read()]
        while self._token.kind is Kind.SYMBOL and self._token.text == ",":
            self._at += 1
            found.append(read())
        return tuple(found)

    def _nested(self, read: Callable[[], T]) -> T:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise MalformedQuery("unknown parse error")
        found = read()
        self._depth -= 1
        return found

    def _refuse(self, token: Token, message: str) -> NoReturn:
        raise MalformedQuery(caret(self._text, token.position) + message)

    def _unexpected(self, token: Token | None = None) -> NoReturn:
        token = token or self._token
        shown = f"'{token.text}'" if self._quote_tokens else token.text
        if token.kind is Kind.END:
            raise MalformedQuery(f"unexpected token: {shown}")
        self._refuse(token, f"unexpected token: {shown}")


def _text(token: Token, read: Callable[[Token], str]) -> str:
    """The value of a quoted text in a condition, of at most 4000 characters."""
    value = read(token)
    if len(value) > MAX_STRING:
        raise InvalidField(f"maximum length of a literal in a filter is {MAX_STRING} characters")
    return value


def _number(text: str) -> int | float:
    """A number that SQLite can hold: an integer beyond 64 bits becomes a float."""
    if text.lstrip("+-").isdigit() and len(text) < 19:
        return int(text)
    return float(text)
