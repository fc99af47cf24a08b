"""The product as a user starts it, and the clients that a user has."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.testing import Runtime, running_runtime

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def runtime() -> Iterator[Runtime]:
    """The local runtime, with the keys that `make run` seeds."""
    with running_runtime() as running:
        yield running


@pytest.fixture(scope="session")
def node() -> str:
    """Node with the official SDK installed beside these tests."""
    found = shutil.which("node")
    if found and (HERE / "node_modules" / "@revkeen" / "sdk").is_dir():
        return found
    message = "needs Node.js 18 or newer with npm (Debian: apt-get install nodejs npm), then `make setup-node`"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def sdk(runtime: Runtime, node: str) -> Callable[[str], dict[str, Any]]:
    """Runs a script on the official SDK, for a new merchant, and returns what it has seen."""

    def run(script: str) -> dict[str, Any]:
        key = runtime.invoke("MintApiKey", {"mode": "sandbox"})["key"]
        done = subprocess.run(
            [node, str(HERE / script), f"{runtime.url}/v2", key],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    return run
