"""The billing settings of a merchant as they are kept, and what holds where it has set nothing.

Whoever makes an invoice reads the item with `key_of` in the batch that reads the rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from billing.table import Item, Key, Keys
from billing.tenancy import Tenant

type FinalAction = Literal["cancel", "pause", "leave_past_due"]
"""What becomes of a subscription when the last attempt to collect a payment has failed."""

_PLAIN = (
    "business_name",
    "support_email",
    "support_phone",
    "tax_id",
    "time_zone",
    "default_currency",
    "invoice_footer",
    "days_until_due",
    "trial_reminder_days",
)


@dataclass(frozen=True, slots=True)
class Dunning:
    """How a payment that failed is tried again: each of `retry_days` counts from the attempt before it."""

    retry_days: tuple[int, ...] = (3, 5, 7)
    final_action: FinalAction = "cancel"


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for a merchant; `version` counts its changes, 0 while there is no item."""

    business_name: str | None = None
    support_email: str | None = None
    support_phone: str | None = None
    address: Mapping[str, str] = field(default_factory=dict)
    tax_id: str | None = None
    time_zone: str = "UTC"
    default_currency: str = "USD"
    invoice_footer: str | None = None
    days_until_due: int = 30
    dunning: Dunning = Dunning()
    trial_reminder_days: int = 3
    version: int = 0
    updated_at: str | None = None

    @property
    def country(self) -> str | None:
        """Where the merchant is (ISO 3166-1 alpha-2), as far as it has said so."""
        return self.address.get("country")

    def to_item(self) -> Item:
        """Return the item without its key. All is written out: a default that changes later changes no merchant's."""
        return {
            "entity": "billing_settings",
            "version": self.version,
            "updated_at": self.updated_at,
            "address": self.address or None,
            "dunning": {"retry_days": self.dunning.retry_days, "final_action": self.dunning.final_action},
            **{name: getattr(self, name) for name in _PLAIN},
        }

    @classmethod
    def from_item(cls, item: Item | None) -> "Settings":
        """Return the settings of a merchant; without an item the defaults hold."""
        if item is None:
            return cls()
        dunning = item["dunning"]
        return cls(
            **{name: item[name] for name in _PLAIN if name in item},
            address=item.get("address", {}),
            dunning=Dunning(tuple(dunning["retry_days"]), dunning["final_action"]),
            version=item["version"],
            updated_at=item["updated_at"],
        )


def key_of(tenant: Tenant) -> Key:
    """Return the key of a merchant's billing settings."""
    return Keys(tenant).setting("billing")
