"""Everything that calls functions without being asked over HTTP: streams, queues, rules and schedules."""

import time
from collections.abc import Mapping, Sequence
from threading import Lock

from local import eventbridge
from local.checkpoints import Checkpoints
from local.clients import Clients
from local.functions import Function
from local.mappings import queue_mappings, stream_mappings
from local.queues import AsynchronousInvocations, QueueConsumer, QueueReader
from local.schedules import Clockwork, Schedule
from local.streams import Invoke, Record, StreamConsumer
from local.template import Template
from local.undelivered import Destinations

QUEUE_PREFIX = "local-async-"


class Consumers:
    """The threads that follow the local AWS and call functions."""

    def __init__(self, clients: Clients, invoke: Invoke, checkpoints: Checkpoints) -> None:
        """Follow what `clients` reach and call functions with `invoke`."""
        self._clients = clients
        self._invoke = invoke
        self._checkpoints = checkpoints
        self._destinations = Destinations(clients.s3, clients.sqs)
        self._functions: Mapping[str, Function] = {}
        self._streams: list[tuple[StreamConsumer, str, str]] = []
        self._stopped: list[tuple[StreamConsumer, str, str]] = []
        self._asynchronous: dict[str, tuple[str, AsynchronousInvocations]] = {}
        self._queues: list[QueueReader] = []
        self._clockwork: Clockwork | None = None
        self._lock = Lock()

    def use(self, template: Template, functions: Mapping[str, Function], scheduled: Sequence[Schedule]) -> None:
        """Follow what `template` says, in place of what an earlier version said."""
        self.stop(10)
        self._functions = functions
        self._put_rules(template)
        self._read_waiting()
        for logical_id, mapping in stream_mappings(template):
            consumer = StreamConsumer(
                lambda name=logical_id: self._functions[name],  # type: ignore[misc]
                mapping,
                client=self._clients.streams,
                invoke=self._invoke,
                undelivered=self._destinations.keep_batch,
                checkpoints=self._checkpoints,
            )
            self._streams.append((consumer, mapping.id, mapping.stream_arn))
            consumer.start()
        for logical_id, queue in queue_mappings(template):
            url = self._clients.sqs.get_queue_url(QueueName=queue.queue_arn.rsplit(":", 1)[-1])["QueueUrl"]
            reader = QueueConsumer(
                lambda name=logical_id: self._functions[name],  # type: ignore[misc]
                queue,
                self._clients.sqs,
                url,
                self._invoke,
            )
            self._queues.append(reader)
            reader.start()
        self._clockwork = Clockwork(list(scheduled), self.enqueue)
        self._clockwork.start()

    def enqueue(self, function: str, event: str) -> None:
        """Let a function be called with a JSON event, with retries."""
        url = self._queue_url(function)
        self._clients.sqs.send_message(QueueUrl=url, MessageBody=event)

    def stop(self, seconds: float) -> None:
        """Stop all threads; those that a function keeps busy longer than `seconds` are left behind."""
        threads: list[StreamConsumer | QueueReader | Clockwork] = [
            *(consumer for consumer, _, _ in self._streams),
            *(reader for _, reader in self._asynchronous.values()),
            *self._queues,
            *([self._clockwork] if self._clockwork else []),
        ]
        for thread in threads:
            thread.stop()
        until = time.monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        self._stopped = list(self._streams)
        self._streams, self._queues, self._asynchronous, self._clockwork = [], [], {}, None

    def save_unread(self) -> None:
        """Save what no function has read yet: ministack forgets its streams when it stops."""
        unread: dict[tuple[str, str, str], list[Record]] = {}
        for consumer, mapping, stream in self._stopped:
            for shard, records in consumer.unread():
                unread[mapping, stream, shard] = records
        self._checkpoints.spool(unread)

    def _put_rules(self, template: Template) -> None:
        by_arn = {function.arn: logical_id for logical_id, function in self._functions.items()}

        def queue_arn(target: str) -> str | None:
            if target not in by_arn:
                return None
            attributes = self._clients.sqs.get_queue_attributes(
                QueueUrl=self._queue_url(by_arn[target]), AttributeNames=["QueueArn"]
            )
            return attributes["Attributes"]["QueueArn"]

        eventbridge.put_rules(self._clients.events, list(eventbridge.rules(template)), queue_arn)

    def _read_waiting(self) -> None:
        """Go on with events that an earlier run left waiting."""
        for url in self._clients.sqs.list_queues(QueueNamePrefix=QUEUE_PREFIX).get("QueueUrls", []):
            function = url.rsplit(QUEUE_PREFIX, 1)[-1]
            if function in self._functions:
                self._queue_url(function)

    def _queue_url(self, function: str) -> str:
        """Return the queue of a function's asynchronous invocations; make and read it if it is new."""
        with self._lock:
            if function not in self._asynchronous:
                hidden_seconds = int(self._functions[function].timeout_seconds) * 2 + 30
                url = self._clients.sqs.create_queue(QueueName=f"{QUEUE_PREFIX}{function}")["QueueUrl"]
                self._clients.sqs.set_queue_attributes(
                    QueueUrl=url,
                    Attributes={
                        "VisibilityTimeout": str(hidden_seconds),
                        "MessageRetentionPeriod": str(max(60, self._functions[function].maximum_event_age_seconds)),
                    },
                )
                reader = AsynchronousInvocations(
                    lambda: self._functions[function],
                    self._clients.sqs,
                    url,
                    self._invoke,
                    self._destinations,
                )
                self._asynchronous[function] = (url, reader)
                reader.start()
            return self._asynchronous[function][0]
