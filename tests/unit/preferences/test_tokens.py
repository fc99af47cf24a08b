"""The token in an unsubscribe link."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.preferences.tokens import Addressee, sign, verify
from billing.tenancy import Tenant

ADDRESSEE = Addressee(Tenant("mer_" + "1" * 32, livemode=True), "cus_" + "2" * 32)
TOKEN = sign(ADDRESSEE, "secret")


def test_a_token_says_whom_it_was_made_for():
    assert verify(TOKEN, "secret") == ADDRESSEE


def test_the_modes_of_a_merchant_have_different_tokens():
    sandbox = Addressee(Tenant(ADDRESSEE.tenant.merchant_id, livemode=False), ADDRESSEE.customer_id)

    assert verify(sign(sandbox, "secret"), "secret") == sandbox
    assert sign(sandbox, "secret") != TOKEN


@given(st.integers(0, 67), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
def test_a_token_with_any_other_character_is_none(place: int, character: str):
    tampered = TOKEN[:place] + character + TOKEN[place + 1 :]

    assert (verify(tampered, "secret") is not None) == (tampered == TOKEN)


@pytest.mark.parametrize("wrong", ["", "x", TOKEN[:-1], TOKEN + "A", TOKEN + "=", TOKEN + "\n", "A" * 68, "é" * 68])
def test_what_has_another_form_is_none(wrong: str):
    assert verify(wrong, "secret") is None


def test_another_secret_makes_other_tokens():
    assert verify(TOKEN, "another") is None


def test_a_token_holds_no_more_than_ids_and_mode():
    assert len(base64.urlsafe_b64decode(TOKEN)) == 1 + 16 + 16 + 18
