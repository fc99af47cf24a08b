"""MintApiKey: invoked by operators with IAM rights (`sam remote invoke MintApiKey`), never through the API."""

from dataclasses import asdict
from typing import Any

from billing import keys
from billing.keys import NewKey


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Mint an API key and return its text, which is shown this once.

    `{"mode": "sandbox"|"live", "scopes": ["*"], "name": "…", "merchant_id": "mer_…" (left out: a new merchant)}`
    """
    return asdict(keys.mint(NewKey.model_validate(event)))
