"""Publishing in order whatever fails."""

import importlib
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.events import publishing
from billing.events.bus import Bus, size_of
from billing.events.publishing import MOST_ATTEMPTS, Outcome, publish
from tests.unit.events.stream import customer, renamed, stream_record

type Verdict = str | Exception | None
THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "PutEvents")


class FakeEventBridge:
    """Takes what it is told to take: `refuse` gives for each entry an error code, None, or an error of the call."""

    def __init__(self, refuse: Callable[[dict[str, Any]], Verdict] = lambda _event: None) -> None:
        self.refuse = refuse
        self.calls: list[list[dict[str, Any]]] = []
        self.taken: list[dict[str, Any]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
        self.calls.append(Entries)
        events = [json.loads(entry["Detail"]) for entry in Entries]
        verdicts = [self.refuse(event) for event in events]
        for verdict in verdicts:
            if isinstance(verdict, Exception):
                raise verdict
        self.taken += [event for event, verdict in zip(events, verdicts, strict=True) if verdict is None]
        return {
            "FailedEntryCount": sum(verdict is not None for verdict in verdicts),
            "Entries": [{"ErrorCode": verdict} if verdict else {"EventId": "x"} for verdict in verdicts],
        }

    def order(self) -> list[tuple[str, int]]:
        return [(event["data"]["id"], event["version"]) for event in self.taken]


def batch(*numbers: int) -> list[dict[str, Any]]:
    """Return a record for each mention of a customer: its creation, then changes."""
    states: dict[int, Any] = {}
    records = []
    for position, number in enumerate(numbers):
        old = states.get(number)
        states[number] = renamed(old) if old else customer(number)
        records.append(stream_record(old, states[number], 100 + position))
    return records


def sent(fake: FakeEventBridge, records: Sequence[dict[str, Any]], remaining_seconds: float = 60) -> Outcome:
    bus = Bus(fake, "bus")  # type: ignore[arg-type]
    return publish(records, bus, remaining_seconds=lambda: remaining_seconds, pause=lambda _seconds: None)


def fails_times(count: int, verdict: Verdict, number: int = 1, version: int = 1) -> Callable[[dict[str, Any]], Verdict]:
    left = [count]

    def refuse(event: dict[str, Any]) -> Verdict:
        if event["data"]["id"] == f"cus_{number:032x}" and event["version"] == version and left[0]:
            left[0] -= 1
            return verdict
        return None

    return refuse


def test_objects_travel_together_ten_a_call():
    fake = FakeEventBridge()

    outcome = sent(fake, batch(*range(1, 26)))

    assert outcome.failure is None
    assert [len(call) for call in fake.calls] == [10, 10, 5]
    assert outcome.published == {"customer.created": 25}


def test_an_entry_says_what_rules_match_on():
    fake = FakeEventBridge()

    sent(fake, batch(1))

    [[entry]] = fake.calls
    assert entry["EventBusName"] == "bus"
    assert entry["Source"] == "revkeen.billing"
    assert entry["DetailType"] == "customer.created"
    assert entry["Time"].isoformat() == "2026-05-04T09:00:00.125000+00:00"


def test_events_of_one_object_go_one_after_the_other():
    fake = FakeEventBridge()

    sent(fake, batch(1, 1, 2, 1))

    assert [[json.loads(entry["Detail"])["version"] for entry in call] for call in fake.calls] == [[1, 1], [2], [3]]


def test_calls_stay_under_the_size_limit():
    fake = FakeEventBridge()
    notes = [stream_record(None, customer(n, notes="ü" * 5000, metadata={"t": "x" * 8000}), n) for n in range(1, 11)]

    outcome = sent(fake, notes)

    assert outcome.failure is None
    assert len(fake.calls) > 1
    assert all(sum(size_of(entry) for entry in call) < 256 * 1024 for call in fake.calls)


def test_the_size_is_counted_in_bytes_as_eventbridge_does():
    assert size_of({"Source": "ab", "DetailType": "cü", "Detail": '{"x":"€"}'}) == 14 + 2 + 3 + 11


def test_what_fails_is_sent_again_and_nothing_else():
    fake = FakeEventBridge(fails_times(2, "InternalFailure", number=2))

    outcome = sent(fake, batch(1, 2, 3))

    assert outcome.failure is None
    assert [len(call) for call in fake.calls] == [3, 1, 1]


@pytest.mark.parametrize("error", [THROTTLED, ReadTimeoutError(endpoint_url="https://events")])
def test_a_call_that_fails_is_sent_again(error: Exception):
    fake = FakeEventBridge(fails_times(1, error))

    outcome = sent(fake, batch(1, 2))

    assert outcome.failure is None
    assert len(fake.taken) == 2


def test_an_object_that_fails_for_good_holds_back_its_later_events_and_no_earlier_ones():
    fake = FakeEventBridge(fails_times(99, "InternalFailure", number=2))

    outcome = sent(fake, batch(1, 2, 1, 2, 3))

    assert outcome.failure is not None
    assert (outcome.failure.position, outcome.failure.reason) == (1, "InternalFailure")
    assert f"cus_{2:032x}" not in {id_ for id_, _ in fake.order()}
    assert len([call for call in fake.calls if '"version":1' in call[-1]["Detail"]]) <= MOST_ATTEMPTS


def test_of_several_failures_the_earliest_is_reported():
    fake = FakeEventBridge(lambda _event: "InternalFailure")

    outcome = sent(fake, batch(1, 2, 3))

    assert outcome.failure is not None
    assert outcome.failure.position == 0
    assert len(fake.calls) == MOST_ATTEMPTS


def test_what_comes_after_a_failure_is_not_sent_any_more():
    fake = FakeEventBridge(fails_times(99, "InternalFailure", number=1))
    eleven_others_with_eight_events_each = [number for _ in range(8) for number in range(2, 13)]

    sent(fake, batch(1, *eleven_others_with_eight_events_each))

    latest = dict(fake.order())
    assert latest[f"cus_{2:032x}"] == MOST_ATTEMPTS, "went out in one call with the last try"
    assert latest[f"cus_{12:032x}"] == MOST_ATTEMPTS - 1, "would have been the next call"


def test_an_answer_that_misses_entries_is_no_success():
    class Forgetful(FakeEventBridge):
        def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 - boto3's spelling
            return {**super().put_events(Entries), "Entries": []}

    outcome = sent(Forgetful(), batch(1))

    assert outcome.failure is not None
    assert outcome.failure.reason == "IncompleteAnswer"


def test_a_record_that_cannot_be_read_is_reported_and_those_before_it_go_out():
    fake = FakeEventBridge()
    records = batch(1, 2, 3)
    del records[1]["dynamodb"]["NewImage"]["merchant_id"]

    outcome = sent(fake, records)

    assert fake.order() == [(f"cus_{1:032x}", 1)]
    assert outcome.failure is not None
    assert (outcome.failure.position, outcome.failure.reason) == (1, "Unreadable: KeyError")


def test_an_event_that_is_too_large_is_reported_by_its_id_and_never_sent():
    fake = FakeEventBridge()
    records = batch(1, 2)
    records[1]["dynamodb"]["NewImage"]["name"] = {"S": "x" * 140_000}

    outcome = sent(fake, records)

    assert len(fake.taken) == 1
    assert outcome.failure is not None
    assert outcome.failure.position == 1
    assert outcome.failure.reason.startswith("TooLarge")
    assert outcome.failure.event_id is not None


def test_when_time_is_short_the_rest_is_reported():
    fake = FakeEventBridge()

    outcome = sent(fake, batch(1, 2), remaining_seconds=1)

    assert fake.calls == []
    assert outcome.failure is not None
    assert (outcome.failure.position, outcome.failure.reason) == (0, "OutOfTime")


def test_waiting_between_tries_is_bounded():
    assert all(0 < publishing._jittered(attempt) <= 3.2 for attempt in range(1, 20))


@settings(deadline=None)  # a busy machine is no failure
@given(
    numbers=st.lists(st.integers(1, 4), max_size=25),
    verdicts=st.lists(st.sampled_from([None, "InternalFailure", THROTTLED]), min_size=1, max_size=40),
    poisoned=st.sets(st.integers(0, 30), max_size=2),
    calls_in_time=st.integers(0, 60),
)
def test_order_holds_and_nothing_is_lost_whatever_fails(
    numbers: list[int], verdicts: list[Verdict], poisoned: set[int], calls_in_time: int
):
    turn = iter(range(10**6))
    fake = FakeEventBridge(lambda _event: verdicts[next(turn) % len(verdicts)])
    records = batch(*numbers)
    for position in poisoned:
        if position < len(records):
            del records[position]["dynamodb"]["NewImage"]["updated_at"]
    outcome = publish(
        records,
        Bus(fake, "bus"),  # type: ignore[arg-type]
        remaining_seconds=lambda: 60.0 if len(fake.calls) < calls_in_time else 0.0,
        pause=lambda _seconds: None,
    )

    versions = defaultdict(list)
    for id_, version in fake.order():
        versions[id_].append(version)
    for each in versions.values():
        assert each == list(range(1, len(each) + 1)), "an event went out before an earlier one of its object"

    done = len(records) if outcome.failure is None else outcome.failure.position
    counts: dict[int, int] = defaultdict(int)
    for position, number in enumerate(numbers):
        counts[number] += 1
        if position < done:
            assert len(versions[f"cus_{number:032x}"]) >= counts[number], "neither published nor reported"
    if outcome.failure is not None:
        failed = numbers[done]
        assert len(versions[f"cus_{failed:032x}"]) == numbers[:done].count(failed), "published after its failure"


class Context:
    """What a handler is told of its invocation."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Callable[[FakeEventBridge, list[dict[str, Any]]], dict[str, Any]]:
    function = importlib.import_module("stream.publish_events")

    def invoke(fake: FakeEventBridge, records: list[dict[str, Any]]) -> dict[str, Any]:
        monkeypatch.setattr(function, "bus", lambda: Bus(fake, "bus"))  # type: ignore[arg-type]
        monkeypatch.setattr(publishing, "_jittered", lambda _attempt: 0.0)
        answer: dict[str, Any] = function.handler({"Records": records}, Context())
        return answer

    return invoke


def test_the_function_reports_the_first_record_that_is_not_done(handler: Any):
    records = batch(1, 2, 3)
    del records[1]["dynamodb"]["NewImage"]["entity"]

    assert handler(FakeEventBridge(), records) == {"batchItemFailures": [{"itemIdentifier": "101"}]}


def test_the_function_reports_nothing_when_all_is_done(handler: Any, capsys: pytest.CaptureFixture[str]):
    assert handler(FakeEventBridge(), batch(1, 2)) == {"batchItemFailures": []}

    metric = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (metric["type"], metric["EventsPublished"]) == ("customer.created", [2.0])


def test_a_failure_at_the_head_of_a_batch_has_the_batch_halved(handler: Any):
    records = batch(1, 2)
    del records[0]["dynamodb"]["NewImage"]["entity"]

    with pytest.raises(Exception, match="record 100: Unreadable"):
        handler(FakeEventBridge(), records)


def test_a_failing_record_alone_is_reported(handler: Any):
    assert handler(FakeEventBridge(lambda _event: "InternalFailure"), batch(1)) == {
        "batchItemFailures": [{"itemIdentifier": "100"}]
    }
