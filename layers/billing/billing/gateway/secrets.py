"""A merchant's gateway credentials, from Secrets Manager."""

import json
import os
from dataclasses import dataclass, field

from billing.errors import GatewayNotConnected

CACHED_SECONDS = 300
"""How long a rotated key may still be used."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a merchant's Stripe account is used with; `webhook_secret` is what its events are signed with."""

    secret_key: str = field(repr=False)
    webhook_secret: str | None = field(default=None, repr=False)


def secrets_of(merchant_id: str) -> Secrets:
    """Return the merchant's Stripe secrets, kept under `$GATEWAY_SECRETS<merchant id>`.

    They are `{"secret_key": "sk_live_…", "webhook_secret": "whsec_…"}`; the second may be missing.

    Raises:
        GatewayNotConnected: there are none.
    """
    from aws_lambda_powertools.utilities.parameters import get_secret  # noqa: PLC0415 - live mode only; loads boto3
    from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError  # noqa: PLC0415

    try:
        text = get_secret(f"{os.environ['GATEWAY_SECRETS']}{merchant_id}", max_age=CACHED_SECONDS)
    except GetParameterError as error:
        raise GatewayNotConnected("No payment gateway is connected for live mode") from error
    kept = json.loads(text)
    return Secrets(str(kept["secret_key"]), kept.get("webhook_secret"))
