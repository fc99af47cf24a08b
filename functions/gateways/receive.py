"""POST /v2/gateways/{gateway}/events: what a payment gateway tells by itself."""

from billing.collection import inbound
from billing.collection.inbound import Account, Received
from billing.edge import Delivery, endpoint
from billing.tenancy import Call
from billing.times import now


@endpoint(scope=None)
def handler(gateway: str, query: Account, delivery: Delivery) -> Received:
    """Take a gateway's event: a settlement or return, a dispute, a refund that failed, a card that was reissued.

    What lets a call in is the gateway's signature over the whole of it. An event that comes twice is dealt with once.

    Raises:
        MalformedRequest: the signature is missing, wrong or too old (400).
        NotFound: there is no such gateway (404).
        GatewayNotConnected: the merchant has no such gateway (422).
        Unavailable: what it is about is being settled right now; send it again (503).
    """
    call = Call(delivery.request_id, now())
    return inbound.receive(gateway, query.account, delivery.headers, delivery.body, call)
