"""The tax rates of a merchant as they are kept."""

from dataclasses import dataclass

from billing.table import Item, Key, Keys
from billing.taxes.percentages import percentage_of
from billing.tenancy import Tenant
from billing.text import folded


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate, of a country or of a state in it. `ppm` is parts per million of the net price: 190,000 are 19 %."""

    id: str
    label: str
    country: str
    ppm: int
    created_at: str
    updated_at: str
    state: str | None = None
    inclusive: bool = False
    active: bool = True

    @property
    def percentage(self) -> str:
        """The rate as people write it, without the sign: `8.875`."""
        return percentage_of(self.ppm)

    @property
    def place(self) -> tuple[str, str]:
        """Country and folded state, the latter empty for the country as a whole."""
        return self.country, folded(self.state or "")

    def to_item(self) -> Item:
        """Return the rate as the tenant's item holds it."""
        return {
            "id": self.id,
            "label": self.label,
            "country": self.country,
            "state": self.state,
            "ppm": self.ppm,
            "inclusive": self.inclusive,
            "active": self.active,
            "created_at": self.created_at,
            "updated_at": self.updated_at,
        }

    @classmethod
    def from_item(cls, item: Item) -> "Rate":
        """Return the rate that `to_item` wrote."""
        return cls(**item)


@dataclass(frozen=True, slots=True)
class Rates:
    """All rates of a tenant, newest last; `version` counts their changes, 0 while there is no item."""

    rates: tuple[Rate, ...] = ()
    version: int = 0

    def to_item(self) -> Item:
        """Return the item without its key."""
        return {"entity": "tax_rates", "version": self.version, "rates": [each.to_item() for each in self.rates]}

    @classmethod
    def from_item(cls, item: Item | None) -> "Rates":
        """Return the rates of a tenant; without an item there are none."""
        if item is None:
            return cls()
        return cls(tuple(Rate.from_item(each) for each in item["rates"]), item["version"])


def key_of(tenant: Tenant) -> Key:
    """Return the key of a tenant's tax rates."""
    return Keys(tenant).setting("tax_rates")
