"""What may happen to an invoice, and that its sums hold whatever does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.billing_settings.record import Settings
from billing.customers.address_book import AddressBook
from billing.customers.record import Record as Customer
from billing.errors import BillingError, Conflict, InvalidFields, MalformedRequest
from billing.invoices import rules
from billing.invoices.events import events_of
from billing.invoices.models import InvoiceChanges, NewInvoice
from billing.invoices.numbers import Numbers, check_own
from billing.invoices.record import InvoiceLine, Record
from billing.invoices.rules import Circumstances, Draft
from billing.taxes.record import Rate
from billing.tenancy import Call, Tenant

NOW = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)
TENANT = Tenant("mer_" + "1" * 32, livemode=False)
CALL = Call("req", NOW)


def rate(country: str, ppm: int, *, inclusive: bool = False) -> Rate:
    return Rate(
        id="txr_" + "1" * 32,
        label="VAT",
        country=country,
        ppm=ppm,
        inclusive=inclusive,
        created_at="2026-01-01T00:00:00.000Z",
        updated_at="2026-01-01T00:00:00.000Z",
    )


def customer(**texts: str) -> Customer:
    return Customer(
        tenant=TENANT,
        id="cus_" + "2" * 32,
        version=1,
        sequence=1,
        source="api",
        created_at="2026-01-01T00:00:00.000Z",
        updated_at="2026-01-01T00:00:00.000Z",
        texts={"email": "jane@example.com", **texts},
        addresses=AddressBook().with_own(
            {"line1": "Straße 1", "city": "Berlin", "postal_code": "10115", "country": "DE"},
            new_id="addr_1",
            moment="2026-01-01T00:00:00.000Z",
        ),
    )


def about(**changes: object) -> Circumstances:
    return replace(Circumstances(customer()), **changes)  # type: ignore[arg-type]


def draft(circumstances: Circumstances | None = None, **fields: object) -> Record:
    body = NewInvoice.model_validate({"customerId": "cus_" + "2" * 32, "total_minor": 1000, **fields})
    known = circumstances or about()
    return rules.new_invoice(TENANT, body, known, id="inv_" + "3" * 32, sequence=1, call=CALL)


def opened(circumstances: Circumstances | None = None, **fields: object) -> Record:
    known = circumstances or about()
    return rules.finalized(draft(known, **fields), known, number="INV-000001", collects=None, call=CALL)


LINES = [{"description": "Work", "amountMinor": 1000, "quantity": 3}, {"description": "Less", "amountMinor": -500}]


class TestSums:
    def test_a_total_is_taken_as_it_is(self):
        record = draft(about(rates=[rate("DE", 190_000)]), total_minor=1000)

        assert (record.subtotal_minor, record.tax_minor, record.total_minor, record.lines) == (1000, 0, 1000, ())

    def test_lines_bear_the_tax_of_where_they_are_billed(self):
        record = draft(about(rates=[rate("DE", 190_000)]), total_minor=None, lineItems=LINES)

        assert (record.subtotal_minor, record.tax_minor, record.total_minor) == (2500, 475, 2975)

    def test_taxes_are_frozen_when_it_is_finalized(self):
        record = opened(about(rates=[rate("DE", 190_000)]), total_minor=None, lineItems=LINES)

        with pytest.raises(MalformedRequest):
            rules.changed(record, InvoiceChanges(total_minor=5), about(), CALL)
        changed = rules.changed(record, InvoiceChanges(memo="Hello"), about(rates=[rate("DE", 70_000)]), CALL)
        assert (changed.tax_minor, changed.memo) == (475, "Hello")

    def test_discounts_alone_are_no_invoice(self):
        with pytest.raises(InvalidFields) as refused:
            draft(total_minor=None, lineItems=[{"description": "Less", "amountMinor": -1}])
        assert refused.value.param == "line_items"

    def test_what_costs_nothing_is_paid_when_it_is_finalized(self):
        assert opened(total_minor=0).status == "paid"

    @pytest.mark.parametrize(
        ("own", "of_customer", "expected"), [("JPY", "EUR", "JPY"), (None, "EUR", "EUR"), (None, None, "CHF")]
    )
    def test_its_currency_is_its_own_or_the_customers_or_the_merchants(self, own, of_customer, expected):
        known = about(
            customer=customer(**({"currency": of_customer} if of_customer else {})),
            settings=Settings(default_currency="CHF"),
        )
        assert draft(known, **({"currency": own} if own else {})).currency == expected


class TestDue:
    def test_the_day_is_the_merchants_and_ends_where_the_merchant_is(self):
        record = opened(about(settings=Settings(time_zone="Asia/Tokyo", days_until_due=1)))

        # It is already 1 February in Tokyo.
        assert record.due_date == "2026-02-02"
        assert record.overdue_at == "2026-02-02T15:00:00.000Z"

    def test_it_becomes_overdue_when_that_day_has_ended(self):
        record = opened(due_date="2026-02-01")
        later = [replace(CALL, now=datetime(2026, 2, day, tzinfo=UTC)) for day in (1, 2)]

        assert [rules.overdue(record, call).status for call in later] == ["open", "overdue"]

    def test_a_row_says_when_something_is_to_be_done_about_it(self):
        assert draft().due is None
        record = opened(due_date="2026-02-01", auto_charge=True)
        assert record.due is not None
        assert record.due.second == int(NOW.timestamp())
        tried = rules.payment_failed(record, {"code": "no", "message": "no"}, None, CALL)
        assert tried.due is not None
        assert tried.due.second == int(datetime(2026, 2, 2, tzinfo=UTC).timestamp())
        assert rules.voided(tried, None, CALL).due is None


class TestNumbers:
    def test_the_series_counts_on(self):
        assert [Numbers().next, Numbers(version=9, last=41).next] == ["INV-000001", "INV-000042"]

    @pytest.mark.parametrize("number", ["INV-1", "inv-000042", "INV-99999999"])
    def test_a_number_of_ones_own_is_none_of_the_series(self, number):
        with pytest.raises(InvalidFields) as refused:
            check_own(number)
        assert refused.value.param == "invoice_number"

    def test_a_number_of_ones_own_stays(self):
        assert opened(invoice_number="2026/17").number == "2026/17"


class TestStates:
    def test_paid_in_parts(self):
        record = rules.paid(rules.paying(opened(), "pay_1", CALL), 400, CALL)
        assert (record.status, record.amount_due_minor, record.paying) == ("partially_paid", 600, None)
        record = rules.paid(rules.paying(record, "pay_2", CALL), 600, CALL)
        assert (record.status, record.amount_due_minor, record.paid_at is not None) == ("paid", 0, True)

    def test_one_payment_at_a_time(self):
        record = rules.paying(opened(), "pay_1", CALL)
        with pytest.raises(Conflict):
            rules.paying(record, "pay_2", CALL)
        with pytest.raises(Conflict):
            rules.voided(record, None, CALL)

    def test_more_than_is_due_is_refused_by_name(self):
        with pytest.raises(InvalidFields) as refused:
            rules.amount_to_pay(opened(), 1001)
        assert refused.value.param == "amount_minor"

    @pytest.mark.parametrize("status", ["draft", "paid", "voided"])
    def test_what_is_not_owed_is_not_paid(self, status):
        with pytest.raises(MalformedRequest):
            rules.amount_to_pay(replace(opened(), status=status), None)

    def test_what_was_paid_for_is_not_voided(self):
        record = rules.paid(rules.paying(opened(), "pay_1", CALL), 400, CALL)
        with pytest.raises(MalformedRequest):
            rules.voided(record, None, CALL)

    def test_a_debit_that_comes_back_is_owed_again(self):
        record = rules.paid(rules.paying(opened(), "pay_1", CALL), 1000, CALL)
        returned = rules.payment_returned(record, 1000, CALL)
        assert (returned.status, returned.amount_due_minor, returned.paid_at) == ("open", 1000, None)

    def test_a_draft_is_deleted_and_what_has_a_number_is_not(self):
        assert rules.deleted(draft(), CALL).deleted_at
        with pytest.raises(MalformedRequest):
            rules.deleted(opened(), CALL)

    def test_of_a_subscription_it_is_finalized_at_once_in_one_version(self):
        line = InvoiceLine("Seats", 500, 2, 1000)
        wanted = Draft(
            currency="USD",
            lines=(line,),
            subscription_id="sub_1",
            business_id=None,
            period_start="2026-01-31T23:30:00.000Z",
            period_end="2026-02-28T23:30:00.000Z",
            billing_reason="subscription_cycle",
            collects=True,
            payment_method_id=None,
            days_until_due=0,
        )
        record = rules.issued(TENANT, wanted, id="inv_1", sequence=1, number="INV-000001", about=about(), call=CALL)

        assert (record.version, record.status, record.number) == (1, "open", "INV-000001")
        assert record.next_attempt_at == "2026-01-31T23:30:00.000Z"


class TestSending:
    def test_it_is_told_again_at_the_same_moment_of_a_test_clock(self):
        invoice = opened()
        once = rules.sent(invoice, "email", CALL)
        twice = rules.sent(once, "email", CALL)

        assert [each.type for each in events_of(invoice, once)] == ["invoice.sent"]
        assert [each.type for each in events_of(once, twice)] == ["invoice.sent"]
        assert (twice.status, twice.sent_at) == ("sent", once.sent_at)

    @pytest.mark.parametrize("channel", ["sms", "whatsapp"])
    def test_a_phone_is_needed_that_is_the_customers_by_now(self, channel):
        with pytest.raises(MalformedRequest) as refused:
            rules.sent(opened(), channel, CALL)

        assert refused.value.param == "channel"
        assert rules.sent(opened(), channel, CALL, phone="+15550100").sent_by == channel


def test_kept_and_read_again_it_is_the_same():
    record = opened(
        about(rates=[rate("DE", 190_000)]),
        total_minor=None,
        lineItems=LINES,
        metadata={"a": 1.5},
        allowed_methods=["card"],
        subscription_terms={
            "collection_method": "charge_automatically",
            "start_mode": "when_paid",
            "duration_type": "until_cancelled",
            "first_payment_behavior": "charge_first_cycle_now",
        },
    )
    item = {name: value for name, value in record.to_item().items() if value is not None}

    assert Record.from_item(item) == record
    assert record.collects


steps = st.lists(
    st.tuples(
        st.sampled_from(["pay", "in", "fail", "undo", "refund", "return", "void", "later", "retry", "give up"]),
        st.integers(1, 1200),
    ),
    max_size=30,
)


@given(steps)
def test_whatever_happens_its_sums_hold(happening):  # noqa: C901 - one branch for each thing that can happen
    """Steps as the collection takes them: money comes in only for a payment that was begun."""
    record, call, under_way = opened(), CALL, 0
    for step, amount in happening:
        before = record
        try:
            match step:
                case "pay":
                    under_way = rules.amount_to_pay(record, amount)
                    record = rules.paying(record, "pay_1", call)
                case "in" if record.paying:
                    record = rules.paid(record, under_way, call)
                case "fail" if record.paying:
                    record = rules.payment_failed(record, {"code": "no", "message": "no"}, None, call)
                case "undo":
                    record = rules.payment_undone(record, call)
                case "refund" if amount <= record.amount_paid_minor - record.amount_refunded_minor:
                    record = rules.refunded(record, amount, call)
                case "return" if amount <= record.amount_paid_minor - record.amount_refunded_minor:
                    record = rules.payment_returned(record, amount, call)
                case "void":
                    record = rules.voided(record, None, call)
                case "later":
                    call = replace(call, now=call.now + timedelta(days=amount))
                    record = rules.overdue(record, call)
                case "retry":
                    record = rules.retrying(record, call.moment, call)
                case "give up":
                    record = rules.given_up(record, call)
        except BillingError:
            assert record is before
        assert 0 <= record.amount_refunded_minor <= record.amount_paid_minor <= record.total_minor
        assert record.status == before.status or record.status in rules.TRANSITIONS[before.status]
        assert record.version == before.version + (record is not before)
        assert record.status != "voided" or record.amount_paid_minor == 0
        assert (record.status == "paid") == (record.amount_paid_minor == record.total_minor)
