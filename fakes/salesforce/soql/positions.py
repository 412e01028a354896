"""Where in the query something is wrong, as Salesforce shows it: a piece of the line, a caret, row and column.

The piece begins at the word border next before 40 characters to the left and ends at most 40 to the right. Worked
out from answers that users of SalesforceSharp, simple-salesforce and SwiftlySalesforce printed in their bug reports.
"""

from __future__ import annotations

REACH = 40


def caret(text: str, position: int) -> str:
    """The block that precedes a message about the token at ``position``; it begins and ends with a line break."""
    row, start, line = _line(text, position)
    column = position - start
    return _block(line, column, column, row, column + 1)


def lexical_caret(text: str, position: int) -> str:
    """The block for a character that fits nowhere: the column counts from 0 and the caret stands one to the left.

    So it is on the wire; it is the one place where the numbers differ from :func:`caret`.
    """
    row, start, line = _line(text, position)
    column = position - start
    return _block(line, column, max(column - 1, 0), row, column)


def line_and_column(text: str, position: int) -> str:
    """``1:87``: the row from 1 and the column from 0, as lexical errors repeat it in their text."""
    row, start, _ = _line(text, position)
    return f"{row}:{position - start}"


def _line(text: str, position: int) -> tuple[int, int, str]:
    before = text[:position]
    start = before.rfind("\n") + 1
    end = text.find("\n", position)
    return before.count("\n") + 1, start, text[start : len(text) if end < 0 else end]


def _block(line: str, at: int, caret_at: int, row: int, column: int) -> str:
    left = _border(line, 0, at - REACH + 1) + 1 if at > REACH else 0
    right = len(line)
    if right - at > REACH:
        border = _border(line, at, at + REACH + 1)
        right = border if border > at else at + REACH
    piece = line[left:right].rstrip(" ,") if right < len(line) else line[left:]
    return f"\n{piece}\n{' ' * (caret_at - left)}^\nERROR at Row:{row}:Column:{column}\n"


def _border(line: str, start: int, end: int) -> int:
    """The last blank or comma in this part of the line, or -1: field lists are often written without blanks."""
    return max(line.rfind(" ", start, end), line.rfind(",", start, end))
