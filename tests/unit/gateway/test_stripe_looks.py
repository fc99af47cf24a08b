"""Looking for a charge at Stripe, whose answers are written by the test: when there is nothing to be sure of yet."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from stripe import HTTPClient, StripeClient

from billing.gateway import Charged, ChargeOutcome, Declined, Stored, Unknown, Wish
from billing.gateway.stripe import Stripe

WISH = Wish("pay_1", Stored("pm_1", "cus_1"), "card", 1999, "USD")
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=3)
MAKE, LOOK, LIST = "post /v1/payment_intents", "get /v1/payment_intents/pi_1", "get /v1/payment_intents"


class Written(HTTPClient):
    """Answers each request by what is written for it."""

    name = "written"

    def __init__(self, **answers: tuple[int, dict[str, Any]]) -> None:
        super().__init__()
        self.answers = answers
        self.replays = True
        self.asked: list[str] = []

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> tuple[str, int, dict[str, str]]:
        del headers, post_data
        self.asked.append(f"{method} {url.removeprefix('https://api.stripe.com').partition('?')[0]}")
        status, body = self.answers[{MAKE: "made", LOOK: "now", LIST: "listed"}[self.asked[-1]]]
        return json.dumps(body), status, {"idempotent-replayed": "true"} if self.replays and method == "post" else {}


def intent(status: str, *, id: str = "pi_1", age: timedelta = timedelta(), **others: Any) -> dict[str, Any]:  # noqa: A002 - Stripe's word
    created = int((datetime.now(UTC) - age).timestamp())
    known = {"id": id, "object": "payment_intent", "status": status, "created": created}
    return {**known, "metadata": {"billing_payment": "pay_1"}, "last_payment_error": None, **others}


def page(*intents: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "url": "/v1/payment_intents", "has_more": False, "data": list(intents)}


def looked(written: Written, asked_at: datetime = NOW) -> ChargeOutcome | None:
    gateway = Stripe(StripeClient("sk_test_1", http_client=written, max_network_retries=0))
    return gateway.look_up_charge(WISH, "key", asked_at=asked_at)


@pytest.mark.parametrize(("age", "outcome"), [(30, Unknown()), (90, None)])
@pytest.mark.parametrize("asked_at", [NOW, LONG_AGO])
def test_a_charge_may_still_be_confirmed_for_a_minute_so_nobody_is_sure_that_it_was_not(
    age: int, outcome: ChargeOutcome | None, asked_at: datetime
) -> None:
    waiting = intent("requires_confirmation", age=timedelta(seconds=age))
    written = Written(made=(200, waiting), now=(200, waiting), listed=(200, page(waiting)))

    assert looked(written, asked_at) == outcome


def test_what_the_look_itself_has_made_was_not_asked_for_before() -> None:
    written = Written(made=(200, intent("requires_confirmation")), now=(200, intent("requires_confirmation")))
    written.replays = False

    assert looked(written) is None


@pytest.mark.parametrize("status", ["succeeded", "requires_capture"])
def test_what_has_been_confirmed_is_known_at_once(status: str) -> None:
    written = Written(made=(200, intent("requires_confirmation")), now=(200, intent(status)))

    assert looked(written) == Charged("pi_1")
    assert written.asked == [MAKE, LOOK]


def test_a_key_that_is_known_with_other_words_is_looked_for_by_our_payment_s_id() -> None:
    other_words = {"error": {"type": "idempotency_error", "message": "Keys for idempotent requests …"}}
    written = Written(made=(400, other_words), listed=(200, page(intent("succeeded"))))

    assert looked(written) == Charged("pi_1")
    assert written.asked == [MAKE, LIST]


@pytest.mark.parametrize(("status", "outcome"), [("succeeded", Charged("pi_2")), ("requires_confirmation", Unknown())])
def test_of_several_the_one_that_was_declined_says_least(status: str, outcome: ChargeOutcome) -> None:
    second = intent(status, id="pi_2")
    error = {"code": "card_declined", "decline_code": "lost_card", "message": "No."}
    first = intent("requires_payment_method", age=timedelta(days=2), last_payment_error=error)

    assert looked(Written(listed=(200, page(first))), LONG_AGO) == Declined("lost_card", "No.")
    assert looked(Written(listed=(200, page(first, second))), LONG_AGO) == outcome
