"""The stream's second reader: keeps ranks, totals and search words up to what they are of."""

import os
from typing import Any

from billing.edge.log import logger
from billing.projection import Change, project
from billing.table import table

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    table()  # opened while the environment starts


class Unreadable(Exception):
    """The first record of a batch can't be read."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Project a batch up to the first record that can't be read, which is delivered again.

    Any other failure is raised: the whole batch comes again, halved, until what fails stands alone. So does an
    unreadable record at the head of a batch, because reported it would bring the same batch back undivided.

    Raises:
        Unreadable: the first of several records can't be read.
        Unavailable: the table was busy.
    """
    records = event["Records"]
    changes: list[Change] = []
    failures: list[dict[str, str]] = []
    for record in records:
        try:
            changes.append(Change.from_stream(record))
        except Exception as error:
            sequence_number = record["dynamodb"]["SequenceNumber"]
            logger.exception(
                "unreadable", extra={"sequence_number": sequence_number, "stream_event_id": record.get("eventID")}
            )
            if not changes and len(records) > 1:
                raise Unreadable(f"record {sequence_number}") from error
            failures.append({"itemIdentifier": sequence_number})
            break
    project(changes, lambda: context.get_remaining_time_in_millis() / 1000)
    return {"batchItemFailures": failures}
