from __future__ import annotations

import pytest

from fakes.kit.clock import VirtualClock
from fakes.kit.scenario import MarketoPart
from fakes.marketo.app import create_app
from fakes.marketo.instance import Instance

from .calls import Calls

EARLY = "2026-01-01T00:00:00Z"


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def build(clock):
    """How to make an instance: by default an empty one with a native sync."""
    built = []

    def make(crm_sync="native", *, data=None, seed=1, **part):
        instance = Instance.build(MarketoPart(crm_sync=crm_sync, **part), clock=clock, seed=seed, data=data)
        built.append(instance)
        return instance

    yield make
    for instance in built:
        instance.close()


@pytest.fixture
def instance(build):
    return build()


@pytest.fixture
def app(instance):
    return app_of(instance)


@pytest.fixture
def api(app):
    """An ordinary API user's calls."""
    return Calls(app)


@pytest.fixture
def connector(app):
    """The native sync's own user's calls."""
    return Calls(app, "marketo-connector", "marketo-connector-secret")


def app_of(instance):
    app = create_app(instance)
    app.testing = True
    return app
