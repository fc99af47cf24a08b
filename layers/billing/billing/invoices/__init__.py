"""Invoices: what customers owe. Lists and pages are imported by the functions that serve them."""

from billing.invoices.models import (
    DeletedInvoice,
    Finalization,
    Invoice,
    InvoiceChanges,
    NewInvoice,
    Sending,
    Voiding,
)
from billing.invoices.operations import create, delete, finalize, get, send, update, void

__all__ = [
    "DeletedInvoice",
    "Finalization",
    "Invoice",
    "InvoiceChanges",
    "NewInvoice",
    "Sending",
    "Voiding",
    "create",
    "delete",
    "finalize",
    "get",
    "send",
    "update",
    "void",
]
