"""Keeps this team's copy of a customer up to date."""

import os
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError


@cache
def _dynamodb() -> Any:
    return boto3.client("dynamodb")


def handler(event: dict[str, Any], _context: Any) -> None:
    """Keep the customer that an event shows, unless a later state of it is here already.

    An event may come twice, and two events of one customer may come in either order; the version settles both.
    """
    happened = event["detail"]
    customer = happened["data"]["object"]
    try:
        _dynamodb().put_item(
            TableName=os.environ["TABLE_NAME"],
            Item={
                "id": {"S": customer["id"]},
                "version": {"N": str(happened["version"])},
                "email": {"S": customer["email"]},
                "name": {"S": customer.get("name", "")},
                "deleted": {"BOOL": customer["deleted"]},
            },
            ConditionExpression="attribute_not_exists(id) OR version < :version",
            ExpressionAttributeValues={":version": {"N": str(happened["version"])}},
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
