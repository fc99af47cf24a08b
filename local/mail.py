"""Show the mail that was sent."""

import datetime as dt
import html
import json
import urllib.request
from typing import Any


def sent(aws_url: str) -> list[dict[str, Any]]:
    """Return the messages the local SES has taken since it started, newest first."""
    with urllib.request.urlopen(f"{aws_url}/_ministack/ses/messages", timeout=5) as answer:  # noqa: S310 - ours
        by_account: dict[str, list[dict[str, Any]]] = json.load(answer)["messages"]
    messages = [message for account in by_account.values() for message in account]
    return sorted(messages, key=lambda message: float(message["Timestamp"]), reverse=True)


def page(messages: list[dict[str, Any]]) -> str:
    """Return the messages as an HTML page."""
    articles = "".join(map(_article, messages)) or "<p>No mail yet.</p>"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sent mail</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:45rem;margin:2rem auto;padding:0 1rem}"
        "article{border-top:1px solid #767676;padding:1rem 0}dt{font-weight:600}dd{margin:0 0 .5rem}"
        "pre{white-space:pre-wrap;overflow-wrap:anywhere}</style></head>"
        f"<body><main><h1>Sent mail</h1>{articles}</main></body></html>"
    )


def _article(message: dict[str, Any]) -> str:
    moment = dt.datetime.fromtimestamp(float(message["Timestamp"]), dt.UTC)
    facts = {
        "To": ", ".join([*message["To"], *message["CC"], *message["BCC"]]),
        "From": message["Source"],
        "Sent": f"{moment:%Y-%m-%d %H:%M:%S} UTC",
    }
    listed = "".join(f"<dt>{name}</dt><dd>{html.escape(str(value))}</dd>" for name, value in facts.items())
    subject = html.escape(message["Subject"] or "(no subject)")
    body = html.escape(message["BodyText"] or message["BodyHtml"] or "")
    return f"<article><h2>{subject}</h2><dl>{listed}</dl><pre>{body}</pre></article>"
