"""Reading the table, and committing to it."""

import os
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from billing.errors import IdempotencyConflict, Unavailable
from billing.table.items import Item, Key, from_attributes, to_attribute, to_attributes
from billing.table.keys import Keys
from billing.table.transaction import Transaction, Write
from billing.tenancy import Answer, Call, Caller, Replayed

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

IDEMPOTENCY_SECONDS = 24 * 60 * 60
"""How long an answer can be replayed (contract §0)."""

_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "TransactionConflictException",
        "TransactionInProgressException",
        "InternalServerError",
        "LimitExceededException",
    }
)
_ATTEMPTS = 20
_LAST_ATTEMPT_SECONDS = 2.0
"""With less time than this left, what has been overtaken is not tried once more."""

_PASSING = frozenset({"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})


class Raced(Exception):
    """A version that was read is no longer the stored one: read again and decide again."""


def until_written[R](caller: Caller, attempt: Callable[[], R]) -> R:
    """Return what `attempt` returns, which reads, decides and commits; whoever is overtaken does it all again.

    Raises:
        Unavailable: others kept writing the same items for as long as the call may take.
    """
    for number in range(1, _ATTEMPTS + 1):
        try:
            return attempt()
        except Raced:
            if caller.call.remaining_seconds() < _LAST_ATTEMPT_SECONDS:
                break
            time.sleep(_pause(number))
    raise Unavailable


@dataclass(frozen=True, slots=True)
class QueryPage:
    """Items of one query, and the key to go on from (None at the end)."""

    items: Sequence[Item]
    last_key: Mapping[str, Any] | None


class Table:
    """The single table. Every method is one round trip unless it says otherwise."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client = client
        self._name = name

    def get(self, key: Key) -> Item | None:
        """Return the item, strongly consistent, or None."""
        answer = self._call("get_item", TableName=self._name, Key=to_attributes(key), ConsistentRead=True)
        return from_attributes(answer["Item"]) if "Item" in answer else None

    def get_all(self, keys: Sequence[Key]) -> list[Item | None]:
        """Return up to 100 items in the order of their keys, strongly consistent, None where there is none.

        More than one round trip only when DynamoDB leaves keys unprocessed.
        """
        found: dict[tuple[str, str], Item] = {}
        wanted = [to_attributes(key) for key in {(key["pk"], key["sk"]): key for key in keys}.values()]
        for attempt in range(8):
            if not wanted:
                break
            time.sleep(_pause(attempt) if attempt else 0)
            answer = self._call("batch_get_item", RequestItems={self._name: {"Keys": wanted, "ConsistentRead": True}})
            for attributes in answer["Responses"].get(self._name, []):
                item = from_attributes(attributes)
                found[item["pk"], item["sk"]] = item
            wanted = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
        if wanted:
            raise Unavailable
        return [found.get((key["pk"], key["sk"])) for key in keys]

    def get_for_change(self, caller: Caller, keys: Sequence[Key]) -> list[Item | None]:
        """Return items that a command is about, read together with the record of an earlier answer.

        Together, because the earlier answer must come back even if the items have changed or gone since.

        Raises:
            Replayed: this idempotency key has been answered before.
            IdempotencyConflict: the key was used with another body.
        """
        call = caller.call
        if not call.idempotency_scope:
            return [self.get(keys[0])] if len(keys) == 1 else self.get_all(keys)
        *items, answered = self.get_all([*keys, Keys(caller.tenant).idempotency(call.idempotency_scope)])
        if answered and answered["expires_at"] > call.now.timestamp():
            raise replay_or_conflict(answered, call.body_digest)
        return items

    def query(
        self,
        condition: str,
        values: Mapping[str, Any],
        *,
        limit: int | None = None,
        newest_first: bool = True,
        index: str | None = None,
        start: Mapping[str, Any] | None = None,
        only: str | None = None,
    ) -> QueryPage:
        """Return one page of a query: at most `limit` items, fewer with a `last_key` when they fill a megabyte.

        `condition` is a key condition; an attribute whose name is reserved (`list`, `sequence`) is written `#list`.
        Strongly consistent on the table itself, eventually on an index. With `only` items hold that attribute alone.
        """
        names = {f"#{name}": name for name in re.findall(r"#(\w+)", condition)}
        request: dict[str, Any] = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": to_attributes(values),
            "ScanIndexForward": not newest_first,
        }
        if index:
            request["IndexName"] = index
        else:
            request["ConsistentRead"] = True
        if limit:
            request["Limit"] = limit
        if start:
            request["ExclusiveStartKey"] = to_attributes(start)
        if only:
            request["ProjectionExpression"] = f"#{only}"
            names[f"#{only}"] = only
        if names:
            request["ExpressionAttributeNames"] = names
        answer = self._call("query", **request)
        last = answer.get("LastEvaluatedKey")
        return QueryPage([from_attributes(item) for item in answer["Items"]], from_attributes(last) if last else None)

    def next_number(self, key: Key, amount: int = 1) -> int:
        """Add `amount` to a counter and return its new value: the caller owns the last `amount` numbers."""
        return int(self.count_up(key, amount)["last"])

    def count_up(self, key: Key, amount: int = 1) -> Item:
        """Add `amount` to the `last` of a counter and return all of it: the caller owns the last `amount` numbers."""
        answer = self._call(
            "update_item",
            TableName=self._name,
            Key=to_attributes(key),
            UpdateExpression="ADD #last :amount",
            ExpressionAttributeNames={"#last": "last"},
            ExpressionAttributeValues={":amount": to_attribute(amount)},
            ReturnValues="ALL_NEW",
        )
        return from_attributes(answer["Attributes"])

    def put_all(self, items: Sequence[Item], delete: Sequence[Key] = ()) -> None:
        """Put and delete unconditionally, 25 a round trip. For derived items that converge, never for an entity."""
        requests: list[dict[str, Any]] = [{"PutRequest": {"Item": to_attributes(item)}} for item in items]
        requests += [{"DeleteRequest": {"Key": to_attributes(key)}} for key in delete]
        attempt = 0
        while requests:
            batch, requests = requests[:25], requests[25:]
            answer = self._call("batch_write_item", RequestItems={self._name: batch})
            left = answer.get("UnprocessedItems", {}).get(self._name, [])
            if left:
                attempt += 1
                if attempt > 8:
                    raise Unavailable
                time.sleep(_pause(attempt))
                requests = left + requests

    def commit(self, transaction: Transaction, caller: Caller, result: Any) -> None:
        """Write everything or nothing; with an idempotency key, the answer to `result` is written along.

        Raises:
            Replayed: this key has been answered before; nothing was written now.
            IdempotencyConflict: the key was used with another body.
            Raced: a version that the transaction relies on has moved on, or is being moved on by another transaction:
                the same one would fail when that is through, so the time is better spent on reading again.
            Unavailable: the table was busy for longer than the call may take.
            Exception: what the refusal of a failed condition makes.
        """
        call = caller.call
        writes = [*transaction.writes]
        if call.idempotency_scope and call.render:
            record = _idempotency_record(caller, call, call.render(result))
            writes = [*record.writes, *writes]
        self._write(writes, call.remaining_seconds, yields=True)

    def write(self, transaction: Transaction, remaining_seconds: Callable[[], float]) -> None:
        """Write derived items, everything or nothing; nobody waits for an answer to it.

        Raises:
            Raced: a version that the transaction relies on has moved on.
            Unavailable: the table was busy for longer than the call may take.
        """
        self._write(transaction.writes, remaining_seconds)

    def _write(self, writes: Sequence[Write], remaining_seconds: Callable[[], float], *, yields: bool = False) -> None:
        if not writes:
            return
        request = [{write.kind: self._with_table(write.request)} for write in writes]
        attempt = 0
        while True:
            reasons = self._try(request)
            if reasons is None:
                return
            for write, reason in zip(writes, reasons, strict=True):
                if reason.get("Code") == "ConditionalCheckFailed":
                    if write.refusal is None:
                        raise Raced
                    raise write.refusal(from_attributes(reason.get("Item", {})))
                if yields and write.relies_on_version and reason.get("Code") == "TransactionConflict":
                    raise Raced
            attempt += 1
            pause = _pause(attempt)
            if attempt > 8 or remaining_seconds() < pause + 1.0:
                raise Unavailable
            time.sleep(pause)

    def _try(self, request: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
        """Try the transaction once; return None when it is written, else a reason for each write."""
        from botocore.exceptions import ClientError  # noqa: PLC0415 - botocore is loaded with the client, not before

        try:
            self._client.transact_write_items(TransactItems=request)  # type: ignore[arg-type]
        except ClientError as error:
            if error.response["Error"]["Code"] == "TransactionCanceledException":
                reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]
                codes = {reason.get("Code") for reason in reasons}
                if "ConditionalCheckFailed" in codes or codes & _PASSING:
                    return reasons
                raise
            if error.response["Error"]["Code"] in _BUSY:
                return [{} for _ in request]
            raise
        except _no_answer() as error:
            raise Unavailable from error
        return None

    def _with_table(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"TableName": self._name, "ReturnValuesOnConditionCheckFailure": "ALL_OLD", **request}

    def _call(self, operation: str, **request: Any) -> Any:
        from botocore.exceptions import ClientError  # noqa: PLC0415 - botocore is loaded with the client, not before

        try:
            return getattr(self._client, operation)(**request)
        except ClientError as error:
            if error.response["Error"]["Code"] in _BUSY:
                raise Unavailable from error
            raise
        except _no_answer() as error:
            raise Unavailable from error


def _no_answer() -> tuple[type[Exception], ...]:
    from botocore.exceptions import ConnectionError, HTTPClientError  # noqa: A004, PLC0415 - as above

    return ConnectionError, HTTPClientError


def _pause(attempt: int) -> float:
    """Return seconds to wait before try number `attempt`: full jitter under an exponential bound."""
    return random.uniform(0.01, 0.05 * 2 ** min(attempt, 5))  # noqa: S311 - jitter, not a secret


def _idempotency_record(caller: Caller, call: Call, answer: Answer) -> Transaction:
    now = int(call.now.timestamp())
    assert call.idempotency_scope is not None  # noqa: S101 - the one caller has checked it
    return Transaction().record(
        Keys(caller.tenant).idempotency(call.idempotency_scope),
        {
            "entity": "idempotency",
            "body_digest": call.body_digest,
            "status": answer.status,
            "headers": dict(answer.headers),
            "body": answer.body,
            "expires_at": now + IDEMPOTENCY_SECONDS,
        },
        now_seconds=now,
        refusal=lambda record: replay_or_conflict(record, call.body_digest),
    )


def replay_or_conflict(record: Item, body_digest: str) -> Exception:
    """Return what a stored record means for a request with this body."""
    if record["body_digest"] != body_digest:
        return IdempotencyConflict(
            "This Idempotency-Key was used with a different request body", param="Idempotency-Key"
        )
    return Replayed(Answer(record["status"], record["headers"], record["body"]))


@cache
def table() -> Table:
    """Return the table of this environment (`TABLE_NAME`), its client opened once per process."""
    import botocore.session  # noqa: PLC0415 - pure code that imports this package needs no AWS
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=1,
        read_timeout=3,
        retries={"mode": "standard", "max_attempts": 3},
        max_pool_connections=4,
    )
    client = botocore.session.get_session().create_client("dynamodb", config=config)
    return Table(cast("DynamoDBClient", client), os.environ["TABLE_NAME"])
