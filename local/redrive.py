"""Send what functions could not take through once more: from the on-failure bucket, on this machine or on AWS."""

import json
from dataclasses import dataclass
from typing import Any

from mypy_boto3_lambda import LambdaClient
from mypy_boto3_s3 import S3Client

from local.terminal import say

PREFIX = "aws/lambda/"


@dataclass(frozen=True)
class Redriven:
    """How many objects there were no failures with, and how many remain."""

    done: int
    remaining: int


def redrive(s3: S3Client, lambdas: LambdaClient, bucket: str, function_prefix: str = "") -> Redriven:
    """Invoke each object's function with the events it holds, oldest first, and delete those that succeed.

    Args:
        s3: reads and deletes the objects.
        lambdas: invokes the functions.
        bucket: an on-failure destination.
        function_prefix: leave objects of functions alone whose name does not begin so.
    """
    done = remaining = 0
    for key in _keys(s3, bucket):
        record = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        arn = record["requestContext"]["functionArn"].removesuffix(":$LATEST")
        name = arn.rsplit(":", 1)[-1]
        if not name.startswith(function_prefix):
            continue
        event = json.loads(record["payload"]) if "payload" in record else record["requestPayload"]
        count = len(event.get("Records", [event]))
        if problem := _invoke(lambdas, arn, event):
            remaining += 1
            say(f"{name}: {count} record(s) of {key} failed again: {problem}")
            continue
        s3.delete_object(Bucket=bucket, Key=key)
        done += 1
        say(f"{name}: {count} record(s) of {key} are through")
    return Redriven(done, remaining)


def _keys(s3: S3Client, bucket: str) -> list[str]:
    """Return the keys of all failure records, those that were given up first in front."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX)
    objects = [entry for page in pages for entry in page.get("Contents", [])]
    return [entry["Key"] for entry in sorted(objects, key=lambda entry: entry["Key"].rsplit("/", 1)[-1])]


def _invoke(lambdas: LambdaClient, arn: str, event: dict[str, Any]) -> str | None:
    """Return what went wrong, None if nothing did."""
    answer = lambdas.invoke(FunctionName=arn, Payload=json.dumps(event).encode())
    payload = json.loads(answer["Payload"].read() or b"null")
    if answer.get("FunctionError"):
        return str(payload.get("errorMessage", payload)) if isinstance(payload, dict) else str(payload)
    failures = payload.get("batchItemFailures") if isinstance(payload, dict) else None
    return f"{len(failures)} reported" if failures else None
