"""Create a template's resources in the local AWS. Everything here may run again over what exists."""

import json
import secrets
import string
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from local.clients import Clients
from local.template import Template

_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def create(template: Template, clients: Clients) -> None:
    """Create what the template declares and tell the template what only AWS knows: stream ARNs, queue URLs."""
    steps = (_tables, _buses, _buckets, _queues, _secrets, _identities)
    with ThreadPoolExecutor(len(steps)) as at_once:  # the local AWS loads each service at its first call
        for done in [at_once.submit(step, template, clients) for step in steps]:
            done.result()


def _tables(template: Template, clients: Clients) -> None:
    for logical_id, raw in template.resources("AWS::DynamoDB::Table"):
        properties = template.resolve(raw)
        name = template.physical_name(logical_id)
        with suppress(clients.dynamodb.exceptions.ResourceInUseException):
            clients.dynamodb.create_table(TableName=name, **_table_request(properties))
            if ttl := properties.get("TimeToLiveSpecification"):
                clients.dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
        table = clients.dynamodb.describe_table(TableName=name)["Table"]
        if stream := table.get("LatestStreamArn"):
            template.learn(logical_id, "StreamArn", stream)
        template.learn(logical_id, "Arn", table["TableArn"])
        template.learn(logical_id, "CreatedAt", table["CreationDateTime"].isoformat())


def _table_request(properties: dict[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = {
        name: properties[name]
        for name in (
            "AttributeDefinitions",
            "KeySchema",
            "BillingMode",
            "GlobalSecondaryIndexes",
            "LocalSecondaryIndexes",
            "ProvisionedThroughput",
        )
        if name in properties
    }
    if view := (properties.get("StreamSpecification") or {}).get("StreamViewType"):
        request["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
    for index in request.get("GlobalSecondaryIndexes", []):
        for setting in ("OnDemandThroughput", "WarmThroughput", "ContributorInsightsSpecification"):
            index.pop(setting, None)
    return request


def _buses(template: Template, clients: Clients) -> None:
    for logical_id, _ in template.resources("AWS::Events::EventBus"):
        with suppress(clients.events.exceptions.ResourceAlreadyExistsException):
            clients.events.create_event_bus(Name=template.physical_name(logical_id))


def _buckets(template: Template, clients: Clients) -> None:
    for logical_id, _ in template.resources("AWS::S3::Bucket"):
        with suppress(clients.s3.exceptions.BucketAlreadyOwnedByYou, clients.s3.exceptions.BucketAlreadyExists):
            clients.s3.create_bucket(Bucket=template.physical_name(logical_id))


def _queues(template: Template, clients: Clients) -> None:
    queues = list(template.resources("AWS::SQS::Queue"))
    for with_redrive in (False, True):  # a queue's dead-letter queue must be there first
        for logical_id, raw in queues:
            if ("RedrivePolicy" in raw) != with_redrive:
                continue
            url = clients.sqs.create_queue(
                QueueName=template.physical_name(logical_id),
                Attributes=_queue_attributes(template.resolve(raw)),
            )["QueueUrl"]
            template.learn(logical_id, None, url)
            template.learn(logical_id, "QueueUrl", url)
            template.learn(logical_id, "QueueName", template.physical_name(logical_id))


def _queue_attributes(properties: dict[str, Any]) -> Any:
    kept = (
        "DelaySeconds",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "ReceiveMessageWaitTimeSeconds",
        "VisibilityTimeout",
        "FifoQueue",
        "ContentBasedDeduplication",
        "RedrivePolicy",
    )
    attributes: dict[str, str] = {}
    for name in kept:
        value = properties.get(name)
        if value is not None:
            attributes[name] = json.dumps(value) if isinstance(value, dict | bool) else str(value)
    return attributes


def _secrets(template: Template, clients: Clients) -> None:
    for logical_id, raw in template.resources("AWS::SecretsManager::Secret"):
        properties = template.resolve(raw)
        name = template.physical_name(logical_id)
        with suppress(clients.secrets.exceptions.ResourceExistsException):
            clients.secrets.create_secret(Name=name, SecretString=_secret(properties))
        arn = clients.secrets.describe_secret(SecretId=name)["ARN"]
        template.learn(logical_id, None, arn)
        template.learn(logical_id, "Arn", arn)
        template.learn(logical_id, "Id", arn)


def _secret(properties: dict[str, Any]) -> str:
    """Return the given secret, or one generated the way CloudFormation does."""
    generate = properties.get("GenerateSecretString")
    if generate is None:
        return str(properties.get("SecretString", ""))
    classes = [
        characters
        for characters, excluded in (
            (string.ascii_lowercase, generate.get("ExcludeLowercase")),
            (string.ascii_uppercase, generate.get("ExcludeUppercase")),
            (string.digits, generate.get("ExcludeNumbers")),
            (_PUNCTUATION, generate.get("ExcludePunctuation")),
            (" ", not generate.get("IncludeSpace")),
        )
        if not excluded
    ]
    unwanted = set(generate.get("ExcludeCharacters", ""))
    alphabet = [character for characters in classes for character in characters if character not in unwanted]
    text = "".join(secrets.choice(alphabet) for _ in range(int(generate.get("PasswordLength", 32))))
    if "GenerateStringKey" not in generate:
        return text
    return json.dumps({**json.loads(generate.get("SecretStringTemplate", "{}")), generate["GenerateStringKey"]: text})


def _identities(template: Template, clients: Clients) -> None:
    identities = [template.physical_name(name) for name, _ in template.resources("AWS::SES::EmailIdentity")]
    for identity in [*identities, *template.mail_identities]:
        with suppress(ClientError):  # it exists
            clients.mail.create_email_identity(EmailIdentity=identity)
