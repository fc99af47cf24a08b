"""API keys: who may call, for which merchant, in which mode. Kept as digests, shown once."""

from billing.keys.operations import MintedKey, NewKey, authenticated, mint, revoke

__all__ = ["MintedKey", "NewKey", "authenticated", "mint", "revoke"]
