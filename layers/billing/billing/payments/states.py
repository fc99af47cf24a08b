"""The states of a payment as its three views name them: payment, charge and payment intent.

Each view sees some of the stored states as one, and each sees others. So what a payment is found by in lists is the
finest state that any of them tells apart, and a list asked for a view's own word reads the few states that it covers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from billing.payments.models import ChargeStatus, IntentStatus, PaymentStatus

type State = Literal[
    "without_method",
    "unconfirmed",
    "processing",
    "settling",
    "awaiting_payer",
    "authorized",
    "succeeded",
    "partially_refunded",
    "refunded",
    "failed",
    "voided",
]


@dataclass(frozen=True, slots=True)
class Shown:
    """What each view calls a state."""

    payment: PaymentStatus
    charge: ChargeStatus
    intent: IntentStatus


SHOWN: Mapping[State, Shown] = {
    "without_method": Shown("pending", "pending", "requires_payment_method"),
    "unconfirmed": Shown("pending", "pending", "requires_confirmation"),
    "processing": Shown("pending", "processing", "processing"),
    "settling": Shown("pending", "pending", "processing"),
    "awaiting_payer": Shown("pending", "pending", "requires_action"),
    # The contract's payment intents have no state for money that is held; `amount_capturable` tells it.
    "authorized": Shown("authorized", "pending", "processing"),
    "succeeded": Shown("captured", "succeeded", "succeeded"),
    "partially_refunded": Shown("captured", "partially_refunded", "succeeded"),
    "refunded": Shown("refunded", "refunded", "succeeded"),
    "failed": Shown("failed", "failed", "requires_payment_method"),
    "voided": Shown("voided", "voided", "canceled"),
}
"""In the order in which a payment passes through them."""

RECORDED_STATES: frozenset[State] = frozenset({"succeeded", "partially_refunded", "refunded", "failed"})
"""Those that a payment can be in which somebody has recorded by hand."""


def recorded(state: State) -> str:
    """Return what a state is called in the lists if no gateway was asked, so that charges can be told apart."""
    return f"recorded_{state}"
