"""GET /v2/invoices/{invoice_id}/pdf: an invoice on paper."""

import hashlib
from typing import Annotated

from billing.edge import Caller, InvoiceId, Raw, endpoint
from billing.invoices.pages import document_of, file_name_of


@endpoint(scope="invoices:read")
def handler(caller: Caller, invoice_id: InvoiceId) -> Annotated[Raw, "application/pdf"]:
    """Return the invoice as a PDF, in the language and the currency of its customer; a draft says that it is one.

    Raises:
        NotFound: the merchant has no such invoice (404).
    """
    from billing.documents import render  # noqa: PLC0415 - the layer is large, and a 404 needs none of it

    document = document_of(caller.tenant, invoice_id)
    pdf = render(document)
    return Raw(
        pdf,
        "application/pdf",
        headers={
            "content-disposition": f'attachment; filename="{file_name_of(document)}"',
            # The same document gives the same bytes.
            "etag": f'"{hashlib.sha256(pdf).hexdigest()[:32]}"',
        },
    )
