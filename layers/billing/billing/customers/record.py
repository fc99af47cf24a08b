"""A customer as it is kept, and its two conversions."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from billing.customers.address_book import AddressBook, Entry
from billing.customers.models import FLAT_PARTS, Address, CommunicationPreferences, Customer, DeletedCustomer
from billing.customers.preferences import Preferences
from billing.customers.wallet import Held, Wallet, month_of
from billing.table import Item, Key, Keys, to_json
from billing.tenancy import Tenant
from billing.text import folded_email

KIND = "customer"

TEXTS = ("email", "name", "company_name", "phone", "currency", "tax_id", "notes")
"""The plain fields that a caller may set."""


@dataclass(frozen=True, slots=True)
class Record:
    """The stored truth of one customer.

    `version` counts its changes from 1; `sequence` is its place in the tenant's list. `has_subscribed` says whether a
    deletion has to look for subscriptions. `request_id` and `idempotency_key` are those of the last change, so that
    its event can name them.
    """

    tenant: Tenant
    id: str
    version: int
    sequence: int
    source: str
    created_at: str
    updated_at: str
    texts: Mapping[str, str]
    addresses: AddressBook = AddressBook()  # noqa: RUF009 - frozen
    metadata: Mapping[str, Any] = field(default_factory=dict)
    custom_fields: Mapping[str, Any] = field(default_factory=dict)
    wallet: Wallet = Wallet()  # noqa: RUF009 - frozen
    preferences: Preferences = Preferences()  # noqa: RUF009 - never written to
    has_subscribed: bool = False
    deleted_at: str | None = None
    request_id: str | None = None
    idempotency_key: str | None = None

    @property
    def email(self) -> str:
        """The e-mail as typed."""
        return self.texts["email"]

    @property
    def address(self) -> Mapping[str, str]:
        """The parts of the billing address."""
        return self.addresses.own

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
            "source": self.source,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "deleted_at": self.deleted_at,
            "addresses": [each.to_item() for each in self.addresses.entries] or None,
            "metadata": to_json(self.metadata),
            "custom_fields": to_json(self.custom_fields),
            "payment_methods": [_held_to_item(each) for each in self.wallet.held] or None,
            "default_payment_method_id": self.wallet.default,
            "preferences": self.preferences.to_item(),
            "has_subscribed": self.has_subscribed or None,
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
            source=item["source"],
            created_at=item["created_at"],
            updated_at=item["updated_at"],
            texts={name: item[name] for name in TEXTS if name in item},
            addresses=AddressBook(tuple(Entry.from_item(each) for each in item.get("addresses", []))),
            metadata=json.loads(item.get("metadata", "{}")),
            custom_fields=json.loads(item.get("custom_fields", "{}")),
            wallet=Wallet(
                tuple(Held(each["id"], each.get("expires")) for each in item.get("payment_methods", [])),
                item.get("default_payment_method_id"),
            ),
            preferences=Preferences.from_item(item.get("preferences", {})),
            has_subscribed=item.get("has_subscribed", False),
            deleted_at=item.get("deleted_at"),
            request_id=item.get("request_id"),
            idempotency_key=item.get("idempotency_key"),
        )

    def to_customer(self, now: datetime | None = None) -> Customer:
        """Return the customer as the API answers it.

        `now` tells whether the default payment method has expired since it was stored; without it the stored one is
        shown, which is what an event wants: it must read the same however late it is made.
        """
        default = self.wallet.effective_default(month_of(now)) if now else self.wallet.default
        address = self.address
        values: dict[str, Any] = {
            "id": self.id,
            "merchant_id": self.tenant.merchant_id,
            "source": self.source,
            "version": self.version,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
            "deleted": self.deleted_at is not None,
            "deleted_at": self.deleted_at,
            "address": Address.model_construct(None, **address) if address else None,
            "metadata": self.metadata or None,
            "custom_fields": self.custom_fields or None,
            "default_payment_method_id": default,
            "communication_preferences": CommunicationPreferences.of(self.preferences),
            **self.texts,
            **{flat: address[part] for flat, part in FLAT_PARTS.items() if part in address},
        }
        # Not validated again: it was when it came in, and a rule that grows stricter must not make it unreadable.
        return Customer.model_construct(None, **values)

    def to_deleted(self) -> DeletedCustomer:
        """Return the answer to a deletion."""
        return DeletedCustomer(id=self.id, deleted_at=self.deleted_at or "")


def key_of(tenant: Tenant, customer_id: str) -> Key:
    """Return the key of a customer."""
    return Keys(tenant).entity(KIND, customer_id)


def email_key(tenant: Tenant, email: str) -> Key:
    """Return the key of the item that owns an e-mail."""
    return Keys(tenant).email(folded_email(email))


def _held_to_item(held: Held) -> dict[str, str]:
    return {"id": held.id, "expires": held.expires} if held.expires else {"id": held.id}
