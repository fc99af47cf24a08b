"""Show the mail that was sent, and keep what the local SES forgets of it: headers and attachments.

The functions' calls of SES come by here on their way, so that a mail can be kept as it was sent.
"""

import base64
import datetime as dt
import email
import email.policy
import html
import json
import threading
import urllib.error
import urllib.request
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage, Message
from typing import Any
from urllib.parse import quote

MOST_KEPT = 200

_PASSED_BACK = ("content-type", "x-amzn-errortype")
_PASSED_ON = ("authorization", "content-type", "x-amz-content-sha256", "x-amz-date")


@dataclass(frozen=True)
class Answer:
    """What SES has answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Mailbox:
    """The last mails that passed by, as they were sent, by the id that SES gave them.

    While one passes nobody looks: SES lists it before what was sent with it is kept here.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._kept: OrderedDict[str, EmailMessage] = OrderedDict()
        self._passing = threading.Lock()

    def pass_on(self, url: str, method: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Make a call of SES at `url`, and keep the mail if it took one."""
        with self._passing:
            return self._passed_on(url, method, headers, body)

    def _passed_on(self, url: str, method: str, headers: Mapping[str, str], body: bytes) -> Answer:
        request = urllib.request.Request(url, body or None, _some_of(headers, _PASSED_ON), method=method)  # noqa: S310 - ours
        try:
            with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - ours
                answer = Answer(response.status, _some_of(response.headers, _PASSED_BACK), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, _some_of(error.headers, _PASSED_BACK), error.read())
        if url.endswith("/outbound-emails"):
            self._keep(json.loads(answer.body)["MessageId"], json.loads(body))
        return answer

    def _keep(self, message_id: str, call: dict[str, Any]) -> None:
        raw = call.get("Content", {}).get("Raw")
        if raw:
            content = base64.b64decode(raw["Data"])
            self._kept[message_id] = email.message_from_bytes(content, EmailMessage, policy=email.policy.default)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    def messages(self, aws_url: str) -> list[dict[str, Any]]:
        """Return what the local SES has taken, newest first, with `Headers` and the names of `Attachments`."""
        with self._passing:
            return [self._shown(message) for message in sent(aws_url)]

    def _shown(self, message: dict[str, Any]) -> dict[str, Any]:
        kept = self._kept.get(message["MessageId"])
        if kept is None:
            return {**message, "Headers": {}, "Attachments": []}
        return {
            **message,
            "Source": message["Source"] or str(kept["From"]),
            "Headers": {name: str(value) for name, value in kept.items()},
            "Attachments": [each.get_filename() or "(no name)" for each in kept.iter_attachments()],
        }

    def attachment(self, message_id: str, number: int) -> tuple[str, bytes] | None:
        """Return media type and content of an attachment, counted from 0; None if there is none."""
        kept = self._kept.get(message_id)
        attachments = list(kept.iter_attachments()) if kept else []
        if number >= len(attachments):
            return None
        content = attachments[number].get_payload(decode=True)
        return attachments[number].get_content_type(), content if isinstance(content, bytes) else b""


def _some_of(headers: Mapping[str, str] | Message, names: Iterable[str]) -> dict[str, str]:
    return {name: str(headers[name]) for name in names if name in headers}


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
    for number, name in enumerate(message["Attachments"]):
        address = f"/_local/mail/{quote(message['MessageId'])}/{number}"
        listed += f'<dt>Attached</dt><dd><a href="{address}">{html.escape(name)}</a></dd>'
    subject = html.escape(message["Subject"] or "(no subject)")
    body = html.escape(message["BodyText"] or message["BodyHtml"] or "")
    return f"<article><h2>{subject}</h2><dl>{listed}</dl><pre>{body}</pre></article>"
