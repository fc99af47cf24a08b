"""Mail as the local runtime shows it."""

import base64
import io
import json
import threading
import time
from typing import Any

import pytest

from local import mail

SENT = b"From: Acme <billing@example.com>\r\nTo: jane@example.com\r\nSubject: Hello\r\n\r\nHi"


class Taken(io.BytesIO):
    """An answer of SES."""

    status = 200
    headers: dict[str, str] = {}  # noqa: RUF012 - never written


def test_a_mail_is_not_shown_before_all_of_it_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[dict[str, Any]] = []
    arrived = threading.Event()

    def slowly(*_: Any, **__: Any) -> Taken:
        listed.append({"MessageId": "1", "Source": ""})
        arrived.set()
        time.sleep(0.2)  # SES lists it, and has not answered yet
        return Taken(b'{"MessageId": "1"}')

    monkeypatch.setattr(mail.urllib.request, "urlopen", slowly)
    monkeypatch.setattr(mail, "sent", lambda _: list(listed))
    mailbox = mail.Mailbox()
    body = json.dumps({"Content": {"Raw": {"Data": base64.b64encode(SENT).decode()}}}).encode()
    call = ("http://127.0.0.1/v2/email/outbound-emails", "POST", {}, body)
    sending = threading.Thread(target=mailbox.pass_on, args=call)
    sending.start()
    arrived.wait(5)

    [shown] = mailbox.messages("http://127.0.0.1")
    sending.join()

    assert shown["Source"] == "Acme <billing@example.com>"
    assert shown["Headers"]["Subject"] == "Hello"
