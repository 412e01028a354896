from __future__ import annotations

import pytest

from tests.fakes.salesforce.soql.world import World


@pytest.fixture
def world() -> World:
    return World()
