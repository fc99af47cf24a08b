"""Keeping a payment method when answers get lost: looked up, never done again."""

from datetime import timedelta
from typing import Any

import pytest

from billing.errors import (
    CustomerDeleted,
    IdempotencyConflict,
    IdempotencyInProgress,
    InvalidFields,
    PaymentDeclined,
    RateLimited,
    Unavailable,
)
from billing.gateway import ActionNeeded, Declined, Refused, Token, Unknown, Verification
from billing.payment_methods import NewPaymentMethod, PaymentMethod, creation
from billing.payment_methods.lists import of_customer
from billing.tenancy import Caller, Replayed
from tests.unit.gateway.scripted import (
    ABANDONED,
    VISA,
    Died,
    Scripted,
    calling,
    delete_customer,
    items,
    new_customer,
)


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    scripted = Scripted()
    monkeypatch.setattr(creation, "gateway_of", lambda _tenant: scripted)
    return scripted


@pytest.fixture
def jane(client: Any) -> str:
    return new_customer()


def create(caller: Caller, customer_id: str, **fields: Any) -> PaymentMethod:
    return creation.create(
        caller, NewPaymentMethod.model_validate({"customer_id": customer_id, "token": "tok_1", **fields})
    )


def test_a_request_that_died_before_the_gateway_was_asked_is_finished_by_its_repetition(client, gateway, jane):
    gateway.verifies = Died()
    with pytest.raises(Died):
        create(calling("k"), jane)

    gateway.verifies, gateway.finds = VISA, None
    method = create(calling("k", later=ABANDONED), jane)

    assert method.status == "active"
    assert gateway.asked[0] == gateway.asked[1] == gateway.looked[0]
    assert items(client, "pending") == []


def test_a_request_that_died_with_the_answer_in_its_hands_is_not_done_again(client, gateway, jane):
    gateway.verifies = Died()
    with pytest.raises(Died):
        create(calling("k"), jane)

    gateway.finds = VISA
    create(calling("k", later=ABANDONED), jane)

    assert len(gateway.asked) == 1
    assert len(items(client, "payment_method")) == 1


def test_while_the_first_request_can_still_run_others_wait(gateway, jane):
    gateway.verifies = Died()
    with pytest.raises(Died):
        create(calling("k"), jane)

    with pytest.raises(IdempotencyInProgress):
        create(calling("k", later=timedelta(seconds=5)), jane)
    assert gateway.looked == []


def test_another_body_under_the_key_is_a_conflict_even_before_there_is_an_answer(gateway, jane):
    gateway.verifies = Died()
    with pytest.raises(Died):
        create(calling("k", body="one"), jane)

    with pytest.raises(IdempotencyConflict):
        create(calling("k", body="two", later=ABANDONED), jane)


def test_without_a_key_a_single_use_token_is_its_own_key(gateway, jane):
    gateway.verifies = Died()
    with pytest.raises(Died):
        create(calling(request="one"), jane)

    gateway.finds = VISA
    create(calling(request="two", later=ABANDONED), jane)

    assert len(gateway.asked) == 1


def test_the_key_at_the_gateway_differs_from_one_wish_to_the_next(gateway, jane):
    create(calling("a"), jane)
    create(calling("b"), jane)
    create(calling(), jane)
    create(calling(), jane, token="tok_2")

    assert len({key for key, _ in gateway.asked}) == 4


def test_silence_is_503_and_can_be_asked_about_at_once(gateway, jane):
    gateway.verifies = Unknown()
    with pytest.raises(Unavailable):
        create(calling("k"), jane)

    gateway.finds = VISA
    assert create(calling("k"), jane).status == "active"
    assert len(gateway.asked) == 1


def test_silence_again_is_503_again(gateway, jane):
    gateway.verifies = gateway.finds = Unknown()
    for _ in range(3):
        with pytest.raises(Unavailable):
            create(calling("k"), jane)

    assert len(gateway.asked) == 1


@pytest.mark.parametrize(
    ("outcome", "decline_code"),
    [
        (Declined("lost_card", "No"), "lost_card"),
        (ActionNeeded(Verification("v"), {"type": "redirect_to_url"}), "authentication_required"),
    ],
)
def test_a_no_is_kept_and_answered_again(client, gateway, jane, outcome, decline_code):
    gateway.verifies = outcome
    with pytest.raises(PaymentDeclined) as declined:
        create(calling("k"), jane)

    assert declined.value.details == {"decline_code": decline_code}
    gateway.verifies = VISA
    with pytest.raises(Replayed) as replayed:
        create(calling("k"), jane)
    assert replayed.value.answer.status == 400
    assert decline_code in replayed.value.answer.body
    assert len(gateway.asked) == 1
    assert items(client, "payment_method") == items(client, "pending") == []


def test_what_was_not_even_tried_is_tried_afresh(client, gateway, jane):
    gateway.verifies = Refused(RateLimited("Busy", retry_after_seconds=1))
    with pytest.raises(RateLimited):
        create(calling("k"), jane)

    assert items(client, "pending") == []
    gateway.verifies = VISA
    assert create(calling("k"), jane).status == "active"


def test_a_token_of_another_type_is_refused_by_name(client, gateway, jane):
    with pytest.raises(InvalidFields) as refused:
        create(calling(), jane, type="ach")

    assert refused.value.param == "type"
    assert items(client, "payment_method") == items(client, "pending") == []


def test_a_customer_who_is_deleted_while_the_gateway_is_asked_gets_nothing(client, gateway, jane):
    gateway.meanwhile = lambda: delete_customer(jane)

    with pytest.raises(CustomerDeleted):
        create(calling("k"), jane)

    assert items(client, "payment_method") == items(client, "pending") == []


def test_a_request_that_was_taken_over_writes_nothing_when_it_comes_back(client, gateway, jane):
    def the_other_one() -> None:
        gateway.meanwhile = lambda: None
        create(calling("k", later=ABANDONED), jane)

    gateway.meanwhile, gateway.finds = the_other_one, VISA
    with pytest.raises((IdempotencyInProgress, Replayed)):
        create(calling("k"), jane)

    assert len(items(client, "payment_method")) == 1
    [method] = of_customer(calling(), jane).data
    assert method.is_default


def test_only_the_token_goes_to_the_gateway_and_only_what_may_be_shown_stays(client, gateway, jane):
    create(calling(), jane)

    assert gateway.asked[0][1] == Token("tok_1")
    [item] = items(client, "payment_method")
    assert set(item["details"]["M"]) == {"brand", "last4", "exp_month", "exp_year", "funding"}
    assert "tok_1" not in str(item)
