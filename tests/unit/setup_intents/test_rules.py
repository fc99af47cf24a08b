"""The states of a setup intent and the ways between them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from billing.errors import MalformedRequest
from billing.gateway import ActionNeeded, Declined, Verification
from billing.setup_intents import rules
from billing.setup_intents.models import Cancellation, Confirmation, NewSetupIntent, SetupIntentChanges, Status
from billing.setup_intents.record import Record
from billing.table.items import from_attributes, to_attributes
from billing.tenancy import Call, Tenant

CALL = Call("req_1", datetime(2026, 1, 15, 10, 30, tzinfo=UTC))
LATER = Call("req_2", CALL.now + timedelta(minutes=1))
STATES: tuple[Status, ...] = get_args(Status.__value__)
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def intent(status: Status = "requires_payment_method", **fields: Any) -> Record:
    record = rules.new_intent(
        Tenant("mer_1", livemode=False),
        NewSetupIntent.model_validate(fields),
        id="seti_1",
        sequence=3,
        gateway="sandbox",
        client_secret="seti_1_secret",
        customer_id=None,
        call=CALL,
    )
    return replace(record, status=status)


COMMANDS: dict[str, Callable[[Record], Record]] = {
    "change": lambda record: rules.changed(record, SetupIntentChanges(description="new"), None, LATER),
    "cancel": lambda record: rules.canceled(record, "duplicate", LATER),
    "confirm": lambda record: rules.processing(record, "attempt", LATER),
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", STATES)
def test_only_what_is_open_can_be_changed_canceled_or_confirmed(command: str, status: Status) -> None:
    if status in OPEN:
        after = COMMANDS[command](intent(status))
        assert after.status == {"change": status, "cancel": "canceled", "confirm": "processing"}[command]
        assert after.version == 2
    else:
        with pytest.raises(MalformedRequest, match=status):
            COMMANDS[command](intent(status))


def test_what_the_gateway_says_leads_out_of_processing() -> None:
    record = rules.processing(intent(), "attempt", CALL)

    done = rules.succeeded(record, "pm_1", LATER)
    assert (done.status, done.payment_method_id, done.confirmed_at) == ("succeeded", "pm_1", "2026-01-15T10:31:00.000Z")
    needed = ActionNeeded(Verification("v"), {"type": "x"})
    assert rules.waiting_for_payer(record, needed, {"method": None}, LATER).status == "requires_action"
    assert rules.declined(record, Declined("lost_card", "No"), LATER).status == "requires_payment_method"
    assert rules.undone(record, "requires_action", LATER).status == "requires_action"


def test_every_state_is_in_the_table_and_the_final_ones_lead_nowhere() -> None:
    assert set(rules.TRANSITIONS) == set(STATES)
    assert {state for state, following in rules.TRANSITIONS.items() if not following} == {"succeeded", "canceled"}


def test_success_forgets_the_earlier_no() -> None:
    declined = rules.declined(rules.processing(intent(), "one", CALL), Declined("lost_card", "No"), CALL)

    assert rules.error_of(declined) is not None
    done = rules.succeeded(rules.processing(declined, "two", LATER), "pm_1", LATER)
    assert done.last_error is None
    assert rules.error_of(done) is None


def test_what_is_stored_comes_back_as_it_was() -> None:
    record = intent(payment_method_types=["card", "ach"], metadata={"a": 1.5}, description="d")
    needed = ActionNeeded(Verification("v"), {"type": "x", "x": {"url": "https://example.com"}})
    record = rules.waiting_for_payer(rules.processing(record, "k", CALL), needed, {"new": {"id": "pm_1"}}, LATER)

    assert Record.from_item(from_attributes(to_attributes(record.to_item()))) == record


def test_unset_fields_are_null_and_there_is_one_spelling() -> None:
    shown = intent().to_setup_intent().to_wire()

    assert shown["next_action"] is shown["last_error"] is shown["customer_id"] is shown["confirmed_at"] is None
    assert shown["payment_method_types"] == ["card"]
    assert shown["usage"] == "off_session"
    assert all(name == name.lower() for name in shown)


def test_what_changes_nothing_is_the_same_object() -> None:
    record = intent(metadata={"a": 1}, description="d")

    assert rules.changed(record, SetupIntentChanges(metadata={"a": 1}, description="d"), None, LATER) is record


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (NewSetupIntent, {"payment_method_types": ["sepa_debit"]}),
        (NewSetupIntent, {"payment_method_types": []}),
        (NewSetupIntent, {"usage": "sometimes"}),
        (NewSetupIntent, {"description": "4242 4242 4242 4242"}),
        (Confirmation, {"return_url": "javascript:alert(1)"}),
        (Confirmation, {"payment_method_data": {"token": "4242424242424242"}}),
        (Confirmation, {"payment_method_data": {"token": "tok_visa", "number": "1"}}),
        (Cancellation, {"cancellation_reason": "mood"}),
    ],
)
def test_what_makes_no_sense_is_refused(model: Any, body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(body)
