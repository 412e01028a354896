"""Record ids in both lengths. Source: Salesforce help, "ID Field Type"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.salesforce.ids import IdSequence, canonical, looks_like_id, to_18

ID_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
FIFTEEN = st.text(ID_CHARACTERS, min_size=15, max_size=15)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("0015f00000AbCdE", "0015f00000AbCdEAAV"),
        ("000000000000000", "000000000000000AAA"),
        ("ABCDEABCDEABCDE", "ABCDEABCDEABCDE555"),
    ],
)
def test_three_characters_tell_which_of_the_fifteen_are_capitals(short, long):
    assert to_18(short) == long


@given(FIFTEEN)
def test_a_lost_case_is_repaired_from_the_last_three(short):
    long = to_18(short)

    assert canonical(short) == canonical(long) == long
    assert canonical(long[:15].lower() + long[15:]) == long
    assert canonical(long[:15].upper() + long[15:]) == long


@pytest.mark.parametrize("text", ["", "abc", "0015f00000AbCd", "0015f00000AbCdE!", "0015f00000AbCdE999", "é" * 15])
def test_what_has_not_the_form_of_an_id_is_none(text):
    assert canonical(text) is None


def test_a_text_of_an_ids_length_looks_like_one():
    assert looks_like_id("0015f00000AbCdE999")
    assert not looks_like_id("tmp_1")


def test_a_sequence_counts_upwards_for_each_prefix():
    sequence = IdSequence()
    made = [sequence.next("00Q") for _ in range(100)]

    assert made == sorted(made)
    assert len(set(made)) == 100
    assert all(canonical(each) == each for each in made)
    assert sequence.next("003").startswith("003")


def test_a_sequence_goes_on_behind_the_last_id_of_a_file():
    first, second = IdSequence(), IdSequence()
    for _ in range(70):
        last = first.next("00Q")
    second.start_after(last)

    assert second.next("00Q") == first.next("00Q")
