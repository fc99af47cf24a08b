"""The product as a user starts it, and the clients that a user has."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

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
