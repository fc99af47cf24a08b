"""Read a table's stream for one function, as Lambda's event source mapping does.

In order per shard; filtered records count as done; failed batches are retried, split, given up and kept whole in
the on-failure destination exactly as the mapping says. What Lambda leaves open is decided here: when a function
reports a failure inside a batch that may be split, the records before it are done and the rest is retried; when
it reports the very first, the batch is halved. Neither counts as a retry, so that what is given up in the end is
the record at fault alone.
"""

import base64
import datetime as dt
import json
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient

from local.checkpoints import Checkpoints
from local.filters import matches_any
from local.functions import Function
from local.template import REGION
from local.terminal import say
from local.workers import Outcome

POLL_SECONDS = 0.1
SHARDS_SECONDS = 10.0
PAYLOAD_BYTES = 6 * 1024 * 1024
MOST_BACK_OFF_SECONDS = 10.0

Record = dict[str, Any]


@dataclass(frozen=True)
class StreamMapping:
    """What the template says of one function and one stream."""

    id: str
    name: str
    stream_arn: str
    filters: Sequence[Mapping[str, Any]] = ()
    batch_size: int = 100
    window_seconds: float = 0
    from_the_start: bool = True
    reports_failures: bool = False
    bisects: bool = False
    maximum_retry_attempts: int = -1
    maximum_record_age_seconds: int = -1
    on_failure: str | None = None


class Invoke(Protocol):
    """Call a function and wait for its outcome."""

    def __call__(self, function: Function, event: str, /) -> Outcome: ...


class Undelivered(Protocol):
    """Keep a batch that is given up."""

    def __call__(self, destination: str, batch: "Batch", given_up: "GivenUp", /) -> None: ...


@dataclass
class Batch:
    """Records that are tried together."""

    mapping: StreamMapping
    function: Function
    shard_id: str
    records: list[Record]
    attempts: int = 0

    def part(self, records: list[Record], attempts: int) -> "Batch":
        """Return a batch of some of the records."""
        return Batch(self.mapping, self.function, self.shard_id, records, attempts)


@dataclass(frozen=True)
class GivenUp:
    """Why a batch will not be tried again, and its last outcome if it was tried at all."""

    condition: str
    last: Outcome | None


@dataclass
class Shard:
    """Where the mapping stands in one shard."""

    id: str
    parent_id: str | None
    iterator: str | None = None
    skip_to: int = -1
    closed: bool = False
    gathered: list[Record] = field(default_factory=list)
    gathered_since: float = 0.0
    pending: deque[Batch] = field(default_factory=deque)


