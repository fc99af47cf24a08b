"""Setup intents: verifying a payment method today that is charged some other day.

Lists, and the confirmation of one, are imported from `lists` and `confirmation` by the functions that serve them: the
others start faster.
"""

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
    "create",
    "get",
    "update",
]
