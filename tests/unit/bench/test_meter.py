"""Counting what a call asks of DynamoDB."""

import boto3
import pytest
from moto import mock_aws

from bench.meter import Meter

KEY = {"pk": {"S": "a"}, "sk": {"S": "b"}}


@pytest.fixture
def client():
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        client.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
        yield client


def test_round_trips_are_counted_while_the_context_lasts(client):
    meter = Meter(client)

    client.get_item(TableName="t", Key=KEY)
    with meter.metered() as usage:
        client.get_item(TableName="t", Key=KEY)
        client.put_item(TableName="t", Item=KEY)
    client.get_item(TableName="t", Key=KEY)

    assert usage.round_trips == 2


def test_capacity_is_asked_for_and_added_up_for_one_table_and_for_several(client):
    asked = []
    meter = Meter(client)
    client.meta.events.register_last(
        "before-parameter-build.dynamodb", lambda params, **_: asked.append(params["ReturnConsumedCapacity"])
    )

    def consumed(parsed, model, **_):
        each = {"TableName": "t", "CapacityUnits": 1.5}
        parsed["ConsumedCapacity"] = [each] if model.name == "TransactWriteItems" else each

    client.meta.events.register_first("after-call.dynamodb", consumed)

    with meter.metered() as usage:
        client.get_item(TableName="t", Key=KEY)
        client.transact_write_items(TransactItems=[{"Put": {"TableName": "t", "Item": KEY}}])

    assert usage.units == 3.0
    assert asked == ["TOTAL", "TOTAL"]
