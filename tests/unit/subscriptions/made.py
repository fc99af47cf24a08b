"""Subscriptions for tests, and the time that passes for them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from billing.billing_settings.record import Settings
from billing.subscriptions import rules
from billing.subscriptions.models import NewSubscription
from billing.subscriptions.record import Record
from billing.subscriptions.rules import Bill
from billing.table.items import from_attributes, to_attributes
from billing.tenancy import Call, Tenant

NOW = datetime(2027, 1, 31, 9, 0, tzinfo=UTC)
TENANT = Tenant("mer_" + "1" * 32, livemode=False)


def call(moment: datetime = NOW) -> Call:
    return Call("req_1", moment)


def later(days: float = 0, **more: float) -> datetime:
    return NOW + timedelta(days=days, **more)


def subscription(moment: datetime = NOW, settings: Settings | None = None, **fields: Any) -> Record:
    body = NewSubscription.model_validate({"customer_id": "cus_1", "amount_minor": 1000, **fields})
    return rules.new_subscription(
        TENANT,
        body,
        id="sub_1",
        sequence=1,
        customer_id="cus_1",
        currency="USD",
        settings=settings or Settings(),
        call=call(moment),
    )


def stored(record: Record) -> Record:
    return Record.from_item(from_attributes(to_attributes(record.to_item())))


def run(record: Record, moment: datetime) -> tuple[Record, list[Bill]]:
    """Take every step that is due, as `collection` does: each at the moment of the sweep."""
    bills: list[Bill] = []
    for _ in range(2_000):
        step = rules.step(record, moment, call(moment))
        if step is None:
            return record, bills
        assert step.after.version == record.version + 1
        record = step.after
        if step.bill:
            bills.append(step.bill)
            record = rules.billed(record, rules.invoice_id_of(record, step.bill.period_start), call(moment))
    raise AssertionError("it never comes to rest")


def billed(**fields: Any) -> Record:
    """Return a subscription whose first period is billed."""
    record, bills = run(subscription(**fields), NOW)
    assert len(bills) == 1
    return record


def past_due(record: Record | None = None) -> Record:
    return rules.payment_failed(record or billed(), 1, later(3), 3, call())


def with_state(status: str) -> Record:
    match status:
        case "trialing":
            return subscription(trial_days=14)
        case "active":
            return billed()
        case "past_due":
            return past_due()
        case "paused":
            return rules.paused(billed(), rules.Pause(), call())
        case "canceled":
            return rules.canceled(billed(), "immediately", None, call())
        case _:
            return run(billed(billing_max_cycles=1), later(40))[0]
