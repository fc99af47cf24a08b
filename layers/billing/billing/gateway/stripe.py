"""Stripe, through its official library, in the name of one merchant.

A verification is a SetupIntent at Stripe: made first, confirmed second, both under keys derived from ours. Making one
does nothing to anybody, so making it again under the same key is how the first one is found: Stripe answers with the
one it made. What it has become by then is the answer to `look_up`.

Every instrument gets a Stripe customer of its own, because Stripe never lets a method move to a second one and ours
may (contract §B, attach).

A charge is a PaymentIntent that is made and confirmed in the same way. Stripe forgets keys after a day, so what it
makes for us bears our ids in its metadata: later a charge, and always a refund, is found by them.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, cast

from stripe import (
    AuthenticationError,
    CardError,
    IdempotencyError,
    InvalidRequestError,
    PermissionError,  # noqa: A004 - the library's name
    RateLimitError,
    RequestsClient,
    StripeClient,
    StripeError,
)

from billing import times
from billing.errors import GatewayNotConnected, InvalidFields, RateLimited
from billing.gateway import (
    ActionNeeded,
    BankAccount,
    Brand,
    Card,
    ChangeOutcome,
    Charged,
    ChargeOutcome,
    Declined,
    Done,
    Funding,
    Instrument,
    Outcome,
    PayerNeeded,
    Refused,
    Settling,
    Stored,
    Token,
    Told,
    Unknown,
    Usage,
    Verification,
    Verified,
    Wish,
)
from billing.gateway import stripe_events as events
from billing.gateway.secrets import secrets_of
from billing.gateway.stripe_amounts import to_stripe
from billing.wire import refuse

if TYPE_CHECKING:
    from stripe import PaymentIntent, PaymentMethod, Refund, SetupIntent
    from stripe._request_options import RequestOptions  # the library names it nowhere else
    from stripe.params import (
        PaymentIntentConfirmParams,
        PaymentIntentCreateParams,
        PaymentIntentListParams,
        SetupIntentCreateParams,
    )

TIMEOUT_SECONDS = 8
"""For one call; a verification makes four at most, within the function's 29 seconds and mostly within one."""

# At its most talkative the library logs what it sends, a card's security code among it.
logging.getLogger("stripe").setLevel(logging.WARNING)

KEYS_KEPT = timedelta(hours=23)
"""For how long Stripe surely remembers a key: it says a day, and clocks differ."""

AT_WORK = timedelta(seconds=60)
"""How long Stripe may still be at work on a confirmation whose answer was lost."""

LISTED_BEFORE = timedelta(hours=1)
"""By how much earlier than we asked Stripe's clock may say that we did."""

_BRANDS: frozenset[str] = frozenset({"visa", "mastercard", "amex", "discover", "diners", "jcb", "unionpay"})
_PARAMS: Mapping[str, str] = {
    "amount": "amount_minor",
    "currency": "currency",
    "cvc_update[cvc]": "cvv",
    "statement_descriptor": "statement_descriptor",
    "statement_descriptor_suffix": "statement_descriptor",
}
"""The fields of a charge, by Stripe's names of them."""
_FUNDINGS: frozenset[str] = frozenset({"credit", "debit", "prepaid"})


