"""Addresses: where customers are billed and where things are shipped to."""

from billing.addresses.models import AddressChanges, CustomerAddress, DeletedAddress, ListAddresses, NewAddress
from billing.addresses.operations import add, change, get, list_addresses, remove

__all__ = [
    "AddressChanges",
    "CustomerAddress",
    "DeletedAddress",
    "ListAddresses",
    "NewAddress",
    "add",
    "change",
    "get",
    "list_addresses",
    "remove",
]
