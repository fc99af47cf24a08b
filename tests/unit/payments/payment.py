"""Payments to test with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from billing.gateway import Card, Stored
from billing.payment_methods.record import Record as PaymentMethod
from billing.payments import rules
from billing.payments.record import Record
from billing.tenancy import Call, Tenant

TENANT = Tenant("mer_" + "1" * 32, livemode=False)
CUSTOMER = "cus_" + "2" * 32
START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)


def call(minutes: int = 0) -> Call:
    return Call(f"req-{minutes}", START + timedelta(minutes=minutes))


METHOD = PaymentMethod(
    tenant=TENANT,
    id="pm_" + "3" * 32,
    version=1,
    sequence=1,
    gateway="sandbox",
    stored=Stored("ref_1", "owner_1"),
    details=Card("visa", "4242", 12, 2030),
    created_at="2026-05-01T00:00:00.000Z",
    updated_at="2026-05-01T00:00:00.000Z",
)


def begun(amount_minor: int = 1_000, number: int = 1, tenant: Tenant = TENANT, **about: Any) -> Record:
    wanted = {"customer_id": CUSTOMER, "call": call(), **about}
    return rules.begun(
        tenant,
        METHOD,
        id=f"pay_{number:032x}",
        sequence=number,
        amount_minor=amount_minor,
        currency="EUR",
        work="key_1",
        **wanted,
    )


def intended(method: PaymentMethod | None = METHOD, number: int = 1, **about: Any) -> Record:
    return rules.intended(
        TENANT,
        method,
        id=f"pay_{number:032x}",
        sequence=number,
        customer_id=CUSTOMER,
        amount_minor=1_000,
        currency="EUR",
        gateway="sandbox",
        call=call(),
        **about,
    )


def confirmed(record: Record, minutes: int = 0) -> Record:
    """Return a payment intent while the gateway is asked to charge it."""
    rules.check_confirmable(record)
    return rules.confirming(record, METHOD, None, "key_1", call(minutes))


def recorded(amount_minor: int = 1_000, number: int = 1, tenant: Tenant = TENANT, **about: Any) -> Record:
    return rules.recorded(
        tenant,
        id=f"pay_{number:032x}",
        sequence=number,
        customer_id=about.pop("customer_id", CUSTOMER),
        amount_minor=amount_minor,
        currency="EUR",
        external={"method": "cash", "reference": "till 3", "paid_at": "2026-05-04T09:00:00.000Z"},
        call=call(),
        **about,
    )
