"""A merchant's gateway credentials, from Secrets Manager."""

import json
import os

from billing.errors import GatewayNotConnected

CACHED_SECONDS = 300
"""How long a rotated key may still be used."""


def secret_of(merchant_id: str) -> str:
    """Return the merchant's Stripe secret key: `{"secret_key": "sk_live_…"}` under `$GATEWAY_SECRETS<merchant id>`.

    Raises:
        GatewayNotConnected: there is none.
    """
    from aws_lambda_powertools.utilities.parameters import get_secret  # noqa: PLC0415 - live mode only; loads boto3
    from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError  # noqa: PLC0415

    try:
        text = get_secret(f"{os.environ['GATEWAY_SECRETS']}{merchant_id}", max_age=CACHED_SECONDS)
    except GetParameterError as error:
        raise GatewayNotConnected("No payment gateway is connected for live mode") from error
    return str(json.loads(text)["secret_key"])
