"""Lists of invoices: the merchant's, by customer and state, and those of one customer."""

from billing.customers.record import key_of as customer_key
from billing.errors import NotFound
from billing.ids import object_id, parse_id
from billing.invoices.models import OLD_NAMES, Invoice, InvoiceSummary, ListInvoices
from billing.invoices.record import KIND, Record
from billing.long_lists import LongList
from billing.table import table
from billing.table.facets import facet
from billing.tenancy import Tenant
from billing.wire import CursorQuery, Listing


def find(tenant: Tenant, query: ListInvoices) -> Listing[Invoice]:
    """Return a page of invoices, newest first; those with a filter are not counted.

    Raises:
        NotFound: what `customer_id` names is no id.
        InvalidFields: a cursor names no invoice of the tenant.
    """
    customer_id = object_id("cus", "customer", query.customer_id) if query.customer_id is not None else None
    status = OLD_NAMES.get(query.status or "", query.status)
    found = _invoices(tenant).page(query, facet(customer=customer_id, status=status))
    data = [Record.from_item(item).to_invoice() for item in found.items]
    return Listing(data, found.has_more, query.limit, offset=found.offset, total=found.total)


def of_customer(tenant: Tenant, customer_id: str, query: CursorQuery) -> Listing[InvoiceSummary]:
    """Return a page of a customer's invoices, newest first; a deleted customer's too.

    Raises:
        NotFound: the tenant has no such customer.
        InvalidFields: a cursor names no invoice of the tenant.
    """
    found = _invoices(tenant).page(query, facet(customer=customer_id))
    # Who has some is there.
    if not found.items and table().get(customer_key(tenant, customer_id)) is None:
        raise NotFound("customer", customer_id)
    data = [Record.from_item(item).to_summary() for item in found.items]
    return Listing(data, found.has_more, query.limit)


def _invoices(tenant: Tenant) -> LongList:
    return LongList(tenant, KIND, "an invoice", lambda text: parse_id("inv", text))
