"""Stream records as the table makes them."""

from datetime import UTC, datetime
from typing import Any

from billing.customers import rules
from billing.customers.models import CustomerChanges, NewCustomer
from billing.customers.record import Record
from billing.table.items import to_attributes
from billing.tenancy import Call, Tenant

ARN = "arn:aws:dynamodb:eu-central-1:123456789012:table/customers/stream/2026-05-01T00:00:00.000"
TENANT = Tenant("mer_" + "1" * 32, livemode=False)


def call(minute: int = 0, key: str | None = None) -> Call:
    return Call(f"req-{minute}", datetime(2026, 5, 4, 9, minute, 0, 125_000, tzinfo=UTC), idempotency_key=key)


def customer(number: int = 1, tenant: Tenant = TENANT, **fields: Any) -> Record:
    body = NewCustomer.model_validate({"email": f"c{number}@example.com", "name": "name 1", **fields})
    return rules.new_customer(
        tenant,
        body,
        id=f"cus_{number:032x}",
        sequence=number,
        source="api",
        call=call(key=f"key-{number}"),
        address_id=f"addr_{number:032x}",
    )


def renamed(record: Record) -> Record:
    """Return the customer's next version."""
    name = f"name {record.version + 1}"
    return rules.changed(record, CustomerChanges(name=name), call(record.version % 60), address_id="addr_1")


def stream_record(old: Record | None, new: Record, sequence_number: int = 1, arn: str = ARN) -> dict[str, Any]:
    image = to_attributes(new.to_item())
    images = {"NewImage": image} | ({"OldImage": to_attributes(old.to_item())} if old else {})
    return {
        "eventID": f"{sequence_number:032x}",
        "eventName": "MODIFY" if old else "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {"pk": image["pk"], "sk": image["sk"]},
            **images,
            "SequenceNumber": str(sequence_number),
        },
        "eventSourceARN": arn,
    }
