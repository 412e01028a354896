"""The sentences of steps as a parser."""

import pytest

from fakes.pytest_plugin.phrases import Phrase


@pytest.mark.parametrize(
    ("sentence", "line", "arguments"),
    [
        pytest.param("a sync cycle runs", "a sync cycle runs", {}, id="no place"),
        pytest.param(
            'the {field} of "{email}" becomes "{value}" in Marketo',
            'the Phone of "ada@example.com" becomes "555-0199" in Marketo',
            {"field": "Phone", "email": "ada@example.com", "value": "555-0199"},
            id="a word and texts",
        ),
        pytest.param('it says "{text}"', 'it says ""', {"text": ""}, id="a text may be empty"),
        pytest.param('it says "{text}"', r'it says "a \"b\" c"', {"text": 'a "b" c'}, id="a quote in a text"),
        pytest.param("{count:d} cycles", "12 cycles", {"count": 12}, id="a number"),
        pytest.param(
            "{sobject}.{field} (all)", "Lead.Region__c (all)", {"sobject": "Lead", "field": "Region__c"}, id="dots"
        ),
    ],
)
def test_what_a_line_says(sentence, line, arguments):
    phrase = Phrase(sentence)

    assert phrase.is_matching(line)
    assert phrase.parse_arguments(line) == arguments


@pytest.mark.parametrize(
    ("sentence", "line"),
    [
        pytest.param('the person "{email}"', 'the person "a" and "b"', id="a text ends at its quote"),
        pytest.param("no field {field}", "no field Phone number", id="a word is one word"),
        pytest.param("{count:d} cycles", "some cycles", id="a number is digits"),
        pytest.param("a cycle (dry)", "a cycle dry", id="punctuation is meant as it stands"),
    ],
)
def test_what_a_line_does_not_say(sentence, line):
    assert not Phrase(sentence).is_matching(line)
    assert Phrase(sentence).parse_arguments(line) is None


def test_places_are_named_from_left_to_right():
    assert Phrase('the {field} of "{email}" {count:d} times').places == ["field", "email", "count"]
