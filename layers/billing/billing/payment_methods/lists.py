"""Lists of payment methods: a customer's, and the merchant's."""

from collections.abc import Sequence
from typing import get_args

from billing import customers
from billing.customers.record import Record as Customer
from billing.customers.record import key_of as customer_key
from billing.customers.wallet import Wallet
from billing.gateway import Kind
from billing.ids import object_id, parse_id
from billing.payment_methods.models import ListPaymentMethods, PaymentMethod
from billing.payment_methods.record import KIND, Record, key_of
from billing.table import Keys, table
from billing.table.partitions import newest
from billing.tenancy import Caller, Tenant
from billing.wire import CursorQuery, Listing, refuse


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
    older_than, newer_than = _bounds(caller.tenant, query)
    kinds = [query.type] if query.type else get_args(Kind.__value__)
    partitions = [Keys(caller.tenant).listing(KIND, kind) for kind in kinds]
    items, has_more = newest(partitions, query.limit, older_than=older_than, newer_than=newer_than)
    records = [Record.from_item(item) for item in items]
    wallets = _wallets(caller.tenant, records)
    data = [each.to_payment_method(caller.call.moment, wallets.get(each.customer_id or "")) for each in records]
    return Listing(data, has_more, query.limit)


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


def _wallets(tenant: Tenant, records: Sequence[Record]) -> dict[str, Wallet]:
    ids = sorted({each.customer_id for each in records if each.customer_id})
    items = table().get_all([customer_key(tenant, each) for each in ids]) if ids else []
    found = [Customer.from_item(item) for item in items if item]
    return {each.id: each.wallet for each in found}


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
