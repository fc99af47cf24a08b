"""Functions behind routes."""

import time
import uuid


def echo(event, context):
    """Answer with the event."""
    return {"event": event, "remaining": context.get_remaining_time_in_millis(), "name": context.function_name}


def file(event, context):
    """Answer with bytes that are no text."""
    return {"statusCode": 200, "headers": {"Content-Type": "application/pdf"}, "body": "/wA=", "isBase64Encoded": True}


def authorize(event, context):
    """Let everybody in but Eve, and say which call of this function did."""
    key = event["identitySource"][0]
    return {"isAuthorized": key != "eve", "context": {"call": str(uuid.uuid4()), "key": key}}


def crash(event, context):
    """Fail."""
    raise RuntimeError("as ordered")


def slow(event, context):
    """Take longer than is allowed."""
    time.sleep(30)
