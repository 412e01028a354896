"""An org in memory, its clock, and how a test makes one of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fakes.kit.clock import VirtualClock
from fakes.kit.scenario import SalesforcePart, UserSpec
from fakes.salesforce.org import Org

SYNC, ADMIN = "sync@syncrig.test", "admin@syncrig.test"


@pytest.fixture
def clock():
    return VirtualClock(datetime(2026, 1, 5, 9, tzinfo=UTC))


@pytest.fixture
def build(clock):
    """Makes an org with the words of a scenario's ``salesforce`` part."""

    def make(*, data=None, strict=False, seed=0, **words):
        users = words.pop("users", [UserSpec(SYNC, profile="Marketo Sync", sync_user=True), UserSpec(ADMIN)])
        part = replace(SalesforcePart(), users=users, **words)
        return Org.build(part, clock=clock, seed=seed, data=data, strict=strict)

    return make


@pytest.fixture
def org(build):
    return build()
