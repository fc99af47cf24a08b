"""Unsubscribing, by a token and without a key."""

import os
from collections.abc import Sequence

from billing.customers import rules
from billing.customers.operations import change
from billing.customers.record import Record
from billing.errors import NotFound
from billing.preferences.tokens import Addressee, sign, verify
from billing.table import Item
from billing.tenancy import Call, Caller
from billing.times import now

_CACHED_SECONDS = 300


def token_of(record: Record) -> str:
    """Return the token for the unsubscribe link of a customer: `https://…/v2/unsubscribe/<token>`."""
    return sign(Addressee(record.tenant, record.id), _secret())


def check(token: str) -> Addressee:
    """Return whom a token was made for.

    Raises:
        NotFound: it is none of ours.
    """
    addressee = verify(token, _secret())
    if addressee is None:
        raise NotFound("unsubscribe link")
    return addressee


def unsubscribe(token: str) -> None:
    """Turn marketing by e-mail off for whom the token was made; repeatable.

    Raises:
        NotFound: it is none of ours.
    """
    addressee = check(token)
    caller = Caller(addressee.tenant, key_id="", scopes=frozenset(), call=Call(request_id="", now=now()))

    def decide(record: Record, _: Sequence[Item | None]) -> Record:
        return rules.choosing(record, {"email": {"marketing": False}}, caller.call, "unsubscribe")

    change(caller, addressee.customer_id, decide, lambda _: None)


def _secret() -> str:
    from aws_lambda_powertools.utilities.parameters import get_secret  # noqa: PLC0415 - it loads boto3

    return str(get_secret(os.environ["LINK_SECRET"], max_age=_CACHED_SECONDS))
