"""Stripe, through its official library, in the name of one merchant.

A verification is a SetupIntent at Stripe: made first, confirmed second, both under keys derived from ours. Making one
does nothing to anybody, so making it again under the same key is how the first one is found: Stripe answers with the
one it made. What it has become by then is the answer to `look_up`.

Every instrument gets a Stripe customer of its own, because Stripe never lets a method move to a second one and ours
may (contract §B, attach).
"""

import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, cast

from stripe import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    CardError,
    IdempotencyError,
    InvalidRequestError,
    PermissionError,  # noqa: A004 - the library's name
    RateLimitError,
    RequestsClient,
    StripeClient,
)

from billing.errors import GatewayNotConnected, InvalidFields, RateLimited
from billing.gateway import (
    ActionNeeded,
    BankAccount,
    Brand,
    Card,
    Declined,
    Funding,
    Instrument,
    Outcome,
    Refused,
    Stored,
    Token,
    Unknown,
    Usage,
    Verification,
    Verified,
)
from billing.gateway.secrets import secret_of
from billing.wire import refuse

if TYPE_CHECKING:
    from stripe import PaymentMethod, SetupIntent
    from stripe._request_options import RequestOptions  # the library names it nowhere else
    from stripe.params import SetupIntentCreateParams

TIMEOUT_SECONDS = 8
"""For one call; a verification makes four at most, within the function's 29 seconds and mostly within one."""

_BRANDS: frozenset[str] = frozenset({"visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay"})
_FUNDINGS: frozenset[str] = frozenset({"credit", "debit", "prepaid"})


class Stripe:
    """One merchant's Stripe account."""

    name: ClassVar[str] = "stripe"
    tokens_are_single_use: ClassVar[bool] = True

    def __init__(self, client: StripeClient) -> None:
        self._client = client

    def verify(self, instrument: Instrument, key: str, *, usage: Usage, return_url: str | None) -> Outcome:
        """Confirm a SetupIntent with the instrument."""

        def confirmed() -> Outcome:
            if isinstance(instrument, Verification):
                return self._read(instrument.id) or Unknown()
            method = self._method(instrument, key)
            intent = self._intent(instrument, method.type, key, usage)
            confirmation: dict[str, Any] = {"payment_method": method.id}
            if return_url:
                confirmation["return_url"] = return_url
            if method.type == "us_bank_account":
                confirmation["mandate_data"] = {"customer_acceptance": {"type": "offline"}}
            self._client.v1.setup_intents.confirm(intent.id, cast("Any", confirmation), options=_under(key, "confirm"))
            return self._read(intent.id) or Unknown()

        return _answered(confirmed)

    def look_up(self, instrument: Instrument, key: str, *, usage: Usage) -> Outcome | None:
        """Find the SetupIntent of this key and return what it has become."""

        def found() -> Outcome | None:
            if isinstance(instrument, Verification):
                return self._read(instrument.id)
            method = self._method(instrument, key)
            return self._read(self._intent(instrument, method.type, key, usage).id)

        outcome = _answered(found)
        about_us = isinstance(outcome, Refused) and not isinstance(outcome.error, InvalidFields)
        return Unknown() if about_us else outcome

    def _method(self, instrument: Token | Stored, key: str) -> "PaymentMethod":
        if isinstance(instrument, Stored):
            return self._client.v1.payment_methods.retrieve(instrument.reference)
        if instrument.text.startswith("pm_"):
            return self._client.v1.payment_methods.retrieve(instrument.text)
        return self._client.v1.payment_methods.create(
            {"type": "card", "card": {"token": instrument.text}}, options=_under(key, "method")
        )

    def _intent(self, instrument: Token | Stored, kind: str, key: str, usage: Usage) -> "SetupIntent":
        owner = instrument.owner if isinstance(instrument, Stored) else None
        if owner is None:
            owner = self._client.v1.customers.create({}, options=_under(key, "customer")).id
        wanted: SetupIntentCreateParams = {"customer": owner, "allowed_payment_method_types": [kind], "usage": usage}
        return self._client.v1.setup_intents.create(wanted, options=_under(key, "intent"))

    def _read(self, intent_id: str) -> Outcome | None:
        """Return what a SetupIntent has become; None if it was never confirmed."""
        intent = self._client.v1.setup_intents.retrieve(intent_id)
        match intent.status:
            case "succeeded":
                method = self._client.v1.payment_methods.retrieve(_id(intent.payment_method))
                return _verified(method, _id(intent.customer))
            case "requires_action":
                action = intent.next_action
                return ActionNeeded(Verification(intent.id), json.loads(str(action)) if action else {})
            case "processing":
                return Unknown()
            case "canceled":
                return Declined("canceled", "The verification was canceled at the gateway")
            case _:
                # not every Stripe-compatible server sends the field
                error = getattr(intent, "last_setup_error", None)
                return _declined(error) if error else None


@cache
def connected(merchant_id: str) -> Stripe:
    """Return a merchant's Stripe account, its client opened once per process.

    Raises:
        GatewayNotConnected: no key of it is on file.
    """
    return opened(secret_of(merchant_id))


def opened(secret_key: str, api: str | None = None) -> Stripe:
    """Return the account of a secret key; `api` is another address than Stripe's own."""
    client = StripeClient(
        secret_key,
        base_addresses={"api": api} if api else {},
        http_client=RequestsClient(timeout=TIMEOUT_SECONDS),
        max_network_retries=0,  # silence is looked up, see the port
    )
    return Stripe(client)


def _answered[R](ask: Callable[[], R]) -> R | Declined | Refused | Unknown:
    """Return the outcome, whichever way the library tells it."""
    try:
        return ask()
    except CardError as error:
        return _declined(error.error or error)
    except RateLimitError:
        return Refused(RateLimited("The payment gateway has too many requests", retry_after_seconds=2))
    except (AuthenticationError, PermissionError):
        return Refused(GatewayNotConnected("The payment gateway refuses the credentials on file"))
    except InvalidRequestError:
        return Refused(refuse("token", "is not accepted by the payment gateway"))
    except (APIConnectionError, APIError, IdempotencyError):
        # the last one also means that a call under the same key is still at work there
        return Unknown()


def _declined(error: Any) -> Declined:
    code = getattr(error, "decline_code", None) or getattr(error, "code", None) or "generic_decline"
    return Declined(str(code), getattr(error, "message", None) or "The payment method was declined")


def _verified(method: "PaymentMethod", owner: str) -> Verified:
    stored = Stored(method.id, owner)
    if method.type == "us_bank_account":
        account = method.us_bank_account
        assert account is not None  # noqa: S101 - the object of its type
        return Verified(
            stored,
            BankAccount(
                last4=account.last4 or "",
                routing_number_last4=(account.routing_number or "")[-4:] or None,
                bank_name=account.bank_name,
                account_type=cast("Any", account.account_type),
            ),
        )
    card = method.card
    assert card is not None  # noqa: S101 - as above
    brand, funding = card.brand, card.funding
    return Verified(
        stored,
        Card(
            brand=cast("Brand", brand if brand in _BRANDS else "unknown"),
            last4=card.last4,
            exp_month=card.exp_month,
            exp_year=card.exp_year,
            funding=cast("Funding", funding if funding in _FUNDINGS else "unknown"),
        ),
    )


def _id(value: Any) -> str:
    return value if isinstance(value, str) else str(value.id)


def _under(key: str, step: str) -> "RequestOptions":
    return {"idempotency_key": f"{key}:{step}"}
