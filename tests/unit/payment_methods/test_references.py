"""Payment methods by the gateway's own ids of them, and what issuers change of their cards."""

from typing import Any

import pytest

from billing import customers
from billing.gateway import BankAccount, Card, Stored, Verified
from billing.payment_methods import NewPaymentMethod, PaymentMethod, creation, detach, operations
from billing.payment_methods.lists import of_customer
from tests.unit.gateway.scripted import (
    TENANT,
    Scripted,
    calling,
    delete_customer,
    new_customer,
)

EXPIRED = Verified(Stored("ref_old", "owner"), Card("visa", "4242", 12, 2025, "credit"))
RENEWED = {"exp_month": 12, "exp_year": 2029, "last4": "1881"}


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    scripted = Scripted()
    monkeypatch.setattr(creation, "gateway_of", lambda _tenant: scripted)
    return scripted


@pytest.fixture
def jane(client: Any) -> str:
    return new_customer()


def kept(gateway: Scripted, customer_id: str, verified: Verified, *, number: int = 1) -> PaymentMethod:
    gateway.verifies = verified
    return creation.create(calling(), NewPaymentMethod(customer_id=customer_id, token=f"tok_{number}"))


def test_a_method_is_found_by_the_gateway_s_own_id(gateway, jane):
    method = kept(gateway, jane, EXPIRED)

    found = operations.by_reference(TENANT, "scripted", "ref_old")

    assert found is not None
    assert found.id == method.id
    assert operations.by_reference(TENANT, "scripted", "ref_unknown") is None
    assert operations.by_reference(TENANT, "stripe", "ref_old") is None


def test_of_methods_that_share_a_reference_the_newest_is_found(gateway, jane):
    kept(gateway, jane, EXPIRED, number=1)
    newest = kept(gateway, jane, EXPIRED, number=2)

    found = operations.by_reference(TENANT, "scripted", "ref_old")

    assert found is not None
    assert found.id == newest.id


def test_a_renewed_card_can_be_paid_with_again(gateway, jane):
    method = kept(gateway, jane, EXPIRED)
    assert of_customer(calling(), jane).data == []

    operations.reissue(calling(), method.id, RENEWED)

    [shown] = of_customer(calling(), jane).data
    assert (shown.status, shown.is_default) == ("active", True)
    assert shown.card is not None
    assert (shown.card.last4, shown.card.exp_year) == ("1881", 2029)
    wallet = customers.read(TENANT, jane).wallet
    assert (wallet.default, wallet.held[0].expires) == (method.id, "2029-12")


def test_saying_it_twice_changes_nothing(gateway, jane):
    method = kept(gateway, jane, EXPIRED)

    once = operations.reissue(calling(), method.id, RENEWED)

    assert operations.reissue(calling(), method.id, RENEWED) == once


def test_what_the_issuer_does_not_say_stays(gateway, jane):
    method = kept(gateway, jane, EXPIRED)

    after = operations.reissue(calling(), method.id, {"exp_year": 2030})

    assert after.details == Card("visa", "4242", 12, 2030, "credit")


def test_a_card_that_is_nobody_s_or_a_deleted_customer_s_is_updated_alone(gateway, jane):
    loose, left = kept(gateway, jane, EXPIRED, number=1), kept(gateway, jane, EXPIRED, number=2)
    detach(calling(), loose.id)
    delete_customer(jane)
    before = customers.read(TENANT, jane)

    for method in (loose, left):
        assert operations.reissue(calling(), method.id, RENEWED).held.expires == "2029-12"
    assert customers.read(TENANT, jane) == before


def test_an_account_has_nothing_to_be_reissued(gateway, jane):
    method = kept(gateway, jane, Verified(Stored("ref_bank", "owner"), BankAccount("6789")))

    assert operations.reissue(calling(), method.id, RENEWED).version == 2
