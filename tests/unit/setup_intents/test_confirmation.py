"""Confirming when answers get lost: the intent is processing until somebody has looked."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from billing import payment_methods, setup_intents
from billing.errors import (
    IdempotencyConflict,
    IdempotencyInProgress,
    InvalidFields,
    MalformedRequest,
    PaymentDeclined,
    RateLimited,
)
from billing.gateway import ActionNeeded, Declined, Refused, Unknown, Verification
from billing.payment_methods.lists import of_customer
from billing.payment_methods.operations import by_reference
from billing.setup_intents import Confirmation, NewSetupIntent, SetupIntent, confirmation, operations
from billing.tenancy import Caller, Replayed
from tests.unit.gateway.scripted import (
    ABANDONED,
    NOW,
    TENANT,
    VISA,
    Died,
    Scripted,
    calling,
    delete_customer,
    items,
    new_customer,
)


@pytest.fixture(autouse=True)
def gateway(monkeypatch: pytest.MonkeyPatch) -> Scripted:
    scripted = Scripted()
    for module in (confirmation, operations):
        monkeypatch.setattr(module, "gateway_of", lambda _tenant: scripted)
    return scripted


@pytest.fixture
def jane(client: Any) -> str:
    return new_customer()


@pytest.fixture
def intent(jane: str) -> str:
    return setup_intents.create(calling(), NewSetupIntent(customer_id=jane)).id


def confirm(caller: Caller, intent_id: str, **fields: Any) -> SetupIntent:
    return confirmation.confirm(caller, intent_id, Confirmation.model_validate(fields or {"payment_token": "tok_1"}))


def reconcile(later: timedelta = ABANDONED) -> list[Any]:
    return [state for _, state in confirmation.reconcile(NOW + later, lambda: 100.0)]


def status(intent_id: str) -> str:
    return setup_intents.get(TENANT, intent_id).status


def test_silence_is_processing_until_reconciled(client, gateway, jane, intent):
    gateway.verifies = Unknown()
    assert confirm(calling("k"), intent).status == "processing"
    assert status(intent) == "processing"

    gateway.finds = VISA
    assert reconcile() == ["succeeded"]
    assert len(gateway.asked) == 1
    assert items(client, "pending") == []
    [method] = of_customer(calling(), jane).data
    assert method.id == setup_intents.get(TENANT, intent).payment_method_id
    assert method.is_default
    found = by_reference(TENANT, gateway.name, VISA.stored.reference)
    assert found is not None
    assert found.id == method.id
    assert reconcile() == []


def test_the_repetition_of_a_confirmation_that_was_reconciled_gets_its_outcome(gateway, intent):
    gateway.verifies = Unknown()
    confirm(calling("k"), intent)
    gateway.finds = VISA
    reconcile()

    assert confirm(calling("k", later=ABANDONED), intent).status == "succeeded"
    with pytest.raises(Replayed):
        confirm(calling("k", later=ABANDONED), intent)
    with pytest.raises(IdempotencyConflict):
        confirm(calling("k", body="another", later=ABANDONED), intent)


def test_the_repetition_of_a_confirmation_that_was_found_declined_gets_the_no(gateway, intent):
    gateway.verifies = Unknown()
    confirm(calling("k"), intent)
    gateway.finds = Declined("lost_card", "No")
    assert reconcile() == ["requires_payment_method"]

    with pytest.raises(PaymentDeclined):
        confirm(calling("k", later=ABANDONED), intent)
    with pytest.raises(Replayed):
        confirm(calling("k", later=ABANDONED), intent)


def test_silence_again_is_looked_at_again_the_next_time(gateway, intent):
    gateway.verifies = gateway.finds = Unknown()
    confirm(calling("k"), intent)

    assert reconcile() == ["processing"]
    assert reconcile(ABANDONED * 2) == ["processing"]
    assert len(gateway.asked) == 1
    assert len(gateway.looked) == 2


def test_a_confirmation_that_died_is_finished_by_its_repetition(client, gateway, intent):
    gateway.verifies = Died()
    with pytest.raises(Died):
        confirm(calling("k"), intent)
    assert status(intent) == "processing"

    gateway.finds = VISA
    assert confirm(calling("k", later=ABANDONED), intent).status == "succeeded"
    assert len(gateway.asked) == 1
    assert len(items(client, "payment_method")) == 1


def test_a_confirmation_that_never_reached_the_gateway_is_asked_under_the_same_key(gateway, intent):
    gateway.verifies = Died()
    with pytest.raises(Died):
        confirm(calling(), intent)

    gateway.verifies, gateway.finds = VISA, None
    assert reconcile() == ["succeeded"]
    assert gateway.asked[0] == gateway.asked[1]


def test_others_wait_while_a_confirmation_can_still_run(gateway, intent):
    gateway.verifies = Died()
    with pytest.raises(Died):
        confirm(calling("k"), intent)

    for caller in (calling("k"), calling("other"), calling()):
        with pytest.raises(IdempotencyInProgress):
            confirm(caller, intent)
    assert reconcile(timedelta(seconds=1)) == []
    assert gateway.looked == []


def test_another_confirmation_of_a_dead_one_is_judged_by_what_has_become_of_it(gateway, intent):
    gateway.verifies = Died()
    with pytest.raises(Died):
        confirm(calling("k"), intent)

    gateway.finds = VISA
    with pytest.raises(MalformedRequest, match="succeeded"):
        confirm(calling("other", later=ABANDONED), intent, payment_token="tok_2")
    assert len(gateway.asked) == 1


def test_another_confirmation_of_one_that_was_declined_goes_on_itself(gateway, intent):
    gateway.verifies = Died()
    with pytest.raises(Died):
        confirm(calling("k"), intent)

    gateway.finds, gateway.verifies = Declined("lost_card", "No"), VISA
    later = calling("other", later=ABANDONED)
    assert confirm(later, intent, payment_token="tok_2").status == "succeeded"


def test_a_no_is_kept_and_answered_again(gateway, intent):
    gateway.verifies = Declined("insufficient_funds", "No")
    with pytest.raises(PaymentDeclined):
        confirm(calling("k"), intent)

    shown = setup_intents.get(TENANT, intent).to_wire()
    assert shown["status"] == "requires_payment_method"
    assert shown["last_error"] == {"code": "card_declined", "message": "No", "decline_code": "insufficient_funds"}
    with pytest.raises(Replayed) as replayed:
        confirm(calling("k"), intent)
    assert replayed.value.answer.status == 400
    assert len(gateway.asked) == 1


def test_what_was_not_even_tried_leaves_the_intent_as_it_was(client, gateway, intent):
    gateway.verifies = Refused(RateLimited("Busy", retry_after_seconds=1))
    with pytest.raises(RateLimited):
        confirm(calling("k"), intent)

    assert status(intent) == "requires_payment_method"
    assert items(client, "pending") == []
    gateway.verifies = VISA
    assert confirm(calling("k"), intent).status == "succeeded"


def test_what_the_payer_has_done_is_asked_for_by_the_verification(gateway, jane, intent):
    gateway.verifies = ActionNeeded(Verification("at_the_gateway"), {"type": "redirect_to_url"})
    details = {"name": "Jane"}
    waiting = confirm(calling(), intent, payment_method_data={"token": "tok_1", "billingDetails": details})
    assert waiting.status == "requires_action"
    assert waiting.next_action == {"type": "redirect_to_url"}

    gateway.verifies = VISA
    done = confirmation.confirm(calling(), intent, Confirmation())
    assert gateway.asked[1][1] == Verification("at_the_gateway")
    assert (done.status, done.next_action) == ("succeeded", None)
    [method] = of_customer(calling(), jane).data
    assert method.to_wire()["billing_details"]["name"] == "Jane"


def test_a_customer_deleted_meanwhile_gets_nothing_though_the_gateway_has_it(client, gateway, jane, intent):
    gateway.meanwhile = lambda: delete_customer(jane)

    done = confirm(calling(), intent)

    assert done.status == "succeeded"
    method = payment_methods.get(calling(), done.payment_method_id or "")
    assert (method.status, method.customer_id) == ("inactive", None)


def test_a_saved_card_expires_by_the_merchant_s_test_clock(gateway, jane, intent):
    saved = confirm(calling(), intent).payment_method_id
    other = setup_intents.create(calling(), NewSetupIntent(customer_id=jane)).id
    now = calling()
    ahead = replace(now, call=replace(now.call, clock=datetime(2031, 1, 1, tzinfo=UTC)))

    with pytest.raises(InvalidFields) as refused:
        confirm(ahead, other, payment_method_id=saved)

    assert refused.value.param == "payment_method_id"
    assert confirm(now, other, payment_method_id=saved).status == "succeeded"


def test_one_that_can_t_be_finished_does_not_stand_in_the_others_way(gateway, jane, intent):
    other = setup_intents.create(calling(), NewSetupIntent(customer_id=jane)).id
    gateway.verifies = Unknown()
    confirm(calling(), intent)
    confirm(calling(), other)

    gateway.finds = ValueError("unreadable")
    first, second = reconcile()
    assert isinstance(first, ValueError)
    assert isinstance(second, ValueError)
    gateway.finds = VISA
    assert reconcile(ABANDONED * 20) == ["succeeded", "succeeded"]
