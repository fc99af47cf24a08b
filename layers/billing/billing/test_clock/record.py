"""A test clock as it is kept, in one item of the tenant's settings."""

from dataclasses import dataclass
from datetime import datetime

from billing.table import Item, Key, Keys, table
from billing.tenancy import Tenant
from billing.times import iso


@dataclass(frozen=True, slots=True)
class Clock:
    """A merchant's time while it stands still.

    `target` is what it is being advanced to: the clock moves there from one thing that is due to the next. `asked` is
    the scope of the Idempotency-Key that it was sent there with, so that the same request never sends it further.
    """

    version: int = 0
    shown: datetime | None = None
    target: datetime | None = None
    asked: str | None = None

    @property
    def is_advancing(self) -> bool:
        """Whether there is still something to do before the clock is where it was sent."""
        return self.target is not None

    def to_item(self) -> Item:
        """Return the item without its key."""
        return {
            "entity": "test_clock",
            "version": self.version,
            "shown": iso(self.shown) if self.shown else None,
            "target": iso(self.target) if self.target else None,
            "asked": self.asked,
        }

    @classmethod
    def from_item(cls, item: Item | None) -> "Clock":
        """Return the clock that `to_item` wrote; without an item, one that was never set."""
        if item is None:
            return cls()
        shown, target = item.get("shown"), item.get("target")
        return cls(
            version=item["version"],
            shown=datetime.fromisoformat(shown) if shown else None,
            target=datetime.fromisoformat(target) if target else None,
            asked=item.get("asked"),
        )


def key_of(tenant: Tenant) -> Key:
    """Return the key of a tenant's test clock."""
    return Keys(tenant).setting("test_clock")


def read(tenant: Tenant, now: datetime) -> datetime | None:
    """Return what a tenant's test clock shows; None without one, or where the real time has overtaken it."""
    shown = Clock.from_item(table().get(key_of(tenant))).shown
    return shown if shown and shown > now else None
