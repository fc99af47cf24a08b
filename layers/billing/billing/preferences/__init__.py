"""Communication preferences: unsubscribing by the link in a mail."""

from billing.preferences.operations import check, token_of, unsubscribe

__all__ = ["check", "token_of", "unsubscribe"]
