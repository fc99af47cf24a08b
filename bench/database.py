"""AWS's own DynamoDB Local, empty, for the functions of this process."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.lambdas import ROOT, NotMeasurable, deployed, template
from local import dynamodb_local
from local.clients import Clients, Endpoints
from local.processes import ServerFailed


@contextmanager
def empty_table() -> Iterator[None]:
    """Have this environment's table, without its stream: what follows from a write is run by whoever measures.

    Raises:
        NotMeasurable: DynamoDB Local does not start; the message says what it needs.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        try:
            server = dynamodb_local.start(ROOT / ".local" / "dynamodb-local", Path(directory), keep=False)
        except ServerFailed as error:
            raise NotMeasurable(str(error)) from error
        try:
            dynamodb_local.wait(server)
            endpoints = Endpoints(server.url, server.url)
            os.environ.update(_environment(endpoints))
            _create_table(Clients(endpoints))
            yield
        finally:
            server.stop()


def _environment(endpoints: Endpoints) -> dict[str, str]:
    any_function = next(iter(deployed().values()))
    return {**any_function.environment, **endpoints.environment(), "POWERTOOLS_LOG_LEVEL": "WARNING"}


def _create_table(clients: Clients) -> None:
    ((_, raw),) = template().resources("AWS::DynamoDB::Table")
    properties = template().resolve(raw)
    kept = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    request = {part: properties[part] for part in kept}
    clients.dynamodb.create_table(TableName=os.environ["TABLE_NAME"], **request)
