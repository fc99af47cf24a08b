"""Fire the template's schedules: `rate(...)`, `cron(...)` and `at(...)`, as EventBridge Scheduler understands them."""

import datetime as dt
import json
import re
import threading
import uuid
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from croniter import croniter

from local.functions import function_events
from local.template import ACCOUNT, REGION, Template, TemplateInvalid

_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_CRON = re.compile(r"cron\((.+)\)")
_AT = re.compile(r"at\((.+)\)")


@dataclass(frozen=True)
class Schedule:
    """When a function is called, and with what."""

    name: str
    function: str
    expression: str
    timezone: str = "UTC"
    input: str | None = None
    source: str = "aws.scheduler"

    def next_after(self, moment: dt.datetime) -> dt.datetime | None:
        """Return when it fires next, None if never again.

        Raises:
            TemplateInvalid: the expression cannot be understood.
        """
        if rate := _RATE.fullmatch(self.expression):
            unit = f"{rate[2]}s"
            return moment + dt.timedelta(**{unit: int(rate[1])})
        zone = zoneinfo.ZoneInfo(self.timezone)
        if at := _AT.fullmatch(self.expression):
            once = dt.datetime.fromisoformat(at[1]).replace(tzinfo=zone)
            return once if once > moment else None
        if cron := _CRON.fullmatch(self.expression):
            return _next_by_cron(cron[1], moment.astimezone(zone))
        raise TemplateInvalid(f"{self.name}: {self.expression} is no schedule")

    def event(self, moment: dt.datetime) -> str:
        """Return the JSON event of a firing at `moment`."""
        stamp = moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if self.input is not None:
            return self.input.replace("<aws.scheduler.scheduled-time>", stamp).replace(
                "<aws.scheduler.execution-id>", str(uuid.uuid4())
            )
        kind = "schedule/default" if self.source == "aws.scheduler" else "rule"
        service = "scheduler" if self.source == "aws.scheduler" else "events"
        return json.dumps(
            {
                "version": "0",
                "id": str(uuid.uuid4()),
                "detail-type": "Scheduled Event",
                "source": self.source,
                "account": ACCOUNT,
                "time": stamp,
                "region": REGION,
                "resources": [f"arn:aws:{service}:{REGION}:{ACCOUNT}:{kind}/{self.name}"],
                "detail": "{}" if self.source == "aws.scheduler" else {},
            }
        )


def _next_by_cron(text: str, moment: dt.datetime) -> dt.datetime | None:
    fields = text.split()
    if len(fields) != 6:
        raise TemplateInvalid(f"cron({text}) has {len(fields)} fields instead of 6")
    minute, hour, day, month, weekday, year = (field.replace("?", "*") for field in fields)
    five = " ".join((minute, hour, day, month, _weekdays_from_zero(weekday)))
    years = _years(year)
    try:
        times = croniter(five, moment)
        for _ in range(10_000):
            found: dt.datetime = times.get_next(dt.datetime)
            if years is None or found.year in years:
                return found
            if found.year > max(years):
                return None
    except ValueError as error:
        raise TemplateInvalid(f"cron({text}): {error}") from error
    return None


def _weekdays_from_zero(field: str) -> str:
    """Turn AWS's 1 to 7 from Sunday into cron's 0 to 6; `L` and `#` keep their number's meaning."""

    def shifted(match: re.Match[str]) -> str:
        return str(int(match[0]) - 1)

    days = [re.sub(r"(?<![#/\d])\d+", shifted, part) for part in field.split(",")]
    return ",".join(f"L{day[:-1]}" if re.fullmatch(r"\dL", day) else day for day in days)


def _years(field: str) -> set[int] | None:
    if field == "*":
        return None
    found: set[int] = set()
    for part in field.split(","):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def schedules(template: Template) -> Iterator[Schedule]:
    """Yield the schedules of the template's functions, of its rules and of EventBridge Scheduler's resources."""
    for function, event, kind, raw in function_events(template):
        properties = template.resolve(raw)
        if kind == "ScheduleV2" and properties.get("State", "ENABLED") == "ENABLED":
            yield Schedule(
                f"{function}{event}",
                function,
                properties["ScheduleExpression"],
                properties.get("ScheduleExpressionTimezone", "UTC"),
                properties.get("Input"),
            )
        if kind == "Schedule" and properties.get("Enabled", True):
            yield Schedule(
                f"{function}{event}",
                function,
                properties["Schedule"],
                input=properties.get("Input"),
                source="aws.events",
            )
    functions = {
        template.arn(logical_id): logical_id for logical_id, _ in template.resources("AWS::Serverless::Function")
    }
    for logical_id, raw in template.resources("AWS::Scheduler::Schedule"):
        properties = template.resolve(raw)
        target = properties["Target"]
        if properties.get("State", "ENABLED") == "ENABLED" and target["Arn"] in functions:
            yield Schedule(
                logical_id,
                functions[target["Arn"]],
                properties["ScheduleExpression"],
                properties.get("ScheduleExpressionTimezone", "UTC"),
                target.get("Input"),
            )
    for logical_id, raw in template.resources("AWS::Events::Rule"):
        yield from _scheduled_rule(logical_id, template.resolve(raw), functions)


def _scheduled_rule(name: str, properties: dict[str, Any], functions: dict[str, str]) -> Iterator[Schedule]:
    if "ScheduleExpression" not in properties or properties.get("State", "ENABLED") != "ENABLED":
        return
    for target in properties.get("Targets", []):
        if target["Arn"] in functions:
            yield Schedule(
                name,
                functions[target["Arn"]],
                properties["ScheduleExpression"],
                input=target.get("Input"),
                source="aws.events",
            )


class Clockwork(threading.Thread):
    """Fires schedules while the runtime is up; what was due while it was down is not made up for."""

    def __init__(self, scheduled: list[Schedule], fire: Callable[[str, str], object]) -> None:
        """Call `fire(function's logical id, event)` whenever a schedule is due."""
        super().__init__(name="schedules", daemon=True)
        self._fire = fire
        self._stopping = threading.Event()
        now = dt.datetime.now(dt.UTC)
        self._due = [(due, schedule) for schedule in scheduled if (due := schedule.next_after(now))]

    def stop(self) -> None:
        """Fire nothing any more."""
        self._stopping.set()

    def run(self) -> None:
        """Wait for the next schedule and fire it."""
        while self._due:
            self._due.sort(key=lambda entry: entry[0])
            due, schedule = self._due[0]
            wait = (due - dt.datetime.now(dt.UTC)).total_seconds()
            if self._stopping.wait(max(0.0, wait)):
                return
            self._fire(schedule.function, schedule.event(due))
            following = schedule.next_after(due)
            self._due[:1] = [(following, schedule)] if following else []
