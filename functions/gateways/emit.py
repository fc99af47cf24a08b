"""POST /v2/test-gateway-events: have the sandbox's gateway tell something."""

from billing.collection import emission
from billing.collection.emission import GatewayEvent, NewGatewayEvent
from billing.edge import Caller, endpoint


@endpoint(scope="events:write", status=201)
def handler(caller: Caller, body: NewGatewayEvent) -> GatewayEvent:
    """Have the sandbox's gateway tell something by itself, on the very path that a real gateway's events take.

    Raises:
        MalformedRequest: live mode has a real gateway (400).
        NotFound: the merchant has no such payment or payment method (404).
    """
    return emission.emit(caller, body)
