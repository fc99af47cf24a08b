"""When schedules fire."""

import datetime as dt

import pytest

from local.schedules import Schedule
from local.template import TemplateInvalid

MONDAY = dt.datetime(2026, 5, 4, 10, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("rate(5 minutes)", "2026-05-04T10:35:00+00:00"),
        ("rate(1 day)", "2026-05-05T10:30:00+00:00"),
        ("cron(0 3 * * ? *)", "2026-05-05T03:00:00+00:00"),
        ("cron(0/15 * * * ? *)", "2026-05-04T10:45:00+00:00"),
        ("cron(0 9 ? * 2 *)", "2026-05-11T09:00:00+00:00"),
        ("cron(0 9 ? * SUN *)", "2026-05-10T09:00:00+00:00"),
        ("cron(0 9 ? * 2-6 *)", "2026-05-05T09:00:00+00:00"),
        ("cron(0 9 L * ? *)", "2026-05-31T09:00:00+00:00"),
        ("cron(0 9 ? * 6L *)", "2026-05-29T09:00:00+00:00"),
        ("cron(0 9 ? * 2#1 *)", "2026-06-01T09:00:00+00:00"),
        ("cron(0 0 1 1 ? 2028)", "2028-01-01T00:00:00+00:00"),
        ("at(2026-05-04T12:00:00)", "2026-05-04T12:00:00+00:00"),
    ],
)
def test_the_next_time(expression: str, due: str) -> None:
    following = Schedule("s", "F", expression).next_after(MONDAY)

    assert following
    assert following.astimezone(dt.UTC).isoformat() == due


@pytest.mark.parametrize("expression", ["at(2026-05-04T10:00:00)", "cron(0 0 1 1 ? 2025)"])
def test_what_is_over_never_fires(expression: str) -> None:
    assert Schedule("s", "F", expression).next_after(MONDAY) is None


def test_a_time_zone_counts() -> None:
    following = Schedule("s", "F", "cron(0 3 * * ? *)", timezone="Europe/Berlin").next_after(MONDAY)

    assert following
    assert following.astimezone(dt.UTC).isoformat() == "2026-05-05T01:00:00+00:00"


@pytest.mark.parametrize("expression", ["every day", "cron(0 3 * * ?)", "cron(0 3 32 * ? *)"])
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(TemplateInvalid):
        Schedule("s", "F", expression).next_after(MONDAY)