class Stripe:
    """One merchant's Stripe account."""

    name: ClassVar[str] = "stripe"
    tokens_are_single_use: ClassVar[bool] = True

    def __init__(self, client: StripeClient, webhook_secret: str | None = None) -> None:
        self._client = client
        self._webhook_secret = webhook_secret

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

        return _sure(_answered(found))

    def charge(self, wish: Wish, key: str) -> ChargeOutcome:
        """Confirm a PaymentIntent with the stored instrument."""

        def charged() -> ChargeOutcome:
            intent = self._wanted(wish, key)
            confirmation: PaymentIntentConfirmParams = {"off_session": wish.off_session}
            if wish.return_url:
                confirmation["return_url"] = wish.return_url
            if wish.cvv and not wish.off_session and wish.kind == "card":
                token = self._client.v1.tokens.create({"cvc_update": {"cvc": wish.cvv}}, options=_under(key, "cvc"))
                confirmation["payment_method_options"] = {"card": {"cvc_token": token.id}}
            try:
                confirmed = self._client.v1.payment_intents.confirm(
                    intent.id, confirmation, options=_under(key, "confirm")
                )
            except InvalidRequestError:
                # Also said of an intent that was confirmed before under a key that is forgotten.
                confirmed = self._client.v1.payment_intents.retrieve(intent.id)
                outcome = _charged(confirmed, wish)
                if outcome is None:
                    raise
                return outcome
            return _charged(confirmed, wish) or Unknown()

        return _answered(charged, _charge_refused)

    def look_up_charge(self, wish: Wish, key: str, *, asked_at: datetime) -> ChargeOutcome | None:
        """Find the PaymentIntent of this key, or of this payment, and return what it has become."""

        def found() -> ChargeOutcome | None:
            if times.now() - asked_at < KEYS_KEPT:
                try:
                    intent = self._wanted(wish, key)
                except (InvalidRequestError, InvalidFields):
                    return None  # it would have been made, had the first request for it been accepted
                except IdempotencyError:
                    pass  # the key is known, with other words: what was made under it is found as if it were forgotten
                else:
                    now = self._client.v1.payment_intents.retrieve(intent.id)
                    return _become(now, wish) if _was_there(intent) else _charged(now, wish)
            return _likeliest(_become(intent, wish) for intent in self._made_for(wish, asked_at))

        return _sure(_answered(found, _look_refused))

    def capture(self, reference: str, amount_minor: int, currency: str, key: str) -> ChangeOutcome:
        """Capture a PaymentIntent."""

        def taken() -> ChangeOutcome:
            amount = to_stripe(amount_minor, currency)
            try:
                self._client.v1.payment_intents.capture(
                    reference, {"amount_to_capture": amount}, options=_under(key, "capture")
                )
            except InvalidRequestError:
                intent = self._client.v1.payment_intents.retrieve(reference)
                if intent.status != "succeeded" or intent.amount_received != amount:
                    raise
            return Done(reference)

        return _sure(_answered(taken, _change_refused))

    def void(self, reference: str, key: str) -> ChangeOutcome:
        """Cancel a PaymentIntent."""

        def let_go() -> ChangeOutcome:
            try:
                self._client.v1.payment_intents.cancel(reference, options=_under(key, "cancel"))
            except InvalidRequestError:
                if self._client.v1.payment_intents.retrieve(reference).status != "canceled":
                    raise
            return Done(reference)

        return _sure(_answered(let_go, _change_refused))

    def refund(self, reference: str, refund_id: str, amount_minor: int, currency: str, key: str) -> ChangeOutcome:
        """Refund a PaymentIntent, unless it bears a refund of this id already."""

        def given_back() -> ChangeOutcome:
            amount = to_stripe(amount_minor, currency)
            refund = self._refund_of(reference, refund_id) or self._client.v1.refunds.create(
                {"payment_intent": reference, "amount": amount, "metadata": {events.REFUND: refund_id}},
                options=_under(key, "refund"),
            )
            if refund.status in events.FAILED_REFUNDS:
                return Declined(getattr(refund, "failure_reason", None) or "refund_failed", "The refund failed")
            return Done(refund.id)

        return _sure(_answered(given_back, _change_refused))

    def told(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Told:
        """Return what one of Stripe's events is about, as that stands now.

        Raises:
            BadSignature: Stripe has not signed it with the merchant's webhook secret, or more than five minutes ago.
            GatewayNotConnected: the merchant has put no webhook secret on file.
            Unavailable: what it is about could not be read.
        """
        if not self._webhook_secret:
            raise GatewayNotConnected("No webhook secret of the payment gateway is on file")
        return events.read(self._client, events.verified(headers, body, self._webhook_secret, now))

    def _wanted(self, wish: Wish, key: str) -> "PaymentIntent":
        """Make the PaymentIntent of a wish, or find the one that was made under this key; neither moves anything."""
        wanted: PaymentIntentCreateParams = {
            "amount": to_stripe(wish.amount_minor, wish.currency),
            "currency": wish.currency.lower(),
            "payment_method": wish.stored.reference,
            "allowed_payment_method_types": [wish.kind],
            "capture_method": "automatic" if wish.capture else "manual",
            "metadata": {events.PAYMENT: wish.payment_id},
        }
        if wish.stored.owner:
            wanted["customer"] = wish.stored.owner
        if wish.description:
            wanted["description"] = wish.description
        if wish.statement_descriptor and wish.kind == "card":
            wanted["statement_descriptor_suffix"] = wish.statement_descriptor
        elif wish.statement_descriptor:
            wanted["statement_descriptor"] = wish.statement_descriptor
        return self._client.v1.payment_intents.create(wanted, options=_under(key, "intent"))

    def _made_for(self, wish: Wish, asked_at: datetime) -> "Iterable[PaymentIntent]":
        """Return the PaymentIntents that were made for a payment, more than one if a key was forgotten meanwhile."""
        wanted: PaymentIntentListParams = {
            "created": {"gte": int((asked_at - LISTED_BEFORE).timestamp())},
            "limit": 100,
        }
        if wish.stored.owner:
            wanted["customer"] = wish.stored.owner
        listed = self._client.v1.payment_intents.list(wanted).auto_paging_iter()
        return (intent for intent in listed if events.ours(intent, events.PAYMENT) == wish.payment_id)

    def _refund_of(self, reference: str, refund_id: str) -> "Refund | None":
        listed = self._client.v1.refunds.list({"payment_intent": reference, "limit": 100}).auto_paging_iter()
        return next((refund for refund in listed if events.ours(refund, events.REFUND) == refund_id), None)

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
                return events.declined(error) if error else None


def connected(merchant_id: str) -> Stripe:
    """Return a merchant's Stripe account, its client opened once per process and key.

    Raises:
        GatewayNotConnected: no key of it is on file.
    """
    secrets = secrets_of(merchant_id)
    return opened(secrets.secret_key, webhook_secret=secrets.webhook_secret)


@lru_cache(maxsize=64)
def opened(secret_key: str, api: str | None = None, *, webhook_secret: str | None = None) -> Stripe:
    """Return the account of a secret key; `api` is another address than Stripe's own."""
    client = StripeClient(
        secret_key,
        base_addresses={"api": api} if api else {},
        http_client=RequestsClient(timeout=TIMEOUT_SECONDS),
        max_network_retries=0,  # silence is looked up, see the port
    )
    return Stripe(client, webhook_secret)


type _Refusal = Callable[[InvalidRequestError], Refused | Declined | Unknown]
"""What it means that a request is not accepted as it stands."""


def _token_refused(_: InvalidRequestError) -> Refused:
    return Refused(refuse("token", "is not accepted by the payment gateway"))


def _charge_refused(error: InvalidRequestError) -> Refused:
    param = _PARAMS.get(error.param or "", "payment_method_id")
    return Refused(refuse(param, f"is not accepted by the payment gateway ({error.code or 'invalid_request'})"))


def _change_refused(error: InvalidRequestError) -> Declined:
    return Declined(error.code or "invalid_request", error.user_message or "The request is not accepted")


def _look_refused(_: InvalidRequestError) -> Unknown:
    return Unknown()


def _answered[R](ask: Callable[[], R], refusal: _Refusal = _token_refused) -> R | Declined | Refused | Unknown:
    """Return the outcome, whichever way the library tells it."""
    try:
        return ask()
    except InvalidFields as error:
        return Refused(error)
    except StripeError as error:
        return _meaning(error, refusal)


def _meaning(error: StripeError, refusal: _Refusal) -> Declined | Refused | Unknown:
    match error:
        case CardError():
            return events.declined(error.error or error)
        case RateLimitError() if getattr(error.error, "code", None) != "lock_timeout":
            return Refused(RateLimited("The payment gateway has too many requests", retry_after_seconds=2))
        case AuthenticationError() | PermissionError():
            return Refused(GatewayNotConnected("The payment gateway refuses the credentials on file"))
        case InvalidRequestError():
            return refusal(error)
        case _:
            # Silence, an error of Stripe's own, or another call, perhaps an earlier one of ours, that is still at work
            # there under the same key or on the same object.
            return Unknown()


def _sure[R](outcome: R | Refused) -> R | Refused | Unknown:
    """Return the outcome of what may have been asked before: being refused now says nothing of what has come of it."""
    about_us = isinstance(outcome, Refused) and not isinstance(outcome.error, InvalidFields)
    return Unknown() if about_us else outcome


def _charged(intent: "PaymentIntent", wish: Wish) -> ChargeOutcome | None:
    """Return what a PaymentIntent has become; None if it was never confirmed."""
    match intent.status:
        case "succeeded" | "requires_capture":
            return Charged(intent.id)
        case "processing":
            return Settling(intent.id)
        case "requires_action" if wish.off_session:
            return Declined(events.AUTHENTICATION, "The payer must authenticate this payment")
        case "requires_action":
            action = intent.next_action
            return PayerNeeded(intent.id, json.loads(str(action)) if action else {})
        case "canceled":
            return Declined("canceled", "The payment was canceled at the gateway")
        case _:
            # not every Stripe-compatible server sends the field
            error = getattr(intent, "last_payment_error", None)
            return events.declined(error) if error else None


def _become(intent: "PaymentIntent", wish: Wish) -> ChargeOutcome | None:
    """Return what a PaymentIntent has become; None if it was never confirmed, and nobody can still be at that.

    A look that is sure too early would have the charge asked for again. Under the same key nothing is done twice; but a
    refusal of that second request, say for too many of them, would be taken for the outcome of both.
    """
    outcome = _charged(intent, wish)
    if outcome is None and times.now() - datetime.fromtimestamp(intent.created, UTC) < AT_WORK:
        return Unknown()
    return outcome


def _was_there(intent: "PaymentIntent") -> bool:
    """Return whether Stripe says that a PaymentIntent was made by an earlier request under the same key."""
    headers = (intent.last_response and intent.last_response.headers) or {}
    return {name.lower(): value for name, value in headers.items()}.get("idempotent-replayed") == "true"


def _likeliest(outcomes: Iterable[ChargeOutcome | None]) -> ChargeOutcome | None:
    """Return, of what several PaymentIntents of one payment have become, what has moved money, or still can."""
    kinds = (Charged, Settling, PayerNeeded, Unknown, Declined)
    known = [outcome for outcome in outcomes if outcome is not None]
    return min(known, key=lambda outcome: kinds.index(type(outcome)), default=None)


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
