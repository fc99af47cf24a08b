"""CollectDue: every minute, does what the time has come for."""

from typing import Any

from billing.collection import sweeps
from billing.edge.log import logger
from billing.times import now


class NotAllCollected(Exception):
    """Something that is due could not be done; it is tried again a minute later."""


def handler(_event: dict[str, Any], context: Any) -> dict[str, int]:
    """Renew subscriptions, collect invoices, note what is overdue or has expired.

    Raises:
        NotAllCollected: something stood in the way, which the log names; an alarm listens to it.
    """
    done = failed = 0
    for id_, error in sweeps.work_off_all(now(), lambda: context.get_remaining_time_in_millis() / 1000):
        done += 1
        if error is not None:
            failed += 1
            logger.warning("not collected", extra={"object_id": id_}, exc_info=error)
    logger.info("collected", extra={"done": done, "failed": failed})
    if failed:
        raise NotAllCollected(f"{failed} of {done}")
    return {"done": done}
