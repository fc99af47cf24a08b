"""What becomes of a batch."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from local.checkpoints import Checkpoints
from local.functions import Function
from local.streams import Batch, GivenUp, StreamConsumer, StreamMapping, failure_record, lambda_record
from local.workers import Outcome

STREAM = "arn:aws:dynamodb:us-east-1:000000000000:table/T/stream/now"
FUNCTION = Function("F", "F", "f.handler", ("functions",), {}, 3, 128)


def raw(number: int, kind: str = "order", created: dt.datetime | None = None) -> dict[str, Any]:
    return {
        "eventID": str(number),
        "eventName": "INSERT",
        "dynamodb": {
            "SequenceNumber": f"{number:09d}",
            "NewImage": {"kind": {"S": kind}, "n": {"N": str(number)}, "blob": {"B": b"\x00"}},
            "ApproximateCreationDateTime": created or dt.datetime.now(dt.UTC),
        },
    }


class FakeStream:
    """A stream of one or more shards; an iterator is `shard:index`."""

    def __init__(self, **shards: list[dict[str, Any]]) -> None:
        self.shards = shards
        self.parents: dict[str, str] = {}

    def describe_stream(self, **_: Any) -> Any:
        described = [{"ShardId": name, "ParentShardId": self.parents.get(name)} for name in self.shards]
        return {"StreamDescription": {"Shards": described}}

    def get_shard_iterator(self, **place: Any) -> Any:
        records = self.shards[place["ShardId"]]
        at = {"TRIM_HORIZON": 0, "LATEST": len(records)}.get(place["ShardIteratorType"])
        if at is None:
            numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
            if place["SequenceNumber"] not in numbers:
                raise ClientError({"Error": {"Code": "TrimmedDataAccessException"}}, "GetShardIterator")
            at = numbers.index(place["SequenceNumber"]) + 1
        return {"ShardIterator": f"{place['ShardId']}:{at}"}

    def get_records(self, *, ShardIterator: str, Limit: int) -> Any:  # noqa: N803 - AWS's own names
        shard, _, at = ShardIterator.partition(":")
        page = self.shards[shard][int(at) : int(at) + Limit]
        following = int(at) + len(page)
        closed = shard in self.parents.values() and following >= len(self.shards[shard])
        return {"Records": page, **({} if closed else {"NextShardIterator": f"{shard}:{following}"})}


class Handler:
    """A function that remembers what it got; `answer` decides what it says of a batch of numbers."""

    def __init__(self, answer: Callable[[list[int]], Any] = lambda _: None) -> None:
        self.answer = answer
        self.batches: list[list[int]] = []

    def __call__(self, _: Function, event: str) -> Outcome:
        numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in json.loads(event)["Records"]]
        self.batches.append(numbers)
        answer = self.answer(numbers)
        if isinstance(answer, Exception):
            return Outcome(json.dumps({"errorMessage": str(answer)}), is_error=True, request_id="r")
        return Outcome(json.dumps(answer), is_error=False, request_id="r")


class Kept:
    """An on-failure destination."""

    def __init__(self) -> None:
        self.batches: list[tuple[list[int], str]] = []

    def __call__(self, _: str, batch: Batch, given_up: GivenUp) -> None:
        self.batches.append(([int(r["dynamodb"]["SequenceNumber"]) for r in batch.records], given_up.condition))


class World:
    """A stream, a function and its mapping."""

    def __init__(self, directory: Path, stream: FakeStream, handler: Handler, **mapping: Any) -> None:
        self.directory = directory
        self.stream = stream
        self.handler = handler
        self.kept = Kept()
        self.mapping = StreamMapping("id", "FStream", STREAM, **{"on_failure": "arn:aws:s3:::kept", **mapping})

    def consumer(self) -> StreamConsumer:
        """A consumer as after a restart: it knows what is on disk alone."""
        consumer = StreamConsumer(
            lambda: FUNCTION,
            self.mapping,
            client=self.stream,  # type: ignore[arg-type]
            invoke=self.handler,
            undelivered=self.kept,
            checkpoints=Checkpoints(self.directory / "checkpoints.json"),
        )
        consumer._stopping.wait = lambda *_: False  # type: ignore[assignment, method-assign]
        return consumer

    def drain(self) -> None:
        consumer = self.consumer()
        while consumer.step():
            pass


@pytest.fixture
def world(tmp_path: Path) -> Callable[..., World]:
    return lambda stream, handler, **mapping: World(tmp_path, stream, handler, **mapping)


def failing(*poison: int) -> Callable[[list[int]], Any]:
    """Reports the first of the poisonous numbers in a batch."""

    def answer(numbers: list[int]) -> Any:
        failed = [number for number in numbers if number in poison]
        return {"batchItemFailures": [{"itemIdentifier": f"{failed[0]:09d}"}] if failed else []}

    return answer


def test_records_arrive_in_order_and_in_batches(world: Callable[..., World]) -> None:
    handler = Handler()
    world(FakeStream(a=[raw(n) for n in range(5)]), handler, batch_size=2).drain()

    assert handler.batches == [[0, 1], [2, 3], [4]]


def test_filtered_records_count_as_done(world: Callable[..., World]) -> None:
    filters = ({"dynamodb": {"NewImage": {"kind": {"S": ["order"]}}}},)
    handler = Handler()
    shop = world(FakeStream(a=[raw(0), raw(1, "other"), raw(2), raw(3, "other")]), handler, filters=filters)
    shop.drain()
    shop.drain()

    assert handler.batches == [[0, 2]]
    assert Checkpoints(shop.directory / "checkpoints.json").get("id", STREAM, "a") == "000000003"


def test_a_partial_failure_is_retried_from_the_lowest_failed_record(world: Callable[..., World]) -> None:
    def answer(numbers: list[int]) -> Any:
        if len(handler.batches) == 1:
            return {"batchItemFailures": [{"itemIdentifier": "000000003"}, {"itemIdentifier": "000000002"}]}
        return None

    handler = Handler(answer)
    world(FakeStream(a=[raw(n) for n in range(5)]), handler, reports_failures=True).drain()

    assert handler.batches == [[0, 1, 2, 3, 4], [2, 3, 4]]


@pytest.mark.parametrize("identifier", ["", None, "unknown"])
def test_an_identifier_that_is_none_of_the_batch_fails_it_whole(
    world: Callable[..., World], identifier: str | None
) -> None:
    handler = Handler(lambda _: {"batchItemFailures": [{"itemIdentifier": identifier}]})
    world(FakeStream(a=[raw(0), raw(1)]), handler, reports_failures=True, maximum_retry_attempts=1).drain()

    assert handler.batches == [[0, 1], [0, 1]]


def test_without_the_setting_a_report_is_a_success(world: Callable[..., World]) -> None:
    handler = Handler(failing(0))
    world(FakeStream(a=[raw(0)]), handler).drain()

    assert handler.batches == [[0]]


def test_a_failing_batch_is_given_up_after_its_retries(world: Callable[..., World]) -> None:
    handler = Handler(lambda _: ValueError("no"))
    shop = world(FakeStream(a=[raw(0), raw(1)]), handler, maximum_retry_attempts=2)
    shop.drain()

    assert handler.batches == [[0, 1]] * 3
    assert shop.kept.batches == [([0, 1], "RetryAttemptsExhausted")]


def test_without_a_limit_it_is_retried_until_it_succeeds(world: Callable[..., World]) -> None:
    handler = Handler(lambda _: ValueError("no") if len(handler.batches) < 30 else None)
    shop = world(FakeStream(a=[raw(0)]), handler)
    shop.drain()

    assert len(handler.batches) == 30
    assert shop.kept.batches == []


def test_bisecting_gives_up_the_poisonous_record_alone(world: Callable[..., World]) -> None:
    handler = Handler(lambda numbers: ValueError("no") if 5 in numbers else None)
    shop = world(FakeStream(a=[raw(n) for n in range(8)]), handler, bisects=True, maximum_retry_attempts=2)
    shop.drain()

    assert shop.kept.batches == [([5], "RetryAttemptsExhausted")]
    done = [number for batch in handler.batches if 5 not in batch for number in batch]
    assert done == [0, 1, 2, 3, 4, 6, 7]


@given(poison=st.sets(st.integers(0, 11)), batch_size=st.integers(1, 12), retries=st.integers(0, 3))
def test_reported_failures_never_cost_or_reorder_a_healthy_record(
    tmp_path_factory: pytest.TempPathFactory, poison: set[int], batch_size: int, retries: int
) -> None:
    handled: list[int] = []

    def answer(numbers: list[int]) -> Any:
        verdict = failing(*poison)(numbers)
        failed = verdict["batchItemFailures"]
        handled.extend(numbers[: numbers.index(int(failed[0]["itemIdentifier"])) if failed else None])
        return verdict

    stream = FakeStream(a=[raw(n) for n in range(12)])
    shop = World(
        tmp_path_factory.mktemp("world"),
        stream,
        Handler(answer),
        batch_size=batch_size,
        reports_failures=True,
        bisects=True,
        maximum_retry_attempts=retries,
    )
    shop.drain()

    assert handled == [number for number in range(12) if number not in poison]
    assert shop.kept.batches == [([number], "RetryAttemptsExhausted") for number in sorted(poison)]


def test_records_that_are_too_old_are_given_up_untried(world: Callable[..., World]) -> None:
    old = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
    handler = Handler()
    shop = world(FakeStream(a=[raw(0, created=old), raw(1)]), handler, maximum_record_age_seconds=3600)
    shop.drain()

    assert handler.batches == [[1]]
    assert shop.kept.batches == [([0], "RecordAgeExceeded")]


def test_a_restart_goes_on_where_it_stopped(world: Callable[..., World]) -> None:
    stream = FakeStream(a=[raw(0), raw(1)])
    shop = world(stream, Handler())
    shop.drain()
    stream.shards["a"].append(raw(2))
    shop.drain()

    assert shop.handler.batches == [[0, 1], [2]]


def test_a_stream_that_started_anew_repeats_nothing(world: Callable[..., World]) -> None:
    shop = world(FakeStream(a=[raw(0), raw(1)]), Handler())
    shop.drain()
    shop.stream.shards["a"] = [raw(7)]
    shop.drain()

    assert shop.handler.batches == [[0, 1], [7]]


def test_what_a_stopping_server_would_forget_is_delivered_by_the_next_run(world: Callable[..., World]) -> None:
    shop = world(FakeStream(a=[raw(n) for n in range(4)]), Handler(), batch_size=2)
    consumer = shop.consumer()
    consumer.step()
    consumer.step()
    unread = {("id", STREAM, shard): records for shard, records in consumer.unread()}
    Checkpoints(shop.directory / "checkpoints.json").spool(unread)
    shop.stream.shards["a"] = [raw(9)]

    shop.drain()

    assert shop.handler.batches == [[0, 1], [2, 3], [9]]


def test_a_child_shard_waits_for_its_parent(world: Callable[..., World]) -> None:
    stream = FakeStream(child=[raw(2), raw(3)], parent=[raw(0), raw(1)])
    stream.parents = {"child": "parent"}
    shop = world(stream, Handler(), batch_size=1)
    shop.drain()

    assert shop.handler.batches == [[0], [1], [2], [3]]


def test_a_record_has_the_shape_lambda_gives_it() -> None:
    moment = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
    identity = {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}

    record = lambda_record({**raw(1, created=moment), "userIdentity": identity}, STREAM)

    assert record["eventSource"] == "aws:dynamodb"
    assert record["eventSourceARN"] == STREAM
    assert record["awsRegion"] == "us-east-1"
    assert record["dynamodb"]["NewImage"]["blob"] == {"B": "AA=="}
    assert record["dynamodb"]["ApproximateCreationDateTime"] == moment.timestamp()
    assert record["userIdentity"] == {"type": "Service", "principalId": "dynamodb.amazonaws.com"}


def test_the_failure_record_is_what_aws_documents() -> None:
    moment = dt.datetime(2026, 5, 4, tzinfo=dt.UTC)
    mapping = StreamMapping("id", "FStream", STREAM)
    records = [lambda_record(raw(number, created=moment), STREAM) for number in (1, 2)]
    batch = Batch(mapping, FUNCTION, "shard-1", records, attempts=4)

    record = failure_record(batch, GivenUp("RetryAttemptsExhausted", Outcome("{}", True, "req")), moment)

    assert record == {
        "requestContext": {
            "requestId": "req",
            "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:F",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 4,
        },
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
        "version": "1.0",
        "timestamp": "2026-05-04T00:00:00.000Z",
        "DDBStreamBatchInfo": {
            "shardId": "shard-1",
            "startSequenceNumber": "000000001",
            "endSequenceNumber": "000000002",
            "approximateArrivalOfFirstRecord": "2026-05-04T00:00:00.000Z",
            "approximateArrivalOfLastRecord": "2026-05-04T00:00:00.000Z",
            "batchSize": 2,
            "streamArn": STREAM,
        },
    }
