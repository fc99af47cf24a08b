"""Functions that follow the table, the bus and a queue."""

import json
import os

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
events = boto3.client("events")


def publish(event, context):
    """Publish each order; those that say so fail as long as there is no `mended` item."""
    for record in event["Records"]:
        image = record["dynamodb"]["NewImage"]
        if "poison" in image and "Item" not in table.get_item(Key={"pk": "mended", "sk": "-"}):
            return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]}
        detail = json.dumps({"id": image["sk"]["S"]})
        entry = {"Source": "shop", "DetailType": "order", "Detail": detail, "EventBusName": os.environ["BUS_NAME"]}
        events.put_events(Entries=[entry])
    return {"batchItemFailures": []}


def note(event, context):
    """Write down what arrived, and count how often."""
    name = event.get("detail", event)["id"]
    table.update_item(
        Key={"pk": "noted", "sk": name},
        UpdateExpression="ADD #times :one",
        ExpressionAttributeNames={"#times": "times"},
        ExpressionAttributeValues={":one": 1},
    )


def work(event, context):
    """Write down each job."""
    for record in event["Records"]:
        note(json.loads(record["body"]), context)
    return {"batchItemFailures": []}
