"""A gateway that keeps books: what it was really asked to take and give back, whatever it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from billing import gateway
from billing.collection import charging, inbound, payment_intents, sweeps
from billing.errors import RateLimited
from billing.gateway import (
    Card,
    ChangeOutcome,
    Charged,
    ChargeOutcome,
    Declined,
    Done,
    Instrument,
    Outcome,
    PayerNeeded,
    Refused,
    Settling,
    Stored,
    Told,
    Unknown,
    Usage,
    Verified,
    Wish,
)
from billing.payment_methods import creation
from tests.unit.gateway.scripted import Died

GATEWAY_USERS = (gateway, charging, payment_intents, sweeps, inbound, creation)
"""The modules that ask for a tenant's gateway; the port itself for those that import it when they need it."""

type Mood = Literal[
    "good", "declines", "settles_later", "asks_payer", "busy", "loses_answers", "deaf", "kills_before", "kills_after"
]
"""What the gateway does with what it is asked next. `loses_answers` does it, `deaf` does not, and neither answers;
`kills_before` and `kills_after` stop the function, before it is done and after. Who is not there can't be asked."""

MOODS: tuple[Mood, ...] = (
    "good",
    "declines",
    "settles_later",
    "asks_payer",
    "busy",
    "loses_answers",
    "deaf",
    "kills_before",
    "kills_after",
)


@dataclass(slots=True)
class Entry:
    """One charge in the books."""

    wish: Wish
    reference: str
    outcome: ChargeOutcome
    taken_minor: int = 0
    given_back_minor: int = 0
    is_let_go: bool = False

    @property
    def kept_minor(self) -> int:
        return self.taken_minor - self.given_back_minor


class Ledger:
    """Does each thing once for one key, as every gateway promises."""

    name: ClassVar[str] = "ledger"
    tokens_are_single_use: ClassVar[bool] = False

    def __init__(self) -> None:
        self.mood: Mood = "good"
        self.mood_for_changes: Mood = "good"
        self.card = Card("visa", "4242", 12, 2049, "credit")
        self.verifies: Outcome | None = None
        self.entries: dict[str, Entry] = {}
        self.refunds: dict[str, int] = {}
        self.meanwhile: Callable[[], None] = lambda: None

    def of_payment(self, payment_id: str) -> list[Entry]:
        """Return what was made of a payment, oldest first: a payment intent may be tried more than once."""
        return [each for each in self.entries.values() if each.wish.payment_id == payment_id]

    def verify(self, instrument: Instrument, key: str, *, usage: Usage, return_url: str | None) -> Outcome:
        del key, usage, return_url
        if self.verifies is not None:
            return self.verifies
        return Verified(Stored(f"ref_{instrument}", "owner"), self.card)

    def look_up(self, instrument: Instrument, key: str, *, usage: Usage) -> Outcome | None:
        return self.verify(instrument, key, usage=usage, return_url=None)

    def charge(self, wish: Wish, key: str) -> ChargeOutcome:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        if key in self.entries:
            return self.entries[key].outcome
        mood, self.mood = self.mood, "good"
        if mood == "kills_before":
            raise Died
        if mood == "busy":
            return Refused(RateLimited("busy", retry_after_seconds=1))
        if mood == "deaf":
            return Unknown()
        entry = self.entries[key] = self._done(wish, mood)
        if mood == "kills_after":
            raise Died
        return Unknown() if mood == "loses_answers" else entry.outcome

    def _done(self, wish: Wish, mood: Mood) -> Entry:
        reference = f"tx_{len(self.entries)}"
        if mood == "declines" or (mood == "asks_payer" and wish.off_session):
            return Entry(wish, reference, Declined("generic_decline", "no"))
        if mood == "settles_later":
            return Entry(wish, reference, Settling(reference))
        if mood == "asks_payer":
            return Entry(wish, reference, PayerNeeded(reference, {"type": "redirect_to_url"}))
        return Entry(wish, reference, Charged(reference), wish.amount_minor if wish.capture else 0)

    def look_up_charge(self, wish: Wish, key: str, *, asked_at: datetime) -> ChargeOutcome | None:
        del wish, asked_at
        entry = self.entries.get(key)
        return entry.outcome if entry else None

    def capture(self, reference: str, amount_minor: int, currency: str, key: str) -> ChangeOutcome:
        del currency, key

        def take(entry: Entry) -> None:
            entry.taken_minor = amount_minor

        return self._changed(reference, take)

    def void(self, reference: str, key: str) -> ChangeOutcome:
        del key

        def let_go(entry: Entry) -> None:
            assert not isinstance(entry.outcome, Declined), "there is nothing to let go"
            entry.is_let_go = entry.taken_minor == 0

        outcome = self._changed(reference, let_go)
        is_refused = isinstance(outcome, Done) and not self._entry(reference).is_let_go
        return Declined("taken", "it has come in") if is_refused else outcome

    def refund(self, reference: str, refund_id: str, amount_minor: int, currency: str, key: str) -> ChangeOutcome:
        del currency, key

        def give_back(entry: Entry) -> None:
            if refund_id not in self.refunds:
                self.refunds[refund_id] = amount_minor
                entry.given_back_minor += amount_minor

        return self._changed(reference, give_back)

    def _changed(self, reference: str, change: Callable[[Entry], None]) -> ChangeOutcome:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        mood, self.mood_for_changes = self.mood_for_changes, "good"
        match mood:
            case "kills_before":
                raise Died
            case "busy":
                return Refused(RateLimited("busy", retry_after_seconds=1))
            case "declines":
                return Declined("no", "no")
            case "deaf":
                return Unknown()
        change(self._entry(reference))
        if mood == "kills_after":
            raise Died
        return Unknown() if mood == "loses_answers" else Done(f"done_{reference}")

    def wait_for(self, payment_id: str) -> Entry | None:
        """Return the entry of a payment that a bank or its payer has yet to answer."""
        waiting = (each for each in self.of_payment(payment_id) if isinstance(each.outcome, Settling | PayerNeeded))
        return next((each for each in waiting if not each.is_let_go), None)

    def fail_again(self, entry: Entry, *, event_id: str) -> Told:
        """Return what the gateway tells late, or once more, of a charge that it has declined."""
        facts = {"code": "card_declined", "message": "no"}
        return Told(event_id, "charge_failed", entry.reference, entry.wish.payment_id, facts)

    def settle(self, entry: Entry, *, comes_in: bool, event_id: str) -> Told:
        """Return what the gateway tells when a bank has moved the money, or has not."""
        entry.taken_minor = entry.wish.amount_minor if comes_in and entry.wish.capture else 0
        entry.outcome = Charged(entry.reference) if comes_in else Declined("R01", "returned")
        kind: Literal["charge_succeeded", "charge_failed"] = "charge_succeeded" if comes_in else "charge_failed"
        facts = {} if comes_in else {"code": "R01", "message": "returned"}
        return Told(event_id, kind, entry.reference, entry.wish.payment_id, facts)

    def told(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told:
        raise NotImplementedError

    def _entry(self, reference: str) -> Entry:
        return next(each for each in self.entries.values() if each.reference == reference)
