"""The sample subscriber does what its README says."""

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

ROOT = Path(__file__).parents[3]
SAMPLE: dict[str, Any] = json.loads((ROOT / "events/events/record.json").read_text())


@pytest.fixture
def subscriber(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    for name, text in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "TABLE_NAME": "copies",
    }.items():
        monkeypatch.setenv(name, text)
    spec = importlib.util.spec_from_file_location("copy_customer", ROOT / "examples/subscriber/copy_customer.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="copies",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        yield module


def delivered(version: int, name: str) -> dict[str, Any]:
    detail = SAMPLE["detail"]
    customer = {**detail["data"]["object"], "name": name}
    return {**SAMPLE, "detail": {**detail, "version": version, "data": {"object": customer}}}


def copies() -> list[tuple[str, str]]:
    items = boto3.client("dynamodb").scan(TableName="copies")["Items"]
    return [(item["version"]["N"], item["name"]["S"]) for item in items]


def test_the_latest_state_stays_whatever_comes_late_or_twice(subscriber: ModuleType):
    for version, name in [(2, "second"), (1, "first"), (3, "third"), (3, "third"), (2, "second")]:
        subscriber.handler(delivered(version, name), None)

    assert copies() == [("3", "third")]


def test_the_sample_event_is_understood(subscriber: ModuleType):
    subscriber.handler(SAMPLE, None)

    assert copies() == [("2", "Jane Example-Smith")]
