"""Payment methods: cards and bank accounts that the gateway keeps for customers."""

from billing.payment_methods.creation import create
from billing.payment_methods.lists import find, of_customer
from billing.payment_methods.models import (
    Attachment,
    ListPaymentMethods,
    NewPaymentMethod,
    NoFields,
    PaymentMethod,
    PaymentMethodChanges,
)
from billing.payment_methods.operations import attach, detach, get, set_default, update

__all__ = [
    "Attachment",
    "ListPaymentMethods",
    "NewPaymentMethod",
    "NoFields",
    "PaymentMethod",
    "PaymentMethodChanges",
    "attach",
    "create",
    "detach",
    "find",
    "get",
    "of_customer",
    "set_default",
    "update",
]
