from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from fakes.kit.clock import VirtualClock, parse_time
from fakes.marketo.errors import ConcurrencyReached, DailyQuotaReached, RateLimitExceeded
from fakes.marketo.quota import Limits, Quota

from .calls import error

DESCRIBE = "/rest/v1/leads/partitions.json"


class TestRateLimit:
    """Source: Marketo developer guide, "Rate Limits"."""

    @pytest.fixture
    def limited(self, instance):
        instance.limits = replace(instance.limits, rate_on_frozen_clock=True)

    @pytest.mark.usefixtures("limited")
    def test_the_100th_call_goes_and_the_101st_does_not(self, api):
        answers = [api.get(DESCRIBE) for _ in range(101)]

        assert all(answer["success"] for answer in answers[:100])
        assert error(answers[100]) == ("606", "Max rate limit '100' exceeded with in '20' secs")

    @pytest.mark.usefixtures("limited")
    def test_the_window_slides(self, api, clock):
        for _ in range(99):
            api.get(DESCRIBE)
        clock.advance(timedelta(seconds=19))
        assert api.get(DESCRIBE)["success"]
        assert error(api.get(DESCRIBE))[0] == "606"
        clock.advance(timedelta(seconds=1))

        assert [api.get(DESCRIBE)["success"] for _ in range(100)] == [True] * 99 + [False]

    def test_on_a_clock_that_stands_still_it_does_not_count_unless_asked_to(self, api):
        assert all(api.get(DESCRIBE)["success"] for _ in range(120))

    def test_on_a_clock_that_follows_it_counts(self):
        quota = Quota(VirtualClock(follow=True))
        for _ in range(100):
            quota.enter("u")
            quota.leave("u", None)

        with pytest.raises(RateLimitExceeded):
            quota.enter("u")


class TestDailyQuota:
    """Source: "Rate Limits"; the day begins at midnight US Central, daylight saving observed."""

    @pytest.mark.parametrize(
        ("before_midnight", "after_midnight"),
        [
            pytest.param("2026-01-06T05:59:00Z", "2026-01-06T06:01:00Z", id="winter"),
            pytest.param("2026-07-06T04:59:00Z", "2026-07-06T05:01:00Z", id="summer"),
        ],
    )
    def test_is_reached_and_comes_back_at_midnight(self, api, instance, clock, before_midnight, after_midnight):
        instance.limits = replace(instance.limits, daily=3)
        clock.move_to(parse_time(before_midnight))
        api.token = api.identity()["access_token"]

        assert [api.get(DESCRIBE)["success"] for _ in range(3)] == [True] * 3
        assert error(api.get(DESCRIBE)) == ("607", "Daily quota '3' reached")
        clock.move_to(parse_time(after_midnight))
        assert api.get(DESCRIBE)["success"]

    def test_identity_and_calls_refused_with_500_to_719_do_not_count(self, api, instance):
        instance.limits = replace(instance.limits, daily=1)
        api.identity()
        api.get("/rest/v1/nothing.json")
        api.raw("POST", "/rest/v1/leads.json", data=b"{", content_type="application/json")
        api.raw("GET", DESCRIBE, headers={"Authorization": "Bearer x"})

        assert api.get(DESCRIBE)["success"]

    def test_calls_refused_with_1000_and_more_do(self, api, instance):
        instance.limits = replace(instance.limits, daily=1)

        api.get("/rest/v1/leads.json")

        assert error(api.get(DESCRIBE))[0] == "607"


class TestConcurrency:
    """Source: "Rate Limits"."""

    def test_ten_at_once_and_not_eleven(self):
        quota = Quota(VirtualClock())
        for _ in range(10):
            quota.enter("u")

        with pytest.raises(ConcurrencyReached) as refused:
            quota.enter("u")
        assert refused.value.message == "Concurrent access limit '10' reached"
        quota.leave("u", None)
        quota.enter("u")

    def test_every_limit_can_be_switched_off(self):
        quota = Quota(VirtualClock(follow=True), Limits(daily=None, rate=None, concurrency=None))
        for _ in range(200):
            quota.enter("u")

    def test_counts_are_exact_under_threads(self):
        quota = Quota(VirtualClock(), Limits(daily=50, concurrency=None))
        refused = []

        def call():
            for _ in range(20):
                try:
                    quota.enter("u")
                except DailyQuotaReached:
                    refused.append(1)

        threads = [threading.Thread(target=call) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(refused) == 50


class TestUsage:
    """Source: "Usage"."""

    def test_calls_by_user_and_errors_by_code(self, api, clock):
        api.get(DESCRIBE)
        api.get("/rest/v1/leads.json")
        clock.advance(timedelta(days=1))
        api.token = api.identity()["access_token"]

        (today,) = api.result("/rest/v1/stats/usage.json")
        week = api.result("/rest/v1/stats/usage/last7days.json")
        errors = api.result("/rest/v1/stats/errors/last7days.json")

        assert (today["date"], today["total"]) == ("2026-01-06", 1)
        assert [day["total"] for day in week] == [2, 2, 0, 0, 0, 0, 0]
        assert week[1]["users"] == [{"userId": "api@syncrig.test", "count": 2}]
        assert errors[1]["errors"] == [{"errorCode": "1002", "count": 1}]
        assert api.result("/rest/v1/stats/errors.json")[0]["total"] == 0
