"""Sessions, plain http on this machine, and the request log."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import requests

from syncengine.clients.dates import marketo_datetime, parse_datetime, salesforce_datetime
from syncengine.clients.errors import Fatal, Retry, Unanswered
from syncengine.clients.salesforce import SalesforceClient, SalesforceSettings
from syncengine.clients.transport import Backoff, Transport, is_loopback, new_session, speak_plainly

from .conftest import SF


class Org(BaseHTTPRequestHandler):
    """The least of a Salesforce, over a real socket; a describe of Broken ends before its time."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if "oauth2" in self.path:
            host = f"http://{self.headers['Host']}"
            self.answer({"access_token": "token", "instance_url": host, "id": f"{host}/id/00D/005"})
        else:
            self.answer([{"id": "00Q1"}], cut=True)

    def do_GET(self):
        self.answer({"totalSize": 0, "done": True, "records": []})

    def answer(self, body, *, cut=False):
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json;charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:5] if cut else content)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def org():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Org)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(org):
    client = SalesforceClient(SalesforceSettings(org, "client", "secret"), sleep=lambda _: None)
    yield client
    client.close()


class TestPlainHttpOnThisMachine:
    def test_reaches_a_fake_that_speaks_no_tls_although_simple_salesforce_insists_on_it(self, client):
        assert list(client.query("SELECT Id FROM Lead")) == []

    def test_is_refused_to_any_other_machine(self):
        with pytest.raises(Fatal, match="https"):
            speak_plainly(requests.Session(), "http://salesforce.example.com")

    def test_an_answer_cut_on_a_real_socket_leaves_a_create_unanswered(self, client):
        with pytest.raises(Unanswered, match="cut short"):
            client.create("Lead", [{"LastName": "Berg"}])

    def test_a_port_where_nobody_listens_is_tried_again_and_left_for_later(self):
        client = SalesforceClient(SalesforceSettings("http://127.0.0.1:9", "client"), sleep=lambda _: None)

        with pytest.raises(Retry, match=r"nobody answers at http://127.0.0.1:9"):
            _ = client.user_id

    @pytest.mark.parametrize(
        ("url", "stays"),
        [
            ("http://127.0.0.1:8101", True),
            ("http://[::1]:8101", True),
            ("http://localhost", True),
            ("http://salesforce.test", True),
            ("http://10.0.0.1", False),
            ("http://localhost.example.com", False),
        ],
    )
    def test_knows_what_stays_here(self, url, stays):
        assert is_loopback(url) is stays


class TestSession:
    def test_no_netrc_file_replaces_the_token(self, requests_mock, tmp_path, monkeypatch):
        netrc = tmp_path / "netrc"
        netrc.write_text("machine acme.example.com login somebody password else\n")
        monkeypatch.setenv("NETRC", str(netrc))
        requests_mock.get("https://acme.example.com/", text="")

        new_session("https://acme.example.com").get(
            "https://acme.example.com/", headers={"Authorization": "Bearer token"}
        )

        assert requests_mock.last_request.headers["Authorization"] == "Bearer token"

    def test_transports_are_mounted_before_anything_is_sent(self):
        mounted = []

        session = new_session(SF, mount=mounted.append)

        assert mounted == [session]


class TestLog:
    def test_keeps_what_was_asked_and_how_it_went_but_no_secret_and_no_person(self, requests_mock):
        session = requests.Session()
        transport = Transport(session, system="Salesforce", sleep=lambda _: None, backoff=Backoff(tries=1))
        requests_mock.get(f"{SF}/services/data/v63.0/query", text="")

        transport.call("asking", lambda: session.get(f"{SF}/services/data/v63.0/query?q=anna"), repeatable=True)

        (line,) = transport.log
        assert (line.system, line.method, line.path, line.status) == (
            "Salesforce",
            "GET",
            "/services/data/v63.0/query",
            200,
        )


class TestDates:
    @pytest.mark.parametrize(
        "text",
        [
            "2026-02-01T10:00:00.000+0000",
            "2026-02-01T10:00:00Z",
            "2026-02-01 10:00:00",
            "2026-02-01T10:00:00Z+0000",
            "2026-02-01T11:00:00+01:00",
        ],
    )
    def test_every_spelling_of_the_vendors_names_the_same_instant(self, text):
        assert salesforce_datetime(parse_datetime(text)) == "2026-02-01T10:00:00.000Z"
        assert marketo_datetime(parse_datetime(text)) == "2026-02-01T10:00:00Z"
