"""Payment methods: cards and bank accounts that the gateway keeps for customers.

Lists, and the creation of one, are imported from `lists` and `creation` by the functions that serve them: the others
start faster.
"""

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
    "detach",
    "get",
    "set_default",
    "update",
]
