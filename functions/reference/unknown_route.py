"""$default: whatever no route serves."""

from typing import Any

from billing.edge.request import Incoming
from billing.edge.response import rendered_error, to_event
from billing.errors import NotFound
from billing.wire import API_VERSION


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer 404 in the contract's shape."""
    incoming = Incoming(event)
    error = NotFound(f"route: {incoming.method} {incoming.path}")
    return to_event(rendered_error(error, incoming.request_id), incoming.request_id, API_VERSION)
