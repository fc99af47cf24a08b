"""Read a deployed stack back, in the words of the template, to compare the two.

For every resource type there is a reader that returns what AWS says of one resource under the property names of
CloudFormation. A property that no reader returns is not taken on trust: it stands in CHECKED_ELSEWHERE or
NOT_CARRIED with its reason, or the comparison fails and names it.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

import boto3

from local.clients import CREDENTIALS
from local.functions import TYPE as FUNCTION
from local.functions import function_events, with_globals
from local.template import ACCOUNT, REGION, STACK, Template

HTTP_API = "AWS::Serverless::HttpApi"
LAYER = "AWS::Serverless::LayerVersion"

CHECKED_ELSEWHERE = {
    (FUNCTION, "CodeUri"): "the function is called",
    (FUNCTION, "Events"): "mappings, rules, routes and permissions have checks of their own",
    (LAYER, "ContentUri"): "functions that need the layer are called",
    (LAYER, "RetentionPolicy"): "SAM's own, it becomes a DeletionPolicy",
    ("AWS::SecretsManager::Secret", "GenerateSecretString"): "functions that need the secret are called",
    (HTTP_API, "Auth"): "becomes part of the OpenAPI body, which is read from the processed template",
    (HTTP_API, "FailOnWarnings"): "is about the creation, which has succeeded",
}
# What ministack takes no notice of. CloudFormation's own copy of the template is asked instead: what it holds there,
# AWS would have carried out.
NOT_CARRIED = {
    ("AWS::DynamoDB::Table", "TimeToLiveSpecification"): "the table is created without its TTL",
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification"): "backups are reported as disabled",
    ("AWS::DynamoDB::Table", "SSESpecification"): "encryption is not reported",
    ("AWS::S3::Bucket", "BucketEncryption"): "every bucket reports AES256",
    ("AWS::S3::Bucket", "LifecycleConfiguration"): "the bucket is created without it",
    ("AWS::S3::Bucket", "MetricsConfigurations"): "the bucket is created without them",
    (FUNCTION, "EventInvokeConfig"): "the function has none, so asynchronous calls are tried as often as by default",
    (HTTP_API, "DefaultRouteSettings"): "the stage is created without them",
    (HTTP_API, "AccessLogSettings"): "the stage is created without them",
    (HTTP_API, "CorsConfiguration"): "becomes part of the OpenAPI body, which is ignored",
    (HTTP_API, "Description"): "becomes part of the OpenAPI body, which is ignored",
}


class Stack:
    """A deployed stack and the template that it came from."""

    def __init__(self, url: str, template: Template) -> None:
        """Read the stack's resources; `template` gets to know their names."""
        self._session: Any = boto3.session.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        self._url = url
        self._clients: dict[str, Any] = {}
        self.template = template
        found = self.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
        self.resources: dict[str, Mapping[str, Any]] = {each["LogicalResourceId"]: each for each in found}
        self._teach()

    def client(self, service: str) -> Any:
        """Return the client of a service."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service, endpoint_url=self._url)
        return self._clients[service]

    def physical_id(self, logical_id: str) -> str:
        """Return the name that AWS gave a resource; SAM adds a hash to a layer's logical id."""
        if logical_id in self.resources:
            return str(self.resources[logical_id]["PhysicalResourceId"])
        hashed = re.compile(re.escape(logical_id) + r"[0-9a-f]{10}")
        return next(str(each["PhysicalResourceId"]) for name, each in self.resources.items() if hashed.fullmatch(name))

    @cached_property
    def processed(self) -> Mapping[str, Any]:
        """The template as CloudFormation has it, after SAM's transform."""
        answer = self.client("cloudformation").get_template(StackName=STACK, TemplateStage="Processed")
        body: str | Mapping[str, Any] = answer["TemplateBody"]
        read: Mapping[str, Any] = json.loads(body) if isinstance(body, str) else body
        return read

    def _teach(self) -> None:
        arns: dict[str, Callable[[str], str]] = {
            "AWS::DynamoDB::Table": lambda name: f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}",
            "AWS::Events::EventBus": lambda name: f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{name}",
            "AWS::IAM::Role": lambda name: f"arn:aws:iam::{ACCOUNT}:role/{name}",
            "AWS::Logs::LogGroup": lambda name: f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*",
            "AWS::S3::Bucket": lambda name: f"arn:aws:s3:::{name}",
            "AWS::SQS::Queue": lambda url: f"arn:aws:sqs:{REGION}:{ACCOUNT}:{url.rpartition('/')[2]}",
            FUNCTION: lambda name: f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
        }
        for logical_id, resource in self.template.document["Resources"].items():
            if not self.template.condition(resource.get("Condition")):
                continue
            name = self.physical_id(logical_id)
            self.template.learn(logical_id, None, name)
            self.template.learn(logical_id, "Arn", arns.get(resource["Type"], str)(name))
            if resource["Type"] == "AWS::SQS::Queue":
                self.template.learn(logical_id, "QueueName", name.rpartition("/")[2])
            if resource["Type"] == "AWS::DynamoDB::Table":
                table = self.client("dynamodb").describe_table(TableName=name)["Table"]
                self.template.learn(logical_id, "StreamArn", table.get("LatestStreamArn", ""))


