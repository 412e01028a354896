"""People in bulk: the same seed, the same people."""

import pytest

from fakes.kit.people import people


def test_the_same_seed_gives_the_same_people():
    assert list(people(7, 20, ("en_US", "sv_SE"))) == list(people(7, 20, ("en_US", "sv_SE")))


def test_another_seed_gives_others():
    assert list(people(7, 5)) != list(people(8, 5))


def test_addresses_are_unique_ascii_and_belong_to_nobody():
    emails = [person["Email"] for person in people(1, 300, ("en_US", "sv_SE", "ja_JP"))]

    assert len(set(emails)) == 300
    assert all(email.isascii() and email.endswith(".example.com") for email in emails)


def test_an_unknown_locale_is_named():
    with pytest.raises(ValueError, match="xx_XX"):
        next(people(1, 1, ("xx_XX",)))
