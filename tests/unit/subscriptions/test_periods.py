"""When periods begin."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.subscriptions.periods import Cadence, Interval, days_later, instant, local_date, on_day

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu"]

moments = st.integers(946_684_800, 2_840_140_800).map(lambda second: datetime.fromtimestamp(second, UTC))
"""From 2000 to 2060, in whole seconds."""

cadences = st.builds(
    Cadence,
    anchor=moments,
    interval=st.sampled_from(["day", "week", "month", "year"]),
    count=st.integers(1, 36),
    time_zone=st.sampled_from(ZONES),
    day=st.none() | st.integers(1, 31),
)


def local(*date_and_time: int, zone: str = "Europe/Berlin") -> datetime:
    year, month, day, hour, minute = (*date_and_time, *(9, 0)[len(date_and_time) - 3 :])
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def boundaries(anchor: datetime, interval: Interval, count: int = 1, zone: str = "Europe/Berlin") -> list[datetime]:
    return [Cadence(anchor, interval, count, zone).boundary(number) for number in (1, 2, 3)]


def test_a_month_that_is_too_short_does_not_change_the_day_for_good():
    assert boundaries(local(2027, 1, 31), "month") == [local(2027, 2, 28), local(2027, 3, 31), local(2027, 4, 30)]
    assert boundaries(local(2027, 12, 31), "month")[1] == local(2028, 2, 29)


def test_a_leap_day_comes_back_after_four_years():
    yearly = Cadence(local(2028, 2, 29), "year", 1, "Europe/Berlin")

    assert [yearly.boundary(number) for number in (1, 4)] == [local(2029, 2, 28), local(2032, 2, 29)]


def test_the_clock_on_the_wall_is_kept_over_changes_to_summer_time():
    assert boundaries(local(2027, 3, 27), "day") == [local(2027, 3, 28), local(2027, 3, 29), local(2027, 3, 30)]
    assert boundaries(local(2027, 10, 1), "month")[0] - local(2027, 10, 1) == timedelta(days=31, hours=1)
    assert boundaries(local(2027, 3, 24), "week")[0] - local(2027, 3, 24) == timedelta(days=7, hours=-1)


def test_a_time_that_is_skipped_moves_forward_and_only_once():
    daily = Cadence(local(2027, 3, 27, 2, 30), "day", 1, "Europe/Berlin")

    assert daily.boundary(1) == local(2027, 3, 28, 3, 30)
    assert daily.boundary(2) == local(2027, 3, 29, 2, 30)


def test_of_a_time_that_comes_twice_the_first_is_meant():
    daily = Cadence(local(2027, 10, 30, 2, 30), "day", 1, "Europe/Berlin")

    assert daily.boundary(1) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_an_island_that_skips_a_day_has_no_period_without_length():
    daily = Cadence(local(2011, 12, 29, 10, 0, zone="Pacific/Apia"), "day", 1, "Pacific/Apia")

    assert daily.boundary(1) == daily.boundary(2) == local(2011, 12, 31, 10, 0, zone="Pacific/Apia")
    assert daily.next(daily.anchor) == daily.boundary(1)
    assert daily.next(daily.boundary(1)) == local(2012, 1, 1, 10, 0, zone="Pacific/Apia")


@given(cadences, moments)
def test_every_moment_lies_in_exactly_one_period(cadence: Cadence, moment: datetime):
    start, end = cadence.latest(moment), cadence.next(moment)

    assert start <= moment < end
    assert cadence.latest(start) == start
    assert cadence.next(start) == end
    assert cadence.latest(end) == end
    assert cadence.latest(end - timedelta(seconds=1)) == start


@given(cadences, st.integers(-60, 60))
def test_boundaries_are_in_the_order_of_their_numbers(cadence: Cadence, number: int):
    assert cadence.boundary(number) <= cadence.boundary(number + 1)


@given(cadences, st.integers(1, 60))
def test_a_boundary_falls_on_the_wanted_day_or_on_the_months_last(cadence: Cadence, number: int):
    zone = ZoneInfo(cadence.time_zone)
    wanted = cadence.day or cadence.anchor.astimezone(zone).day
    found = cadence.boundary(number).astimezone(zone)

    if cadence.interval in ("month", "year") and cadence.time_zone != "Pacific/Apia":
        assert found.day == wanted or (found.day < wanted and (found + timedelta(days=1)).day == 1)


@given(moments, st.integers(1, 31), st.sampled_from(ZONES))
def test_a_day_of_the_month_comes_within_a_month(moment: datetime, day: int, zone: str):
    found = on_day(moment, day, zone)

    assert moment <= found <= moment + timedelta(days=32)


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2027-01-15", "UTC", datetime(2027, 1, 15, tzinfo=UTC)),
        ("2027-01-15", "America/New_York", datetime(2027, 1, 15, 5, tzinfo=UTC)),
        ("2027-01-15T10:30:00.500Z", "America/New_York", datetime(2027, 1, 15, 10, 30, tzinfo=UTC)),
    ],
)
def test_a_date_begins_at_midnight_where_the_subscription_is(text: str, zone: str, expected: datetime):
    assert instant(text, zone) == expected


def test_days_are_counted_by_the_calendar():
    assert days_later(local(2027, 3, 27), 1, "Europe/Berlin") == local(2027, 3, 28)
    assert days_later(local(2027, 3, 28), -1, "Europe/Berlin") == local(2027, 3, 27)
    assert local_date(datetime(2027, 3, 27, 23, 30, tzinfo=UTC), "Europe/Berlin") == "2027-03-28"
