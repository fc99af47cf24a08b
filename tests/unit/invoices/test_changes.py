"""How an invoice is changed: everything of a draft, little of what is open."""

from typing import Any

import pytest
from pydantic import ValidationError

from billing.billing_settings.record import Settings
from billing.errors import InvalidFields, MalformedRequest
from billing.invoices import rules
from billing.invoices.models import InvoiceChanges, NewInvoice, Voiding
from billing.invoices.record import Record
from billing.invoices.rules import Circumstances
from tests.unit.invoices.invoice import CUSTOMER_ID, METHOD_ID, VAT, WORK, about, call, draft, opened, paid_in

TERMS = {
    "start_mode": "when_paid",
    "duration_type": "until_cancelled",
    "first_payment_behavior": "charge_first_cycle_now",
}


def changed(record: Record, known: Circumstances | None = None, **fields: Any) -> Record:
    return rules.changed(record, InvoiceChanges.model_validate(fields), known or about(), call(hours=1))


class TestDrafts:
    def test_a_total_replaces_lines_and_lines_a_total(self):
        known = about(rates=(VAT,))
        by_lines = changed(draft(known), known, line_items=[WORK])
        by_total = changed(by_lines, known, total_minor=70)

        assert (by_lines.total_minor, by_lines.tax_minor, len(by_lines.lines)) == (3570, 570, 1)
        assert (by_total.total_minor, by_total.tax_minor, by_total.lines, by_total.taxed) == (70, 0, (), None)

    def test_a_change_takes_the_rates_of_the_present(self):
        record = draft(about(rates=(VAT,)), line_items=[WORK])

        assert changed(record, about(), memo="Hi").tax_minor == 0

    def test_what_changes_nothing_is_the_same_object(self):
        record = draft(memo="Hi", metadata={"a": 1})

        assert changed(record, memo="Hi", metadata={"a": 1}) is record
        assert changed(record, metadata={"a": True}) is not record

    @pytest.mark.parametrize(("method", "collects"), [("charge_automatically", True), ("send_invoice", False)])
    def test_the_newest_terms_say_whether_it_is_collected(self, method, collects):
        other = "send_invoice" if collects else "charge_automatically"
        record = draft(subscription_terms={**TERMS, "collection_method": other})

        assert record.collects is not collects
        assert changed(record, subscription_terms={**TERMS, "collection_method": method}).collects is collects

    def test_it_is_collected_with_an_active_method_of_its_customer_or_the_default(self):
        dashed = "55555555-5555-5555-5555-555555555555"
        record = draft(payment_method_id=dashed)

        assert record.payment_method_id == METHOD_ID
        assert changed(record, payment_method_id=None).payment_method_id is None

    @pytest.mark.parametrize("method_id", ["pm_" + "7" * 32, "pm_" + "6" * 32, "nonsense"])
    def test_another_method_is_refused(self, method_id):
        with pytest.raises(InvalidFields) as refused:
            draft(payment_method_id=method_id)
        assert refused.value.param == "payment_method_id"

    def test_a_business_is_kept_in_one_spelling(self):
        record = draft(business_id="88888888-8888-8888-8888-888888888888")

        assert record.business_id == "bus_" + "8" * 32
        assert changed(record, business_id=None).business_id is None


class TestOpen:
    def test_it_is_due_as_the_settings_say(self):
        assert opened(about(settings=Settings(days_until_due=3))).due_date == "2026-05-07"

    @pytest.mark.parametrize(
        "fields", [{"total_minor": 1}, {"line_items": [WORK]}, {"currency": "EUR"}, {"invoice_number": "7"}]
    )
    def test_what_is_frozen_is_refused_by_name(self, fields):
        with pytest.raises(MalformedRequest) as refused:
            changed(opened(), **fields)
        assert refused.value.param == next(iter(fields))

    def test_its_taxes_and_whom_it_bills_stay(self):
        record = opened(about(rates=(VAT,)), line_items=[WORK])
        after = changed(record, about(name="Other"), memo="Hi", metadata={"a": 1})

        assert (after.memo, after.metadata) == ("Hi", {"a": 1})
        assert (after.taxed, after.bill_to) == (record.taxed, record.bill_to)

    def test_a_note_does_not_move_the_end_of_its_due_day(self):
        record = opened()

        assert changed(record, about(settings=Settings(time_zone="Asia/Tokyo")), memo="Hi").due == record.due

    @pytest.mark.parametrize(
        ("sent", "paid_minor", "status"), [(False, 0, "open"), (True, 0, "sent"), (True, 400, "partially_paid")]
    )
    def test_a_later_due_date_ends_being_overdue(self, sent, paid_minor, status):
        record = opened(due_date="2026-05-04")
        record = rules.sent(record, "email", call()) if sent else record
        record = paid_in(record, paid_minor) if paid_minor else record
        late = rules.overdue(record, call(days=2))
        assert late.status == "overdue"

        changes = InvoiceChanges.model_validate({"due_date": "2026-06-01"})
        after = rules.amended(late, changes, Settings(), call(days=2))

        assert (after.status, after.overdue_at) == (status, "2026-06-02T00:00:00.000Z")
        assert rules.overdue(after, call(days=29)).status == "overdue"

    def test_a_due_date_that_is_over_stays_overdue(self):
        late = rules.overdue(opened(due_date="2026-05-04"), call(days=9))
        changes = InvoiceChanges.model_validate({"due_date": "2026-05-05"})

        assert rules.amended(late, changes, Settings(), call(days=9)).status == "overdue"


class TestWhomItBills:
    def test_the_customers_tax_id_does_not_stand_beside_a_business(self):
        business = {"company_name": "Acme", "tax_id": None, "address": {"country": "FR"}}
        known = Circumstances(about(tax_id="DE1").customer, business=business)

        assert opened(known).bill_to == {
            "name": "Jane",
            "company_name": "Acme",
            "email": "jane@example.com",
            "address": {"country": "FR"},
        }


class TestFields:
    @pytest.mark.parametrize("text", ["2026-01-31", "2026-01-31T23:00:00Z", "2026-01-31T23:00:00.000+02:00"])
    def test_of_a_moment_its_day_counts(self, text):
        assert draft(due_date=text).due_date == "2026-01-31"

    @pytest.mark.parametrize("text", ["2026-02-30", "2026-01-31garbage", "9999-12-31", "0001-01-01", "", "soon"])
    def test_what_is_no_day_is_refused(self, text):
        with pytest.raises(ValidationError):
            draft(due_date=text)

    def test_a_customer_named_twice_in_two_spellings_is_one(self):
        dashed = "22222222-2222-2222-2222-222222222222"

        assert draft(customer_uuid=dashed).customer_id == CUSTOMER_ID
        with pytest.raises(ValidationError):
            draft(customer_uuid="cus_" + "3" * 32)

    @pytest.mark.parametrize("field", ["invoice_number", "memo", "footer", "external_id"])
    def test_card_numbers_are_kept_nowhere(self, field):
        with pytest.raises(ValidationError):
            NewInvoice.model_validate({"customer_id": CUSTOMER_ID, "total_minor": 1, field: "4242424242424242"})
        with pytest.raises(ValidationError):
            Voiding(reason="paid with 4242 4242 4242 4242")
