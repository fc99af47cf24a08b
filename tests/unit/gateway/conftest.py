"""A Stripe on this machine, empty for every test."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from billing.gateway.stripe import Stripe, opened
from tests.unit.gateway.local_stripe import KEY, LocalStripe

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def server() -> Iterator[LocalStripe]:
    python = ROOT / ".venv-localstripe" / "bin" / "python"
    assert python.exists(), "make setup makes .venv-localstripe"
    script = Path(__file__).with_name("localstripe_server.py")
    with subprocess.Popen([python, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield LocalStripe(f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}")
        process.stdin.close()


@pytest.fixture
def local(server: LocalStripe) -> LocalStripe:
    server.clear()
    return server


@pytest.fixture
def gateway(local: LocalStripe) -> Stripe:
    return opened(KEY, local.url)


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    return str(request.node.nodeid)
