"""A business as it is kept, and its conversions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from billing.businesses.models import Business, DeletedBusiness
from billing.businesses.tax_ids import Recognised
from billing.table import Item, Key, Keys, to_json
from billing.tenancy import Tenant

KIND = "business"

TEXTS = (
    "name",
    "company_number",
    "tax_identifier",
    "billing_email",
    "billing_phone",
    "billing_address_line1",
    "billing_address_line2",
    "billing_city",
    "billing_postcode",
    "billing_country",
)
"""The plain fields that a caller may set."""


@dataclass(frozen=True, slots=True)
class Record:
    """The stored truth of one business.

    `customer_ids` are in the order of linking; each has a row in the customer's partition that finds the business.
    """

    tenant: Tenant
    id: str
    version: int
    sequence: int
    created_at: str
    updated_at: str
    texts: Mapping[str, str]
    tax: Recognised | None = None
    customer_ids: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    deleted_at: str | None = None
    request_id: str | None = None
    idempotency_key: str | None = None

    def to_item(self) -> Item:
        """Return the item. Metadata is kept as JSON text, so that every number comes back as it went in."""
        keys = Keys(self.tenant)
        return {
            **keys.entity(KIND, self.id),
            "entity": KIND,
            "id": self.id,
            "merchant_id": self.tenant.merchant_id,
            "livemode": self.tenant.livemode,
            "version": self.version,
            "sequence": self.sequence,
            "list": None if self.deleted_at else keys.listing(KIND),
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "deleted_at": self.deleted_at,
            "tax_identifier_type": self.tax.type if self.tax else None,
            "tax_identifier_status": self.tax.status if self.tax else None,
            "tax_identifier_country": self.tax.country if self.tax else None,
            "customer_ids": self.customer_ids or None,
            "metadata": to_json(self.metadata),
            "request_id": self.request_id,
            "idempotency_key": self.idempotency_key,
            **self.texts,
        }

    @classmethod
    def from_item(cls, item: Item) -> "Record":
        """Return the record that `to_item` wrote."""
        return cls(
            tenant=Tenant(item["merchant_id"], item["livemode"]),
            id=item["id"],
            version=item["version"],
            sequence=item["sequence"],
            created_at=item["created_at"],
            updated_at=item["updated_at"],
            texts={name: item[name] for name in TEXTS if name in item},
            tax=_recognised(item) if "tax_identifier_status" in item else None,
            customer_ids=tuple(item.get("customer_ids", ())),
            metadata=json.loads(item.get("metadata", "{}")),
            deleted_at=item.get("deleted_at"),
            request_id=item.get("request_id"),
            idempotency_key=item.get("idempotency_key"),
        )

    def to_business(self) -> Business:
        """Return the business as the API answers it."""
        values: dict[str, Any] = {
            "id": self.id,
            "merchant_id": self.tenant.merchant_id,
            "version": self.version,
            "customer_id": self.customer_ids[0] if self.customer_ids else None,
            "customer_ids": list(self.customer_ids),
            "tax_identifier_type": self.tax.type if self.tax else None,
            "tax_identifier_status": self.tax.status if self.tax else None,
            "metadata": self.metadata or None,
            "deleted": self.deleted_at is not None,
            "deleted_at": self.deleted_at,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            **self.texts,
        }
        # Not validated again: it was when it came in, and a rule that grows stricter must not make it unreadable.
        return Business.model_construct(None, **values)

    def to_deleted(self) -> DeletedBusiness:
        """Return the answer to a deletion."""
        return DeletedBusiness(id=self.id, deleted_at=self.deleted_at or "")

    def link_key(self, customer_id: str) -> Key:
        """Return the key of the row by which one of its customers finds it."""
        return Keys(self.tenant).child("customer", customer_id, KIND, self.sequence)

    def to_link(self) -> Item:
        """Return that row without its key."""
        return {"entity": "business_link", "business_id": self.id}


def _recognised(item: Item) -> Recognised:
    return Recognised(
        item.get("tax_identifier_type"), item["tax_identifier_status"], country=item.get("tax_identifier_country")
    )


def key_of(tenant: Tenant, business_id: str) -> Key:
    """Return the key of a business."""
    return Keys(tenant).entity(KIND, business_id)
