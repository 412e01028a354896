"""The console: both sides, the activity log and the engine's last plan on one page."""

import pytest
import requests

from fakes.console.app import create_app
from fakes.console.people import people
from fakes.kit.scenario import parse
from fakes.world import World

SCENARIO = """\
salesforce:
  records:
    Account: [{ref: fjord, Name: Fjord}]
    Lead:
      - {ref: anna, FirstName: Anna, LastName: Berg, Company: Acme, Email: anna@example.com, Phone: "1"}
      - {ref: script, LastName: "<script>alert(1)</script>", Company: Acme}
    Contact: [{ref: grace, LastName: Okafor, AccountId: "@fjord", MailingCity: Bergen}]
marketo:
  persons:
    - {ref: anna, firstName: Anna, lastName: Berg, email: ANNA@example.com, phone: "2"}
    - {ref: tom, lastName: Fletcher, email: tom@example.com}
links: [[anna, anna]]
"""


@pytest.fixture
def world():
    world = World.build(parse(SCENARIO))
    yield world
    world.close()


def page(world, query=""):
    answer = create_app(world).test_client().get(f"/{query}")
    assert answer.status_code == 200
    return answer


def person(world, name):
    return next(person for person in people(world.org, world.instance) if person.name == name)


def test_a_linked_person_is_one_entry_with_both_sides(world):
    anna = person(world, "Anna Berg")

    assert (anna.sobject, anna.salesforce_id) == ("Lead", world.org.refs["anna"])
    assert anna.marketo_id == world.instance.refs["anna"]
    assert {cell.label for cell in anna.cells if not cell.differs} == {"Name", "Email"}


def test_somebody_on_one_side_only_is_shown_as_such(world):
    assert person(world, "Fletcher").salesforce_id is None
    assert person(world, "Okafor").marketo_id is None


def test_a_contact_shows_its_accounts_name_and_its_mailing_city(world):
    shown = {cell.label: cell.salesforce for cell in person(world, "Okafor").cells}

    assert (shown["Company"], shown["City"]) == ("Fjord", "Bergen")


def test_the_page_shows_the_activity_log(world):
    assert "New Lead" in page(world, "?search=tom").text


def test_the_search_finds_by_any_value(world):
    found = page(world, "?search=BERGEN").text

    assert "Okafor" in found
    assert "Fletcher" not in found


def test_values_are_text_and_never_markup(world):
    assert "<script>alert" not in page(world).text


def test_no_script_and_nothing_from_elsewhere_may_run_on_it(world):
    assert page(world).headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_without_an_engine_it_says_how_to_start_one(world):
    assert "--engine auto" in page(world).text


def test_an_engine_that_does_not_answer_is_named(world, requests_mock):
    requests_mock.get("http://127.0.0.1:1/status", exc=requests.ConnectionError("refused"))

    answer = create_app(world, "http://127.0.0.1:1").test_client().get("/").text

    assert "http://127.0.0.1:1 does not answer" in answer


def test_the_last_plan_lists_actions_conflicts_and_refusals(world, requests_mock):
    last = {
        "run": "r1",
        "policy": "marketo-native",
        "write": True,
        "started": "2026-01-05T09:00:00Z",
        "ended": "2026-01-05T09:00:01Z",
        "calls": {"salesforce": 2, "marketo": 3},
        "actions": [
            {
                "action": "update",
                "side": "salesforce",
                "sobject": "Lead",
                "salesforceId": "00Q1",
                "marketoId": 7,
                "fields": {"Phone": "2"},
                "reason": "changed in Marketo",
                "outcome": "done",
            }
        ],
        "conflicts": [{"sobject": "Lead", "field": "Title", "salesforce": "a", "marketo": "b", "winner": "marketo"}],
        "refused": [{"sobject": "Lead", "salesforceId": "00Q1", "marketoId": 7, "code": "X", "message": "No."}],
    }
    requests_mock.get("http://127.0.0.1:1/status", json={"last": last})

    text = create_app(world, "http://127.0.0.1:1").test_client().get("/").text

    for shown in ("changed in Marketo", "Lead.Title", "X: No."):
        assert shown in text
