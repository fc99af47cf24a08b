"""POST /v2/invoices/{invoice_id}/pay: pay an invoice."""

from billing.collection import invoices
from billing.edge import Caller, InvoiceId, endpoint
from billing.invoices.models import Invoice, InvoicePayment


@endpoint(scope="invoices:write", follows_test_clock=True)
def handler(caller: Caller, invoice_id: InvoiceId, body: InvoicePayment) -> Invoice:
    """Pay what is due of an invoice, or part of it.

    With `payment_method` something is recorded that was received elsewhere (cash, a check, a transfer); else a saved
    payment method is charged, the default one unless another is named.

    Raises:
        MalformedRequest: the invoice is a draft, paid or voided; there is nothing to charge (400).
        PaymentDeclined: the gateway says no (400).
        NotFound: the merchant has no such invoice, the customer no such payment method (404).
        Conflict: another payment of it is under way (409).
        IdempotencyInProgress: the first request with this key is still running (409).
        CustomerDeleted: the customer is deleted (422).
        GatewayNotConnected: the merchant has no gateway in this mode (422).
        RateLimited: the gateway has too many requests (429).
    """
    return invoices.pay(caller, invoice_id, body)
