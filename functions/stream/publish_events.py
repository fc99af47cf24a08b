"""The stream's first reader: tells the bus what has happened."""

import os
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from billing.edge.log import logger
from billing.events.bus import bus
from billing.events.publishing import Outcome, publish

if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    bus()  # opened while the environment starts


class NotPublished(Exception):
    """The first record of a batch can't be published."""


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Publish a batch; what could not be published is delivered again from there on.

    A failure at the head of a batch is raised instead of reported: reported, the same batch would come back until its
    retries are used up and then go to the bucket as a whole. Raised, it is halved until the record stands alone.

    Raises:
        NotPublished: the first of several records failed.
    """
    records = event["Records"]
    outcome = publish(records, bus(), remaining_seconds=lambda: context.get_remaining_time_in_millis() / 1000)
    _count(outcome)
    failure = outcome.failure
    if failure is None:
        return {"batchItemFailures": []}
    sequence_number = records[failure.position]["dynamodb"]["SequenceNumber"]
    logger.error(
        "not published",
        extra={
            "sequence_number": sequence_number,
            "stream_event_id": records[failure.position].get("eventID"),
            "event_id": failure.event_id,
            "reason": failure.reason,
        },
    )
    if failure.position == 0 and len(records) > 1:
        raise NotPublished(f"record {sequence_number}: {failure.reason}")
    return {"batchItemFailures": [{"itemIdentifier": sequence_number}]}


def _count(outcome: Outcome) -> None:
    for type_, count in outcome.published.items():
        with single_metric("EventsPublished", MetricUnit.Count, count, namespace="Billing") as metric:
            metric.add_dimension("type", type_)
