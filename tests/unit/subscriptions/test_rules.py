"""The states of a subscription, the ways between them, and what is billed on the way."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from billing.billing_settings.record import Settings
from billing.errors import InvalidFields, MalformedRequest
from billing.payments.models import LARGEST_AMOUNT_MINOR
from billing.subscriptions import rules
from billing.subscriptions.models import LARGEST_PERIOD_MINOR, NewSubscription, Pause, Status, SubscriptionChanges
from billing.subscriptions.record import Record
from tests.unit.subscriptions.made import NOW, billed, call, later, past_due, run, stored, subscription, with_state

STATES: tuple[Status, ...] = get_args(Status.__value__)


def changed(record: Record, moment: datetime = NOW, **fields: Any) -> Record:
    return rules.changed(record, SubscriptionChanges.model_validate(fields), call(moment))


def iso(*parts: int) -> str:
    return datetime(*parts, tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize("status", STATES)
def test_a_record_is_kept_whole(status: Status):
    record = with_state(status)

    assert record.status == status
    assert stored(record) == record


def test_without_a_trial_it_is_active_at_once_and_its_first_period_is_billed():
    record = subscription(quantity=3, description="Seats")

    assert (record.status, record.started_at, record.due_at) == ("active", iso(2027, 1, 31, 9), iso(2027, 1, 31, 9))
    record, [bill] = run(record, NOW)
    assert (bill.reason, bill.amount_minor, bill.quantity, bill.treatment) == (
        "subscription_create",
        1000,
        3,
        "collect",
    )
    assert (bill.period_start, bill.period_end, bill.description) == (iso(2027, 1, 31, 9), iso(2027, 2, 28, 9), "Seats")
    assert record.due_at == iso(2027, 2, 28, 9)
    assert record.latest_invoice_id == rules.invoice_id_of(record, bill.period_start)


def test_a_sweep_that_comes_late_bills_every_period_by_itself():
    record, bills = run(billed(), later(70))

    assert [each.period_start for each in bills] == [iso(2027, 2, 28, 9), iso(2027, 3, 31, 9)]
    assert {each.reason for each in bills} == {"subscription_cycle"}
    assert (record.cycle, record.current_period_end) == (3, iso(2027, 4, 30, 9))


def test_a_trial_is_free_reminded_of_and_followed_by_the_first_bill():
    record = subscription(trial_days=14)

    assert (record.status, record.trial_end, record.current_period_end) == (
        "trialing",
        iso(2027, 2, 14, 9),
        iso(2027, 2, 14, 9),
    )
    assert record.due_at == iso(2027, 2, 11, 9)
    reminded, bills = run(record, later(12))
    assert (reminded.status, reminded.trial_reminder_at, bills) == ("trialing", None, [])
    begun, [bill] = run(reminded, later(14))
    assert (begun.status, begun.started_at, bill.reason) == ("active", iso(2027, 2, 14, 9), "subscription_create")


def test_a_trial_that_is_shorter_than_the_reminder_is_reminded_of_at_once():
    assert subscription(trial_days=1).due_at == iso(2027, 1, 31, 9)
    assert subscription(settings=Settings(trial_reminder_days=0), trial_days=1).trial_reminder_at is None


def test_a_start_in_the_future_is_waited_for():
    record = subscription(start_date="2027-02-10", time_zone="America/New_York")

    assert (record.status, record.start_at, record.due_at) == ("trialing", iso(2027, 2, 10, 5), iso(2027, 2, 10, 5))
    record, [bill] = run(record, later(11))
    assert (record.status, bill.period_start, bill.period_end) == ("active", iso(2027, 2, 10, 5), iso(2027, 3, 10, 5))


def test_a_start_earlier_today_is_now():
    assert subscription(start_date="2027-01-31").status == "active"
    assert subscription(start_date="2027-01-31T08:59:58Z").started_at == iso(2027, 1, 31, 9)


def test_a_trial_counts_from_a_later_start():
    record = subscription(start_date="2027-02-10", trial_days=5)

    assert (record.trial_end, record.current_period_start) == (iso(2027, 2, 15), iso(2027, 2, 10))


@pytest.mark.parametrize(
    ("mode", "first", "second"),
    [("immediate", [452], 1000), ("next_invoice", [], 1452), ("none", [], 1000)],
)
def test_a_first_period_that_an_anchor_day_cuts_short_costs_its_share(mode: str, first: list[int], second: int):
    """From 15 January to 15 February are 31 days, of which 14 are left: 451.6 of 1000."""
    start = datetime(2027, 2, 1, tzinfo=UTC)
    record = subscription(start, amount_minor=1000, billing_anchor_day=15, proration_mode=mode)

    assert (record.anchor, record.current_period_end) == (iso(2027, 2, 15), iso(2027, 2, 15))
    record, bills = run(record, start)
    assert [each.amount_minor * each.quantity for each in bills] == first
    record, [bill] = run(record, datetime(2027, 2, 15, tzinfo=UTC))
    assert (bill.amount_minor * bill.quantity, record.cycle, record.carried_minor) == (second, 1, 0)


def test_an_anchor_day_at_the_end_of_the_month_is_kept():
    record, bills = run(subscription(datetime(2027, 2, 10, tzinfo=UTC), billing_anchor_day=31), later(90))

    assert [each.period_start[:10] for each in bills] == ["2027-02-10", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert record.current_period_end == iso(2027, 5, 31)


def test_it_expires_after_its_last_period():
    record, bills = run(subscription(billing_max_cycles=2), later(100))

    assert len(bills) == 2
    assert (record.status, record.ended_at, record.due_at) == ("expired", iso(2027, 3, 31, 9), None)
    assert record.canceled_at is None


def test_no_period_begins_on_or_after_the_day_it_ends():
    record, bills = run(subscription(billing_ends_on="2027-03-15"), later(100))

    assert (len(bills), record.status, record.ended_at) == (2, "expired", iso(2027, 3, 31, 9))


def test_a_scheduled_cancellation_comes_with_the_periods_end_and_can_be_undone():
    record = rules.canceled(billed(), "period_end", "too expensive", call())

    assert (record.status, record.cancel_at, record.canceled_at) == ("active", record.current_period_end, None)
    assert rules.canceled(record, "period_end", None, call()) is record
    ended, bills = run(record, later(40))
    assert (ended.status, ended.ended_at, ended.cancellation_reason) == (
        "canceled",
        iso(2027, 2, 28, 9),
        "too expensive",
    )
    assert bills == []
    undone = rules.reactivated(record, call())
    assert (undone.cancel_at, undone.cancellation_reason) == (None, None)
    assert len(run(undone, later(40))[1]) == 1


def test_what_is_canceled_before_its_first_bill_is_never_billed():
    record = rules.canceled(subscription(), "immediately", None, call())

    assert run(record, later(400)) == (record, [])


COMMANDS: dict[str, Callable[[Record], Record]] = {
    "cancel": lambda record: rules.canceled(record, "immediately", None, call()),
    "cancel later": lambda record: rules.canceled(record, "period_end", None, call()),
    "pause": lambda record: rules.paused(record, Pause(), call()),
    "resume": lambda record: rules.resumed(record, call()),
    "reactivate": lambda record: rules.reactivated(record, call()),
    "change": lambda record: changed(record, quantity=7),
}

ALLOWED: dict[str, set[Status]] = {
    "cancel": {"trialing", "active", "past_due", "paused"},
    "cancel later": {"trialing", "active", "past_due", "paused"},
    "pause": {"trialing", "active"},
    "resume": {"paused"},
    "reactivate": set(),
    "change": {"trialing", "active", "past_due", "paused"},
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", STATES)
def test_what_its_state_forbids_is_refused(command: str, status: Status):
    record = with_state(status)

    if status in ALLOWED[command]:
        assert COMMANDS[command](record).version == record.version + 1
    else:
        with pytest.raises(MalformedRequest) as refused:
            COMMANDS[command](record)
        assert refused.value.param == "status"


# pausing


def test_a_void_pause_bills_nothing_and_a_new_period_begins_when_it_ends():
    record = rules.paused(billed(), Pause(), call())

    assert record.due_at is None
    assert run(record, later(400)) == (record, [])
    resumed = rules.resumed(record, call(later(100)))
    assert (resumed.status, resumed.current_period_start) == ("active", iso(2027, 5, 11, 9))
    record, [bill] = run(resumed, later(100))
    assert (bill.period_start, bill.period_end) == (iso(2027, 5, 11, 9), iso(2027, 6, 11, 9))


def test_resuming_within_a_period_that_is_billed_changes_nothing_else():
    before = billed()

    resumed = rules.resumed(rules.paused(before, Pause(), call()), call(later(10)))

    assert (resumed.status, resumed.current_period_end, resumed.due_at) == (
        "active",
        before.current_period_end,
        before.due_at,
    )
    assert run(resumed, later(10)) == (resumed, [])


@pytest.mark.parametrize(("behavior", "treatment"), [("keep_as_draft", "draft"), ("mark_uncollectible",) * 2])
def test_in_other_pauses_periods_go_on(behavior: str, treatment: str):
    record = rules.paused(billed(), Pause.model_validate({"behavior": behavior}), call())

    record, bills = run(record, later(70))

    assert [each.treatment for each in bills] == [treatment.removeprefix("mark_")] * 2
    assert record.status == "paused"
    resumed = rules.resumed(record, call(later(70)))
    assert (resumed.status, resumed.current_period_end) == ("active", record.current_period_end)


def test_a_pause_ends_by_itself():
    record = rules.paused(billed(), Pause(resumes_at="2027-03-10T12:00:00Z"), call())

    assert record.due_at == iso(2027, 3, 10, 12)
    record, [bill] = run(record, later(45))
    assert (record.status, record.resumes_at, bill.period_start) == ("active", None, iso(2027, 3, 10, 12))


def test_a_pause_at_the_periods_end_needs_nobody():
    record, bills = run(billed(pause_at_period_end=True), later(60))

    assert (record.status, record.paused_at, record.pause_behavior) == ("paused", iso(2027, 2, 28, 9), "void")
    assert bills == []
    assert record.pause_at_period_end is False


def test_a_trial_that_was_paused_goes_on_or_is_over():
    record = rules.paused(subscription(trial_days=14), Pause(), call())

    assert rules.resumed(record, call(later(3))).status == "trialing"
    resumed, [bill] = run(rules.resumed(record, call(later(20))), later(20))
    assert (resumed.status, bill.reason, bill.period_start) == ("active", "subscription_create", iso(2027, 2, 20, 9))


def test_what_is_paused_ends_when_it_was_to_end():
    record = rules.paused(billed(cancel_at_period_end=True), Pause(), call())

    ended, bills = run(record, later(60))

    assert (ended.status, ended.ended_at, bills) == ("canceled", iso(2027, 2, 28, 9), [])


# dunning


def test_while_past_due_nothing_new_is_billed_and_what_was_missed_is_not_made_up_for():
    record = past_due()

    assert run(record, later(70)) == (record, [])
    recovered, [bill] = run(rules.recovered(record, call(later(70))), later(70))
    assert (recovered.status, recovered.dunning_since, recovered.retry_count) == ("active", None, 0)
    assert (bill.period_start, bill.period_end) == (iso(2027, 3, 31, 9), iso(2027, 4, 30, 9))


def test_paid_within_the_period_it_goes_on_as_before():
    record = rules.recovered(past_due(), call(later(3)))

    assert run(record, later(3)) == (record, [])
    assert (record.status, record.due_at) == ("active", iso(2027, 2, 28, 9))
    assert rules.recovered(record, call(later(3))) is record


def test_dunning_is_shown_as_it_gets_worse():
    record = past_due()
    worse = rules.payment_failed(record, 2, later(8), 3, call(later(3)))
    last = rules.payment_failed(worse, 3, later(15), 3, call(later(8)))
    over = rules.given_up(last, "leave_past_due", call(later(15)))

    shown = [
        (each.phase, each.phase_severity, each.retry_count, each.days_in_dunning, each.access_restricted)
        for each in (r.to_subscription(later(15)).dunning for r in (record, worse, last, over))
    ]

    assert shown == [
        (1, "info", 1, 15, False),
        (2, "warning", 2, 15, False),
        (3, "critical", 3, 15, False),
        (3, "critical", 3, 15, True),
    ]
    assert over.dunning_since == record.dunning_since
    assert with_state("active").to_subscription().dunning.is_in_dunning is False


@pytest.mark.parametrize(
    ("action", "status"), [("cancel", "canceled"), ("pause", "paused"), ("leave_past_due", "past_due")]
)
def test_when_the_last_attempt_fails_it_is_as_the_merchant_wants(action: Any, status: Status):
    record = rules.given_up(past_due(), action, call(later(15)))

    assert (record.status, record.next_retry_at) == (status, None)
    assert run(record, later(400))[1] == []


def test_a_failure_in_a_pause_is_noted_and_is_past_due_afterwards():
    record = past_due(rules.paused(billed(), Pause(), call()))

    assert (record.status, record.retry_count) == ("paused", 1)
    assert rules.resumed(record, call()).status == "past_due"
    assert rules.resumed(rules.recovered(record, call()), call()).status == "active"


def test_what_was_to_end_ends_though_it_is_past_due():
    record = rules.canceled(past_due(), "period_end", None, call())

    assert run(record, later(40))[0].status == "canceled"


@pytest.mark.parametrize("status", ["canceled", "expired"])
def test_what_is_over_is_touched_by_nothing(status: Status):
    record = with_state(status)

    assert rules.payment_failed(record, 1, later(3), 3, call()) is record
    assert rules.recovered(record, call()) is record
    assert rules.given_up(record, "pause", call()) is record
    assert rules.ended_with_customer(record, call()) is record
    assert rules.step(record, later(4000), call()) is None


@pytest.mark.parametrize("status", ["trialing", "active", "past_due", "paused"])
def test_with_its_customer_it_ends_at_once(status: Status):
    record = rules.ended_with_customer(with_state(status), call(later(1)))

    assert (record.status, record.canceled_at, record.due_at) == ("canceled", iso(2027, 2, 1, 9), None)


# changing


def test_a_new_price_holds_from_the_next_period_on():
    record = changed(subscription(), amount_minor=2000, quantity=2)

    record, [first] = run(record, NOW)
    _, [second] = run(record, later(30))
    assert [each.amount_minor * each.quantity for each in (first, second)] == [1000, 4000]


def test_what_changes_nothing_is_the_same():
    record = billed(metadata={"a": 1})

    assert changed(record, quantity=1, metadata={"a": 1}, status="active", cancel_at_period_end=False) is record
    assert changed(record, metadata={"a": True}) is not record


def test_a_state_can_be_asked_for():
    record = billed()

    paused = changed(record, status="paused", description="later")
    assert (paused.status, paused.description, paused.version) == ("paused", "later", record.version + 1)
    assert changed(paused, status="active").status == "active"
    assert changed(record, status="canceled").status == "canceled"
    assert changed(changed(record, cancel_at_period_end=True), status="active").cancel_at is None
    for wanted in ("trialing", "past_due", "expired"):
        with pytest.raises(MalformedRequest, match="can't be made"):
            changed(record, status=wanted)
    with pytest.raises(MalformedRequest):
        changed(past_due(), status="active")


def test_the_next_bill_can_be_moved_and_all_later_ones_with_it():
    record = changed(billed(), next_billing_date="2027-02-10")

    record, bills = run(record, later(45))
    assert [each.period_start for each in bills] == [iso(2027, 2, 10), iso(2027, 3, 10)]


def test_another_day_of_the_month_prolongs_the_current_period():
    record = changed(billed(), billing_anchor_day=5)

    assert record.current_period_end == iso(2027, 3, 5, 9)
    assert [each.period_start for each in run(record, later(70))[1]] == [iso(2027, 3, 5, 9), iso(2027, 4, 5, 9)]
    assert changed(record, billing_anchor_day=5) is record


def test_its_end_can_be_agreed_on_later():
    record = changed(billed(), billing_max_cycles=2)

    assert record.billing_end_strategy == "after_cycles"
    assert changed(record, billing_ends_on="2028-01-01").billing_end_strategy == "on_date"
    assert changed(record, billing_end_strategy="indefinite").billing_end_strategy == "indefinite"
    assert changed(record, billing_max_cycles=None).billing_end_strategy == "indefinite"
    assert run(changed(record, billing_max_cycles=1), later(40))[0].status == "expired"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"amount_minor": 9_999_999_999, "quantity": 2}, "amount_minor"),
        ({"quantity": 1_000_000}, "quantity"),
        ({"next_billing_date": "2027-01-31"}, "next_billing_date"),
        ({"next_billing_date": "2037-01-31"}, "next_billing_date"),
        ({"billing_ends_on": "2026-01-31"}, "billing_ends_on"),
    ],
)
def test_a_change_that_can_not_be_names_its_field(fields: dict[str, Any], param: str):
    with pytest.raises(InvalidFields) as refused:
        changed(billed(amount_minor=100_000), **fields)

    assert refused.value.param == param


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"start_date": "2027-01-30"}, "start_date"),
        ({"start_date": "2037-01-30"}, "start_date"),
        ({"trial_end": "2027-01-31T08:00:00Z"}, "trial_end"),
        ({"trial_end": "2027-02-05", "start_date": "2027-02-10"}, "trial_end"),
        ({"billing_ends_on": "2027-01-31"}, "billing_ends_on"),
        ({"billing_ends_on": "2027-02-05", "start_date": "2027-02-10"}, "billing_ends_on"),
        ({"billing_starts_on": "2027-01-01"}, "billing_starts_on"),
    ],
)
def test_a_beginning_that_can_not_be_names_its_field(fields: dict[str, Any], param: str):
    with pytest.raises(InvalidFields) as refused:
        subscription(**fields)

    assert refused.value.param == param


@pytest.mark.parametrize(
    "fields",
    [
        {"amount_minor": -1},
        {"amount_minor": 9_999_999_999, "quantity": 2},
        {"interval_count": 37},
        {"billing_interval": "year", "interval_count": 4},
        {"trial_days": 3, "trial_end": "2027-05-05"},
        {"billing_interval": "week", "billing_anchor_day": 3},
        {"billing_end_strategy": "on_date"},
        {"billing_end_strategy": "after_cycles"},
        {"billing_end_strategy": "indefinite", "billing_max_cycles": 3},
        {"billing_ends_on": "2028-01-01", "billing_max_cycles": 3},
        {"start_date": "tomorrow"},
        {"start_date": "2027-02-10T10:00:00"},
        {"start_date": "0001-01-01T00:00:00+14:00"},
        {"time_zone": "Mars/Olympus"},
    ],
)
def test_what_contradicts_itself_is_refused(fields: dict[str, Any]):
    with pytest.raises(ValidationError):
        NewSubscription.model_validate({"customer_id": "cus_1", "amount_minor": 1000, **fields})


def test_a_period_has_one_invoice_whoever_bills_it():
    record = billed()

    assert rules.invoice_id_of(record, "a") == rules.invoice_id_of(stored(record), "a")
    assert rules.invoice_id_of(record, "a") != rules.invoice_id_of(record, "b")


def test_what_a_period_can_cost_leaves_room_for_any_tax():
    assert LARGEST_PERIOD_MINOR == LARGEST_AMOUNT_MINOR // 10


def test_a_pause_that_was_to_come_while_it_was_past_due_comes_when_it_is_paid():
    record = past_due(billed(pause_at_period_end=True))

    record = rules.recovered(record, call(later(70)))

    assert (record.status, record.pause_at_period_end, record.pause_behavior) == ("paused", False, "void")
    assert record.paused_at == record.current_period_end
    assert run(record, later(200))[1] == []


def test_what_has_ended_is_not_reactivated_though_nobody_has_noted_its_end():
    record = rules.canceled(billed(), "period_end", None, call())

    with pytest.raises(MalformedRequest) as refused:
        rules.reactivated(record, call(later(40)))

    assert refused.value.param == "status"
