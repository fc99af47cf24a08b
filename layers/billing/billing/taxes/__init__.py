"""Taxes: the rates of a merchant, and what tax the lines of an invoice bear."""

from billing.taxes.models import DeletedTaxRate, ListTaxRates, NewTaxRate, TaxRate, TaxRateChanges
from billing.taxes.operations import change, create, get, list_tax_rates, remove
from billing.taxes.record import Rate, Rates, key_of

__all__ = [
    "DeletedTaxRate",
    "ListTaxRates",
    "NewTaxRate",
    "Rate",
    "Rates",
    "TaxRate",
    "TaxRateChanges",
    "change",
    "create",
    "get",
    "key_of",
    "list_tax_rates",
    "remove",
]
