"""The event source mappings of a template: which function reads which stream or queue, and how."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local.functions import function_events
from local.streams import StreamMapping
from local.template import STACK, Template

RESOURCE = "AWS::Lambda::EventSourceMapping"


@dataclass(frozen=True)
class QueueMapping:
    """A function that reads a queue."""

    queue_arn: str
    batch_size: int
    reports_failures: bool


def stream_mappings(template: Template) -> Iterator[tuple[str, StreamMapping]]:
    """Yield (function's logical id, mapping) for each function that reads a table's stream."""
    for name, function, properties in _sources(template, "DynamoDB"):
        source = properties.get("Stream") or properties.get("EventSourceArn")
        if ":dynamodb:" in str(source) and properties.get("Enabled", True):
            yield function, _stream_mapping(name, str(source), properties)


def queue_mappings(template: Template) -> Iterator[tuple[str, QueueMapping]]:
    """Yield (function's logical id, mapping) for each function that reads a queue."""
    for _, function, properties in _sources(template, "SQS"):
        source = str(properties.get("Queue") or properties.get("EventSourceArn"))
        if ":sqs:" in source and properties.get("Enabled", True):
            yield (
                function,
                QueueMapping(source, int(properties.get("BatchSize", 10)), _reports_failures(properties)),
            )


def _sources(template: Template, event_type: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for function, event, kind, properties in function_events(template):
        if kind == event_type:
            yield f"{function}{event}", function, template.resolve(properties)
    for name, properties in template.resources(RESOURCE):
        resolved = template.resolve(properties)
        function_name = str(resolved["FunctionName"]).rsplit(":", 1)[-1]
        for function, _ in template.resources("AWS::Serverless::Function"):
            if template.physical_name(function) == function_name:
                yield name, function, resolved


def _stream_mapping(name: str, source: str, properties: dict[str, Any]) -> StreamMapping:
    filters = (properties.get("FilterCriteria") or {}).get("Filters", [])
    destination = (properties.get("DestinationConfig") or {}).get("OnFailure") or {}
    return StreamMapping(
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{STACK}/{name}")),
        name=name,
        stream_arn=source,
        filters=tuple(
            json.loads(item["Pattern"]) if isinstance(item["Pattern"], str) else item["Pattern"] for item in filters
        ),
        batch_size=int(properties.get("BatchSize", 100)),
        window_seconds=float(properties.get("MaximumBatchingWindowInSeconds", 0)),
        from_the_start=properties.get("StartingPosition", "TRIM_HORIZON") == "TRIM_HORIZON",
        reports_failures=_reports_failures(properties),
        bisects=bool(properties.get("BisectBatchOnFunctionError", False)),
        maximum_retry_attempts=int(properties.get("MaximumRetryAttempts", -1)),
        maximum_record_age_seconds=int(properties.get("MaximumRecordAgeInSeconds", -1)),
        on_failure=destination.get("Destination"),
    )


def _reports_failures(properties: dict[str, Any]) -> bool:
    return "ReportBatchItemFailures" in (properties.get("FunctionResponseTypes") or [])
