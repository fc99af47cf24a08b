"""The local runtime understands the whole of template.yaml."""

import datetime as dt
from pathlib import Path

import pytest

from local.eventbridge import rules
from local.functions import function_events, functions, unsupported_events
from local.mappings import queue_mappings, stream_mappings
from local.routes import api
from local.schedules import schedules
from local.template import Template

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def template() -> Template:
    return Template.read(ROOT / "template.yaml", url="http://127.0.0.1:3000")


def test_every_event_of_every_function_runs_locally(template: Template) -> None:
    declared = [kind for _, _, kind, _ in function_events(template)]

    assert unsupported_events(template) == []
    assert len(api(template).routes) == declared.count("HttpApi")
    assert len(list(stream_mappings(template))) >= declared.count("DynamoDB")
    assert len(list(queue_mappings(template))) >= declared.count("SQS")
    assert len(list(rules(template))) >= declared.count("EventBridgeRule")
    assert len(list(schedules(template))) >= declared.count("ScheduleV2")


def test_no_two_routes_answer_the_same_request(template: Template) -> None:
    keys = [route.key for route in api(template).routes]

    assert len(keys) == len(set(keys))


def test_every_handler_is_a_file(template: Template) -> None:
    for function in functions(template, ROOT).values():
        module = function.handler.rpartition(".")[0].replace(".", "/")

        assert (Path(function.paths[0]) / f"{module}.py").is_file(), function.logical_id


def test_a_schedule_that_cannot_be_understood_would_be_found_here(template: Template) -> None:
    for schedule in schedules(template):
        schedule.next_after(dt.datetime(2026, 5, 4, tzinfo=dt.UTC))
