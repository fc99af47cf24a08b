"""Payments: money that customers have paid, through a gateway (charges) or by other means."""

from billing.payments.lists import find, find_charges, find_intents, get, get_charge, get_intent, of_customer
from billing.payments.models import (
    Charge,
    ListCharges,
    ListPaymentIntents,
    ListPayments,
    Payment,
    PaymentIntent,
    PaymentSummary,
)

__all__ = [
    "Charge",
    "ListCharges",
    "ListPaymentIntents",
    "ListPayments",
    "Payment",
    "PaymentIntent",
    "PaymentSummary",
    "find",
    "find_charges",
    "find_intents",
    "get",
    "get_charge",
    "get_intent",
    "of_customer",
]
