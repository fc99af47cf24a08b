"""A payment method as it is kept, and its conversions."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, cast

from billing.customers.wallet import Held, Wallet, month_of
from billing.gateway import BankAccount, Card, Kind, Stored
from billing.payment_methods.models import (
    BankAccountDetails,
    BillingAddress,
    BillingDetails,
    CardDetails,
    PaymentMethod,
    Status,
)
from billing.table import Item, Key, Keys, Transaction, facets, to_json
from billing.tenancy import Tenant

KIND = "payment_method"


@dataclass(frozen=True, slots=True)
class Record:
    """The stored truth of one payment method.

    Which method is the default stands in the customer's wallet alone; `was_default` is what that was when this item
    was last written, for the event that tells of it. `customer_id` outlives a detachment.
    """

    tenant: Tenant
    id: str
    version: int
    sequence: int
    gateway: str
    stored: Stored
    details: Card | BankAccount
    created_at: str
    updated_at: str
    customer_id: str | None = None
    is_attached: bool = False
    was_default: bool = False
    billing_details: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def kind(self) -> Kind:
        """A card or a bank account."""
        return "card" if isinstance(self.details, Card) else "us_bank_account"

    @property
    def held(self) -> Held:
        """What a wallet knows of it."""
        if isinstance(self.details, Card):
            return Held(self.id, f"{self.details.exp_year:04d}-{self.details.exp_month:02d}")
        return Held(self.id)

    def status(self, month: str) -> Status:
        """Return the status in a month such as `2026-01`."""
        if not self.is_attached:
            return "inactive"
        return "active" if self.held.is_active(month) else "expired"

    @property
    def faceted(self) -> facets.Faceted:
        """By what it is found in lists, while it is attached."""
        shared = facets.every_facet(type=self.kind if self.is_attached else None)
        return facets.Faceted(self.tenant, KIND, self.id, self.sequence, shared, customer_id=self.customer_id)

    def to_item(self) -> Item:
        """Return the item; it is listed while it is attached."""
        keys = Keys(self.tenant)
        return {
            **keys.entity(KIND, self.id),
            "entity": KIND,
            "id": self.id,
            "merchant_id": self.tenant.merchant_id,
            "livemode": self.tenant.livemode,
            "version": self.version,
            "sequence": self.sequence,
            "list": keys.listing(KIND) if self.is_attached else None,
            "type": self.kind,
            "details": asdict(self.details),
            "gateway": self.gateway,
            "gateway_reference": self.stored.reference,
            "gateway_owner": self.stored.owner,
            "customer_id": self.customer_id,
            "attached": self.is_attached,
            "was_default": self.was_default,
            "billing_details": dict(self.billing_details) or None,
            "metadata": to_json(self.metadata),
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "request_id": self.request_id,
            "idempotency_key": self.idempotency_key,
        }

    @classmethod
    def from_item(cls, item: Item) -> "Record":
        """Return the record that `to_item` wrote."""
        details = item["details"]
        return cls(
            tenant=Tenant(item["merchant_id"], item["livemode"]),
            id=item["id"],
            version=item["version"],
            sequence=item["sequence"],
            gateway=item["gateway"],
            stored=Stored(item["gateway_reference"], item.get("gateway_owner")),
            details=Card(**details) if item["type"] == "card" else BankAccount(**details),
            created_at=item["created_at"],
            updated_at=item["updated_at"],
            customer_id=item.get("customer_id"),
            is_attached=item["attached"],
            was_default=item["was_default"],
            billing_details=item.get("billing_details", {}),
            metadata=json.loads(item.get("metadata", "{}")),
            request_id=item.get("request_id"),
            idempotency_key=item.get("idempotency_key"),
        )

    def to_payment_method(self, now: datetime, wallet: Wallet | None) -> PaymentMethod:
        """Return the payment method as the API answers it; `wallet` is its customer's, if it has one."""
        month = month_of(now)
        is_default = wallet is not None and self.is_attached and wallet.effective_default(month) == self.id
        return self._shown(self.status(month), is_default=is_default)

    def to_snapshot(self) -> PaymentMethod:
        """Return the payment method as it was when this item was written."""
        return self._shown(self.status(self.updated_at[:7]), is_default=self.was_default)

    def _shown(self, status: Status, *, is_default: bool) -> PaymentMethod:
        # Not validated again: it was when it came in, and a rule that grows stricter must not make it unreadable.
        details = asdict(self.details)
        is_card = isinstance(self.details, Card)
        values: dict[str, Any] = {
            "id": self.id,
            "public_id": self.id,
            "type": self.kind,
            "status": status,
            "customer_id": self.customer_id,
            "is_default": is_default,
            "card": CardDetails.model_construct(None, **details) if is_card else None,
            "us_bank_account": None if is_card else BankAccountDetails.model_construct(None, **details),
            "billing_details": _shown_billing_details(self.billing_details),
            "metadata": dict(self.metadata),
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }
        return PaymentMethod.model_construct(None, **values)


def key_of(tenant: Tenant, method_id: str) -> Key:
    """Return the key of a payment method."""
    return Keys(tenant).entity(KIND, method_id)


def put(transaction: Transaction, before: Record | None, after: Record) -> Transaction:
    """Add a payment method's new state to a transaction, with the row that finds it; nothing if it is the same."""
    return facets.put(transaction, before, after)


def put_reference(transaction: Transaction, record: Record) -> Transaction:
    """Add what finds a new payment method by the gateway's own id of it.

    A gateway has an id of its own for each method. The sandbox's are names of tokens, which many methods share: there
    the newest of them is found.
    """
    key = Keys(record.tenant).reference(record.gateway, record.stored.reference)
    return transaction.follow(key, {"entity": "reference", "payment_method_id": record.id})


def _shown_billing_details(details: Mapping[str, Any]) -> BillingDetails | None:
    if not details:
        return None
    address = cast("Mapping[str, str] | None", details.get("address"))
    shown = BillingAddress.model_construct(None, **address) if address else None
    return BillingDetails.model_construct(None, **{**details, "address": shown})
