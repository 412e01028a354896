"""An app on a port: answers, frees the port, drops connections when told, speaks TLS."""

import socket

import pytest
import requests

from fakes.kit import tls
from fakes.kit.serve import PortInUse, serve

from .stand_in import StandIn, app_of


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return tls.create(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["plain", "tls"])
def served(request):
    authority = request.getfixturevalue("authority") if request.param == "tls" else None
    served = serve(app_of(StandIn()), tls=authority)
    yield served
    served.close()


@pytest.fixture
def session(authority):
    session = requests.Session()
    session.trust_env = False
    session.verify = str(authority.authority)
    yield session
    session.close()


def test_it_answers_on_a_free_port(served, session):
    assert session.post(f"{served.url}/notes", json={"text": "hello"}).status_code == 201
    assert session.get(f"{served.url}/notes").json() == {"notes": ["hello"]}


def test_the_date_header_is_the_fakes_own(served, session):
    assert session.get(f"{served.url}/notes").headers["Date"] == "Mon, 05 Jan 2026 09:00:00 GMT"


def test_a_dropped_connection_has_no_answer(served, session):
    session.post(f"{served.url}/_fake/faults", json={"do": {"drop": "after"}})

    with pytest.raises(requests.ConnectionError):
        session.post(f"{served.url}/notes", json={"text": "hello"})

    assert session.get(f"{served.url}/notes").json() == {"notes": ["hello"]}


def test_without_the_authority_tls_is_not_trusted(authority):
    served = serve(app_of(StandIn()), tls=authority)
    try:
        with requests.Session() as session:
            session.trust_env = False
            with pytest.raises(requests.exceptions.SSLError):
                session.get(f"{served.url}/notes")
    finally:
        served.close()


def test_a_closed_port_can_be_used_again():
    first = serve(app_of(StandIn()))
    port = int(first.url.rpartition(":")[2])
    first.close()

    second = serve(app_of(StandIn()), port=port)

    second.close()


def test_a_port_in_use_is_named_with_the_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(PortInUse, match=f"127.0.0.1:{port}.*another port"):
            serve(app_of(StandIn()), port=port)


def test_the_private_key_is_for_its_owner_alone(authority):
    assert authority.key.stat().st_mode & 0o077 == 0
