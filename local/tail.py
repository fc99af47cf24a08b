"""Watch the events on a bus as they arrive."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

from local.clients import Clients
from local.eventbridge import remove_rule


@contextlib.contextmanager
def events(clients: Clients, buses: list[str]) -> Iterator[Iterator[dict[str, Any]]]:
    """Yield the events of these buses from now on; the rules it takes are gone afterwards."""
    name = f"watch-{uuid.uuid4().hex[:12]}"
    url = clients.sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = clients.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    try:
        for bus in buses:
            everything = json.dumps({"source": [{"prefix": ""}]})
            clients.events.put_rule(Name=name, EventBusName=bus, EventPattern=everything)
            clients.events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": name, "Arn": arn}])
        yield _received(clients, url)
    finally:
        for bus in buses:
            remove_rule(clients.events, bus, name)
        clients.sqs.delete_queue(QueueUrl=url)


def _received(clients: Clients, url: str) -> Iterator[dict[str, Any]]:
    while True:
        answer = clients.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2, MaxNumberOfMessages=10)
        for message in answer.get("Messages", []):
            yield json.loads(message["Body"])
            clients.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
