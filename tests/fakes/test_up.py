"""``from fakes import up``: a world on sockets for as long as a block lasts."""

from datetime import timedelta

import pytest
import requests

from fakes import up
from fakes.world import NotModelled


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_both_systems_answer_and_share_the_clock(session):
    with up(scenario="starter") as world:
        world.clock.advance(timedelta(minutes=5))

        times = [session.get(f"{fake.url}/_fake/clock").json()["now"] for fake in (world.salesforce, world.marketo)]

        assert times[0] == times[1]
        assert world.env["SF_URL"] == world.salesforce.url


def test_after_the_block_nobody_answers(session):
    with up() as world:
        pass

    with pytest.raises(requests.ConnectionError):
        session.get(f"{world.salesforce.url}/services/data")


def test_strict_tells_at_the_end_what_is_not_modelled(session):
    with pytest.raises(NotModelled, match="marketo"), up(strict=True) as world:
        token = session.get(
            f"{world.marketo.url}/identity/oauth/token",
            params={
                "grant_type": "client_credentials",
                "client_id": world.env["MKTO_CLIENT_ID"],
                "client_secret": world.env["MKTO_CLIENT_SECRET"],
            },
        ).json()["access_token"]
        session.get(f"{world.marketo.url}/rest/asset/v1/emails.json", headers={"Authorization": f"Bearer {token}"})
