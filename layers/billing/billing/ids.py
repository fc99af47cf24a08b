"""Prefixed object ids: a prefix and the 32 hex digits of a UUID (contract §0)."""

import re
import uuid
from dataclasses import dataclass
from typing import Annotated

from billing.errors import NotFound

_HEX = re.compile(r"[0-9a-f]{32}")
_DASHED = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_id(prefix: str) -> str:
    """Return a fresh random id, e.g. `cus_5c7f…` for the prefix `cus`."""
    return f"{prefix}_{uuid.uuid4().hex}"


def parse_id(prefix: str, text: str) -> str | None:
    """Return the canonical id that `text` names, or None when it names none.

    Accepted are the prefixed form and the dashed UUID of the same digits, in any case: both official SDKs and
    the documents that call ids UUIDs work with one arithmetic and no index.
    """
    lowered = text.lower()
    if lowered.startswith(f"{prefix}_"):
        digits = lowered[len(prefix) + 1 :]
        return f"{prefix}_{digits}" if _HEX.fullmatch(digits) else None
    return f"{prefix}_{lowered.replace('-', '')}" if _DASHED.fullmatch(lowered) else None


def object_id(prefix: str, resource: str, text: str) -> str:
    """Return the canonical id that a field of a request names.

    Raises:
        NotFound: it is no id at all, so it names nothing.
    """
    parsed = parse_id(prefix, text)
    if parsed is None:
        raise NotFound(resource, text[:64])
    return parsed


@dataclass(frozen=True, slots=True)
class PathId:
    """Marks an id in a path: its prefix, and the resource that a 404 names."""

    prefix: str
    resource: str


type AddressId = Annotated[str, PathId("addr", "address")]
type BusinessId = Annotated[str, PathId("bus", "business")]
type ChargeId = Annotated[str, PathId("ch", "charge")]
type CustomFieldId = Annotated[str, PathId("cf", "custom field")]
type CustomerId = Annotated[str, PathId("cus", "customer")]
type EventId = Annotated[str, PathId("evt", "event")]
type InvoiceId = Annotated[str, PathId("inv", "invoice")]
type OrderId = Annotated[str, PathId("ord", "order")]
type PaymentId = Annotated[str, PathId("pay", "payment")]
type PaymentIntentId = Annotated[str, PathId("pi", "payment intent")]
type PaymentMethodId = Annotated[str, PathId("pm", "payment method")]
type SetupIntentId = Annotated[str, PathId("seti", "setup intent")]
type SubscriptionId = Annotated[str, PathId("sub", "subscription")]
type TaxRateId = Annotated[str, PathId("txr", "tax rate")]
