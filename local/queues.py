"""Deliver queues to functions: asynchronous invocations, and queues that a function reads.

Every function that is called without an answer (by a rule, a schedule or an `Event` invocation) has a queue of its
own in the local AWS, as it has inside Lambda. What waits there survives a restart of the runtime.
"""

import json
import threading
from abc import abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError
from mypy_boto3_sqs import SQSClient
from mypy_boto3_sqs.type_defs import MessageTypeDef

from local.functions import Function
from local.mappings import QueueMapping
from local.streams import Invoke
from local.template import REGION
from local.terminal import say
from local.undelivered import Destinations

WAIT_SECONDS = 1
RETRY_SECONDS = (1, 2)
"""Lambda waits one minute and then two before it retries; here a second stands for a minute."""
AT_ONCE = 4


class QueueReader(threading.Thread):
    """Receives from one queue until it is told to stop."""

    def __init__(self, name: str, sqs: SQSClient, queue_url: str, batch_size: int) -> None:
        """Receive up to `batch_size` messages at once."""
        super().__init__(name=name, daemon=True)
        self._sqs = sqs
        self._queue_url = queue_url
        self._batch_size = min(batch_size, 10)
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End after the messages that are under way."""
        self._stopping.set()

    def run(self) -> None:
        """Receive and deliver."""
        while not self._stopping.is_set():
            try:
                messages = self._receive()
                if messages and not self._stopping.is_set():
                    self.deliver(messages)
                elif messages:
                    for message in messages:
                        self._show_again(message, 0)
            except (ClientError, BotoCoreError) as error:
                if not self._stopping.is_set():
                    say(f"{self.name}: {error}")
                self._stopping.wait(1)

    @abstractmethod
    def deliver(self, messages: list[MessageTypeDef]) -> None:
        """Hand messages to the function and delete those that are done."""

    def _receive(self) -> list[MessageTypeDef]:
        return self._sqs.receive_message(
            QueueUrl=self._queue_url,
            MaxNumberOfMessages=self._batch_size,
            WaitTimeSeconds=WAIT_SECONDS,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        ).get("Messages", [])

    def _done(self, message: MessageTypeDef) -> None:
        self._sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])

    def _show_again(self, message: MessageTypeDef, seconds: int) -> None:
        self._sqs.change_message_visibility(
            QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=seconds
        )


class AsynchronousInvocations(QueueReader):
    """Calls one function with the events that wait for it; retries, then gives up to its destination."""

    def __init__(
        self,
        function: Callable[[], Function],
        sqs: SQSClient,
        queue_url: str,
        invoke: Invoke,
        destinations: Destinations,
    ) -> None:
        """Take the function as a call, because a reload may change it."""
        super().__init__(f"events for {function().logical_id}", sqs, queue_url, 10)
        self._function = function
        self._invoke = invoke
        self._destinations = destinations
        self._at_once = ThreadPoolExecutor(AT_ONCE, self.name)

    def deliver(self, messages: list[MessageTypeDef]) -> None:
        """Call the function once per message; events of one function have no order."""
        list(self._at_once.map(self._deliver_one, messages))

    def _deliver_one(self, message: MessageTypeDef) -> None:
        function = self._function()
        outcome = self._invoke(function, message["Body"])
        if not outcome.is_error:
            self._done(message)
            return
        if self._stopping.is_set():
            self._show_again(message, 0)
            return
        attempts = int(message["Attributes"]["ApproximateReceiveCount"])
        if attempts <= function.maximum_retry_attempts:
            self._show_again(message, RETRY_SECONDS[min(attempts, len(RETRY_SECONDS)) - 1])
            return
        say(f"{function.logical_id}: gave up an event after {attempts} attempts")
        self._destinations.keep_invocation(function, message["Body"], outcome, attempts)
        self._done(message)


class QueueConsumer(QueueReader):
    """Calls one function with batches of a queue; what fails becomes visible again as the queue says."""

    def __init__(
        self,
        function: Callable[[], Function],
        mapping: QueueMapping,
        sqs: SQSClient,
        queue_url: str,
        invoke: Invoke,
    ) -> None:
        """Take the function as a call, because a reload may change it."""
        super().__init__(f"{function().logical_id} queue", sqs, queue_url, mapping.batch_size)
        self._function = function
        self._mapping = mapping
        self._invoke = invoke

    def deliver(self, messages: list[MessageTypeDef]) -> None:
        """Call the function with all messages and delete those it did not report."""
        event = {"Records": [_record(message, self._mapping.queue_arn) for message in messages]}
        outcome = self._invoke(self._function(), json.dumps(event))
        if outcome.is_error:
            return
        failed = _reported(outcome.payload, messages) if self._mapping.reports_failures else set()
        for message in messages:
            if message["MessageId"] not in failed:
                self._done(message)


def _reported(payload: str, messages: list[MessageTypeDef]) -> set[str]:
    answer = json.loads(payload) or {}
    ids = {message["MessageId"] for message in messages}
    try:
        failed = {item["itemIdentifier"] for item in answer.get("batchItemFailures") or []}
    except (AttributeError, KeyError, TypeError):
        return ids
    return min(failed, ids)


def _record(message: MessageTypeDef, queue_arn: str) -> dict[str, object]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {
                "stringValue": value.get("StringValue"),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": value["DataType"],
            }
            for name, value in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": REGION,
    }
