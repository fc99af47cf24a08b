"""A warm request without DynamoDB: `GET /v2/customers/{id}` against a bare `get_item` of the same item."""

import json
import statistics
from collections.abc import Iterator

from bench.calls import MERCHANT, event
from bench.canned import endpoint
from bench.lambdas import deployed, interpreter_of, module_of
from bench.progress import progress
from bench.results import Row

BUDGET = 1.30
ROUNDS = 150

CUSTOMER = "cus_0123456789abcdef0123456789abcdef"


def measure() -> Iterator[Row]:
    """Yield one row."""
    function, made = event("GET", f"/v2/customers/{CUSTOMER}")
    key = {"pk": {"S": f"T#{MERCHANT}#sandbox#customer#{CUSTOMER}"}, "sk": {"S": "customer"}}
    progress(f"warm {function}, {ROUNDS} rounds")
    with endpoint() as url:
        interpreter = interpreter_of(deployed()[function], AWS_ENDPOINT_URL=url)
        given = json.dumps({"event": made, "key": key})
        blocks = interpreter.run("warming", module_of(deployed()[function]), str(ROUNDS), given=given)
    ratio = statistics.median(request / bare for bare, request in blocks)
    bare_ms, request_ms = (statistics.median(block[side] for block in blocks) for side in (0, 1))
    note = f"{request_ms:.2f} ms of processor time; bare get_item {bare_ms:.2f} ms"
    yield Row("warm request", function, ratio, "x", BUDGET, note)
