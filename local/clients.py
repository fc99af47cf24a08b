"""Clients for the AWS that runs locally."""

from dataclasses import dataclass
from functools import cached_property

import boto3
from botocore.config import Config
from mypy_boto3_dynamodb import DynamoDBClient
from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
from mypy_boto3_events import EventBridgeClient
from mypy_boto3_s3 import S3Client
from mypy_boto3_secretsmanager import SecretsManagerClient
from mypy_boto3_sesv2 import SESV2Client
from mypy_boto3_sqs import SQSClient

from local.template import REGION

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
"""Any do: the local AWS checks no signature. DynamoDB Local keeps tables apart by the key id."""

_CONFIG = Config(max_pool_connections=50, retries={"mode": "standard", "total_max_attempts": 3}, read_timeout=30)


@dataclass(frozen=True)
class Endpoints:
    """Where the local AWS listens, and DynamoDB if that is a server of its own."""

    aws: str
    dynamodb: str | None = None

    def environment(self) -> dict[str, str]:
        """Return the variables that bring any AWS SDK or CLI here."""
        variables = {
            "AWS_ENDPOINT_URL": self.aws,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            **CREDENTIALS,
        }
        if self.dynamodb:
            variables["AWS_ENDPOINT_URL_DYNAMODB"] = self.dynamodb
            variables["AWS_ENDPOINT_URL_DYNAMODB_STREAMS"] = self.dynamodb
        return variables


class Clients:
    """One client per service, made when first used."""

    def __init__(self, endpoints: Endpoints) -> None:
        """Speak to these endpoints, whatever the environment or a profile says."""
        self._endpoints = endpoints
        self._session = boto3.session.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        """Tables."""
        return self._session.client("dynamodb", endpoint_url=self._dynamodb_url, config=_CONFIG)

    @cached_property
    def streams(self) -> DynamoDBStreamsClient:
        """The tables' streams."""
        return self._session.client("dynamodbstreams", endpoint_url=self._dynamodb_url, config=_CONFIG)

    @cached_property
    def events(self) -> EventBridgeClient:
        """Buses and rules."""
        return self._session.client("events", endpoint_url=self._endpoints.aws, config=_CONFIG)

    @cached_property
    def s3(self) -> S3Client:
        """Buckets."""
        path_style = _CONFIG.merge(Config(s3={"addressing_style": "path"}))
        return self._session.client("s3", endpoint_url=self._endpoints.aws, config=path_style)

    @cached_property
    def sqs(self) -> SQSClient:
        """Queues."""
        return self._session.client("sqs", endpoint_url=self._endpoints.aws, config=_CONFIG)

    @cached_property
    def secrets(self) -> SecretsManagerClient:
        """Secrets."""
        return self._session.client("secretsmanager", endpoint_url=self._endpoints.aws, config=_CONFIG)

    @cached_property
    def mail(self) -> SESV2Client:
        """Mail."""
        return self._session.client("sesv2", endpoint_url=self._endpoints.aws, config=_CONFIG)

    @property
    def _dynamodb_url(self) -> str:
        return self._endpoints.dynamodb or self._endpoints.aws
