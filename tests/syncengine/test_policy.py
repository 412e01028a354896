"""Who wins a conflict."""

from datetime import UTC, datetime, timedelta

import pytest

from syncengine.model import Shown, Side
from syncengine.policy import PRESETS, Policy, Rule

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("preset", "lead", "contact"),
    [
        ("marketo-native", "marketo", "salesforce"),
        ("marketo-wins", "marketo", "marketo"),
        ("salesforce-wins", "salesforce", "salesforce"),
        ("ask", None, None),
    ],
)
def test_presets(preset, lead, contact):
    policy = Policy(preset)

    winners = [policy.winner(sobject, "Title", "title", None, None)[0] for sobject in ("Lead", "Contact")]

    assert winners == [lead and Side(lead), contact and Side(contact)]


@pytest.mark.parametrize(
    ("minutes", "winner"),
    [(1, Side.MARKETO), (0, Side.MARKETO), (-1, Side.SALESFORCE)],
)
def test_newest_compares_the_fields_time_with_the_records(minutes, winner):
    salesforce = Shown({}, at=NOON)
    marketo = Shown({}, field_times={"title": NOON + timedelta(minutes=minutes)})

    assert Policy("newest").winner("Lead", "Title", "title", salesforce, marketo) == (winner, Rule.NEWEST)


def test_newest_without_times_decides_as_the_native_sync():
    assert Policy("newest").winner("Contact", "Title", "title", None, None)[0] is Side.SALESFORCE


def test_a_field_beats_its_object_and_an_object_the_preset():
    policy = Policy.of("marketo-native", {"Lead": "salesforce", "Lead.Phone": "ask"})

    assert policy.rule("Lead", "Title") is Rule.SALESFORCE
    assert policy.rule("Lead", "Phone") is Rule.ASK
    assert policy.rule("Contact", "Title") is Rule.SALESFORCE


def test_an_unknown_preset_is_named_with_those_that_are():
    with pytest.raises(ValueError, match="unknown policy 'mine': one of marketo-native"):
        Policy.of("mine", {})


def test_every_preset_knows_both_objects():
    assert all(set(rules) == {"Lead", "Contact"} for rules in PRESETS.values())
