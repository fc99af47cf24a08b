"""GET /v2/test-clock: what time it is for a sandbox merchant."""

from billing.collection import clock
from billing.edge import Caller, endpoint
from billing.test_clock.models import TestClock


@endpoint(scope="settings:read")
def handler(caller: Caller) -> TestClock:
    """Return what the merchant's test clock shows, the real time if it has none.

    Raises:
        MalformedRequest: live mode has no test clock (400).
    """
    return clock.get(caller)