MOST_RESOURCES = 500
"""What CloudFormation takes in one stack."""


def failed_resources(stack: Stack) -> list[str]:
    """Return what was not created, and whether there is too much of it for CloudFormation."""
    failed = [
        f"{name} is {each['ResourceStatus']}"
        for name, each in stack.resources.items()
        if not each["ResourceStatus"].endswith("_COMPLETE")
    ]
    count = len(stack.processed["Resources"])
    return failed + ([f"{count} resources, CloudFormation takes {MOST_RESOURCES}"] if count > MOST_RESOURCES else [])


def resource_differences(stack: Stack, type_: str) -> tuple[int, list[str]]:
    """Compare all resources of a type with the template; return how many there are and what differs."""
    found = list(stack.template.resources(type_))
    differences: list[str] = []
    for logical_id, raw in found:
        declared = with_globals(stack.template, raw) if type_ == FUNCTION else dict(raw)
        expected = stack.template.resolve(declared)
        actual = READERS[type_](stack, stack.physical_id(logical_id)) if type_ in READERS else {}
        for name, value in expected.items():
            if (type_, name) in CHECKED_ELSEWHERE:
                continue
            if (type_, name) in NOT_CARRIED:
                differences += _not_processed(stack, logical_id, type_, name)
            elif name not in actual:
                differences.append(f"{logical_id}.{name}: nothing here reads it back from {type_}")
            else:
                differences += compare(value, actual[name], f"{logical_id}.{name}")
    return len(found), differences


def compare(expected: Any, actual: Any, place: str) -> Iterator[str]:
    """Yield where `actual` lacks something of `expected`; a list's order means nothing, text and number are alike."""
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        for name, value in expected.items():
            if name not in actual:
                yield f"{place}.{name} is missing"
            else:
                yield from compare(value, actual[name], f"{place}.{name}")
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for index, (one, other) in enumerate(
            zip(sorted(expected, key=_sorting), sorted(actual, key=_sorting), strict=True)
        ):
            yield from compare(one, other, f"{place}[{index}]")
    elif _plain(expected) != _plain(actual):
        yield f"{place} is {actual!r}, the template says {expected!r}"


