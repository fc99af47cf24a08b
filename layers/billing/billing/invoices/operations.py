"""The commands and queries of invoices: read, decide by the rules, commit. Paying them is `billing.collection`'s."""

from collections.abc import Callable, Mapping, Sequence
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
from billing.errors import BusinessDeleted, CustomerDeleted, EmailTaken, MalformedRequest, NotFound
from billing.ids import new_id, object_id
from billing.invoices import numbers, rules
from billing.invoices.models import (
    OLD_NAMES,
    DeletedInvoice,
    Finalization,
    Invoice,
    InvoiceChanges,
    NewInvoice,
    Sending,
    Voiding,
)
from billing.invoices.numbers import Numbers
from billing.invoices.record import KIND, Record, found, key_of, put, read
from billing.invoices.rules import Circumstances
from billing.live_customers import require_live
from billing.preconditions import check_version
from billing.table import Item, Key, Keys, Transaction, table
from billing.table.table import until_written
from billing.taxes.record import Rate, Rates
from billing.taxes.record import key_of as rates_key
from billing.tenancy import Caller, Tenant

type Released = Callable[[Transaction, Record], None]
"""Has what an invoice is for go on without its payment, in the transaction that voids it."""


def create(caller: Caller, body: NewInvoice) -> Invoice:
    """Make an invoice, for a new customer too; with status `open` it is finalized in the same transaction.

    Raises:
        NotFound: the tenant has no such customer or business.
        CustomerDeleted: the customer is deleted.
        InvalidFields: its own number looks like one of the series, it comes to less than nothing or too much, or what
            it is to be collected with is no active payment method of the customer.
        Conflict: another invoice has its own number.
    """
    tenant = caller.tenant
    invoice_id = new_id("inv")
    customer_id = object_id("cus", "customer", body.customer) if body.customer is not None else None
    keys = _keys(tenant, customer_id, body.business_id)
    sequences: list[int] = []
    strangers: list[Customer] = []

    def attempt() -> Invoice:
        read = dict(zip(keys, table().get_for_change(caller, list(keys.values())), strict=True))
        if customer_id is not None:
            customer, is_new = _live(read["customer"], customer_id), False
        else:
            customer, is_new = _with_email(caller, body, strangers)
        about, series = _settled(read, customer, body.business_id)
        if not sequences:
            sequences.append(table().next_number(Keys(tenant).sequence(KIND)))
        transaction = Transaction()
        record = rules.new_invoice(tenant, body, about, id=invoice_id, sequence=sequences[0], call=caller.call)
        if body.status == "open":
            record = _numbered(transaction, record, about, series, collects=None, caller=caller, version=1)
        if is_new:
            adding(transaction, customer)
        else:
            require_live(transaction, tenant, customer.id)
        if record.number and record.number_is_given:
            numbers.claim(transaction, tenant, record.number, record.id)
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


def update(caller: Caller, invoice_id: str, changes: InvoiceChanges, release: Released) -> Invoice:
    """Change an invoice: anything of a draft, little of what is open; a status is reached as by its own command.

    `release` is called when that voids it.

    Raises:
        NotFound: the tenant has no such invoice or business.
        CustomerDeleted: the customer is deleted.
        MalformedRequest: something is to change that is frozen, or a status can't be reached.
        InvalidFields: its own number looks like one of the series, it comes to less than nothing or too much, or what
            it is to be collected with is no active payment method of the customer.
        Conflict: another invoice has its own number, or it is being paid.
        PreconditionFailed: `If-Match` names another version.
    """

    def decide(transaction: Transaction, record: Record) -> Record:
        wanted = OLD_NAMES.get(changes.status or "", changes.status)
        if record.status == "draft":
            business_id = changes.business_id if "business_id" in changes.model_fields_set else record.business_id
            about, series = _circumstances(caller, record.customer_id, business_id)
            after = rules.changed(record, changes, about, caller.call)
            _renumber(transaction, record, after)
            if wanted == "open":
                version = record.version + 1
                after = _numbered(transaction, after, about, series, collects=None, caller=caller, version=version)
        else:
            is_due_later = "due_date" in changes.model_fields_set
            settings = Settings.from_item(table().get(settings_key(caller.tenant))) if is_due_later else Settings()
            after = rules.amended(record, changes, settings, caller.call)
        match wanted:
            case None | after.status:
                pass
            case "sent":
                after = rules.sent(after, "email", caller.call)
            case "voided":
                after = rules.voided(after, None, caller.call)
                release(transaction, after)
            case _ if record.status != "draft":
                raise MalformedRequest(f"An invoice that is {record.status} can't become {wanted}", param="status")
        if after is not record and after.status != "voided":
            require_live(transaction, caller.tenant, record.customer_id)
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
        require_live(transaction, caller.tenant, record.customer_id)
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
        require_live(transaction, caller.tenant, record.customer_id)
        phone = None
        if body.channel != "email":
            customer = _live(table().get(customer_key(caller.tenant, record.customer_id)), record.customer_id)
            phone = customer.texts.get("phone")
        return rules.sent(record, body.channel, caller.call, phone=phone)

    return _change(caller, invoice_id, decide)


