"""Customers: profiles of those who pay.

Lists and search are imported from `customers.lists` by the one function that serves them: the others start faster.
"""

from billing.customers.models import (
    Customer,
    CustomerChanges,
    DeletedCustomer,
    ListCustomers,
    NewCustomer,
)
from billing.customers.operations import create, find_by_email, get, read, update

__all__ = [
    "Customer",
    "CustomerChanges",
    "DeletedCustomer",
    "ListCustomers",
    "NewCustomer",
    "create",
    "find_by_email",
    "get",
    "read",
    "update",
]
