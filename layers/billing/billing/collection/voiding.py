"""Voiding invoices: a subscription that waits for the money goes on without it.

What subscriptions are made of is imported when an invoice is one's: most that are voided are not.
"""

from billing.invoices import operations as invoices
from billing.invoices.models import Invoice, InvoiceChanges, Voiding
from billing.invoices.record import Record
from billing.table import Keys, Transaction, table
from billing.tenancy import Caller


def void(caller: Caller, invoice_id: str, body: Voiding) -> Invoice:
    """Have nobody pay an invoice.

    Raises:
        NotFound: the tenant has no such invoice.
        MalformedRequest: it is a draft, voided, or something was paid for it.
        Conflict: it is being paid.
        PreconditionFailed: `If-Match` names another version.
    """
    return invoices.void(caller, invoice_id, body, lambda *about: _release(caller, *about))


def update(caller: Caller, invoice_id: str, changes: InvoiceChanges) -> Invoice:
    """Change an invoice; one of the changes can be that it is voided.

    Raises:
        NotFound: the tenant has no such invoice or business.
        CustomerDeleted: the customer is deleted.
        BusinessDeleted: the business is deleted.
        MalformedRequest: something is to change that is frozen, or a status can't be reached.
        InvalidFields: its own number looks like one of the series, it comes to less than nothing or too much, or what
            it is to be collected with is no active payment method of the customer.
        Conflict: another invoice has its own number, or it is being paid.
        PreconditionFailed: `If-Match` names another version.
    """
    return invoices.update(caller, invoice_id, changes, lambda *about: _release(caller, *about))


def _release(caller: Caller, transaction: Transaction, invoice: Record) -> None:
    """Have the subscription of a voided invoice go on, in the same transaction."""
    if invoice.subscription_id is None:
        return
    from billing.collection import consequences  # noqa: PLC0415 - see above
    from billing.subscriptions import record as subscriptions  # noqa: PLC0415 - see above

    item = table().get(Keys(caller.tenant).entity(subscriptions.KIND, invoice.subscription_id))
    if item is not None:
        before = subscriptions.Record.from_item(item)
        subscriptions.put(transaction, before, consequences.no_longer_owed(invoice, before, caller.call))
