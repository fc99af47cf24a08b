"""A customer who can pay."""

import pytest

from tests.client import Api
from tests.functional.collection.asking import card


@pytest.fixture
def jane(api: Api) -> str:
    """A customer with a card."""
    customer = str(api.create("jane@example.com", currency="EUR")["id"])
    card(api, customer)
    return customer
