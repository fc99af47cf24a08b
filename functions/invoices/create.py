"""POST /v2/invoices: make an invoice."""

from billing.edge import Caller, endpoint
from billing.invoices import operations as invoices
from billing.invoices.models import Invoice, NewInvoice


@endpoint(scope="invoices:write", status=201, follows_test_clock=True)
def handler(caller: Caller, body: NewInvoice) -> Invoice:
    """Make an invoice by its total or by its lines, as a draft or open at once.

    The customer is named by its id, or by an e-mail: whoever has none yet becomes a customer. Lines are taxed by the
    merchant's rates where the customer, or the business that is named, is billed; a total is taken as it is.

    Raises:
        NotFound: the merchant has no such customer or business (404).
        Conflict: another invoice has this number (409).
        CustomerDeleted: the customer is deleted (422).
        BusinessDeleted: the business is deleted (422).
    """
    return invoices.create(caller, body)
