from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.marketo.errors import InvalidValue
from fakes.marketo.values import DATA_TYPES, as_text, coerce, parse_datetime, render


def through(data_type, value, length=None):
    return render(data_type, coerce("shoe", data_type, length, value))


class TestFieldTypes:
    """Source: Marketo developer guide, "Field Types"; each refused value was recorded from a real instance."""

    @pytest.mark.parametrize(
        ("data_type", "sent", "kept"),
        [
            ("string", "Åse", "Åse"),
            ("string", 12, "12"),
            ("string", " a ", " a "),
            ("string", "", None),
            ("email", " Kim@Example.org ", "Kim@Example.org"),
            ("integer", 5, 5),
            ("integer", "5", 5),
            ("integer", 5.0, 5),
            ("integer", 2**63 - 1, 2**63 - 1),
            ("score", "-3", -3),
            ("percent", 99, 99),
            ("percent", 99.5, 99.5),
            ("float", "5.4", 5.4),
            ("float", 5, 5),
            ("currency", 34.66, 34.66),
            ("boolean", "true", True),
            ("boolean", 1, True),
            ("boolean", "0", False),
            ("boolean", None, False),
            ("boolean", "", False),
            ("date", "2020-08-30", "2020-08-30"),
            ("date", "2020-08-30T23:00:00-05:00", "2020-08-30"),
            ("datetime", "2020-08-30T05:49:48.000Z", "2020-08-30T05:49:48Z"),
            ("datetime", "2020-08-30T05:49:48+0200", "2020-08-30T03:49:48Z"),
            ("datetime", "2020-08-30", "2020-08-30T00:00:00Z"),
            ("url", "not checked", "not checked"),
            ("phone", "+47 1", "+47 1"),
        ],
    )
    def test_kept(self, data_type, sent, kept):
        assert through(data_type, sent) == kept

    @pytest.mark.parametrize(
        ("data_type", "sent", "quoted"),
        [
            ("integer", 14.1, "14.1"),
            ("integer", "14.1", "14.1"),
            ("integer", 2**63, "9223372036854775808"),
            ("integer", True, "true"),
            ("integer", "٣", "٣"),
            ("percent", "100%", "100%"),
            ("float", "14c", "14c"),
            ("float", "1e999", "1e999"),
            ("boolean", "other", "other"),
            ("boolean", 2, "2"),
            ("datetime", "yesterday", "yesterday"),
            ("datetime", 20200830, "20200830"),
            ("date", "30.08.2020", "30.08.2020"),
            ("date", "2020-13-01", "2020-13-01"),
            ("email", "nobody", "nobody"),
            ("email", "åse@example.org", "åse@example.org"),
            ("email", 12, "12"),
            ("string", ["a"], "['a']"),
            ("string", {"a": 1}, "{'a': 1}"),
        ],
    )
    def test_refused_with_the_value_as_it_was_sent(self, data_type, sent, quoted):
        with pytest.raises(InvalidValue) as refused:
            coerce("shoe", data_type, None, sent)

        assert refused.value.message == f"Invalid value for field 'shoe' and value '{quoted}'"

    def test_an_overlong_text_is_cut_and_an_overlong_address_refused(self):
        assert through("string", "a" * 300, 255) == "a" * 255
        with pytest.raises(InvalidValue):
            coerce("email", "email", 255, "a" * 250 + "@example.org")

    def test_a_text_area_is_cut_at_30000_bytes_between_characters(self):
        kept = through("text", "ab" + "å" * 20_000)

        assert len(kept.encode()) == 30_000
        assert kept == "ab" + "å" * 14_999

    @pytest.mark.parametrize(
        ("data_type", "value", "text"),
        [
            ("boolean", True, "True"),
            ("boolean", False, "False"),
            ("integer", 5, "5"),
            ("percent", 5.0, "5"),
            ("float", 5.5, "5.5"),
            ("datetime", "2026-01-26T18:46:00Z", "2026-01-26 18:46:00"),
            ("date", "2026-01-26", "2026-01-26"),
            ("string", None, None),
        ],
    )
    def test_as_activities_show_it(self, data_type, value, text):
        assert as_text(data_type, coerce("shoe", data_type, None, value)) == text

    @given(st.sampled_from(sorted(DATA_TYPES)), st.text() | st.integers() | st.floats() | st.booleans() | st.none())
    def test_whatever_is_kept_is_kept_the_same_again(self, data_type, value):
        try:
            once = through(data_type, value, 255)
        except InvalidValue:
            return
        assert through(data_type, once, 255) == once


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T08:00:00Z",
        "2026-03-01T08:00:00.000Z",
        "2026-03-01T08:00:00+00:00",
        "2026-03-01T08:00:00+0000",
        "2026-03-01T08:00:00 00:00",
        "2026-03-01T00:00:00-08:00",
        "2026-03-01T08:00:00",
    ],
)
def test_every_spelling_of_a_time_that_clients_send(text):
    assert parse_datetime(text) == datetime(2026, 3, 1, 8, tzinfo=UTC)