class StreamConsumer(threading.Thread):
    """Delivers one stream to one function until it is told to stop."""

    def __init__(
        self,
        function: Callable[[], Function],
        mapping: StreamMapping,
        *,
        client: DynamoDBStreamsClient,
        invoke: Invoke,
        undelivered: Undelivered,
        checkpoints: Checkpoints,
    ) -> None:
        """Take the function as a call, because a reload may change it."""
        super().__init__(name=f"stream {mapping.name}", daemon=True)
        self._function = function
        self._mapping = mapping
        self._client = client
        self._invoke = invoke
        self._undelivered = undelivered
        self._checkpoints = checkpoints
        self._stopping = threading.Event()
        self._shards: dict[str, Shard] = {}
        self._shards_read_at = -SHARDS_SECONDS

    def stop(self) -> None:
        """End after the invocation that is under way; what is not acknowledged comes again."""
        self._stopping.set()

    def run(self) -> None:
        """Poll, deliver, wait."""
        while not self._stopping.is_set():
            try:
                moved = self.step()
            except (ClientError, BotoCoreError) as error:
                if not self._stopping.is_set():
                    say(f"{self._mapping.name}: {error}")
                self._stopping.wait(1)
            else:
                if not moved:
                    self._stopping.wait(POLL_SECONDS)

    def step(self) -> bool:
        """Go one round over the shards; tell whether anything was there."""
        self._refresh_shards()
        moved = False
        for shard in self._open_shards():
            if self._stopping.is_set():
                break
            moved = self._serve(shard) or moved
        return moved

    def unread(self) -> Iterator[tuple[str, list[Record]]]:
        """Yield, per shard, the records that were not acknowledged; only for a consumer that has stopped.

        A stream that does not outlive its server would lose them.
        """
        self._refresh_shards()
        for shard in self._shards.values():
            shard.iterator, shard.closed = None, False
            self._open(shard)
            records: list[Record] = []
            while shard.iterator is not None and (page := self._page(shard, 1000)):
                records += page
            spooled = self._checkpoints.spooled(self._mapping.id, self._mapping.stream_arn, shard.id)
            acknowledged = self._acknowledged(shard)
            records = [
                record
                for record in [*spooled, *records]
                if acknowledged is None or sequence_number(record) > acknowledged
            ]
            if records:
                yield shard.id, records

    def _refresh_shards(self) -> None:
        if time.monotonic() - self._shards_read_at < SHARDS_SECONDS:
            return
        for described in _shards(self._client, self._mapping.stream_arn):
            shard_id = described["ShardId"]
            if shard_id not in self._shards:
                self._shards[shard_id] = Shard(shard_id, described.get("ParentShardId"))
        self._shards_read_at = time.monotonic()

    def _open_shards(self) -> list[Shard]:
        """Return the shards to read now: a child waits until its parent is read to the end."""
        return [
            shard
            for shard in self._shards.values()
            if not shard.closed and ((parent := self._shards.get(shard.parent_id or "")) is None or parent.closed)
        ]

    def _serve(self, shard: Shard) -> bool:
        if shard.pending:
            self._deliver(shard)
            return True
        if shard.iterator is None and not shard.gathered:
            self._open(shard)
            self._gather(shard, self._checkpoints.spooled(self._mapping.id, self._mapping.stream_arn, shard.id))
        read = self._read(shard) if len(shard.gathered) < self._mapping.batch_size else []
        self._gather(shard, read)
        self._release(shard)
        if shard.iterator is None and not shard.gathered and not shard.pending:
            shard.closed = True
            self._shards_read_at = -SHARDS_SECONDS
        return bool(read or shard.pending or shard.closed)

    def _open(self, shard: Shard) -> None:
        acknowledged = self._checkpoints.get(self._mapping.id, self._mapping.stream_arn, shard.id)
        shard.skip_to = -1 if acknowledged is None else int(acknowledged)
        place = {"StreamArn": self._mapping.stream_arn, "ShardId": shard.id}
        if acknowledged is None:
            kind = "TRIM_HORIZON" if self._mapping.from_the_start else "LATEST"
            shard.iterator = self._client.get_shard_iterator(**place, ShardIteratorType=kind)["ShardIterator"]  # type: ignore[arg-type]
            return
        try:
            shard.iterator = self._client.get_shard_iterator(
                **place, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=acknowledged
            )["ShardIterator"]
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"TrimmedDataAccessException", "ValidationException"}:
                raise
            # the record is gone from the stream: trimmed, or the server started anew; numbers only grow
            shard.iterator = self._client.get_shard_iterator(**place, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]

    def _read(self, shard: Shard) -> list[Record]:
        try:
            return self._page(shard, min(1000, self._mapping.batch_size))
        except ClientError as error:
            if error.response["Error"]["Code"] not in {
                "ExpiredIteratorException",
                "TrimmedDataAccessException",
            }:
                raise
            shard.iterator = None
            self._open(shard)
            return []

    def _page(self, shard: Shard, limit: int) -> list[Record]:
        if shard.iterator is None:
            return []
        answer = self._client.get_records(ShardIterator=shard.iterator, Limit=limit)
        shard.iterator = answer.get("NextShardIterator")
        records = [lambda_record(record, self._mapping.stream_arn) for record in answer["Records"]]
        return [record for record in records if sequence_number(record) > shard.skip_to]

    def _gather(self, shard: Shard, records: list[Record]) -> None:
        if records and not shard.gathered:
            shard.gathered_since = time.monotonic()
        shard.gathered += [record for record in records if sequence_number(record) > shard.skip_to]

    def _release(self, shard: Shard) -> None:
        """Turn gathered records into a batch when there are enough of them or they have waited long enough."""
        wanted = self._matching(shard.gathered)
        if not wanted:
            if shard.gathered:
                self._acknowledge(shard, shard.gathered[-1])
                shard.gathered.clear()
            return
        waited = time.monotonic() - shard.gathered_since
        if len(wanted) < self._mapping.batch_size and waited < self._mapping.window_seconds:
            return
        for records in _within_payload(wanted, self._mapping.batch_size):
            shard.pending.append(Batch(self._mapping, self._function(), shard.id, records))
        shard.gathered.clear()

    def _matching(self, records: list[Record]) -> list[Record]:
        return [record for record in records if matches_any(self._mapping.filters, record)]

    def _deliver(self, shard: Shard) -> None:
        """Try the first pending batch once and decide what becomes of it."""
        batch = shard.pending.popleft()
        too_old, batch.records = _aged(batch, self._mapping.maximum_record_age_seconds)
        if too_old:
            self._give_up(shard, batch.part(too_old, batch.attempts), GivenUp("RecordAgeExceeded", None))
        if not batch.records:
            return
        batch.function = self._function()
        outcome = self._invoke(batch.function, json.dumps({"Records": batch.records}))
        batch.attempts += 1
        failed_at = _first_failure(batch, outcome)
        if failed_at is None:
            self._acknowledge(shard, batch.records[-1])
            return
        if self._stopping.is_set():
            return
        shard.pending.extendleft(reversed(self._rest(shard, batch, failed_at, outcome)))
        if shard.pending and shard.pending[0].attempts:
            self._stopping.wait(min(MOST_BACK_OFF_SECONDS, POLL_SECONDS * 2 ** min(shard.pending[0].attempts, 10)))

    def _rest(self, shard: Shard, batch: Batch, failed_at: int, outcome: Outcome) -> list[Batch]:
        """Return what is still to be tried of a batch that failed at `failed_at`."""
        if failed_at:
            self._acknowledge(shard, batch.records[failed_at - 1])
        rest = batch.records[failed_at:]
        if self._mapping.bisects and (failed_at or len(rest) > 1):
            if failed_at:
                return [batch.part(rest, batch.attempts - 1)]
            middle = len(rest) // 2
            return [batch.part(half, batch.attempts - 1) for half in (rest[:middle], rest[middle:])]
        left = batch.part(rest, batch.attempts)
        most = self._mapping.maximum_retry_attempts
        if most < 0 or batch.attempts <= most:
            return [left]
        self._give_up(shard, left, GivenUp("RetryAttemptsExhausted", outcome))
        return []

    def _give_up(self, shard: Shard, batch: Batch, given_up: GivenUp) -> None:
        if self._mapping.on_failure:
            self._undelivered(self._mapping.on_failure, batch, given_up)
        say(
            f"{self._mapping.name}: gave up {len(batch.records)} record(s), {given_up.condition}"
            + (f"; kept in {self._mapping.on_failure}" if self._mapping.on_failure else "; nowhere to keep them")
        )
        self._acknowledge(shard, batch.records[-1])

    def _acknowledge(self, shard: Shard, record: Record) -> None:
        number = record["dynamodb"]["SequenceNumber"]
        self._checkpoints.put(self._mapping.id, self._mapping.stream_arn, shard.id, number)

    def _acknowledged(self, shard: Shard) -> int | None:
        number = self._checkpoints.get(self._mapping.id, self._mapping.stream_arn, shard.id)
        return None if number is None else int(number)