def void(caller: Caller, invoice_id: str, body: Voiding, release: Released) -> Invoice:
    """Have nobody pay an invoice; `release` has what it is for go on.

    Raises:
        NotFound: the tenant has no such invoice.
        MalformedRequest: it is a draft, voided, or something was paid for it.
        Conflict: it is being paid.
    """

    def decide(transaction: Transaction, record: Record) -> Record:
        after = rules.voided(record, body.reason, caller.call)
        release(transaction, after)
        return after

    return _change(caller, invoice_id, decide)


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
            "address": _billed_address(address, customer.address),
        }
    buyer_tax = business.tax if business else tax_identity_of(customer)
    return Circumstances(customer, settings, rates, buyer_tax, billed)


def _billed_address(business: dict[str, str], customer: Mapping[str, str]) -> dict[str, str]:
    """Return a business's address, with what it lacks of its customer's: all of it, the country, or the state.

    Businesses have no field for a state: they are taken to be in their customer's if they are in the same city, or name
    none, of the same country.
    """
    if not business:
        return dict(customer)
    whole = {"country": customer["country"], **business} if "country" in customer else business
    is_near = business.get("city", "").casefold() in ("", customer.get("city", "").casefold())
    if is_near and "state" in customer and whole.get("country") == customer.get("country"):
        whole = {**whole, "state": customer["state"]}
    return whole


def _circumstances(caller: Caller, customer_id: str, business_id: str | None) -> tuple[Circumstances, Numbers]:
    """Read what an invoice depends on, and the series of numbers: one round trip."""
    keys = _keys(caller.tenant, customer_id, business_id)
    read = dict(zip(keys, table().get_all(list(keys.values())), strict=True))
    return _settled(read, _live(read["customer"], customer_id), business_id)


def _keys(tenant: Tenant, customer_id: str | None, business_id: str | None) -> dict[str, Key]:
    """Return the keys of what an invoice depends on.

    Raises:
        NotFound: `business_id` is no id.
    """
    keys = {"settings": settings_key(tenant), "rates": rates_key(tenant), "numbers": numbers.key_of(tenant)}
    if customer_id is not None:
        keys["customer"] = customer_key(tenant, customer_id)
    if business_id is not None:
        keys["business"] = business_key(tenant, object_id("bus", "business", business_id))
    return keys


def _settled(
    read: Mapping[str, Item | None], customer: Customer, business_id: str | None
) -> tuple[Circumstances, Numbers]:
    business = _business(read["business"], business_id, customer.id) if business_id is not None else None
    rates = Rates.from_item(read["rates"]).rates
    about = circumstances(customer, Settings.from_item(read["settings"]), rates, business)
    return about, Numbers.from_item(read["numbers"])


def _with_email(caller: Caller, body: NewInvoice, strangers: list[Customer]) -> tuple[Customer, bool]:
    """Return the customer who has the e-mail, or one that is yet to be made, and whether it is.

    `strangers` keeps the new one, so that it is drawn up once however often this is tried.
    """
    email = body.address or ""
    known = customers.find_by_email(caller.tenant, email)
    if known is not None:
        return known, False
    if not strangers:
        fields = {"email": email, **({"name": body.customer_name} if body.customer_name else {})}
        strangers.append(drawn_up(caller, NewCustomer.model_validate(fields), source="invoice"))
    return strangers[0], True


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
