"""DELETE /v2/test-clock: give a sandbox merchant the real time back."""

from billing.collection import clock
from billing.edge import Caller, endpoint
from billing.test_clock.models import TestClock


@endpoint(scope="settings:write")
def handler(caller: Caller) -> TestClock:
    """Stop the test clock; what has happened in the future stays. Stopping twice is fine.

    Raises:
        MalformedRequest: live mode has no test clock (400).
    """
    return clock.stop(caller)
