"""Reading payments, and lists of them, in each of their views: payments, charges, payment intents.

A list with a status reads the states that the view's word covers, one query each. A list with a span of time looks
through the objects that its other filters leave, newest first, and at 5,000 of them at most (see `long_lists`).
"""

from collections.abc import Callable, Sequence

from billing.customers.record import key_of as customer_key
from billing.errors import NotFound
from billing.ids import object_id, parse_id
from billing.long_lists import Found, LongList, Span
from billing.payments.models import Charge, Payment, PaymentIntent, PaymentSummary
from billing.payments.record import KIND, Record, key_of, payment_id_of
from billing.payments.requests import ListCharges, ListPaymentIntents, ListPayments
from billing.payments.states import RECORDED_STATES, SHOWN, Shown, recorded
from billing.table import table
from billing.table.facets import facet
from billing.tenancy import Tenant
from billing.wire import CursorQuery, Listing


def get(tenant: Tenant, payment_id: str) -> Payment:
    """Return a payment.

    Raises:
        NotFound: the tenant has no such payment.
    """
    record = _read(tenant, payment_id)
    if record is None:
        raise NotFound("payment", payment_id)
    return record.to_payment()


def get_charge(tenant: Tenant, charge_id: str) -> Charge:
    """Return a payment as a charge.

    Raises:
        NotFound: the tenant has no such charge; a payment that was recorded by hand is none.
    """
    record = _read(tenant, payment_id_of(charge_id))
    if record is None or record.gateway is None:
        raise NotFound("charge", charge_id)
    return record.to_charge()


def get_intent(tenant: Tenant, intent_id: str) -> PaymentIntent:
    """Return a payment as a payment intent.

    Raises:
        NotFound: the tenant has no such payment intent; a payment that was recorded by hand is none.
    """
    record = _read(tenant, payment_id_of(intent_id))
    if record is None or record.gateway is None:
        raise NotFound("payment intent", intent_id)
    return record.to_intent()


def find(tenant: Tenant, query: ListPayments) -> Listing[Payment]:
    """Return a page of payments, newest first; those with a filter are counted up to 1,000.

    Raises:
        NotFound: what `customer_id` names is no id.
        InvalidFields: a cursor names no payment of the tenant.
    """
    customer_id = _customer_id(query.customer_id)
    status = query.status
    if status is None:
        facets: Sequence[str] | str | None = facet(customer=customer_id)
    else:
        facets = _facets(customer_id, lambda shown: shown.payment == status, with_recorded=True)
    found = _payments(tenant, "pay", "a payment").page(query, facets, counted=True)
    return _listing(query, found, Record.to_payment)


def find_charges(tenant: Tenant, query: ListCharges) -> Listing[Charge]:
    """Return a page of charges, newest first, counted up to 1,000 unless they are asked for by time.

    Raises:
        NotFound: what `customer_id` names is no id.
        InvalidFields: a cursor names no charge of the tenant; 5,000 charges were looked at and none is of that time.
    """
    status = query.status
    wanted = None if status is None else (lambda shown: shown.charge == status)
    span = Span(query.created_gte, query.created_lte)
    charges = _payments(tenant, "ch", "a charge")
    found = _of_gateways(charges, query, _customer_id(query.customer_id), wanted, span)
    return _listing(query, found, Record.to_charge)


def find_intents(tenant: Tenant, query: ListPaymentIntents) -> Listing[PaymentIntent]:
    """Return a page of payment intents, newest first, counted up to 1,000 unless they are asked for by time.

    Raises:
        NotFound: what `customer` names is no id.
        InvalidFields: a cursor names no payment intent of the tenant; 5,000 were looked at and none is of that time.
    """
    status = query.status
    wanted = None if status is None else (lambda shown: shown.intent == status)
    span = Span(query.created_gte, query.created_lte)
    intents = _payments(tenant, "pi", "a payment intent")
    found = _of_gateways(intents, query, _customer_id(query.customer), wanted, span)
    return _listing(query, found, Record.to_intent)


def of_customer(tenant: Tenant, customer_id: str, query: CursorQuery) -> Listing[PaymentSummary]:
    """Return a page of a customer's payments, newest first; a deleted customer's too.

    Raises:
        NotFound: the tenant has no such customer.
        InvalidFields: a cursor names no payment of the tenant.
    """
    found = _payments(tenant, "pay", "a payment").page(query, facet(customer=customer_id))
    # Who has some is there.
    if not found.items and table().get(customer_key(tenant, customer_id)) is None:
        raise NotFound("customer", customer_id)
    return _listing(query, found, Record.to_summary)


def _of_gateways(
    payments: LongList,
    query: CursorQuery,
    customer_id: str | None,
    wanted: Callable[[Shown], bool] | None,
    span: Span,
) -> Found:
    """Return a page of the payments that gateways make, which is what both charges and payment intents are."""
    if wanted is None:
        facets: Sequence[str] | str | None = facet(charge="yes", customer=customer_id)
    else:
        facets = _facets(customer_id, wanted, with_recorded=False)
    return payments.page(query, facets, counted=span.is_everything, span=span)


def _facets(customer_id: str | None, wanted: Callable[[Shown], bool], *, with_recorded: bool) -> Sequence[str]:
    """Return the facets of the states that are wanted, in the order in which a payment passes through them."""
    states = [state for state, shown in SHOWN.items() if wanted(shown)]
    names: list[str] = [*states]
    if with_recorded:
        names += [recorded(state) for state in states if state in RECORDED_STATES]
    found = (facet(customer=customer_id, status=name) for name in names)
    return [each for each in found if each]


def _payments(tenant: Tenant, prefix: str, noun: str) -> LongList:
    """Return the list whose cursors are ids of one view; a payment's own id will do in any."""

    def parse(text: str) -> str | None:
        parsed = parse_id(prefix, text) or parse_id("pay", text)
        return payment_id_of(parsed) if parsed else None

    return LongList(tenant, KIND, noun, parse)


def _listing[R: Payment | Charge | PaymentIntent | PaymentSummary](
    query: CursorQuery, found: Found, show: Callable[[Record], R]
) -> Listing[R]:
    data = [show(Record.from_item(item)) for item in found.items]
    return Listing(data, found.has_more, query.limit, offset=found.offset, total=found.total)


def _customer_id(text: str | None) -> str | None:
    return None if text is None else object_id("cus", "customer", text)


def _read(tenant: Tenant, payment_id: str) -> Record | None:
    item = table().get(key_of(tenant, payment_id))
    return Record.from_item(item) if item else None
