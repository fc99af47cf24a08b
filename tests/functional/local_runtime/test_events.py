"""From a write through the stream and the bus to whoever listens."""

import json
import subprocess
import sys
from email.message import EmailMessage

import httpx
import pytest

from local.clients import Clients, Endpoints
from local.testing import ROOT
from tests.functional.local_runtime.conftest import Shop, eventually


def test_a_write_arrives_at_the_rules_function(shop: Shop) -> None:
    shop.order("first")

    eventually(lambda: shop.noted("first") == 1)


def test_what_cannot_be_delivered_is_kept_whole_alone_and_can_be_redriven(shop: Shop) -> None:
    for name in ("before", "between", "after"):
        shop.order(name, **({"poison": "yes"} if name == "between" else {}))

    eventually(lambda: shop.noted("after"))
    s3, bucket = shop.runtime.clients.s3, shop.runtime.undelivered_bucket
    [kept] = eventually(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"))
    record = json.loads(s3.get_object(Bucket=bucket, Key=kept["Key"])["Body"].read())
    [undelivered] = json.loads(record["payload"])["Records"]
    assert undelivered["dynamodb"]["NewImage"]["sk"] == {"S": "between"}
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1
    assert shop.noted("before")
    assert not shop.noted("between")

    command = [sys.executable, "-m", "local", "redrive", "--state-dir", str(shop.runtime.state_directory)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 1
    shop.mend()
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    eventually(lambda: shop.noted("between"))


def test_a_queue_reaches_its_function(shop: Shop) -> None:
    sqs = shop.runtime.clients.sqs
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="local-Jobs")["QueueUrl"], MessageBody='{"id": "job"}')

    eventually(lambda: shop.noted("job"))


def test_a_schedule_can_be_fired_now(shop: Shop) -> None:
    assert httpx.post(f"{shop.runtime.url}/_local/schedules/Note").status_code == 200
    assert shop.noted("by-schedule") == 1


def test_events_can_be_watched_from_a_second_terminal(shop: Shop) -> None:
    command = [sys.executable, "-m", "local", "events", "--json", "--state-dir", str(shop.runtime.state_directory)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout
        assert watching.stderr
        assert "Watching" in watching.stderr.readline()
        shop.order("watched")
        assert json.loads(watching.stdout.readline())["detail"] == {"id": "watched"}
        watching.terminate()
        assert watching.wait(20) == 0
    rules = shop.runtime.clients.events.list_rules(EventBusName=shop.runtime.bus_name)["Rules"]
    assert [rule["Name"] for rule in rules] == ["local-Note-Published"]


def test_sent_mail_can_be_read(shop: Shop) -> None:
    shop.runtime.clients.mail.create_email_identity(EmailIdentity="shop@example.com")
    shop.runtime.clients.mail.send_email(
        FromEmailAddress="shop@example.com",
        Destination={"ToAddresses": ["ann@example.com"]},
        Content={"Simple": {"Subject": {"Data": "Code <1>"}, "Body": {"Text": {"Data": "123456"}}}},
    )

    assert shop.get("/_local/mail").json()["messages"][0]["BodyText"] == "123456"
    page = shop.get("/_local/mail", accept="text/html").text
    assert "Code &lt;1&gt;" in page
    assert "ann@example.com" in page


def test_mail_that_came_by_the_front_door_is_kept_as_it_was_sent(shop: Shop) -> None:
    shop.runtime.clients.mail.create_email_identity(EmailIdentity="shop@example.com")
    written = EmailMessage()
    written["From"], written["Subject"], written["X-Kind"] = "Shop <shop@example.com>", "Hi", "greeting"
    written.set_content("Hello")
    written.add_attachment(b"<b>1</b>", maintype="application", subtype="pdf", filename="<1>.pdf")
    by_the_door = Clients(Endpoints(f"{shop.runtime.url}/_local/ses"))

    by_the_door.mail.send_email(
        Destination={"ToAddresses": ["ben@example.com"]}, Content={"Raw": {"Data": written.as_bytes()}}
    )

    message = shop.get("/_local/mail").json()["messages"][0]
    assert (message["To"], message["Source"]) == (["ben@example.com"], "Shop <shop@example.com>")
    assert (message["Headers"]["X-Kind"], message["Attachments"]) == ("greeting", ["<1>.pdf"])
    assert "&lt;1&gt;.pdf</a>" in shop.get("/_local/mail", accept="text/html").text
    assert shop.get(f"/_local/mail/{message['MessageId']}/0").content == b"<b>1</b>"
    assert shop.get(f"/_local/mail/{message['MessageId']}/1").status_code == 404


def test_the_front_door_passes_on_what_ses_refuses(shop: Shop) -> None:
    by_the_door = Clients(Endpoints(f"{shop.runtime.url}/_local/ses"))

    with pytest.raises(by_the_door.mail.exceptions.MessageRejected):
        by_the_door.mail.send_email(
            FromEmailAddress="nobody@example.net",
            Destination={"ToAddresses": ["ben@example.com"]},
            Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
        )
