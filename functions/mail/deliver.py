"""A rule's target: mails customers what has happened to their invoices and payments."""

from typing import Any

from billing.edge.log import logger
from billing.mail import delivery
from billing.times import now


def handler(event: dict[str, Any], _context: Any) -> None:
    """Send an invoice, a receipt, or word of a payment that has failed; once per event, and only to who wants it.

    What SES refuses for now is retried by the bus and rests in the queue of undelivered events after that. An address
    that it will never take is logged, by ids alone, and done with.
    """
    told = event["detail"]
    outcome = delivery.deliver(told, now())
    about = told["data"]["object"]
    ids = {"event_id": told["id"], f"{about['object']}_id": about["id"], "customer_id": about["customer_id"]}
    log = logger.warning if outcome == "rejected" else logger.info
    log("mail", extra={"type": told["type"], "outcome": outcome, **ids})
