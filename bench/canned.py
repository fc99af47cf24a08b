"""A DynamoDB endpoint that answers at once, for what a function costs without DynamoDB."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.lambdas import PROBES


@contextmanager
def endpoint() -> Iterator[str]:
    """Serve on 127.0.0.1 while the context lasts; its URL."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(PROBES / "serve.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout is not None
        try:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        finally:
            server.terminate()
