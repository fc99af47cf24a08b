"""Call a handler once and say how much memory that took: `calling.py PATHS MODULE FUNCTION`, the event on stdin."""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any


class Context:
    """What our handlers read of Lambda's context."""

    aws_request_id = "8f5b3c1e-0000-4000-8000-000000000000"
    function_name = memory_limit_in_mb = invoked_function_arn = "bench"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time that an invocation has."""
        return 10_000


def peak_memory_mb() -> float:
    """Return the most memory this process has had resident.

    From Linux itself where it can be had: `ru_maxrss` counts in what the process was before it became this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource  # noqa: PLC0415 - not there on every system

    divisor = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / divisor


def main() -> None:
    """Call the handler; what it logs is not of interest."""
    paths, module, name = sys.argv[1:]
    sys.path[:0] = paths.split(":")
    event: dict[str, Any] = json.load(sys.stdin)
    answers = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    handler = getattr(importlib.import_module(module), name)
    answer = handler(event, Context())
    sys.stdout.flush()
    status = answer.get("statusCode") if isinstance(answer, dict) else None
    os.write(answers, json.dumps({"memory_mb": peak_memory_mb(), "status": status}).encode())


if __name__ == "__main__":
    main()
