"""Which merchant's credentials are whose."""

import json
from collections.abc import Iterator

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import clear_caches
from moto import mock_aws

from billing.errors import GatewayNotConnected
from billing.gateway import gateway_of
from billing.gateway.secrets import Secrets, secrets_of
from billing.tenancy import Tenant

MERCHANT = "mer_" + "1" * 32


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("GATEWAY_SECRETS", "stack/gateways/")
    clear_caches()
    with mock_aws():
        text = json.dumps({"secret_key": "sk_live_ours"})
        boto3.client("secretsmanager").create_secret(Name=f"stack/gateways/{MERCHANT}", SecretString=text)
        yield
    clear_caches()


def put(secrets: dict[str, str]) -> None:
    boto3.client("secretsmanager").put_secret_value(
        SecretId=f"stack/gateways/{MERCHANT}", SecretString=json.dumps(secrets)
    )


def test_a_merchant_has_the_key_that_was_put_there():
    assert secrets_of(MERCHANT) == Secrets("sk_live_ours")


def test_the_webhook_s_secret_stands_beside_the_key():
    put({"secret_key": "sk_live_ours", "webhook_secret": "whsec_ours"})

    assert secrets_of(MERCHANT) == Secrets("sk_live_ours", "whsec_ours")


def test_secrets_are_not_shown():
    assert "ours" not in repr(Secrets("sk_live_ours", "whsec_ours"))


def test_a_merchant_has_one_client_until_its_key_is_rotated():
    tenant = Tenant(MERCHANT, livemode=True)
    before = gateway_of(tenant)
    assert gateway_of(tenant) is before

    put({"secret_key": "sk_live_rotated"})
    clear_caches()  # as five minutes later

    assert gateway_of(tenant) is not before


def test_a_merchant_without_one_has_no_gateway_in_live_mode():
    with pytest.raises(GatewayNotConnected):
        gateway_of(Tenant("mer_" + "2" * 32, livemode=True))
