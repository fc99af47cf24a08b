"""The payment methods that a customer holds, and which of them is paid with. Pure.

The wallet stands in the customer's own item, so that "at most one default, and exactly one while there is an active
method" is a property of one value that one conditional write replaces, whatever happens at the same time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

MOST_HELD = 100
"""As many as one batch read brings."""


def month_of(moment: datetime) -> str:
    """Return the month by which a card's expiry is judged, e.g. `2026-01` (UTC)."""
    return moment.astimezone(UTC).isoformat()[: len("2026-01")]


@dataclass(frozen=True, slots=True)
class Held:
    """An attached payment method: its id and, for a card, the last month it is good for (`2030-12`)."""

    id: str
    expires: str | None = None

    def is_active(self, month: str) -> bool:
        """Whether it can be paid with in `month`."""
        return self.expires is None or month <= self.expires


@dataclass(frozen=True, slots=True)
class Wallet:
    """What a customer holds, newest last, and the default that was stored.

    The default that counts is the effective one: a card expires without anybody writing it down.
    """

    held: Sequence[Held] = ()
    default: str | None = None

    def __contains__(self, method_id: str) -> bool:
        return any(each.id == method_id for each in self.held)

    @property
    def is_full(self) -> bool:
        """Whether nothing more can be attached."""
        return len(self.held) >= MOST_HELD

    def active(self, month: str) -> list[str]:
        """Return the ids of what can be paid with in `month`, newest last."""
        return [each.id for each in self.held if each.is_active(month)]

    def effective_default(self, month: str) -> str | None:
        """Return the stored default while it is active, else the newest active method, else None."""
        active = self.active(month)
        if self.default in active:
            return self.default
        return active[-1] if active else None

    def attached(self, method: Held, month: str, *, as_default: bool = False) -> "Wallet":
        """Return the wallet with `method` as its newest; the first active one becomes the default by itself."""
        before = self.effective_default(month)
        after = Wallet((*(each for each in self.held if each.id != method.id), method), before)
        return after.defaulting(method.id, month) if as_default else after.settled(month)

    def reissued(self, method: Held, month: str) -> "Wallet":
        """Return the wallet with what is known of `method` now, in the place that it has."""
        held = tuple(method if each.id == method.id else each for each in self.held)
        return replace(self, held=held).settled(month)

    def detached(self, method_id: str, month: str) -> "Wallet":
        """Return the wallet without a method; if it was the default, the newest remaining active one is promoted."""
        return Wallet(tuple(each for each in self.held if each.id != method_id), self.default).settled(month)

    def defaulting(self, method_id: str, month: str) -> "Wallet":
        """Return the wallet with `method_id` as its default if that is active, else with the default it has."""
        return replace(self, default=method_id) if method_id in self.active(month) else self.settled(month)

    def settled(self, month: str) -> "Wallet":
        """Return the wallet with its effective default written down."""
        return replace(self, default=self.effective_default(month))
