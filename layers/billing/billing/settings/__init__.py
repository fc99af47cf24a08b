"""Settings of a merchant: the custom fields of its customers."""

from billing.settings.models import (
    CustomField,
    CustomFieldChanges,
    DeletedCustomField,
    ListCustomFields,
    NewCustomField,
)
from billing.settings.operations import change, define, get, list_custom_fields, remove

__all__ = [
    "CustomField",
    "CustomFieldChanges",
    "DeletedCustomField",
    "ListCustomFields",
    "NewCustomField",
    "change",
    "define",
    "get",
    "list_custom_fields",
    "remove",
]