def sequence_number(record: Record) -> int:
    """Return a record's place in its stream; numbers grow, whatever their length as text."""
    return int(record["dynamodb"]["SequenceNumber"])


def lambda_record(record: Mapping[str, Any], stream_arn: str) -> Record:
    """Return a record of GetRecords in the shape a function gets: base64 for binary, seconds for time."""
    shaped: Record = {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record.get("eventVersion", "1.1"),
        "eventSource": "aws:dynamodb",
        "awsRegion": record.get("awsRegion") or REGION,
        "dynamodb": _json_shape(record["dynamodb"]),
        "eventSourceARN": stream_arn,
    }
    if identity := record.get("userIdentity"):
        shaped["userIdentity"] = {"type": identity.get("Type"), "principalId": identity.get("PrincipalId")}
    return shaped


def _json_shape(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _json_shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json_shape(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.timestamp() if isinstance(value, dt.datetime) else value


def _shards(client: DynamoDBStreamsClient, stream_arn: str) -> Iterator[Mapping[str, Any]]:
    page = client.describe_stream(StreamArn=stream_arn)["StreamDescription"]
    while True:
        yield from page["Shards"]
        last = page.get("LastEvaluatedShardId")
        if not last:
            return
        page = client.describe_stream(StreamArn=stream_arn, ExclusiveStartShardId=last)["StreamDescription"]


def _within_payload(records: list[Record], batch_size: int) -> Iterator[list[Record]]:
    """Cut records into batches of at most `batch_size` that fit into one invocation's payload."""
    batch: list[Record] = []
    size = 0
    for record in records:
        record_bytes = len(json.dumps(record)) + 1
        if batch and (len(batch) == batch_size or size + record_bytes > PAYLOAD_BYTES - 32):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += record_bytes
    if batch:
        yield batch


def _aged(batch: Batch, most_seconds: int) -> tuple[list[Record], list[Record]]:
    """Split a batch into the records that are too old to be tried and the rest."""
    if most_seconds < 0:
        return [], batch.records
    oldest = time.time() - most_seconds
    fresh_from = next(
        (
            place
            for place, record in enumerate(batch.records)
            if float(record["dynamodb"]["ApproximateCreationDateTime"]) >= oldest
        ),
        len(batch.records),
    )
    return batch.records[:fresh_from], batch.records[fresh_from:]


def _first_failure(batch: Batch, outcome: Outcome) -> int | None:
    """Return the index of the first record that failed, or None when the whole batch is done."""
    if outcome.is_error:
        return 0
    if not batch.mapping.reports_failures:
        return None
    answer = json.loads(outcome.payload)
    if not answer:
        return None
    if not isinstance(answer, dict):
        return 0
    failures = answer.get("batchItemFailures") or []
    places = {record["dynamodb"]["SequenceNumber"]: place for place, record in enumerate(batch.records)}
    try:
        return min((places[item["itemIdentifier"]] for item in failures), default=None)
    except (KeyError, TypeError):
        return 0  # an identifier that is empty or unknown: nothing in the answer can be trusted


def failure_record(batch: Batch, given_up: GivenUp, now: dt.datetime) -> dict[str, Any]:
    """Return the invocation record of a batch that is given up, as AWS documents it, without its payload."""
    first, last = batch.records[0]["dynamodb"], batch.records[-1]["dynamodb"]
    record: dict[str, Any] = {
        "requestContext": {
            "requestId": given_up.last.request_id if given_up.last else str(uuid.uuid4()),
            "functionArn": batch.function.arn,
            "condition": given_up.condition,
            "approximateInvokeCount": batch.attempts,
        },
        "version": "1.0",
        "timestamp": _iso(now),
        "DDBStreamBatchInfo": {
            "shardId": batch.shard_id,
            "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": _iso(_utc(first["ApproximateCreationDateTime"])),
            "approximateArrivalOfLastRecord": _iso(_utc(last["ApproximateCreationDateTime"])),
            "batchSize": len(batch.records),
            "streamArn": batch.mapping.stream_arn,
        },
    }
    if given_up.last:
        record["responseContext"] = {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled" if given_up.last.is_error else None,
        }
    return record


def _utc(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)


def _iso(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
