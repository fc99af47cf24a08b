"""Keep what a function could not take: the on-failure destinations of Lambda, with AWS's own object layout."""

import datetime as dt
import json
import uuid
from typing import Any

from mypy_boto3_s3 import S3Client
from mypy_boto3_sqs import SQSClient

from local.functions import Function
from local.streams import Batch, GivenUp, failure_record
from local.template import TemplateInvalid
from local.workers import Outcome


class Destinations:
    """The buckets and queues that failed invocations go to."""

    def __init__(self, s3: S3Client, sqs: SQSClient) -> None:
        """Write with these clients."""
        self._s3 = s3
        self._sqs = sqs

    def keep_batch(self, destination: str, batch: Batch, given_up: GivenUp) -> None:
        """Keep a stream batch: whole in a bucket, as a pointer into the stream in a queue."""
        now = dt.datetime.now(dt.UTC)
        record = failure_record(batch, given_up, now)
        if destination.startswith("arn:aws:s3:"):
            record["payload"] = json.dumps({"Records": batch.records})
            place = f"aws/lambda/{batch.mapping.id}/{batch.shard_id}"
        else:
            place = ""
        self._put(destination, place, now, record)

    def keep_invocation(self, function: Function, event: str, outcome: Outcome, attempts: int) -> None:
        """Keep an asynchronous invocation whose retries are used up, wherever its function says."""
        if function.dead_letter_queue:
            error = json.loads(outcome.payload)
            self._send(
                function.dead_letter_queue,
                event,
                RequestID=outcome.request_id,
                ErrorCode="200",
                ErrorMessage=str(error.get("errorMessage"))[:1024],
            )
        if function.on_failure:
            now = dt.datetime.now(dt.UTC)
            record = {
                "version": "1.0",
                "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "requestContext": {
                    "requestId": outcome.request_id,
                    "functionArn": f"{function.arn}:$LATEST",
                    "condition": "RetriesExhausted",
                    "approximateInvokeCount": attempts,
                },
                "requestPayload": json.loads(event),
                "responseContext": {
                    "statusCode": 200,
                    "executedVersion": "$LATEST",
                    "functionError": "Unhandled",
                },
                "responsePayload": json.loads(outcome.payload),
            }
            self._put(function.on_failure, f"aws/lambda/async/{function.name}", now, record)

    def _put(self, destination: str, place: str, now: dt.datetime, record: dict[str, Any]) -> None:
        if destination.startswith("arn:aws:s3:"):
            key = f"{place}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"
            self._s3.put_object(Bucket=destination.rsplit(":", 1)[-1], Key=key, Body=json.dumps(record).encode())
        elif destination.startswith("arn:aws:sqs:"):
            self._send(destination, json.dumps(record))
        else:
            raise TemplateInvalid(f"{destination}: only buckets and queues are on-failure destinations here")

    def _send(self, queue_arn: str, body: str, **attributes: str) -> None:
        url = self._sqs.get_queue_url(QueueName=queue_arn.rsplit(":", 1)[-1])["QueueUrl"]
        self._sqs.send_message(
            QueueUrl=url,
            MessageBody=body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
