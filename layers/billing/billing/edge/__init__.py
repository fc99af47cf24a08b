"""The edge: an API event in, a response out. Resources never import it."""

from billing.edge.authorizer import authorizer
from billing.edge.endpoint import endpoint
from billing.edge.operation import Operation, Raw
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
    "EventId",
    "InvoiceId",
    "Listing",
    "Operation",
    "OrderId",
    "PaymentId",
    "PaymentMethodId",
    "Raw",
    "SetupIntentId",
    "SubscriptionId",
    "TaxRateId",
    "authorizer",
    "endpoint",
]
