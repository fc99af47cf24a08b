"""An invoice as it is drawn."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from billing.billing_settings.record import Settings
from billing.businesses.record import Record as Business
from billing.invoices import rules
from billing.invoices.models import BillingReason
from billing.invoices.operations import circumstances
from billing.invoices.pages import drawn
from billing.invoices.record import InvoiceLine
from billing.invoices.rules import Circumstances, Draft
from tests.unit.invoices.invoice import CUSTOMER_ID, TENANT, VAT, WORK, about, call, customer, draft, opened, paid_in

SETTINGS = Settings(business_name="Acme", address={"line1": "Weg 1", "country": "DE"}, invoice_footer="Thanks")


def test_a_draft_shows_what_it_will_come_to_and_no_number():
    page = drawn(draft(about(rates=(VAT,)), line_items=[WORK], invoice_number="7"), customer(), SETTINGS)

    assert (page.number, page.issued, page.due, page.due_minor) == (None, None, None, 3570)
    assert (page.merchant.name, page.bill_to.name, page.footer) == ("Acme", "Jane", "Thanks")


def test_a_draft_for_a_business_bills_the_business():
    acme = Business(
        TENANT, "bus_1", 1, 1, "", "", {"name": "Acme Ltd", "billing_country": "GB"}, customer_ids=(CUSTOMER_ID,)
    )
    page = drawn(draft(business_id="bus_" + "8" * 32), customer(tax_id="DE1"), SETTINGS, acme)

    assert (page.bill_to.name, page.bill_to.country, page.bill_to.tax_id) == ("Acme Ltd", "GB", None)


@pytest.mark.parametrize(
    ("billing", "country", "state"),
    [
        ({}, "US", "CA"),
        ({"billing_address_line1": "Main St 1"}, "US", "CA"),
        ({"billing_city": "san francisco"}, "US", "CA"),
        ({"billing_city": "Boston", "billing_country": "US"}, "US", None),
        ({"billing_country": "GB"}, "GB", None),
    ],
)
def test_what_a_businesss_address_lacks_is_its_customers(billing: dict[str, str], country: str, state: str | None):
    jane = customer(address={"line1": "Pier 1", "city": "San Francisco", "state": "CA", "country": "US"})
    acme = Business(TENANT, "bus_1", 1, 1, "", "", {"name": "Acme", **billing}, customer_ids=(CUSTOMER_ID,))

    known = circumstances(jane, SETTINGS, (), acme).bill_to["address"]

    assert (known.get("country"), known.get("state")) == (country, state)


def test_taxes_stand_by_their_rates():
    page = drawn(opened(about(rates=(VAT,)), line_items=[WORK]), customer(), SETTINGS)

    [row] = page.taxes
    assert (row.label, row.base_minor, row.amount_minor, row.rate_percent) == ("VAT", 3000, 570, Decimal(19))
    assert (page.subtotal_minor, page.tax_minor, page.total_minor) == (3000, 570, 3570)
    assert page.lines[0].tax == "VAT 19%"


def test_what_was_paid_is_taken_off():
    page = drawn(paid_in(opened(), 400), customer(), SETTINGS)

    assert (page.paid_minor, page.due_minor, page.status) == (400, 600, "partially_paid")


def test_without_lines_the_memo_is_what_it_is_for_and_stands_once():
    page = drawn(opened(memo="Consulting in April"), customer(), SETTINGS)

    assert ([line.description for line in page.lines], page.memo) == (["Consulting in April"], None)


def test_whom_it_bills_stays_when_the_customer_changes():
    record = opened()

    assert drawn(record, customer(name="Renamed"), SETTINGS).bill_to.name == "Jane"


@pytest.mark.parametrize(
    ("zone", "start", "end", "days"),
    [
        ("UTC", "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z", (date(2026, 1, 1), date(2026, 1, 31))),
        ("Asia/Tokyo", "2025-12-31T15:00:00.000Z", "2026-01-31T15:00:00.000Z", (date(2026, 1, 1), date(2026, 1, 31))),
        ("UTC", "2026-01-15T10:30:00.000Z", "2026-02-15T10:30:00.000Z", (date(2026, 1, 15), date(2026, 2, 15))),
    ],
)
def test_a_period_ends_with_its_last_day_where_the_merchant_is(zone, start, end, days):
    reason: BillingReason = "subscription_cycle"
    line = InvoiceLine("Seats", 500, 2, 1000, period_start=start, period_end=end)
    wanted = Draft("USD", (line,), "sub_1", None, start, end, reason, True, None, 0)
    record = rules.issued(
        TENANT, wanted, id="inv_1", sequence=1, number="INV-000001", about=Circumstances(customer()), call=call()
    )

    page = drawn(record, customer(), replace(SETTINGS, time_zone=zone))

    assert [line.period for line in page.lines] == [days]
