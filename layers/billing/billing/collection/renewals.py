"""What a subscription does by itself when its time has come: begin, renew, end, resume, and make its invoices.

One step is one transaction: the subscription moves on and the invoice of its new period is issued, numbered and due at
once. The invoice's id is made of the subscription and the period's start, so a period can have but one, whoever makes
it and however often. Collecting it is the invoice's own matter.
"""

from dataclasses import replace

from billing.billing_settings.record import Settings
from billing.billing_settings.record import key_of as settings_key
from billing.businesses.record import Record as Business
from billing.businesses.record import key_of as business_key
from billing.collection import invoices
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.errors import CustomerDeleted, NotFound
from billing.invoices import numbers as invoice_numbers
from billing.invoices import record as invoice_records
from billing.invoices import rules as invoice_rules
from billing.invoices.operations import circumstances
from billing.invoices.record import OUTSTANDING, InvoiceLine
from billing.invoices.record import Record as Invoice
from billing.invoices.rules import UNCOLLECTIBLE, Draft
from billing.live_customers import require_live
from billing.subscriptions import rules
from billing.subscriptions.record import Record, key_of, put
from billing.subscriptions.rules import Bill, Step
from billing.table import Key, Keys, Transaction, table
from billing.table.table import until_written
from billing.taxes.record import Rates
from billing.taxes.record import key_of as rates_key
from billing.tenancy import Caller

MOST_STEPS = 1_000
"""How many steps one run takes with one subscription; the next run goes on."""


def renew(caller: Caller, subscription_id: str) -> None:
    """Do everything with a subscription whose time has come, and collect what it bills."""
    for _ in range(MOST_STEPS):
        took_step, billed = _step(caller, subscription_id)
        if billed is not None and billed.collects and billed.status != "draft":
            invoices.attempt(caller, billed.id)
        if not took_step:
            return


def _step(caller: Caller, subscription_id: str) -> tuple[bool, Invoice | None]:
    """Take one step; return whether there was one, and the invoice that it has issued."""
    sequences: list[int] = []

    def once() -> tuple[bool, Invoice | None]:
        record = _read(caller, subscription_id)
        step = rules.step(record, caller.call.moment, caller.call)
        if step is None:
            return False, None
        transaction = Transaction()
        if step.bill is None:
            put(transaction, record, step.after)
            issued = None
        else:
            issued = _billed(caller, transaction, record, step=step, bill=step.bill, sequences=sequences)
        require_live(transaction, caller.tenant, record.customer_id)
        table().write(transaction, caller.call.remaining_seconds)
        return True, issued

    def end() -> None:
        record = _read(caller, subscription_id)
        transaction = put(Transaction(), record, rules.ended_with_customer(record, caller.call))
        table().write(transaction, caller.call.remaining_seconds)

    try:
        return until_written(caller, once)
    except CustomerDeleted:
        until_written(caller, end)
        return False, None


def _billed(
    caller: Caller, transaction: Transaction, record: Record, *, step: Step, bill: Bill, sequences: list[int]
) -> Invoice:
    """Add the invoice of a period, and the subscription that has moved on to it, to a transaction."""
    tenant, call = caller.tenant, caller.call
    invoice_id = rules.invoice_id_of(record, bill.period_start)
    keys: list[Key] = [
        customer_key(tenant, record.customer_id),
        settings_key(tenant),
        rates_key(tenant),
        invoice_numbers.key_of(tenant),
        invoice_records.key_of(tenant, invoice_id),
    ]
    if record.business_id:
        keys.append(business_key(tenant, record.business_id))
    customer_item, settings_item, rates_item, numbers_item, existing, *rest = table().get_all(keys)
    if customer_item is None:
        raise NotFound("customer", record.customer_id)
    after = rules.billed(step.after, invoice_id, call)
    put(transaction, record, after)
    if existing is not None:
        return Invoice.from_item(existing)  # the period has its invoice already
    customer = Customer.from_item(customer_item)
    business = Business.from_item(rest[0]) if rest and rest[0] else None
    numbers = invoice_numbers.Numbers.from_item(numbers_item)
    if not sequences:
        sequences.append(table().next_number(Keys(tenant).sequence(invoice_records.KIND)))
    settings = Settings.from_item(settings_item)
    is_draft = bill.treatment == "draft"
    invoice = invoice_rules.issued(
        tenant,
        _draft(record, bill, settings),
        id=invoice_id,
        sequence=sequences[0],
        number=None if is_draft else numbers.next,
        about=circumstances(customer, settings, Rates.from_item(rates_item).rates, business),
        call=call,
    )
    if bill.treatment == "uncollectible" and invoice.status in OUTSTANDING:  # what comes to nothing is paid
        invoice = replace(invoice_rules.voided(invoice, UNCOLLECTIBLE, call), version=1)
    invoice_records.put(transaction, None, invoice)
    if not is_draft:
        invoice_numbers.put(transaction, tenant, numbers)
    return invoice


def _draft(record: Record, bill: Bill, settings: Settings) -> Draft:
    line = InvoiceLine(
        description=bill.description,
        unit_amount_minor=bill.amount_minor,
        quantity=bill.quantity,
        amount_minor=bill.amount_minor * bill.quantity,
        period_start=bill.period_start,
        period_end=bill.period_end,
    )
    return Draft(
        currency=record.currency,
        lines=(line,),
        subscription_id=record.id,
        business_id=record.business_id,
        period_start=bill.period_start,
        period_end=bill.period_end,
        billing_reason=bill.reason,
        collects=bill.treatment == "collect",
        payment_method_id=record.payment_method_id,
        days_until_due=settings.days_until_due if record.days_until_due is None else record.days_until_due,
        status_wanted="draft" if bill.treatment == "draft" else "open",
    )


def _read(caller: Caller, subscription_id: str) -> Record:
    item = table().get(key_of(caller.tenant, subscription_id))
    if item is None:
        raise NotFound("subscription", subscription_id)
    return Record.from_item(item)
