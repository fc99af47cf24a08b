"""Businesses: legal entities that customers pay for or belong to."""

from billing.businesses.lists import list_businesses
from billing.businesses.models import (
    Business,
    BusinessChanges,
    DeletedBusiness,
    ListBusinesses,
    NewBusiness,
)
from billing.businesses.operations import create, delete, get, link, unlink, update

__all__ = [
    "Business",
    "BusinessChanges",
    "DeletedBusiness",
    "ListBusinesses",
    "NewBusiness",
    "create",
    "delete",
    "get",
    "link",
    "list_businesses",
    "unlink",
    "update",
]
