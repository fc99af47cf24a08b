"""A merchant whose table is in memory and whose gateway keeps books."""

from collections.abc import Iterator

import pytest

from tests.unit.collection.ledger import GATEWAY_USERS, Ledger
from tests.unit.collection.shop import Shop
from tests.unit.table.memory import Memory, table_in_memory


@pytest.fixture
def memory() -> Iterator[Memory]:
    """An empty table."""
    with table_in_memory() as opened:
        yield opened


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """The merchant's gateway."""
    ledger = Ledger()
    for module in GATEWAY_USERS:
        monkeypatch.setattr(module, "gateway_of", lambda _tenant: ledger)
    return ledger


@pytest.fixture
def shop(memory: Memory, ledger: Ledger) -> Shop:
    """The merchant."""
    return Shop(memory, ledger)


@pytest.fixture
def jane(shop: Shop) -> str:
    """A customer with a card."""
    customer = shop.customer()
    shop.card(customer)
    return customer
