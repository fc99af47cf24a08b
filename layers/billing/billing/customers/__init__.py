"""Customers: profiles of those who pay."""

from billing.customers.lists import list_customers
from billing.customers.models import (
    Customer,
    CustomerChanges,
    DeletedCustomer,
    ListCustomers,
    NewCustomer,
)
from billing.customers.operations import create, delete, find_by_email, get, read, update

__all__ = [
    "Customer",
    "CustomerChanges",
    "DeletedCustomer",
    "ListCustomers",
    "NewCustomer",
    "create",
    "delete",
    "find_by_email",
    "get",
    "list_customers",
    "read",
    "update",
]
