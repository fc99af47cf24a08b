"""Invoices to test with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from billing.billing_settings.record import Settings
from billing.customers import rules as customers
from billing.customers.models import NewCustomer
from billing.customers.record import Record as Customer
from billing.customers.wallet import Held, Wallet
from billing.invoices import rules
from billing.invoices.models import NewInvoice
from billing.invoices.record import Record
from billing.invoices.rules import Circumstances
from billing.taxes.record import Rate
from billing.tenancy import Call, Tenant

TENANT = Tenant("mer_" + "1" * 32, livemode=False)
START = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
CUSTOMER_ID = "cus_" + "2" * 32
METHOD_ID = "pm_" + "5" * 32
VAT = Rate("txr_1", "VAT", "DE", 190_000, "", "")
WORK = {"description": "Work", "amount_minor": 1000, "quantity": 3}


def call(**later: float) -> Call:
    return Call("req", START + timedelta(**later))


def customer(**fields: Any) -> Customer:
    body = {"email": "jane@example.com", "name": "Jane", "address": {"line1": "Straße 1", "country": "DE"}, **fields}
    wallet = Wallet((Held(METHOD_ID, "2026-12"), Held("pm_" + "6" * 32, "2026-04")), METHOD_ID)
    made = customers.new_customer(
        TENANT,
        NewCustomer.model_validate(body),
        id=CUSTOMER_ID,
        sequence=1,
        source="api",
        call=call(),
        address_id="addr_1",
    )
    return customers.holding(made, wallet, call())


def about(*, rates: tuple[Rate, ...] = (), settings: Settings | None = None, **fields: Any) -> Circumstances:
    """Return what an invoice depends on; fields are the customer's."""
    return Circumstances(customer(**fields), settings or Settings(), rates)


def draft(known: Circumstances | None = None, **fields: Any) -> Record:
    sums = {} if "line_items" in fields else {"total_minor": 1000}
    body = NewInvoice.model_validate({"customer_id": CUSTOMER_ID, **sums, **fields})
    return rules.new_invoice(TENANT, body, known or about(), id="inv_" + "3" * 32, sequence=1, call=call())


def opened(known: Circumstances | None = None, **fields: Any) -> Record:
    known = known or about()
    return rules.finalized(draft(known, **fields), known, number="INV-000001", collects=None, call=call())


def paid_in(record: Record, amount_minor: int) -> Record:
    return rules.paid(rules.paying(record, "pay_1", call()), amount_minor, call())
