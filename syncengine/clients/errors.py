"""What went wrong at a vendor, sorted by what the caller can do next.

========================  ==============================================================================
:class:`Retry`            nothing is wrong with the request: the same one can succeed later
:class:`Unanswered`       a write may have happened, or not: look for its effect before doing it again
:class:`Reauthenticate`   a new token was refused as well: later, or with other credentials
:class:`RecordRefused`    this record or request is refused; the others can go on
:class:`Fatal`            nothing can go on until a person changes something
========================  ==============================================================================
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class ClientError(Exception):
    """A call to a vendor that gave no answer we can use.

    ``results`` are the answers for the first rows of a call that is sent in several batches: those rows are
    done, and the error is about the rows after them.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.results: tuple[Any, ...] = ()


class Retry(ClientError):
    """The same request can succeed later; ``after`` says in how many seconds, where the vendor said so."""

    def __init__(self, message: str, *, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class Unanswered(Retry):
    """A write was sent and its answer never came: it may have happened.

    ``uncertain`` is how many rows this holds for: the rows after ``results``, in order. Rows after those were
    not sent.
    """

    def __init__(self, message: str, *, uncertain: int = 0) -> None:
        super().__init__(message)
        self.uncertain = uncertain


class Reauthenticate(Retry):
    """The vendor refused a token that it had only just given."""


class RecordRefused(ClientError):
    """The vendor refuses this one record or request, with its own code and words; others can go on."""

    def __init__(self, code: str, message: str, fields: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.fields = tuple(fields)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class Fatal(ClientError):
    """Nothing can go on until a person changes something: credentials, permissions, an address."""
