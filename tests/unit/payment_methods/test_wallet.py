"""The wallet: at most one default, exactly one while something is active, the newest remaining one promoted."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from billing.customers.wallet import Held, Wallet, month_of

NOW = "2026-01"

months = st.integers(2025, 2027).flatmap(lambda year: st.integers(1, 12).map(lambda month: f"{year}-{month:02d}"))
wallets = st.builds(
    Wallet,
    st.lists(st.builds(Held, st.uuids().map(str), st.none() | months), max_size=6, unique_by=lambda held: held.id).map(
        tuple
    ),
)


def test_the_first_active_method_becomes_the_default():
    assert Wallet().attached(Held("pm_1"), NOW).default == "pm_1"


def test_an_expired_first_method_does_not():
    wallet = Wallet().attached(Held("pm_1", "2025-12"), NOW)

    assert wallet.default is None
    assert wallet.attached(Held("pm_2"), NOW).default == "pm_2"


def test_a_later_method_becomes_the_default_only_if_it_is_to():
    first = Wallet().attached(Held("pm_1"), NOW)

    assert first.attached(Held("pm_2"), NOW).default == "pm_1"
    assert first.attached(Held("pm_2"), NOW, as_default=True).default == "pm_2"


def test_the_newest_remaining_active_method_is_promoted():
    wallet = Wallet((Held("pm_1"), Held("pm_2"), Held("pm_3", "2025-12"), Held("pm_4")), "pm_4")

    assert wallet.detached("pm_4", NOW).default == "pm_2"


def test_detaching_another_method_leaves_the_default():
    wallet = Wallet((Held("pm_1"), Held("pm_2"), Held("pm_3")), "pm_1")

    assert wallet.detached("pm_3", NOW).default == "pm_1"


def test_a_card_is_good_until_its_month_is_over():
    wallet = Wallet((Held("pm_1"), Held("pm_2", "2026-01")), "pm_2")

    assert wallet.effective_default("2026-01") == "pm_2"
    assert wallet.effective_default("2026-02") == "pm_1"


def test_a_default_that_has_expired_is_replaced_by_the_next_write():
    wallet = Wallet((Held("pm_1"), Held("pm_2", "2025-12"), Held("pm_3")), "pm_2")

    assert wallet.attached(Held("pm_4"), NOW).default == "pm_3"


def test_the_month_is_utc():
    assert month_of(datetime(2026, 2, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))) == "2026-01"
    assert month_of(datetime(2026, 1, 31, 23, 59, tzinfo=UTC)) == "2026-01"


@given(wallets, months)
def test_the_effective_default_is_active_and_there_while_anything_is(wallet: Wallet, month: str):
    for stored in (None, "pm_gone", *(held.id for held in wallet.held)):
        default = Wallet(wallet.held, stored).effective_default(month)

        assert (default in wallet.active(month)) if wallet.active(month) else default is None


class Purse(RuleBasedStateMachine):
    """Any sequence of commands, with time passing between them, against the plainest description of the rule."""

    def __init__(self) -> None:
        super().__init__()
        self.wallet = Wallet()
        self.month = 0  # since January 2026
        self.made = 0
        self.expiries: dict[str, int | None] = {}
        self.chosen: str | None = None

    def now(self) -> str:
        return f"{2026 + self.month // 12}-{self.month % 12 + 1:02d}"

    def active(self) -> list[str]:
        return [each for each, last in self.expiries.items() if last is None or self.month <= last]

    def expected(self) -> str | None:
        """Return the default by the rule: the one chosen while it is active, else the newest active one."""
        active = self.active()
        return self.chosen if self.chosen in active else (active[-1] if active else None)

    @rule(months_left=st.none() | st.integers(-1, 4), as_default=st.booleans())
    def attach(self, months_left: int | None, as_default: bool) -> None:
        self.made += 1
        method_id = f"pm_{self.made}"
        last = None if months_left is None else self.month + months_left
        self.chosen = self.expected()
        self.expiries[method_id] = last
        expires = None if last is None else f"{2026 + last // 12}-{last % 12 + 1:02d}"
        self.wallet = self.wallet.attached(Held(method_id, expires), self.now(), as_default=as_default)
        if as_default and method_id in self.active():
            self.chosen = method_id
        self.chosen = self.expected()

    @precondition(lambda self: self.expiries)
    @rule(data=st.data())
    def detach(self, data: st.DataObject) -> None:
        method_id = data.draw(st.sampled_from(sorted(self.expiries)))
        del self.expiries[method_id]
        self.wallet = self.wallet.detached(method_id, self.now())
        self.chosen = self.expected()

    @precondition(lambda self: self.active())
    @rule(data=st.data())
    def set_default(self, data: st.DataObject) -> None:
        self.chosen = data.draw(st.sampled_from(self.active()))
        self.wallet = self.wallet.defaulting(self.chosen, self.now())

    @rule(months_passed=st.integers(1, 3))
    def time_passes(self, months_passed: int) -> None:
        self.month += months_passed

    @invariant()
    def there_is_exactly_one_default_while_anything_is_active(self) -> None:
        active = self.wallet.active(self.now())
        assert active == self.active()
        defaults = [each for each in active if each == self.wallet.effective_default(self.now())]
        assert len(defaults) == (1 if active else 0)

    @invariant()
    def it_is_the_one_chosen_or_the_newest_remaining(self) -> None:
        assert self.wallet.effective_default(self.now()) == self.expected()

    @invariant()
    def nothing_is_held_twice(self) -> None:
        ids = [held.id for held in self.wallet.held]
        assert len(ids) == len(set(ids))


TestPurse = Purse.TestCase
TestPurse.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
