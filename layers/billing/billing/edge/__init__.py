"""The edge: an API event in, a response out. Resources never import it."""

from billing.edge.authorizer import authorizer
from billing.edge.endpoint import endpoint
from billing.edge.operation import Delivery, Operation, Raw
from billing.ids import (
    AddressId,
    BusinessId,
    ChargeId,
    CustomerId,
    CustomFieldId,
    EventId,
    InvoiceId,
    OrderId,
    PaymentId,
    PaymentIntentId,
    PaymentMethodId,
    SetupIntentId,
    SubscriptionId,
    TaxRateId,
)
from billing.tenancy import Caller
from billing.wire import Listing

__all__ = [
    "AddressId",
    "BusinessId",
    "Caller",
    "ChargeId",
    "CustomFieldId",
    "CustomerId",
    "Delivery",
    "EventId",
    "InvoiceId",
    "Listing",
    "Operation",
    "OrderId",
    "PaymentId",
    "PaymentIntentId",
    "PaymentMethodId",
    "Raw",
    "SetupIntentId",
    "SubscriptionId",
    "TaxRateId",
    "authorizer",
    "endpoint",
]
