"""What stops a cycle or a command for reasons of our own; what the vendors say stands in ``clients.errors``."""

from __future__ import annotations

from typing import ClassVar


class SyncError(Exception):
    """A reason to stop, in one line for a person. ``exit_code`` is the command's, as in the design's 2.1."""

    exit_code: ClassVar[int] = 3


class Busy(SyncError):
    """Another process holds the lease of this cycle or person: nothing was done, try again."""

    exit_code = 4


class NeedsPerson(SyncError):
    """Somebody must look: going on by itself could write what nobody meant."""


class SetupMissing(NeedsPerson):
    """Marketo lacks what the sync keeps there; ``syncengine init --write`` makes it."""


class StateError(SyncError):
    """The state database cannot be opened, or was made by a newer version of the engine."""
