"""Fields by the words of a feature."""

import pytest

from fakes.pytest_plugin.drivers import shown, typed
from fakes.pytest_plugin.words import WORDS, NoSuchField, marketo_name, salesforce_name
from syncengine.mapping import PRESET


@pytest.mark.parametrize(
    ("word", "lead", "contact", "marketo"),
    [
        ("Phone", "Phone", "Phone", "phone"),
        ("City", "City", "MailingCity", "city"),
        ("Region__c", "Region__c", "Region__c", "Region__c"),
        ("leadScore", "leadScore", "leadScore", "leadScore"),
    ],
)
def test_a_word_is_the_field_of_each_side(word, lead, contact, marketo):
    assert salesforce_name(word, "Lead") == lead
    assert salesforce_name(word, "Contact") == contact
    assert marketo_name(word) == marketo


def test_a_field_that_a_contact_does_not_have_is_said_so():
    with pytest.raises(NoSuchField, match="a Contact has no Rating; it stands on the Lead only"):
        salesforce_name("Rating", "Contact")


def test_other_sobjects_keep_their_names():
    assert salesforce_name("City", "Account") == "City"


@pytest.mark.parametrize("word", WORDS)
def test_the_standard_words_are_those_that_the_installed_engine_maps(word, mapped):
    known = WORDS[word]

    assert known.lead is None or mapped["Lead"].get(known.lead) == known.marketo
    assert known.contact is None or mapped["Contact"].get(known.contact) == known.marketo


@pytest.fixture(scope="module")
def mapped():
    """Salesforce field to lead field, by sobject, as the engine has them."""
    return PRESET


@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        ("string", "12", "12"),
        ("boolean", "true", True),
        ("boolean", "maybe", "maybe"),
        ("double", "12.50", 12.5),
        ("int", "12", 12),
        ("int", "many", "many"),
        ("date", "2026-01-31", "2026-01-31"),
        ("string", "", None),
    ],
)
def test_a_text_becomes_a_value_of_the_field_s_type(kind, said, value):
    assert typed(kind, said) == value


@pytest.mark.parametrize(("value", "said"), [(None, ""), (True, "true"), (12.0, "12"), (12.5, "12.5"), ("a", "a")])
def test_a_value_as_a_feature_writes_it(value, said):
    assert shown(value) == said
