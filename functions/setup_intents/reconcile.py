"""ReconcileSetupIntents: every few minutes, finishes confirmations whose answer was lost."""

from typing import Any

from billing.edge.log import logger
from billing.setup_intents.confirmation import reconcile
from billing.times import now


def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    """Look up at the gateway what has become of each; what still can't be told is looked at again next time."""
    looked_at = 0
    for intent_id, state in reconcile(now(), lambda: context.get_remaining_time_in_millis() / 1000):
        looked_at += 1
        if isinstance(state, Exception):
            logger.warning("not reconciled", extra={"setup_intent_id": intent_id}, exc_info=state)
        else:
            logger.info("reconciled", extra={"setup_intent_id": intent_id, "state": state})
    return {"looked_at": looked_at}
