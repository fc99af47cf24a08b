"""The edge: an API event in, a response out. Resources never import it."""

from billing.edge.authorizer import authorizer
from billing.edge.endpoint import endpoint
from billing.edge.operation import Operation, Raw
from billing.ids import (
    AddressId,
    BusinessId,
    CustomerId,
    CustomFieldId,
    EventId,
    PaymentMethodId,
    SetupIntentId,
    TaxRateId,
)
from billing.tenancy import Caller
from billing.wire import Listing

__all__ = [
    "AddressId",
    "BusinessId",
    "Caller",
    "CustomFieldId",
    "CustomerId",
    "EventId",
    "Listing",
    "Operation",
    "PaymentMethodId",
    "Raw",
    "SetupIntentId",
    "TaxRateId",
    "authorizer",
    "endpoint",
]
