"""Collecting at once what could not be collected before, because the customer has another payment method now."""

from billing.collection import invoices
from billing.invoices import rules
from billing.invoices.record import KIND, Record, put, read
from billing.subscriptions import record as subscriptions
from billing.table import Keys, Transaction, facets, table
from billing.table.table import until_written
from billing.tenancy import Caller

UNPAID = ("open", "sent", "partially_paid", "overdue")
MOST_AT_ONCE = 20
"""How many unpaid invoices of each state are tried again."""


def retry(caller: Caller, customer_id: str, *, since: str) -> int:
    """Try every invoice of a customer once more that had failed when something changed and is still wanted.

    What has failed `since` then has failed in spite of the change. Returns how many were tried.
    """
    tenant = caller.tenant
    tried = 0
    for status in UNPAID:
        wanted = facets.facet(customer=customer_id, status=status) or ""
        rows = facets.rows(tenant, KIND, wanted, MOST_AT_ONCE)
        items = table().get_all([Keys(tenant).entity(KIND, row.id) for row in rows]) if rows else []
        for item in items:
            if item and _is_wanted(caller, Record.from_item(item), since):
                _hasten(caller, item["id"])
                invoices.attempt(caller, item["id"])
                tried += 1
    return tried


def _is_wanted(caller: Caller, invoice: Record, since: str) -> bool:
    """Whether an invoice has failed before and nobody has given it up, nor what it is for."""
    if not invoice.collects or invoice.attempts == 0 or invoice.paying or (invoice.last_attempt_at or "") > since:
        return False
    if invoice.subscription_id is None:
        return True
    item = table().get(subscriptions.key_of(caller.tenant, invoice.subscription_id))
    return item is not None and subscriptions.Record.from_item(item).status == "past_due"


def _hasten(caller: Caller, invoice_id: str) -> None:
    def once() -> None:
        invoice = read(caller.tenant, invoice_id)
        if invoice.paying or invoice.amount_due_minor == 0:
            return
        transaction = put(Transaction(), invoice, rules.retrying(invoice, caller.call.moment, caller.call))
        table().write(transaction, caller.call.remaining_seconds)

    until_written(caller, once)
