"""Setup intents: verifying a payment method today that is charged some other day."""

from billing.setup_intents.confirmation import confirm, reconcile
from billing.setup_intents.lists import find
from billing.setup_intents.models import (
    Cancellation,
    Confirmation,
    ListSetupIntents,
    NewSetupIntent,
    SetupIntent,
    SetupIntentChanges,
)
from billing.setup_intents.operations import cancel, create, get, update

__all__ = [
    "Cancellation",
    "Confirmation",
    "ListSetupIntents",
    "NewSetupIntent",
    "SetupIntent",
    "SetupIntentChanges",
    "cancel",
    "confirm",
    "create",
    "find",
    "get",
    "reconcile",
    "update",
]
