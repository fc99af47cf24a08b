"""POST /v2/test-clock/advance: let time pass for a sandbox merchant."""

from billing.collection import clock
from billing.edge import Caller, endpoint
from billing.test_clock.models import Advance, TestClock


@endpoint(scope="settings:write")
def handler(caller: Caller, body: Advance) -> TestClock:
    """Move the clock forward and do everything that becomes due on the way, in its order and each at its own moment.

    From then on the clock stands still until it is advanced again or stopped. `advancing` means that there was more to
    do than fits into a request: send it again.

    Raises:
        MalformedRequest: live mode has no test clock (400).
    """
    return clock.advance(caller, body)
