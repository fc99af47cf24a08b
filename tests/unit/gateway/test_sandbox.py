"""The sandbox: every test token says by its name what happens."""

from pathlib import Path
from typing import get_args

import pytest

from billing.errors import InvalidFields, RateLimited
from billing.gateway import (
    ActionNeeded,
    BankAccount,
    Brand,
    Card,
    Declined,
    Outcome,
    Refused,
    Stored,
    Token,
    Unknown,
    Verified,
    gateway_of,
)
from billing.gateway.sandbox import DECLINES, INSTRUMENTS, Sandbox
from billing.tenancy import Tenant


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
