"""Lists of payment methods: a customer's, and the merchant's."""

from collections.abc import Collection, Iterable
from itertools import batched

from billing.customers import operations as customers
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.customers.wallet import Wallet
from billing.ids import object_id, parse_id
from billing.payment_methods.models import ListPaymentMethods, PaymentMethod
from billing.payment_methods.record import KIND, Record, key_of
from billing.table import Keys, facets, table
from billing.table.partitions import newest
from billing.tenancy import Caller, Tenant
from billing.wire import CursorQuery, Listing, refuse

_READ_TOGETHER = 100
"""As many items as one batch reads."""


def of_customer(caller: Caller, customer_id: str) -> Listing[PaymentMethod]:
    """Return a customer's active payment methods, newest first.

    Raises:
        NotFound: the tenant has no such customer.
    """
    wallet = customers.read(caller.tenant, customer_id).wallet
    shown = [each.to_payment_method(caller.call.moment, wallet) for each in _held(caller.tenant, wallet)]
    active = [each for each in shown if each.status == "active"]
    return Listing(active, has_more=False, limit=max(len(active), 1), total=len(active))


def find(caller: Caller, query: ListPaymentMethods) -> Listing[PaymentMethod]:
    """Return a page of attached payment methods, newest first; expired ones are among them.

    Raises:
        NotFound: the tenant has no customer that is asked for.
        InvalidFields: a cursor names no payment method of the tenant.
    """
    if query.customer_id is not None:
        return _of_one(caller, query, object_id("cus", "customer", query.customer_id))
    of_type = facets.facet(type=query.type)
    if of_type is None:
        records, has_more = _attached(caller.tenant, query)
        wallets: dict[str, Wallet] = {}
    else:
        records, wallets, has_more = _of_a_type(caller.tenant, query, of_type)
    known = wallets | _wallets(caller.tenant, {each.customer_id for each in records if each.customer_id} - {*wallets})
    data = [each.to_payment_method(caller.call.moment, known.get(each.customer_id or "")) for each in records]
    return Listing(data, has_more, query.limit)


def _attached(tenant: Tenant, query: CursorQuery) -> tuple[list[Record], bool]:
    older_than, newer_than = _bounds(tenant, query)
    items, has_more = newest(Keys(tenant).listing(KIND), query.limit, older_than=older_than, newer_than=newer_than)
    return [Record.from_item(item) for item in items], has_more


def _of_a_type(tenant: Tenant, query: CursorQuery, of_type: str) -> tuple[list[Record], dict[str, Wallet], bool]:
    """Read rows, which tell whose each method is, and then methods and wallets together.

    What is detached, or moved, between the two reads is left out, or is found without its new customer's wallet.
    """
    older_than, newer_than = _bounds(tenant, query)
    rows = facets.rows(tenant, KIND, of_type, query.limit + 1, older_than=older_than, newer_than=newer_than)
    shown = rows[: query.limit] if newer_than is None else rows[-query.limit :]
    customer_ids = sorted({row.customer_id for row in shown if row.customer_id})
    keys = [key_of(tenant, row.id) for row in shown] + [customer_key(tenant, each) for each in customer_ids]
    items = [item for part in batched(keys, _READ_TOGETHER, strict=False) for item in table().get_all(part)]
    methods = [Record.from_item(item) for item in items[: len(shown)] if item]
    holders = [Customer.from_item(item) for item in items[len(shown) :] if item]
    return [each for each in methods if each.is_attached], _by_id(holders), len(rows) > query.limit


def _of_one(caller: Caller, query: ListPaymentMethods, customer_id: str) -> Listing[PaymentMethod]:
    wallet = customers.read(caller.tenant, customer_id).wallet
    older_than, newer_than = _bounds(caller.tenant, query)
    wanted = [each for each in _held(caller.tenant, wallet) if query.type in (None, each.kind)]
    if newer_than is not None:
        newer = [each for each in wanted if each.sequence > newer_than]
        page, has_more = newer[-query.limit :], len(newer) > query.limit
    else:
        older = [each for each in wanted if older_than is None or each.sequence < older_than]
        page, has_more = older[: query.limit], len(older) > query.limit
    data = [each.to_payment_method(caller.call.moment, wallet) for each in page]
    return Listing(data, has_more, query.limit)


def _held(tenant: Tenant, wallet: Wallet) -> list[Record]:
    """Return what a wallet holds, newest first.

    The wallet was read before: what has been detached or moved since is left out, whoever holds it now.
    """
    if not wallet.held:
        return []
    items = table().get_all([key_of(tenant, each.id) for each in wallet.held])
    records = [Record.from_item(item) for item in items if item]
    return sorted((each for each in records if each.is_attached), key=lambda each: each.sequence, reverse=True)


def _wallets(tenant: Tenant, customer_ids: Collection[str]) -> dict[str, Wallet]:
    items = table().get_all([customer_key(tenant, each) for each in sorted(customer_ids)]) if customer_ids else []
    return _by_id(Customer.from_item(item) for item in items if item)


def _by_id(customers: Iterable[Customer]) -> dict[str, Wallet]:
    return {each.id: each.wallet for each in customers}


def _bounds(tenant: Tenant, query: CursorQuery) -> tuple[int | None, int | None]:
    """Return the sequence numbers that the page lies below or above; a detached method keeps its place."""
    older_than = _place(tenant, "starting_after", query.starting_after) if query.starting_after else None
    newer_than = _place(tenant, "ending_before", query.ending_before) if query.ending_before else None
    return older_than, newer_than


def _place(tenant: Tenant, param: str, text: str) -> int:
    method_id = parse_id("pm", text)
    item = table().get(key_of(tenant, method_id)) if method_id else None
    if item is None:
        raise refuse(param, "must be the id of a payment method")
    return Record.from_item(item).sequence
