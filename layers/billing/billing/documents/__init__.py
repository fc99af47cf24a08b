"""Documents that a customer is sent: what stands on an invoice, and the PDF of it.

What draws is large (docs/decisions/0010-the-invoice-pdf.md), so it is imported at the first drawing, and only functions
that have the documents layer may draw.
"""

from billing.documents.invoice import InvoiceDocument, InvoiceLine, Party, TaxRow
from billing.documents.pdf import render

__all__ = ["InvoiceDocument", "InvoiceLine", "Party", "TaxRow", "render"]
