"""The running product, and a merchant of one's own for each test."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from local.testing import Runtime, running_runtime
from tests.client import Api


@pytest.fixture(scope="session")
def runtime() -> Iterator[Runtime]:
    """The local runtime, started once for all tests."""
    with running_runtime(in_memory=True) as running:
        yield running


@pytest.fixture(scope="session")
def connection(runtime: Runtime) -> Iterator[httpx.Client]:
    """One pool of connections for all clients."""
    with httpx.Client(base_url=runtime.url, timeout=30) as client:
        yield client


@pytest.fixture
def key(runtime: Runtime) -> Callable[..., dict[str, Any]]:
    """Mints a key: `key()` of a new merchant, `key(merchant_id=…, mode="live", scopes=[…])` as wanted."""

    def mint(mode: str = "sandbox", **wanted: Any) -> dict[str, Any]:
        minted: dict[str, Any] = runtime.invoke("MintApiKey", {"mode": mode, **wanted})
        return minted

    return mint


@pytest.fixture
def client(connection: httpx.Client) -> Callable[[dict[str, Any]], Api]:
    """Makes a client that uses a minted key."""
    return lambda minted: Api(connection, minted["key"])


@pytest.fixture
def api(key: Callable[..., dict[str, Any]], client: Callable[[dict[str, Any]], Api]) -> Api:
    """A client of a merchant that nobody else uses."""
    return client(key())
