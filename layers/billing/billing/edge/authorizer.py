"""The decorator of the Lambda authorizer (HTTP API, payload 2.0, simple response)."""

from collections.abc import Callable, Mapping
from typing import Any

HEADER = "x-api-key"


def authorizer(find: Callable[[str], Mapping[str, str]]) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    """Make an authorizer of a function from a key's text to the context that endpoints read.

    It always lets through: a denial here would get API Gateway's own body, so the endpoint answers 401 and 403.
    """

    def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
        headers = {name.lower(): text for name, text in event.get("headers", {}).items()}
        return {"isAuthorized": True, "context": dict(find(headers.get(HEADER, "")))}

    return handler
