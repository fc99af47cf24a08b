"""Compare a handler's call with a bare `get_item`: `warming.py PATHS MODULE ROUNDS`, key and event on stdin.

Counted is processor time of this process, so waiting for the endpoint is left out of both, and what both do to ask it
(signing, sending, reading) stays in. They take turns in small blocks; printed are milliseconds per call, by block.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

BLOCK = 20


class Context:
    """What our handlers read of Lambda's context."""

    aws_request_id = "8f5b3c1e-0000-4000-8000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that an invocation has."""
        return 10_000


def milliseconds(call: Callable[[], Any]) -> float:
    """Return what one of a block of calls takes."""
    began = time.process_time()
    for _ in range(BLOCK):
        call()
    return (time.process_time() - began) * 1000 / BLOCK


def main() -> None:
    """Warm both up, then let them take turns."""
    paths, module, rounds = sys.argv[1:]
    sys.path[:0] = paths.split(":")
    given = json.load(sys.stdin)
    answers = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    handler = importlib.import_module(module).handler
    client = importlib.import_module("boto3").client("dynamodb")
    context = Context()

    def request() -> dict[str, Any]:
        answer: dict[str, Any] = handler(given["event"], context)
        return answer

    def bare() -> dict[str, Any]:
        answer: dict[str, Any] = client.get_item(
            TableName=os.environ["TABLE_NAME"], Key=given["key"], ConsistentRead=True
        )
        return answer

    if request()["statusCode"] != 200 or "Item" not in bare():
        sys.exit("the endpoint does not have the customer that was asked for")
    for call in (bare, request):
        for _ in range(10):
            milliseconds(call)
    blocks = [(milliseconds(bare), milliseconds(request)) for _ in range(int(rounds))]
    os.write(answers, json.dumps(blocks).encode())


if __name__ == "__main__":
    main()
