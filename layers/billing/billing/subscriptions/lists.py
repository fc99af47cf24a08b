"""Lists of subscriptions: the merchant's, by customer and state, and those of one customer."""

from billing.customers.record import key_of as customer_key
from billing.errors import NotFound
from billing.ids import object_id, parse_id
from billing.long_lists import LongList
from billing.subscriptions.models import ListSubscriptions, Subscription, SubscriptionSummary
from billing.subscriptions.record import KIND, Record
from billing.table import table
from billing.table.facets import facet
from billing.tenancy import Caller, Tenant
from billing.wire import CursorQuery, Listing


def find(caller: Caller, query: ListSubscriptions) -> Listing[Subscription]:
    """Return a page of subscriptions, newest first; those with a filter are counted up to 1,000.

    A state that no subscription here can be in is a facet like any other, without rows.

    Raises:
        NotFound: what `customer_id` names is no id.
        InvalidFields: a cursor names no subscription of the tenant.
    """
    customer_id = object_id("cus", "customer", query.customer_id) if query.customer_id is not None else None
    found = _subscriptions(caller.tenant).page(query, facet(customer=customer_id, status=query.status), counted=True)
    data = [Record.from_item(item).to_subscription(caller.call.moment) for item in found.items]
    return Listing(data, found.has_more, query.limit, offset=found.offset, total=found.total)


def of_customer(tenant: Tenant, customer_id: str, query: CursorQuery) -> Listing[SubscriptionSummary]:
    """Return a page of a customer's subscriptions, newest first; a deleted customer's too.

    Raises:
        NotFound: the tenant has no such customer.
        InvalidFields: a cursor names no subscription of the tenant.
    """
    found = _subscriptions(tenant).page(query, facet(customer=customer_id))
    # Who has some is there.
    if not found.items and table().get(customer_key(tenant, customer_id)) is None:
        raise NotFound("customer", customer_id)
    data = [Record.from_item(item).to_summary() for item in found.items]
    return Listing(data, found.has_more, query.limit)


def _subscriptions(tenant: Tenant) -> LongList:
    return LongList(tenant, KIND, "a subscription", lambda text: parse_id("sub", text))
