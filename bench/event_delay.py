"""How long after a response its event reaches a subscriber of the bus, on the local runtime.

The subscriber is anybody's: a rule on the bus with a queue as its target. Customers are created over HTTP one by one.
"""

import json
import statistics
import threading
import time
from collections.abc import Iterator

import httpx

from bench.lambdas import NotMeasurable
from bench.progress import progress
from bench.results import Row
from local.seeds import SEEDED_KEYS
from local.testing import Runtime, running_runtime

BUDGET_SECONDS = 0.5
CUSTOMERS = 60
WARMING = 5
PATIENCE_SECONDS = 30


def measure() -> Iterator[Row]:
    """Yield one row."""
    progress(f"event delay of {CUSTOMERS} customers")
    try:
        with running_runtime() as runtime:
            delays = _delays(runtime)
    except RuntimeError as error:
        raise NotMeasurable(str(error)) from error
    p95 = statistics.quantiles(delays, n=20)[-1]
    note = f"p95 {p95:.2f} s, longest {max(delays):.2f} s; from the response to a queue on the bus"
    yield Row("event delay, p50", "customer.created", statistics.median(delays), "s", BUDGET_SECONDS, note)


def _delays(runtime: Runtime) -> list[float]:
    subscriber = _Subscriber(runtime)
    answered: dict[str, float] = {}
    with httpx.Client(base_url=runtime.url, headers={"x-api-key": SEEDED_KEYS[0].key}, timeout=30) as client:
        for number in range(WARMING + CUSTOMERS):
            response = client.post("/v2/customers", json={"email": f"delay.{number:03d}@example.com"})
            moment = time.monotonic()
            response.raise_for_status()
            if number >= WARMING:
                answered[response.json()["data"]["id"]] = moment
            time.sleep(0.1)
    arrived = subscriber.wait_for(set(answered))
    return [arrived[customer] - moment for customer, moment in answered.items()]


class _Subscriber:
    """A queue behind a rule on the bus, and the moment at which each customer's creation was read from it."""

    def __init__(self, runtime: Runtime) -> None:
        events, self._sqs = runtime.clients.events, runtime.clients.sqs
        self._queue = self._sqs.create_queue(QueueName="bench")["QueueUrl"]
        queue = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])["Attributes"]
        events.put_rule(
            Name="bench",
            EventBusName=runtime.bus_name,
            EventPattern=json.dumps({"detail-type": ["customer.created"]}),
        )
        events.put_targets(
            Rule="bench", EventBusName=runtime.bus_name, Targets=[{"Id": "queue", "Arn": queue["QueueArn"]}]
        )
        self._arrived: dict[str, float] = {}
        self._ended = threading.Event()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def wait_for(self, customers: set[str]) -> dict[str, float]:
        """Wait until all have arrived, and stop.

        Raises:
            NotMeasurable: some did not.
        """
        until = time.monotonic() + PATIENCE_SECONDS
        while customers - self._arrived.keys() and time.monotonic() < until:
            time.sleep(0.05)
        self._ended.set()
        self._reading.join()
        missing = len(customers - self._arrived.keys())
        if missing:
            raise NotMeasurable(f"{missing} of {len(customers)} events did not arrive in {PATIENCE_SECONDS} s")
        return self._arrived

    def _read(self) -> None:
        while not self._ended.is_set():
            answer = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            moment = time.monotonic()
            for message in answer.get("Messages", []):
                customer = json.loads(message["Body"])["detail"]["data"]["object"]["id"]
                self._arrived.setdefault(customer, moment)
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