def _sorting(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _not_processed(stack: Stack, logical_id: str, type_: str, name: str) -> Iterator[str]:
    if name == "EventInvokeConfig":
        properties = {name: True} if f"{logical_id}{name}" in stack.processed["Resources"] else {}
    elif type_ == HTTP_API:
        properties = dict(stack.processed["Resources"][f"{logical_id}ApiGatewayDefaultStage"]["Properties"])
        properties |= {"CorsConfiguration": True, "Description": True}  # in the OpenAPI body
    else:
        properties = stack.processed["Resources"][logical_id]["Properties"]
    if name not in properties:
        yield f"{logical_id}.{name} has not reached CloudFormation"


def _function(stack: Stack, name: str) -> dict[str, Any]:
    found = stack.client("lambda").get_function_configuration(FunctionName=name)
    return {
        **found,
        "Tracing": found.get("TracingConfig", {}).get("Mode"),
        "Layers": [layer["Arn"] for layer in found.get("Layers", [])],
    }


def _layer(stack: Stack, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.client("lambda").get_layer_version_by_arn(Arn=arn)
    return found


def _table(stack: Stack, name: str) -> dict[str, Any]:
    found = stack.client("dynamodb").describe_table(TableName=name)["Table"]
    return {**found, "BillingMode": found.get("BillingModeSummary", {}).get("BillingMode")}


def _bus(stack: Stack, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.client("events").describe_event_bus(Name=name)
    return found


def _bucket(stack: Stack, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.client("s3").get_public_access_block(Bucket=name)
    return found


def _bucket_policy(stack: Stack, name: str) -> dict[str, Any]:
    bucket = name.removesuffix("-policy")
    policy = stack.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]
    return {"Bucket": bucket, "PolicyDocument": json.loads(policy)}


def _queue(stack: Stack, url: str) -> dict[str, Any]:
    found = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {**found, "RedrivePolicy": json.loads(found.get("RedrivePolicy", "{}"))}


def _queue_policy(stack: Stack, _: str) -> dict[str, Any]:
    urls = [str(each["PhysicalResourceId"]) for each in stack.resources.values() if _is(each, "AWS::SQS::Queue")]
    policies = {url: json.loads(_queue(stack, url).get("Policy", "{}")) for url in urls}
    having = {url: policy for url, policy in policies.items() if policy}
    return {"Queues": list(having), "PolicyDocument": next(iter(having.values()), {})}


def _is(resource: Mapping[str, Any], type_: str) -> bool:
    return bool(resource["ResourceType"] == type_)


def _log_group(stack: Stack, name: str) -> dict[str, Any]:
    groups = stack.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return {"RetentionInDays": next(each.get("retentionInDays") for each in groups if each["logGroupName"] == name)}


def _role(stack: Stack, name: str) -> dict[str, Any]:
    iam = stack.client("iam")
    policies = [
        iam.get_role_policy(RoleName=name, PolicyName=each)
        for each in iam.list_role_policies(RoleName=name)["PolicyNames"]
    ]
    return {
        "AssumeRolePolicyDocument": iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"],
        "Policies": [{name: each[name] for name in ("PolicyName", "PolicyDocument")} for each in policies],
    }


def _alarm(stack: Stack, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]
    return found


def _secret(stack: Stack, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.client("secretsmanager").describe_secret(SecretId=arn)
    return found


def _dashboard(stack: Stack, name: str) -> dict[str, Any]:
    found: dict[str, Any] = stack.client("cloudwatch").get_dashboard(DashboardName=name)
    return found


READERS: Mapping[str, Callable[[Stack, str], dict[str, Any]]] = {
    FUNCTION: _function,
    LAYER: _layer,
    HTTP_API: lambda stack, name: stack.client("apigatewayv2").get_api(ApiId=name),
    "AWS::DynamoDB::Table": _table,
    "AWS::Events::EventBus": _bus,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::Logs::LogGroup": _log_group,
    "AWS::IAM::Role": _role,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::SecretsManager::Secret": _secret,
}


def mapping_differences(stack: Stack) -> tuple[int, list[str]]:
    """Compare the stream mappings, with their filters, limits and destinations."""
    standing = {
        each["UUID"]: each for each in stack.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    }
    differences: list[str] = []
    count = 0
    for function, event, type_, raw in function_events(stack.template):
        if type_ != "DynamoDB":
            continue
        count += 1
        properties = stack.template.resolve(raw)
        on_failure = properties.get("DestinationConfig", {}).get("OnFailure", {})
        on_failure.pop("Type", None)  # SAM's own: it decides which rights the role would get
        expected = {
            **{name: value for name, value in properties.items() if name != "Stream"},
            "EventSourceArn": properties["Stream"],
            "FunctionArn": stack.template.resolve({"Fn::GetAtt": [function, "Arn"]}),
            "State": "Enabled",
        }
        differences += compare(expected, standing[stack.physical_id(f"{function}{event}")], f"{function}.{event}")
    return count, differences


def rule_differences(stack: Stack) -> tuple[int, list[str]]:
    """Compare the rules on the bus: pattern, target, retries, dead letters, and the right to call the target."""
    events = stack.client("events")
    differences: list[str] = []
    count = 0
    for function, event, type_, raw in function_events(stack.template):
        if type_ != "EventBridgeRule":
            continue
        count += 1
        properties = stack.template.resolve(raw)
        place, name = f"{function}.{event}", stack.physical_id(f"{function}{event}").rpartition("|")[2]
        bus = properties.get("EventBusName", "default")
        rule = events.describe_rule(Name=name, EventBusName=bus)
        differences += compare(properties["Pattern"], json.loads(rule["EventPattern"]), f"{place}.Pattern")
        differences += compare("ENABLED", rule["State"], f"{place}.State")
        (target,) = events.list_targets_by_rule(Rule=name, EventBusName=bus)["Targets"]
        arn = stack.template.resolve({"Fn::GetAtt": [function, "Arn"]})
        wanted = {name: properties[name] for name in ("RetryPolicy", "DeadLetterConfig") if name in properties}
        differences += compare({"Arn": arn, **wanted}, target, f"{place}.Target")
        differences += _without_permission(stack, function, "events.amazonaws.com", rule["Arn"])
    return count, differences


def schedule_differences(stack: Stack) -> tuple[int, list[str]]:
    """Compare the schedules and what they call."""
    differences: list[str] = []
    count = 0
    for function, event, type_, raw in function_events(stack.template):
        if type_ != "ScheduleV2":
            continue
        count += 1
        name = stack.physical_id(f"{function}{event}").rpartition("/")[2].rpartition("|")[2]
        found = stack.client("scheduler").get_schedule(Name=name)
        target: dict[str, Any] = {
            part: stack.template.resolve(raw[part]) for part in ("RetryPolicy", "DeadLetterConfig") if part in raw
        }
        target["Arn"] = stack.template.resolve({"Fn::GetAtt": [function, "Arn"]})
        state = stack.template.resolve(raw.get("State", "ENABLED"))
        expected = {"ScheduleExpression": raw["ScheduleExpression"], "State": state, "Target": target}
        differences += compare(expected, found, f"{function}.{event}")
    return count, differences


def route_differences(stack: Stack) -> tuple[int, list[str]]:
    """Compare the routes, their authorizers, and API Gateway's right to call each function.

    ministack takes no routes from an OpenAPI body, so the body is read from the processed template.
    """
    (api,) = (each for each in stack.processed["Resources"].values() if each["Type"] == "AWS::ApiGatewayV2::Api")
    paths = api["Properties"]["Body"]["paths"]
    differences: list[str] = []
    count = 0
    for function, _, type_, raw in function_events(stack.template):
        if type_ != "HttpApi":
            continue
        count += 1
        method, path = raw.get("Method", "ANY").upper(), raw["Path"]
        key = "x-amazon-apigateway-any-method" if method == "ANY" else method.lower()
        operation = paths.get(path, {}).get(key)
        if operation is None:
            differences.append(f"{method} {path} is not a route")
            continue
        if operation.get("isDefaultRoute", False) != (path == "$default"):
            differences.append(f"{method} {path}: {'must' if path == '$default' else 'must not'} take what is left")
        if f"${{{function}.Arn}}" not in json.dumps(operation["x-amazon-apigateway-integration"]):
            differences.append(f"{method} {path} does not lead to {function}")
        open_to_all = raw.get("Auth", {}).get("Authorizer") == "NONE"
        authorizers = {name for choice in operation.get("security", []) for name in choice} - {"NONE"}
        if bool(authorizers) == open_to_all:
            differences.append(f"{method} {path}: {'has' if open_to_all else 'lacks'} an authorizer")
        source = "/*" if path == "$default" else f"/{'*' if method == 'ANY' else method}{re.sub(r'{[^}]+}', '*', path)}"
        differences += _without_permission(stack, function, "apigateway.amazonaws.com", source)
    return count, differences


def _without_permission(stack: Stack, function: str, service: str, source: str) -> Iterator[str]:
    policy = json.loads(stack.client("lambda").get_policy(FunctionName=stack.physical_id(function))["Policy"])
    for statement in policy["Statement"]:
        may_call = statement["Action"] == "lambda:InvokeFunction" and statement["Principal"] == {"Service": service}
        if may_call and source in json.dumps(statement.get("Condition", {})):
            return
    yield f"{service} may not call {function} for {source}"
