"""ReconcilePayments: every few minutes, finds out what has become of payments whose answer was lost."""

from typing import Any

from billing.collection import sweeps
from billing.edge.log import logger
from billing.times import now


class NotAllReconciled(Exception):
    """The fate of some payment is still unknown; it is looked at again."""


def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    """Look every one of them up at its gateway.

    Raises:
        NotAllReconciled: some could not be looked up, which the log names; an alarm listens to it.
    """
    looked_at = failed = 0
    for payment_id, error in sweeps.reconcile(now(), lambda: context.get_remaining_time_in_millis() / 1000):
        looked_at += 1
        if error is not None:
            failed += 1
            logger.warning("not reconciled", extra={"payment_id": payment_id}, exc_info=error)
    if failed:
        raise NotAllReconciled(f"{failed} of {looked_at}")
    return {"looked_at": looked_at}
