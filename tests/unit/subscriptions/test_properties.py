"""Whatever is done with a subscription in whatever order, and however late: what its customer pays for adds up."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from billing.billing_settings.record import FinalAction
from billing.errors import BillingError
from billing.subscriptions import rules
from billing.subscriptions.events import events_of
from billing.subscriptions.models import Pause, SubscriptionChanges
from billing.subscriptions.record import OVER, Record
from billing.subscriptions.rules import TRANSITIONS, Bill
from billing.times import iso
from tests.unit.subscriptions.made import call, stored, subscription

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]


class Life(RuleBasedStateMachine):
    """One subscription, with a sweep that comes when it likes."""

    record: Record

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2027, 1, 31, 1, 30, tzinfo=UTC)
        self.bills: list[Bill] = []
        self.seen: list[Record] = []

    @initialize(
        interval=st.sampled_from(["day", "week", "month", "year"]),
        count=st.integers(1, 3),
        zone=st.sampled_from(ZONES),
        beginning=st.sampled_from(
            [{}, {"trial_days": 3}, {"start_date": "2027-02-20"}, {"billing_starts_on": "2027-03-01", "trial_days": 10}]
        ),
        end=st.sampled_from([{}, {"billing_max_cycles": 3}, {"billing_ends_on": "2027-12-24"}]),
        flags=st.sampled_from([{}, {"pause_at_period_end": True}, {"cancel_at_period_end": True}]),
        day=st.none() | st.integers(1, 31),
        mode=st.sampled_from(["immediate", "next_invoice", "none"]),
    )
    def subscribe(self, **fields: Any) -> None:
        interval = fields["interval"]
        day = {"billing_anchor_day": fields["day"]} if interval in ("month", "year") and fields["day"] else {}
        given = {**fields["beginning"], **fields["end"], **fields["flags"], **day, "proration_mode": fields["mode"]}
        self.record = subscription(
            self.now, billing_interval=interval, interval_count=fields["count"], time_zone=fields["zone"], **given
        )
        self.seen.append(self.record)
        assert events_of(None, self.record)

    @rule(hours=st.sampled_from([1, 20, 24, 24 * 7, 24 * 29, 24 * 200]), seconds=st.integers(0, 59))
    def time_passes(self, hours: int, seconds: int) -> None:
        self.now += timedelta(hours=hours, seconds=seconds, milliseconds=250)

    @rule()
    def sweep(self) -> None:
        """Take every step that is due; that this ends is checked by the number of periods that there can be."""
        for _ in range(3_000):
            step = rules.step(self.record, self.now, call(self.now))
            if step is None:
                return
            after = step.after
            if step.bill:
                self._bill(step.bill, step.after)
                after = rules.billed(after, rules.invoice_id_of(after, step.bill.period_start), call(self.now))
            self._becomes(after)
        raise AssertionError("it never comes to rest")

    @rule(mode=st.sampled_from(["immediately", "period_end"]))
    def cancel(self, mode: Any) -> None:
        self._try(lambda: rules.canceled(self.record, mode, None, call(self.now)))

    @rule()
    def reactivate(self) -> None:
        self._try(lambda: rules.reactivated(self.record, call(self.now)))

    @rule(
        behavior=st.sampled_from(["void", "keep_as_draft", "mark_uncollectible"]), days=st.none() | st.integers(1, 60)
    )
    def pause(self, behavior: Any, days: int | None) -> None:
        resumes_at = iso(self.now + timedelta(days=days)) if days else None
        self._try(lambda: rules.paused(self.record, Pause(behavior=behavior, resumes_at=resumes_at), call(self.now)))

    @rule()
    def resume(self) -> None:
        self._try(lambda: rules.resumed(self.record, call(self.now)))

    @rule(quantity=st.integers(1, 5), day=st.none() | st.integers(1, 31), moved=st.none() | st.integers(1, 90))
    def change(self, quantity: int, day: int | None, moved: int | None) -> None:
        fields: dict[str, Any] = {"quantity": quantity}
        if day:
            fields["billing_anchor_day"] = day
        elif moved:
            fields["next_billing_date"] = iso(self.now + timedelta(days=moved))
        self._try(lambda: rules.changed(self.record, SubscriptionChanges.model_validate(fields), call(self.now)))

    @rule(made=st.integers(1, 3))
    def a_payment_fails(self, made: int) -> None:
        self._try(lambda: rules.payment_failed(self.record, made, self.now + timedelta(days=3), 3, call(self.now)))

    @rule(action=st.sampled_from(["cancel", "pause", "leave_past_due"]))
    def the_last_attempt_fails(self, action: FinalAction) -> None:
        self._try(lambda: rules.given_up(self.record, action, call(self.now)))

    @rule()
    def the_debt_is_paid(self) -> None:
        self._try(lambda: rules.recovered(self.record, call(self.now)))

    @precondition(lambda self: self.record.version > 10)
    @rule()
    def the_customer_is_deleted(self) -> None:
        self._try(lambda: rules.ended_with_customer(self.record, call(self.now)))

    @invariant()
    def it_is_kept_whole(self) -> None:
        if self.seen:
            assert stored(self.record) == self.record

    @invariant()
    def what_is_over_has_nothing_ahead(self) -> None:
        if self.seen:
            assert not self.record.is_over or (self.record.due_at is None and self.record.ended_at)
            assert self.record.current_period_start < self.record.current_period_end

    def _try(self, do: Any) -> None:
        try:
            after = do()
        except BillingError:
            return
        if after is not self.record:
            self._becomes(after)

    def _becomes(self, after: Record) -> None:
        before = self.record
        assert after.version == before.version + 1
        assert after.updated_at >= before.updated_at
        assert after.status == before.status or after.status in TRANSITIONS[before.status]
        assert before.status not in OVER
        types = [each.type for each in events_of(before, after)]
        assert len(types) == len(set(types)), "one version makes one event of a type"
        self._check_period(before, after)
        self.record = after
        self.seen.append(after)

    def _check_period(self, before: Record, after: Record) -> None:
        """A period begins where the one before it has ended; later only if it was paused, or past due."""
        if after.current_period_start == before.current_period_start:
            return
        assert after.current_period_start >= before.current_period_end or before.started_at is None
        if after.current_period_start != before.current_period_end:
            assert before.status in ("paused", "past_due")
            assert before.status != "paused" or before.pause_behavior == "void"

    def _bill(self, bill: Bill, after: Record) -> None:
        assert self.record.status not in (*OVER, "past_due")
        assert bill.period_start < bill.period_end
        assert bill.period_start <= iso(self.now)
        assert bill.amount_minor >= 0
        assert after.status == ("active" if bill.treatment == "collect" else "paused")
        assert all(earlier.period_end <= bill.period_start for earlier in self.bills), "periods overlap"
        assert bill.period_start not in {earlier.period_start for earlier in self.bills}
        self.bills.append(bill)


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
