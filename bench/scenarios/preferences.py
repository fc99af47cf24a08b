"""Communication preferences: choosing through the API, and unsubscribing by the link in a mail."""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from unittest.mock import patch

from bench.dataset import Merchant, new_customer, stored
from bench.scenario import Budget, Taking
from billing import preferences
from billing.customers.record import Record, key_of
from billing.table import Item


class Preferences:
    """What one of more and more customers agrees to be sent. It stands in the customer, so nothing is seeded."""

    subject: ClassVar[str] = "preferences"
    kind: ClassVar[str | None] = None
    budgets: ClassVar[Mapping[str, Budget]] = {
        "choose": Budget(2),
        "show the page": Budget(0),
        "unsubscribe": Budget(2),
        "unsubscribe, again": Budget(1),
    }

    def items_of(self, customer: Record, sequence: int) -> Sequence[Item]:
        """Return nothing."""
        del customer, sequence
        return []

    def measure(self, take: Taking, merchant: Merchant, name: str) -> None:
        """Agree to marketing, and think better of it."""
        customer = new_customer(f"reads.{name}")
        chosen = {"communicationPreferences": {"email": {"marketing": True}}}
        take.call("choose", "PATCH", f"/v2/customers/{customer}", chosen)
        # In place of Secrets Manager, which is not what is measured.
        with patch("billing.preferences.operations._secret", return_value="secret"):
            token = preferences.token_of(Record.from_item(stored(key_of(merchant.tenant, customer))))
            take.call("show the page", "GET", f"/v2/unsubscribe/{token}")
            take.call("unsubscribe", "POST", f"/v2/unsubscribe/{token}")
            take.call("unsubscribe, again", "POST", f"/v2/unsubscribe/{token}")
