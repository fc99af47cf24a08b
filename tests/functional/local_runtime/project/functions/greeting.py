"""A function whose code a test edits."""

from shared_words import HELLO


def handler(event, context):
    """Greet."""
    return {"statusCode": 200, "body": HELLO, "cookies": ["a=1", "b=2"]}
