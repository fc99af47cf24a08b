"""A setup intent as it is kept, and its conversions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from billing.setup_intents.models import SetupError, SetupIntent, Status
from billing.table import Item, Key, Keys, Transaction, facets, to_json
from billing.tenancy import Tenant

KIND = "setup_intent"


@dataclass(frozen=True, slots=True)
class Record:
    """The stored truth of one setup intent.

    `attempt` is the gateway key of the last confirmation and `attempt_digest` the digest of its body, so that a
    repeated confirmation knows itself. `verification` is what the gateway calls a verification that waits for the
    payer; `waiting` is what else is needed to go on with it then.
    """

    tenant: Tenant
    id: str
    version: int
    sequence: int
    status: Status
    kinds: Sequence[str]
    usage: str
    gateway: str
    client_secret: str
    created_at: str
    updated_at: str
    customer_id: str | None = None
    payment_method_id: str | None = None
    next_action: Mapping[str, Any] | None = None
    last_error: Mapping[str, str] | None = None
    cancellation_reason: str | None = None
    description: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    confirmed_at: str | None = None
    canceled_at: str | None = None
    attempt: str | None = None
    attempt_digest: str = ""
    verification: str | None = None
    waiting: Mapping[str, Any] | None = None

    @property
    def faceted(self) -> facets.Faceted:
        """By what it is found in lists."""
        shared = facets.every_facet(customer=self.customer_id, status=self.status)
        return facets.Faceted(self.tenant, KIND, self.id, self.sequence, shared)

    def to_item(self) -> Item:
        """Return the item."""
        keys = Keys(self.tenant)
        return {
            **keys.entity(KIND, self.id),
            "entity": KIND,
            "id": self.id,
            "merchant_id": self.tenant.merchant_id,
            "livemode": self.tenant.livemode,
            "version": self.version,
            "sequence": self.sequence,
            "list": keys.listing(KIND),
            "status": self.status,
            "kinds": list(self.kinds),
            "usage": self.usage,
            "gateway": self.gateway,
            "client_secret": self.client_secret,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "customer_id": self.customer_id,
            "payment_method_id": self.payment_method_id,
            "next_action": to_json(self.next_action),
            "last_error": dict(self.last_error) if self.last_error else None,
            "cancellation_reason": self.cancellation_reason,
            "description": self.description,
            "metadata": to_json(self.metadata),
            "confirmed_at": self.confirmed_at,
            "canceled_at": self.canceled_at,
            "attempt": self.attempt,
            "attempt_digest": self.attempt_digest,
            "verification": self.verification,
            "waiting": to_json(self.waiting),
        }

    @classmethod
    def from_item(cls, item: Item) -> "Record":
        """Return the record that `to_item` wrote."""
        same = (
            "id",
            "version",
            "sequence",
            "status",
            "usage",
            "gateway",
            "client_secret",
            "created_at",
            "updated_at",
            "customer_id",
            "payment_method_id",
            "last_error",
            "cancellation_reason",
            "description",
            "confirmed_at",
            "canceled_at",
            "attempt",
            "attempt_digest",
            "verification",
        )
        return cls(
            tenant=Tenant(item["merchant_id"], item["livemode"]),
            kinds=tuple(item["kinds"]),
            next_action=json.loads(item["next_action"]) if "next_action" in item else None,
            metadata=json.loads(item.get("metadata", "{}")),
            waiting=json.loads(item["waiting"]) if "waiting" in item else None,
            **{name: item[name] for name in same if name in item},
        )

    def to_setup_intent(self) -> SetupIntent:
        """Return the setup intent as the API answers it."""
        # Not validated again: it was when it came in, and a rule that grows stricter must not make it unreadable.
        values: dict[str, Any] = {
            "id": self.id,
            "public_id": self.id,
            "status": self.status,
            "customer_id": self.customer_id,
            "payment_method_id": self.payment_method_id,
            "payment_method_types": list(self.kinds),
            "usage": self.usage,
            "next_action": dict(self.next_action) if self.next_action else None,
            "client_secret": self.client_secret,
            "gateway": self.gateway,
            "last_error": SetupError.model_construct(None, **self.last_error) if self.last_error else None,
            "cancellation_reason": self.cancellation_reason,
            "description": self.description,
            "metadata": dict(self.metadata),
            "confirmed_at": self.confirmed_at,
            "canceled_at": self.canceled_at,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }
        return SetupIntent.model_construct(None, **values)


def key_of(tenant: Tenant, intent_id: str) -> Key:
    """Return the key of a setup intent."""
    return Keys(tenant).entity(KIND, intent_id)


def put(transaction: Transaction, before: Record | None, after: Record) -> Transaction:
    """Add a setup intent's new state to a transaction, with the rows that find it; nothing if it is the same."""
    return facets.put(transaction, before, after)
