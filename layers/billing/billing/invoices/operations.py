"""The commands and queries of invoices: read, decide by the rules, commit. Paying them is `billing.collection`'s."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from billing import customers
from billing.billing_settings.record import Settings
from billing.billing_settings.record import key_of as settings_key
from billing.businesses.buyers import tax_identity_of
from billing.businesses.record import Record as Business
from billing.businesses.record import key_of as business_key
from billing.customers.models import NewCustomer
from billing.customers.operations import adding, drawn_up
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.errors import BusinessDeleted, CustomerDeleted, EmailTaken, NotFound
from billing.ids import new_id, object_id
from billing.invoices import numbers, rules
from billing.invoices.models import (
    DeletedInvoice,
    Finalization,
    Invoice,
    InvoiceChanges,
    NewInvoice,
    Sending,
    Voiding,
)
from billing.invoices.numbers import Numbers
from billing.invoices.record import KIND, Record, key_of, put
from billing.invoices.rules import Circumstances
from billing.preconditions import check_version
from billing.table import Item, Key, Keys, Transaction, table
from billing.table.table import until_written
from billing.taxes.record import Rate, Rates
from billing.taxes.record import key_of as rates_key
from billing.tenancy import Caller, Tenant


def create(caller: Caller, body: NewInvoice) -> Invoice:
    """Make an invoice, for a new customer too; with status `open` it is finalized in the same transaction.

    Raises:
        NotFound: the tenant has no such customer or business.
        CustomerDeleted: the customer is deleted.
        InvalidFields: its own number looks like one of the series, or it comes to less than nothing or too much.
        Conflict: another invoice has its own number.
    """
    invoice_id = new_id("inv")
    sequences: list[int] = []

    def attempt() -> Invoice:
        transaction = Transaction()
        customer_id, new = _whom(caller, body)
        about, series = _circumstances(caller, customer_id, body.business_id, customer=new)
        if not sequences:
            sequences.append(table().next_number(Keys(caller.tenant).sequence(KIND)))
        record = rules.new_invoice(caller.tenant, body, about, id=invoice_id, sequence=sequences[0], call=caller.call)
        if body.status == "open":
            record = _numbered(transaction, record, about, series, collects=None, caller=caller, version=1)
        if new is None:
            _require_live(transaction, caller.tenant, customer_id)
        else:
            adding(transaction, new)
        if record.number and record.number_is_given:
            numbers.claim(transaction, caller.tenant, record.number, record.id)
        put(transaction, None, record)
        answer = record.to_invoice()
        table().commit(transaction, caller, answer)
        return answer

    def found_again() -> Invoice:
        try:
            return attempt()
        except EmailTaken:
            return attempt()  # somebody has made the customer since we looked; it is found now

    return until_written(caller, found_again)


def get(tenant: Tenant, invoice_id: str) -> Invoice:
    """Return an invoice.

    Raises:
        NotFound: the tenant has no such invoice.
    """
    return read(tenant, invoice_id).to_invoice()


def read(tenant: Tenant, invoice_id: str) -> Record:
    """Return the stored invoice.

    Raises:
        NotFound: the tenant has no such invoice, or it was a draft that is deleted.
    """
    return found(table().get(key_of(tenant, invoice_id)), invoice_id)


def found(item: Item | None, invoice_id: str) -> Record:
    """Return the invoice of an item that was read.

    Raises:
        NotFound: there is none, or it was a draft that is deleted.
    """
    if item is None or "deleted_at" in item:
        raise NotFound("invoice", invoice_id)
    return Record.from_item(item)


def update(caller: Caller, invoice_id: str, changes: InvoiceChanges) -> Invoice:
    """Change an invoice: anything of a draft, little of what is open; a status is reached as by its own command.

    Raises:
        NotFound: the tenant has no such invoice or business.
        CustomerDeleted: the customer is deleted.
        MalformedRequest: something is to change that is frozen, or a status can't be reached.
        InvalidFields: its own number looks like one of the series, or it comes to less than nothing or too much.
        Conflict: another invoice has its own number, or it is being paid.
        PreconditionFailed: `If-Match` names another version.
    """

    def decide(transaction: Transaction, record: Record) -> Record:
        business_id = changes.business_id if "business_id" in changes.model_fields_set else record.business_id
        about, series = _circumstances(caller, record.customer_id, business_id)
        after = rules.changed(record, changes, about, caller.call)
        _renumber(transaction, record, after)
        match changes.status:
            case "open" if after.status == "draft":
                after = _numbered(
                    transaction, after, about, series, collects=None, caller=caller, version=record.version + 1
                )
            case "sent" if after.status != "sent":
                after = rules.sent(after, "email", caller.call)
            case "voided" | "void" if after.status != "voided":
                after = rules.voided(after, None, caller.call)
        if after is not record and after.status != "voided":
            _require_live(transaction, caller.tenant, record.customer_id)
        return after

    return _change(caller, invoice_id, decide)


def finalize(caller: Caller, invoice_id: str, body: Finalization) -> Invoice:
    """Make an invoice of a draft: numbered, taxed and due.

    Raises:
        NotFound: the tenant has no such invoice.
        CustomerDeleted: the customer is deleted.
        MalformedRequest: it is no draft.
    """

    def decide(transaction: Transaction, record: Record) -> Record:
        about, series = _circumstances(caller, record.customer_id, record.business_id)
        after = _numbered(
            transaction,
            record,
            about,
            series,
            collects=body.auto_advance,
            caller=caller,
            version=record.version + 1,
        )
        _require_live(transaction, caller.tenant, record.customer_id)
        return after

    return _change(caller, invoice_id, decide)


def send(caller: Caller, invoice_id: str, body: Sending) -> Invoice:
    """Have an invoice go out to its customer; it can be sent again.

    Raises:
        NotFound: the tenant has no such invoice.
        CustomerDeleted: the customer is deleted.
        MalformedRequest: it is a draft, paid or voided; the customer has no phone to send it to.
    """

    def decide(transaction: Transaction, record: Record) -> Record:
        _require_live(transaction, caller.tenant, record.customer_id)
        return rules.sent(record, body.channel, caller.call)

    return _change(caller, invoice_id, decide)


def void(caller: Caller, invoice_id: str, body: Voiding) -> Invoice:
    """Have nobody pay an invoice.

    Raises:
        NotFound: the tenant has no such invoice.
        MalformedRequest: it is a draft, voided, or something was paid for it.
        Conflict: it is being paid.
    """
    return _change(caller, invoice_id, lambda _, record: rules.voided(record, body.reason, caller.call))


def delete(caller: Caller, invoice_id: str) -> DeletedInvoice:
    """Delete a draft; repeatable.

    Raises:
        NotFound: the tenant has no such invoice.
        MalformedRequest: it is no draft any more.
    """

    def attempt() -> DeletedInvoice:
        [item] = table().get_for_change(caller, [key_of(caller.tenant, invoice_id)])
        if item is None:
            raise NotFound("invoice", invoice_id)
        record = Record.from_item(item)
        if not record.deleted_at:
            check_version(caller.call, record.version)
        after = rules.deleted(record, caller.call)
        transaction = put(Transaction(), record, after)
        if after is not record and record.number and record.number_is_given:
            numbers.release(transaction, caller.tenant, record.number)
        answer = DeletedInvoice(id=record.id)
        table().commit(transaction, caller, answer)
        return answer

    return until_written(caller, attempt)


def circumstances(
    customer: Customer, settings: Settings, rates: Sequence[Rate], business: Business | None
) -> Circumstances:
    """Return what an invoice of a customer depends on; `business` is billed instead, if there is one."""
    billed = None
    if business is not None:
        texts = business.texts
        parts = {
            "line1": texts.get("billing_address_line1"),
            "line2": texts.get("billing_address_line2"),
            "city": texts.get("billing_city"),
            "postal_code": texts.get("billing_postcode"),
            "country": texts.get("billing_country"),
        }
        address = {name: text for name, text in parts.items() if text}
        billed = {
            "company_name": texts["name"],
            "email": texts.get("billing_email"),
            "phone": texts.get("billing_phone"),
            "tax_id": texts.get("tax_identifier"),
            "address": address or dict(customer.address),
        }
    buyer_tax = business.tax if business else tax_identity_of(customer)
    return Circumstances(customer, settings, rates, buyer_tax, billed)


def _circumstances(
    caller: Caller, customer_id: str, business_id: str | None, *, customer: Customer | None = None
) -> tuple[Circumstances, Numbers]:
    """Read what an invoice depends on and the series of numbers: one round trip. `customer` is one that is new."""
    tenant = caller.tenant
    keys: list[Key] = [customer_key(tenant, customer_id), settings_key(tenant), rates_key(tenant)]
    keys.append(numbers.key_of(tenant))
    if business_id is not None:
        business_id = object_id("bus", "business", business_id)
        keys.append(business_key(tenant, business_id))
    item, settings, rates, series, *rest = table().get_all(keys)
    if customer is None:
        customer = _live(item, customer_id)
    business = _business(rest[0], business_id or "", customer_id) if rest else None
    about = circumstances(customer, Settings.from_item(settings), Rates.from_item(rates).rates, business)
    return about, Numbers.from_item(series)


def _whom(caller: Caller, body: NewInvoice) -> tuple[str, Customer | None]:
    """Return the id of the customer to bill, and the customer if it has yet to be made."""
    if body.customer is not None:
        return object_id("cus", "customer", body.customer), None
    email = body.address or ""
    known = customers.find_by_email(caller.tenant, email)
    if known is not None:
        return known.id, None
    fields = {"email": email, **({"name": body.customer_name} if body.customer_name else {})}
    new = drawn_up(caller, NewCustomer.model_validate(fields), source="invoice")
    return new.id, new


def _numbered(
    transaction: Transaction,
    record: Record,
    about: Circumstances,
    series: Numbers,
    *,
    collects: bool | None,
    caller: Caller,
    version: int,
) -> Record:
    """Finalize a draft and take its number in a transaction; `version` is the one that all its changes come to."""
    after = rules.finalized(record, about, number=series.next, collects=collects, call=caller.call)
    if not after.number_is_given:
        numbers.put(transaction, caller.tenant, series)
    return replace(after, version=version)


def _renumber(transaction: Transaction, before: Record, after: Record) -> None:
    old = before.number if before.number_is_given else None
    new = after.number if after.number_is_given else None
    if old == new:
        return
    if old is not None:
        numbers.release(transaction, before.tenant, old)
    if new is not None:
        numbers.claim(transaction, before.tenant, new, before.id)


def _change(caller: Caller, invoice_id: str, decide: Callable[[Transaction, Record], Record]) -> Invoice:
    def attempt() -> Invoice:
        [item] = table().get_for_change(caller, [key_of(caller.tenant, invoice_id)])
        record = found(item, invoice_id)
        check_version(caller.call, record.version)
        transaction = Transaction()
        after = decide(transaction, record)
        if after is record:
            transaction = Transaction()
        answer = after.to_invoice()
        table().commit(put(transaction, record, after), caller, answer)
        return answer

    return until_written(caller, attempt)


def _live(item: Item | None, customer_id: str) -> Customer:
    if item is None:
        raise NotFound("customer", customer_id)
    customer = Customer.from_item(item)
    if customer.deleted_at:
        raise CustomerDeleted(customer_id)
    return customer


def _business(item: Item | None, business_id: str, customer_id: str) -> Business:
    business = Business.from_item(item) if item else None
    if business is None or customer_id not in business.customer_ids:
        raise NotFound("business", business_id)
    if business.deleted_at:
        raise BusinessDeleted(business_id)
    return business


def _require_live(transaction: Transaction, tenant: Tenant, customer_id: str) -> None:
    transaction.require(
        customer_key(tenant, customer_id),
        without="deleted_at",
        refusal=lambda item: CustomerDeleted(customer_id) if item else NotFound("customer", customer_id),
    )
