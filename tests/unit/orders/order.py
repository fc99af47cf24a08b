"""Orders to test with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from billing.billing_settings.record import Settings
from billing.customers import rules as customers
from billing.customers.models import NewCustomer
from billing.orders import rules
from billing.orders.models import NewOrder
from billing.orders.record import Record
from billing.taxes.record import Rate
from billing.tenancy import Call, Tenant

TENANT = Tenant("mer_" + "1" * 32, livemode=False)
START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
CARDS = {"description": "Punch cards", "unit_price": 250, "quantity": 4, "product_id": "cards"}
VAT = Rate("txr_1", "VAT", "DE", 190_000, "", "")


def call(minutes: float = 0) -> Call:
    return Call(f"req-{minutes}", START + timedelta(minutes=minutes))


def order(
    *,
    customer: dict[str, Any] | None = None,
    settings: Settings | None = None,
    rates: tuple[Rate, ...] = (),
    **fields: Any,
) -> Record:
    wanted = {"customer_id": "cus_" + "2" * 32, "line_items": [CARDS], **fields}
    buyer = customers.new_customer(
        TENANT,
        NewCustomer.model_validate({"email": "jane@example.com", **(customer or {})}),
        id="cus_" + "2" * 32,
        sequence=1,
        source="api",
        call=call(),
        address_id="addr_1",
    )
    return rules.new_order(
        TENANT,
        NewOrder.model_validate(wanted),
        id="ord_" + "3" * 32,
        sequence=7,
        customer=buyer,
        settings=settings or Settings(),
        rates=rates,
        buyer_tax=None,
        call=call(),
    )
