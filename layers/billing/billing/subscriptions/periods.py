"""When the periods of a subscription begin. Pure.

All are counted from one anchor, by the calendar and the clock on the wall of the subscription's time zone, so an error
never adds up: after 31 January come 28 February and 31 March, and 09:00 stays 09:00 in summer. A local time that a
change to summer time skips moves forward by what was skipped; of one that comes twice the first is meant.
"""

import calendar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

type Interval = Literal["day", "week", "month", "year"]

_DAYS = {"day": 1, "week": 7}
_MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Cadence:
    """Boundaries between periods, one every `count` intervals, for ever in both directions; number 0 is the anchor.

    `day` is the day of the month that is wanted where it isn't the anchor's: an anchor of 28 February can stand for
    the 31st.
    """

    anchor: datetime
    interval: Interval
    count: int
    time_zone: str = "UTC"
    day: int | None = None

    def boundary(self, number: int) -> datetime:
        """Return a boundary; a later number is never an earlier moment."""
        if number == 0:
            return self.anchor
        zone = zone_of(self.time_zone)
        local = self.anchor.astimezone(zone).replace(tzinfo=None, fold=0)
        if self.interval in _DAYS:
            moved = local + timedelta(days=_DAYS[self.interval] * self.count * number)
        else:
            moved = _months_later(local, _MONTHS[self.interval] * self.count * number, self.day or local.day)
        return moved.replace(tzinfo=zone).astimezone(UTC)

    def latest(self, moment: datetime) -> datetime:
        """Return the last boundary that is not after a moment."""
        return self.boundary(self._number(moment))

    def next(self, moment: datetime) -> datetime:
        """Return the first boundary after a moment."""
        return self.boundary(self._number(moment) + 1)

    def _number(self, moment: datetime) -> int:
        zone = zone_of(self.time_zone)
        first, local = self.anchor.astimezone(zone), moment.astimezone(zone)
        if self.interval in _DAYS:
            number = (local.date() - first.date()).days // (_DAYS[self.interval] * self.count)
        else:
            months = 12 * (local.year - first.year) + local.month - first.month
            number = months // (_MONTHS[self.interval] * self.count)
        number += 1  # rather too many: what is skipped or comes twice may push a boundary to another day
        while self.boundary(number) > moment:
            number -= 1
        return number


def on_day(moment: datetime, day: int, time_zone: str) -> datetime:
    """Return the first moment, from this one on, that falls on a day of the month, at the same time of the day.

    In a month that is too short for the day, its last one.
    """
    zone = zone_of(time_zone)
    local = moment.astimezone(zone).replace(tzinfo=None, fold=0)
    for months in (0, 1, 2):
        found = _months_later(local, months, day).replace(tzinfo=zone).astimezone(UTC)
        if found >= moment:
            return found
    raise AssertionError(moment)  # a month later is later


def days_later(moment: datetime, days: int, time_zone: str) -> datetime:
    """Return the moment that the same clock on the wall shows some days later."""
    return Cadence(moment, "day", 1, time_zone).boundary(days)


def instant(text: str, time_zone: str) -> datetime:
    """Return what an instant or a date means, which is the midnight that it begins with; in whole seconds."""
    if len(text) == len("2026-01-15"):
        return datetime.fromisoformat(text).replace(tzinfo=zone_of(time_zone)).astimezone(UTC)
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)


def local_date(moment: datetime, time_zone: str) -> str:
    """Return the date on which a moment falls, e.g. `2026-01-15`."""
    return moment.astimezone(zone_of(time_zone)).date().isoformat()


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its IANA name."""
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - most merchants are content with UTC

    return ZoneInfo(name)


def _months_later(local: datetime, months: int, day: int) -> datetime:
    year, month = divmod(12 * local.year + local.month - 1 + months, 12)
    month += 1
    return local.replace(year=year, month=month, day=min(day, calendar.monthrange(year, month)[1]))
