"""What can be wrong with a formula, in Salesforce's words.

Source: the label file of the open-sourced engine (salesforce/formula-engine, ``labels.xml``); the org's editor shows
the same texts with ``Error:`` in front.
"""

from __future__ import annotations


class FormulaError(Exception):
    """A formula that cannot be compiled: what the org's editor says, and where.

    Attributes:
        message: one line, as Salesforce words it.
        position: offset of the first character concerned, from 0.
        line: from 1.
        column: from 1, in characters.
    """

    def __init__(self, message: str, position: int = 0, text: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.line = 1
        self.column = 1
        self.locate(text)

    def locate(self, text: str) -> None:
        """Works out line and column in ``text``; the stages that know a position only do not have the text."""
        before = text[: self.position].replace("\r\n", "\n").replace("\r", "\n")
        self.line = before.count("\n") + 1
        self.column = len(before) - (before.rfind("\n") + 1) + 1

    def caret(self, text: str) -> str:
        """The line of the formula that is wrong, with a caret under the place."""
        lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        line = lines[self.line - 1] if self.line <= len(lines) else ""
        shown = "".join(
            character if character.isprintable() or character == "\t" else "\N{REPLACEMENT CHARACTER}"
            for character in line
        )
        indent = "".join("\t" if character == "\t" else " " for character in shown[: self.column - 1])
        return f"{shown}\n{indent}^"


class WholeFormulaError(FormulaError):
    """What is wrong is not one place but the formula with all the formula fields that it refers to."""


class FormulaRunError(Exception):
    """A formula that compiled and cannot be evaluated for this record: ``#Error!`` on a page."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class DivisionByZero(FormulaRunError):
    """A quotient or remainder by zero."""

    def __init__(self) -> None:
        super().__init__("Division by zero")


class NotANumber(FormulaRunError):
    """A text that VALUE cannot read, or a result outside the real numbers."""

    def __init__(self, value: str) -> None:
        super().__init__(f"The value '{value}' is not a valid number.")


class TooBig(FormulaRunError):
    """A number with more digits than Salesforce shows."""

    def __init__(self) -> None:
        super().__init__("#Too Big!")


def syntax_error(position: int) -> FormulaError:
    """Characters that are no token: an unclosed text or comment, a bad escape, an underscore in front."""
    return FormulaError("Syntax error", position)


def missing(token: str, position: int) -> FormulaError:
    """Something else stands where ``token`` has to."""
    return FormulaError(f"Syntax error.  Missing '{token}'", position)


def found(token: str, position: int) -> FormulaError:
    """``token`` stands where a value has to begin."""
    return FormulaError(f"Syntax error.  Found '{token}'", position)


def surplus(token: str, position: int, *, name: bool) -> FormulaError:
    """The formula was complete before ``token``; Salesforce writes names without quotes."""
    return FormulaError(f"Syntax error. Extra {token}" if name else f"Syntax error. Extra '{token}'", position)


def wrong_type(where: str, expected: str, received: str, position: int) -> FormulaError:
    """An argument of another type than the function or operator takes."""
    return FormulaError(f"Incorrect parameter type for {where}. Expected {expected}, received {received}", position)


def illegal_type(where: str, position: int) -> FormulaError:
    """An argument of a type that the function refuses without saying what it would take."""
    return FormulaError(f"Incorrect argument type for {where}. ", position)


def wrong_count(where: str, expected: int, received: int, position: int) -> FormulaError:
    """Too few or too many arguments."""
    return FormulaError(
        f"Incorrect number of parameters for {where}. Expected {expected}, received {received}", position
    )


def unknown_field(name: str, position: int) -> FormulaError:
    """A name that is no field and no global."""
    return FormulaError(f"Field {name} does not exist. Check spelling.", position)


def unknown_function(name: str, position: int) -> FormulaError:
    """A call of something that Salesforce does not have."""
    return FormulaError(f"Unknown function {name}. Check spelling.", position)


def picklist_misplaced(name: str, position: int, *, several: bool) -> FormulaError:
    """A picklist where a text has to stand."""
    kind, kinds = ("multi-select picklist", "Multi-select picklist") if several else ("picklist", "Picklist")
    return FormulaError(
        f"Field {name} is a {kind} field. {kinds} fields are only supported in certain functions.", position
    )


def not_here(function: str, position: int) -> FormulaError:
    """A function that this kind of formula may not use."""
    return FormulaError(f"Function {function} may not be used in this type of formula", position)


def field_not_for(function: str, name: str, position: int) -> FormulaError:
    """ISCHANGED or PRIORVALUE of something that has no prior value."""
    return FormulaError(f"The {function} function cannot reference the {name} field.", position)


def wrong_result(expected: str, received: str) -> FormulaError:
    """The whole formula yields another type than its field."""
    return FormulaError(
        f"Formula result is data type ({received}), incompatible with expected data type ({expected}).", 0
    )


def too_long(length: int, limit: int) -> FormulaError:
    """More characters than a formula may have."""
    return FormulaError(f"Formula is too long ({length:,} characters).  Maximum length is {limit:,} characters", 0)


def refers_to_itself(name: str, position: int) -> WholeFormulaError:
    """A formula field that needs its own value."""
    return WholeFormulaError(
        f"Formula cannot use another formula field that directly or indirectly refers to itself. {name}", position
    )


def too_big(position: int) -> WholeFormulaError:
    """More pieces than this interpreter follows; Salesforce limits the size of the generated SQL instead."""
    return WholeFormulaError("Compiled formula is too big to execute", position)


def nested_too_deeply(limit: int, position: int) -> FormulaError:
    """More levels than this interpreter follows; the wording is ours."""
    return FormulaError(f"Formula is nested too deeply. Maximum depth is {limit} levels", position)
