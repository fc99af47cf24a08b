"""The port to SES."""

import os
from functools import cache
from typing import TYPE_CHECKING, cast

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from billing.mail.message import Message, composed

if TYPE_CHECKING:
    from mypy_boto3_sesv2.client import SESV2Client


class Rejected(Exception):
    """SES takes no mail to this address, now or later."""


class Mailer:
    """What sends mail."""

    def __init__(self, client: "SESV2Client") -> None:
        self._client = client

    def send(self, message: Message) -> str:
        """Send a mail and return the id that SES has given it.

        Raises:
            Rejected: the address is none (`BadRequestException`).
            ClientError: SES has refused for another reason: too many requests, a sender that is not verified.
            BotoCoreError: SES did not answer.
        """
        try:
            answer = self._client.send_email(
                Destination={"ToAddresses": [message.recipient]}, Content={"Raw": {"Data": composed(message)}}
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "BadRequestException":
                # Without SES's message, which quotes the address.
                raise Rejected from None
            raise
        return answer["MessageId"]


@cache
def mailer() -> Mailer:
    """Return what sends mail, its client opened once per process."""
    # SES lets an account send so many a second. Whoever comes too fast waits here, half a minute at most.
    config = Config(connect_timeout=1, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 6})
    return Mailer(cast("SESV2Client", botocore.session.get_session().create_client("sesv2", config=config)))


def sender() -> str | None:
    """Return the address that mail comes from (`MAIL_FROM`); None in a deployment that sends none."""
    return os.environ["MAIL_FROM"] or None
