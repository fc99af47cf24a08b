"""A table that lives in this process, for tests of what is read and written together."""

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture(scope="module")
def opened() -> Iterator[Any]:
    """A client of a table that is opened once for a module."""
    from tests.unit.gateway.scripted import table_in_process  # most tests need no moto

    with table_in_process() as client:
        yield client


@pytest.fixture
def client(opened: Any) -> Any:
    """The client of a table in which nothing is left of the test before."""
    from tests.unit.gateway.scripted import emptied

    return emptied(opened)
