"""A gateway that answers as it is told, and a table in this process to write down what follows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import boto3
from moto import mock_aws

from billing.customers import operations as customers
from billing.customers import rules as customer_rules
from billing.customers.models import NewCustomer
from billing.customers.record import key_of as customer_key
from billing.edge.response import rendered_error, to_json
from billing.errors import BillingError
from billing.gateway import Card, Instrument, Outcome, Stored, Usage, Verified
from billing.table import Transaction, table
from billing.tenancy import Answer, Call, Caller, Tenant

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
FUNCTION_SECONDS = 10.0
ABANDONED = timedelta(seconds=FUNCTION_SECONDS + 10)
"""How much later a request that has died is known to be dead."""

TENANT = Tenant("mer_" + "1" * 32, livemode=True)
VISA = Verified(Stored("ref_visa", "owner"), Card("visa", "4242", 12, 2030, "credit"))


class Died(BaseException):
    """The function was stopped here; nothing of ours runs after it."""


class Scripted:
    """Remembers what it was asked. `verifies` and `finds` are its next answers; an exception is raised."""

    name: ClassVar[str] = "scripted"
    tokens_are_single_use: ClassVar[bool] = True

    def __init__(self) -> None:
        self.verifies: Outcome | BaseException = VISA
        self.finds: Outcome | BaseException | None = None
        self.asked: list[tuple[str, Instrument]] = []
        self.looked: list[tuple[str, Instrument]] = []
        self.meanwhile: Any = lambda: None

    def verify(self, instrument: Instrument, key: str, *, usage: Usage, return_url: str | None) -> Outcome:
        del usage, return_url
        self.asked.append((key, instrument))
        self.meanwhile()
        return _said(self.verifies)

    def look_up(self, instrument: Instrument, key: str, *, usage: Usage) -> Outcome | None:
        del usage
        self.looked.append((key, instrument))
        return None if self.finds is None else _said(self.finds)


def _said(answer: Outcome | BaseException) -> Outcome:
    if isinstance(answer, BaseException):
        raise answer
    return answer


@contextmanager
def table_in_process() -> Iterator[Any]:
    """Open an empty table that lives in this process."""
    names = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "eu-central-1"}
    before = dict(os.environ)
    os.environ |= {**names, "TABLE_NAME": "table"}
    os.environ.pop("AWS_ENDPOINT_URL", None)
    table.cache_clear()
    types = {"pk": "S", "sk": "S", "list": "S", "sequence": "N"}
    try:
        with mock_aws():
            client = boto3.client("dynamodb")
            client.create_table(
                TableName="table",
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in types.items()],  # type: ignore[misc]
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                GlobalSecondaryIndexes=[
                    {
                        "IndexName": "lists",
                        "KeySchema": [
                            {"AttributeName": "list", "KeyType": "HASH"},
                            {"AttributeName": "sequence", "KeyType": "RANGE"},
                        ],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
            )
            yield client
    finally:
        table.cache_clear()
        os.environ.clear()
        os.environ.update(before)


def emptied(client: Any) -> Any:
    """Return the client of a table in which nothing is left of the test before."""
    for item in client.scan(TableName="table")["Items"]:
        client.delete_item(TableName="table", Key={name: item[name] for name in ("pk", "sk")})
    return client


def items(client: Any, entity: str) -> list[dict[str, Any]]:
    """Return all items of a kind."""
    return [item for item in client.scan(TableName="table")["Items"] if item.get("entity", {}).get("S") == entity]


def calling(key: str | None = None, *, body: str = "", later: timedelta = timedelta(), request: str = "req") -> Caller:
    """Return the caller of a request, with an Idempotency-Key or without."""

    def render(result: Any) -> Answer:
        if isinstance(result, BillingError):
            return rendered_error(result, request)
        return Answer(200, {}, to_json(result.to_envelope()))

    call = Call(
        request_id=request,
        now=NOW + later,
        idempotency_key=key,
        idempotency_scope=f"scope-{key}" if key else None,
        body_digest=body,
        render=render,
        remaining_seconds=lambda: FUNCTION_SECONDS,
    )
    return Caller(TENANT, "key_1", frozenset({"*"}), call)


def new_customer(email: str = "jane@example.com") -> str:
    """Create a customer and return its id."""
    return customers.create(calling(), NewCustomer(email=email), source="api").id


def delete_customer(customer_id: str) -> None:
    """Mark a customer as deleted, as the deletion of one does among much else."""
    before = customers.read(TENANT, customer_id)
    after = customer_rules.deleted(before, calling().call)
    transaction = Transaction().replace(customer_key(TENANT, customer_id), after.to_item(), version=before.version)
    table().write(transaction, calling().call.remaining_seconds)
