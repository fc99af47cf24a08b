"""RevokeApiKey: invoked by operators with IAM rights, never through the API."""

from typing import Any

from billing import keys


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Revoke an API key: `{"key": "rk_…"}`. It stops working within 60 seconds."""
    return {"key_id": keys.revoke(event["key"]), "revoked": True}
