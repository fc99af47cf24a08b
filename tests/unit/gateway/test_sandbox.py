"""The sandbox: every test token says by its name what happens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from aws_lambda_powertools.utilities import parameters

from billing import times
from billing.errors import InvalidFields, RateLimited
from billing.gateway import (
    ActionNeeded,
    BadSignature,
    BankAccount,
    Brand,
    Card,
    Charged,
    ChargeOutcome,
    Declined,
    Done,
    Outcome,
    PayerNeeded,
    Refused,
    Settling,
    Stored,
    Token,
    Told,
    Unknown,
    Verified,
    Wish,
    gateway_of,
)
from billing.gateway.sandbox import (
    CHARGE_AUTHENTICATED,
    CHARGE_DECLINES,
    CHARGE_RATE_LIMITED,
    DECLINES,
    INSTRUMENTS,
    LOSES_ANSWERS,
    SIGNATURE_HEADER,
    SIGNED_SECONDS,
    Sandbox,
    signed,
)
from billing.tenancy import Tenant

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


def verify(token: str) -> Outcome:
    return Sandbox().verify(Token(token), "key", usage="off_session", return_url="https://example.com/back")


@pytest.mark.parametrize("token", [token for token in INSTRUMENTS if token not in ("tok_3ds", "tok_timeout")])
def test_a_good_token_is_kept_and_can_be_verified_again(token: str) -> None:
    outcome = verify(token)

    assert isinstance(outcome, Verified)
    assert outcome.details == INSTRUMENTS[token]
    assert Sandbox().verify(outcome.stored, "other", usage="off_session", return_url=None) == outcome


@pytest.mark.parametrize("token", DECLINES)
def test_a_declined_token_says_why(token: str) -> None:
    assert verify(token) == Declined(*DECLINES[token])


def test_a_payer_who_must_act_is_verified_once_that_is_done() -> None:
    outcome = verify("tok_3ds")

    assert isinstance(outcome, ActionNeeded)
    assert outcome.next_action["redirect_to_url"]["return_url"] == "https://example.com/back"
    done = Sandbox().verify(outcome.verification, "later", usage="off_session", return_url=None)
    assert done == Verified(Stored("tok_3ds"), INSTRUMENTS["tok_3ds"])


def test_a_payer_who_is_not_recognised_is_declined() -> None:
    outcome = verify("tok_3dsFailed")

    assert isinstance(outcome, ActionNeeded)
    done = Sandbox().verify(outcome.verification, "later", usage="off_session", return_url=None)
    assert isinstance(done, Declined)


def test_a_lost_answer_is_found_by_looking() -> None:
    assert verify("tok_timeout") == Unknown()
    found = Sandbox().look_up(Token("tok_timeout"), "key", usage="off_session")
    assert found == Verified(Stored("tok_timeout"), INSTRUMENTS["tok_timeout"])


def test_what_was_refused_has_not_happened() -> None:
    outcome = verify("tok_rate_limit")

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, RateLimited)
    assert Sandbox().look_up(Token("tok_rate_limit"), "key", usage="off_session") is None


def test_an_unknown_token_is_refused_by_name() -> None:
    outcome = verify("tok_nonsense")

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, InvalidFields)
    assert outcome.error.param == "token"


def test_every_brand_has_a_token_and_so_has_either_kind_of_account() -> None:
    cards = [each for each in INSTRUMENTS.values() if isinstance(each, Card)]
    accounts = [each for each in INSTRUMENTS.values() if isinstance(each, BankAccount)]

    assert {card.brand for card in cards} == set(get_args(Brand.__value__)) - {"unknown"}
    assert {account.account_type for account in accounts} == {"checking", "savings"}


def test_every_token_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "gateways.md").read_text()

    for token in (*INSTRUMENTS, *DECLINES, "tok_3dsFailed", "tok_rate_limit"):
        assert f"`{token}`" in page


def test_sandbox_mode_never_leaves_the_sandbox() -> None:
    assert isinstance(gateway_of(Tenant("mer_1", livemode=False)), Sandbox)


def wish(token: str, **fields: Any) -> Wish:
    return Wish("pay_1", Stored(token), "card", 4900, "USD", **fields)


def charge(token: str, **fields: Any) -> ChargeOutcome:
    return Sandbox().charge(wish(token, **fields), "key")


def look_up_charge(token: str, **fields: Any) -> ChargeOutcome | None:
    return Sandbox().look_up_charge(wish(token, **fields), "key", asked_at=NOW)


NOT_SIMPLY_CHARGED = {*CHARGE_DECLINES, CHARGE_RATE_LIMITED, CHARGE_AUTHENTICATED, LOSES_ANSWERS}


@pytest.mark.parametrize("token", [token for token in INSTRUMENTS if token not in NOT_SIMPLY_CHARGED])
def test_a_good_token_is_charged(token: str) -> None:
    assert charge(token) == look_up_charge(token) == Charged("sandbox_pay_1")


@pytest.mark.parametrize("token", ["tok_ach", "tok_ach_savings"])
def test_an_account_s_debit_settles_later(token: str) -> None:
    account = replace(wish(token), kind="us_bank_account")

    assert Sandbox().charge(account, "key") == Settling("sandbox_pay_1")


@pytest.mark.parametrize("token", CHARGE_DECLINES)
def test_a_card_that_is_declined_when_it_is_charged(token: str) -> None:
    assert charge(token) == look_up_charge(token) == Declined(*CHARGE_DECLINES[token])


def test_a_charge_that_is_refused_has_not_happened() -> None:
    outcome = charge(CHARGE_RATE_LIMITED)

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.error, RateLimited)
    assert look_up_charge(CHARGE_RATE_LIMITED) is None


def test_a_payer_who_must_act_at_each_payment() -> None:
    outcome = charge(CHARGE_AUTHENTICATED, off_session=False, return_url="https://example.com/back")

    assert isinstance(outcome, PayerNeeded)
    assert outcome.reference == "sandbox_pay_1"
    assert outcome.next_action["redirect_to_url"]["return_url"] == "https://example.com/back"
    nobody_there = charge(CHARGE_AUTHENTICATED)
    assert isinstance(nobody_there, Declined)
    assert nobody_there.decline_code == "authentication_required"


def test_a_charge_s_lost_answer_is_found_by_looking() -> None:
    assert charge(LOSES_ANSWERS) == Unknown()
    assert look_up_charge(LOSES_ANSWERS) == Charged("sandbox_pay_1")


def test_what_is_asked_about_a_charge_is_done_and_done_again() -> None:
    for _ in range(2):
        assert Sandbox().capture("sandbox_pay_1", 1, "USD", "key") == Done("sandbox_pay_1")
        assert Sandbox().void("sandbox_pay_1", "key") == Done("sandbox_pay_1")
        assert Sandbox().refund("sandbox_pay_1", "re_1", 1, "USD", "key") == Done("sandbox_re_1")


TOLD = Told("evt_1", "dispute_opened", "sandbox_pay_1", "pay_1", {"dispute": "dp_1", "amount_minor": 4900})


@pytest.fixture
def link_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINK_SECRET", "stack/links")
    monkeypatch.setattr(parameters, "get_secret", lambda name, **_: f"the secret of {name}")


@pytest.mark.parametrize("told", [TOLD, Told("evt_2", "method_updated", "tok_visa", None, {"exp_year": 2050})])
@pytest.mark.usefixtures("link_secret")
def test_what_the_sandbox_signs_is_told_as_it_was(told: Told) -> None:
    assert Sandbox().told(*signed(told), times.now()) == told


@pytest.mark.usefixtures("link_secret")
def test_a_body_that_was_changed_is_refused() -> None:
    headers, body = signed(TOLD)

    with pytest.raises(BadSignature):
        Sandbox().told(headers, body.replace(b"4900", b"4901"), times.now())


@pytest.mark.usefixtures("link_secret")
def test_what_another_stack_has_signed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    headers, body = signed(TOLD)
    monkeypatch.setenv("LINK_SECRET", "other/links")

    with pytest.raises(BadSignature):
        Sandbox().told(headers, body, times.now())


@pytest.mark.parametrize("late", [-SIGNED_SECONDS - 2, SIGNED_SECONDS + 2])
@pytest.mark.usefixtures("link_secret")
def test_a_signature_holds_for_five_minutes(late: int) -> None:
    headers, body = signed(TOLD)

    with pytest.raises(BadSignature):
        Sandbox().told(headers, body, times.now() + timedelta(seconds=late))


@pytest.mark.usefixtures("link_secret")
def test_a_signature_can_t_be_made_younger() -> None:
    headers, body = signed(TOLD)
    later = times.now() + timedelta(days=1)
    _, mac = headers[SIGNATURE_HEADER].split(",")

    with pytest.raises(BadSignature):
        Sandbox().told({SIGNATURE_HEADER: f"t={int(later.timestamp())},{mac}"}, body, later)


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=00", "t=x,v1=00", "nonsense"])
@pytest.mark.usefixtures("link_secret")
def test_a_header_that_is_none_is_refused(header: str | None) -> None:
    _, body = signed(TOLD)

    with pytest.raises(BadSignature):
        Sandbox().told({} if header is None else {SIGNATURE_HEADER: header}, body, times.now())
