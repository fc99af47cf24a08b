"""Businesses: legal entities that customers pay for or belong to.

Lists are imported from `businesses.lists` by the one function that serves them: the others start faster.
"""

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
    "unlink",
    "update",
]
