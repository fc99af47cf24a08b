"""The template: rights, limits and what must never be missing from a deployment."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.functions import function_events
from local.template import Template
from tests.environment import FOR_LOCAL_RUNS, SET_BY_LAMBDA, environment_names
from tests.openapi import DOCUMENT

REPOSITORY = Path(__file__).parents[2]
TEMPLATE = Template.read(REPOSITORY / "template.yaml")
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE.document["Resources"]
GLOBALS: dict[str, Any] = TEMPLATE.document["Globals"]["Function"]
FUNCTIONS: dict[str, dict[str, Any]] = dict(TEMPLATE.resources("AWS::Serverless::Function"))
EVENTS = list(function_events(TEMPLATE))
ROUTES = [(function, properties) for function, _, kind, properties in EVENTS if kind == "HttpApi"]
STREAM_READERS = {function: properties for function, _, kind, properties in EVENTS if kind == "DynamoDB"}
ALARMS = dict(TEMPLATE.resources("AWS::CloudWatch::Alarm"))

PUBLIC_ROUTES = {
    "/v2/openapi.json",  # the description of the API
    "/docs",  # the same for people
    "/v2/unsubscribe/{token}",  # the link in a mail: its token is checked in the function
    "/v2/gateways/{gateway}/events",  # a gateway's webhook: its signature is checked in the function
    "$default",  # the 404 of what no route serves
}

ANY_RESOURCE = {
    "xray:PutTraceSegments",  # X-Ray's actions know no resource
    "xray:PutTelemetryRecords",
}
RESOURCES_BY_BEGINNING = {
    "${UndeliveredBucket.Arn}/*",  # a record's name is made up when it is put there
    # each merchant's secret, made when its gateway is connected
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/gateways/*",
    # SES's identities: mail may come from an address's own or from its domain's, and a condition names the address
    "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*",
}
"""What a statement may name by the beginning of its name, and why not whole."""

CALLED_BY_NAME = {
    "Authorize",  # API Gateway's authorizer: its failure is a 5xx of the API
    "MintApiKey",  # by a person, who is shown the failure
    "RevokeApiKey",
}
"""Functions without any event that calls them."""

READ_BY_LIBRARIES = {
    "POWERTOOLS_SERVICE_NAME",  # Powertools names the service in every log line
    "POWERTOOLS_LOG_LEVEL",
    "PYDANTIC_DISABLE_PLUGINS",  # pydantic's search for plugins costs a cold start
}

LOGGED = {  # of each request; nothing that a caller typed and no secret
    "$context.requestId",
    "$context.requestTime",
    "$context.routeKey",
    "$context.status",
    "$context.responseLength",
    "$context.responseLatency",
    "$context.integrationLatency",
    "$context.integrationErrorMessage",
    "$context.identity.sourceIp",
}

MOST_RESOURCES = 450
"""CloudFormation takes 500 in a stack; the rest is room for the next change."""


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every statement of every policy that allows something, with the resource that holds it."""
    for name, resource in RESOURCES.items():
        properties = resource.get("Properties") or {}
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", []) if isinstance(policy, dict)]
        documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
        for document in documents:
            for statement in document["Statement"]:
                if statement["Effect"] == "Allow":
                    yield name, statement


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def module_of(properties: dict[str, Any]) -> Path:
    """Return the file that a function's handler is in."""
    *module, _ = properties["Handler"].split(".")
    code: str = properties.get("CodeUri", GLOBALS["CodeUri"])
    return REPOSITORY.joinpath(code, *module).with_suffix(".py")


def alarms_on(metric: str) -> list[dict[str, Any]]:
    return [alarm for alarm in ALARMS.values() if alarm["MetricName"] == metric]


allowed = pytest.mark.parametrize(
    "statement", [each for _, each in statements()], ids=[holder for holder, _ in statements()]
)


class TestRights:
    @allowed
    def test_no_action_is_a_wildcard(self, statement):
        assert "NotAction" not in statement
        assert [action for action in listed(statement["Action"]) if "*" in action] == []

    @allowed
    def test_every_resource_is_named(self, statement):
        assert "NotResource" not in statement
        if "*" in listed(statement["Resource"]):
            assert set(listed(statement["Action"])) <= ANY_RESOURCE
        named = [str(each.get("Fn::Sub", each)) for each in listed(statement["Resource"]) if each != "*"]
        assert {each for each in named if "*" in each} <= RESOURCES_BY_BEGINNING

    @allowed
    def test_what_a_role_may_do_with_the_table_is_bounded_to_its_keys(self, statement):
        actions = [action for action in listed(statement["Action"]) if action.startswith("dynamodb:")]
        on_stream = {"dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"} & set(actions)
        assert "dynamodb:Scan" not in actions
        if actions and not on_stream:
            (keys,) = statement["Condition"]["ForAllValues:StringLike"].values()
            assert set(keys) <= {"T#*", "K#*", "D#setup_intent", "D#invoice", "D#order", "D#payment", "D#subscription"}

    def test_no_function_brings_policies_of_its_own(self):
        assert [name for name, function in FUNCTIONS.items() if "Policies" in function] == []

    @pytest.mark.parametrize("name", dict(TEMPLATE.resources("AWS::IAM::Role")))
    def test_a_role_has_no_rights_from_elsewhere_and_only_lambda_takes_it(self, name):
        role = RESOURCES[name]["Properties"]
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]

        assert "ManagedPolicyArns" not in role
        assert trust == {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }


@pytest.mark.parametrize("name", FUNCTIONS)
class TestFunction:
    def test_its_handler_exists(self, name):
        module = module_of(FUNCTIONS[name])
        defined = {
            target
            for node in ast.parse(module.read_text()).body
            for target in (
                [node.name] if isinstance(node, ast.FunctionDef) else map(ast.unparse, getattr(node, "targets", []))
            )
        }

        assert FUNCTIONS[name]["Handler"].rpartition(".")[2] in defined

    def test_its_logs_are_kept_for_a_time_and_only_its_role_writes_them(self, name):
        group = FUNCTIONS[name]["LoggingConfig"]["LogGroup"]["Ref"]
        role, _ = FUNCTIONS[name]["Role"]["Fn::GetAtt"]

        assert FUNCTIONS[name]["LoggingConfig"]["LogFormat"] == "JSON"
        assert RESOURCES[group]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
        writable = [
            statement["Resource"]
            for holder, statement in statements()
            if holder == role and "logs:PutLogEvents" in listed(statement["Action"])
        ]
        assert writable == [{"Fn::GetAtt": [group, "Arn"]}]

    def test_it_has_time_enough_and_not_more_than_the_gateway_waits(self, name):
        timeout = FUNCTIONS[name].get("Timeout", GLOBALS["Timeout"])

        assert 1 <= timeout <= (29 if any(function == name for function, _ in ROUTES) else 900)

    def test_somebody_is_told_when_it_fails(self, name):
        called_by = [(kind, properties) for function, _, kind, properties in EVENTS if function == name]

        assert called_by or name in CALLED_BY_NAME
        for kind, properties in called_by:
            match kind:
                case "HttpApi":
                    assert is_watched("5xx", properties["ApiId"])
                case "DynamoDB":
                    assert is_watched("IteratorAge", {"Ref": name})
                    assert is_watched("PutRequests", bucket_of(properties))
                case "EventBridgeRule":
                    undelivered, failed = properties["DeadLetterConfig"]["Arn"], on_failure(FUNCTIONS[name])
                    assert is_watched("ApproximateNumberOfMessagesVisible", queue_name(undelivered))
                    assert is_watched("ApproximateNumberOfMessagesVisible", queue_name(failed))
                case "ScheduleV2":
                    assert is_watched("Errors", {"Ref": name})
                case _:
                    pytest.fail(f"say here who is told when a function that {kind} calls fails")


def is_watched(metric: str, value: Any) -> bool:
    """Tell whether an alarm watches this metric of this function, API, bucket or queue."""
    return any(value == dimension["Value"] for alarm in alarms_on(metric) for dimension in alarm["Dimensions"])


def bucket_of(stream_reader: dict[str, Any]) -> dict[str, Any]:
    return {"Ref": stream_reader["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]}


def on_failure(function: dict[str, Any]) -> Any:
    return function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"]


def queue_name(arn: dict[str, Any]) -> dict[str, Any]:
    queue, _ = arn["Fn::GetAtt"]
    return {"Fn::GetAtt": [queue, "QueueName"]}


def test_every_log_group_is_kept_for_a_time():
    groups = dict(TEMPLATE.resources("AWS::Logs::LogGroup"))

    assert {name for name, group in groups.items() if "RetentionInDays" not in group} == set()


class TestEnvironment:
    def test_every_variable_that_is_read_is_set(self):
        assert variables_read() <= variables_set() | SET_BY_LAMBDA | FOR_LOCAL_RUNS

    def test_every_variable_that_is_set_is_read(self):
        assert variables_set() - READ_BY_LIBRARIES <= variables_read()

    def test_what_is_for_local_runs_is_not_deployed(self):
        assert not variables_set() & FOR_LOCAL_RUNS


def variables_set() -> set[str]:
    shared = set(GLOBALS["Environment"]["Variables"])
    return shared.union(*(each.get("Environment", {}).get("Variables", {}) for each in FUNCTIONS.values()))


def variables_read() -> set[str]:
    sources = [*REPOSITORY.glob("layers/billing/billing/**/*.py"), *REPOSITORY.glob("functions/**/*.py")]
    return {name for source in sources for name in environment_names(ast.parse(source.read_text()))}


class TestRoutes:
    def test_the_template_and_the_document_have_the_same_routes(self):
        served = {(route["Method"], route["Path"]) for _, route in ROUTES if route["Path"] != "$default"}
        documented = {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item}

        assert served == documented

    def test_every_file_of_functions_is_a_function_and_no_two_share_one(self):
        files = sorted(REPOSITORY.glob("functions/**/*.py"))

        assert sorted(module_of(function) for function in FUNCTIONS.values()) == files

    def test_exactly_these_routes_are_public(self):
        assert {route["Path"] for _, route in ROUTES if "Auth" in route} == PUBLIC_ROUTES
        assert {route["Auth"]["Authorizer"] for _, route in ROUTES if "Auth" in route} == {"NONE"}

    def test_all_routes_belong_to_the_one_api_with_its_authorizer(self):
        auth = RESOURCES["Api"]["Properties"]["Auth"]

        assert {route["ApiId"]["Ref"] for _, route in ROUTES} == {"Api"}
        assert auth["DefaultAuthorizer"] in auth["Authorizers"]
        assert auth["Authorizers"][auth["DefaultAuthorizer"]]["Identity"]["ReauthorizeEvery"] <= 60

    def test_the_stage_is_throttled(self):
        settings = RESOURCES["Api"]["Properties"]["DefaultRouteSettings"]

        assert TEMPLATE.resolve(settings["ThrottlingRateLimit"]) > 0
        assert TEMPLATE.resolve(settings["ThrottlingBurstLimit"]) > 0

    def test_the_access_log_has_nothing_that_a_caller_typed(self):
        format_ = RESOURCES["Api"]["Properties"]["AccessLogSettings"]["Format"]

        assert set(re.findall(r"\$[\w.]+", format_)) <= LOGGED


class TestTable:
    table = RESOURCES["Table"]["Properties"]

    def test_it_can_be_restored_to_any_second(self):
        assert self.table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True

    def test_it_is_encrypted(self):
        assert self.table["SSESpecification"]["SSEEnabled"] is True

    def test_it_outlives_the_stack(self):
        assert RESOURCES["Table"]["DeletionPolicy"] == RESOURCES["Table"]["UpdateReplacePolicy"] == "Retain"

    def test_it_refuses_to_be_deleted_unless_a_parameter_says_otherwise(self):
        assert self.table["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
        assert TEMPLATE.document["Parameters"]["DeletionProtection"]["Default"] == "true"

    def test_it_is_paid_by_request(self):
        assert self.table["BillingMode"] == "PAY_PER_REQUEST"

    def test_old_items_vanish(self):
        assert self.table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}

    def test_its_stream_tells_before_and_after(self):
        assert self.table["StreamSpecification"]["StreamViewType"] == "NEW_AND_OLD_IMAGES"


def test_the_stream_has_no_more_readers_than_it_serves():
    assert 1 <= len(STREAM_READERS) <= 2, "a third would throttle the other two"


@pytest.mark.parametrize("name", STREAM_READERS)
class TestStreamReader:
    def test_it_reads_changes_of_entities_alone_and_misses_none(self, name):
        reader = STREAM_READERS[name]

        assert reader["Stream"] == {"Fn::GetAtt": ["Table", "StreamArn"]}
        assert reader["StartingPosition"] == "TRIM_HORIZON"
        assert all('"entity"' in each["Pattern"] for each in reader["FilterCriteria"]["Filters"])

    def test_a_bad_record_is_isolated_and_given_up_within_bounds(self, name):
        reader = STREAM_READERS[name]

        assert reader["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert reader["BisectBatchOnFunctionError"] is True
        assert 1 <= reader["MaximumRetryAttempts"] <= 100
        assert 3600 <= reader["MaximumRecordAgeInSeconds"] < 86_400, "the stream itself forgets after a day"

    def test_what_is_given_up_is_kept_whole(self, name):
        on_failure = STREAM_READERS[name]["DestinationConfig"]["OnFailure"]

        assert on_failure["Type"] == "S3"
        bucket, _ = on_failure["Destination"]["Fn::GetAtt"]
        properties = RESOURCES[bucket]["Properties"]
        assert RESOURCES[bucket]["Type"] == "AWS::S3::Bucket"
        assert all(properties["PublicAccessBlockConfiguration"].values())
        assert "BucketEncryption" in properties

    def test_somebody_is_told_when_it_falls_behind(self, name):
        watched = [alarm["Dimensions"][0]["Value"] for alarm in alarms_on("IteratorAge")]

        assert {"Ref": name} in watched


class TestAlarms:
    @pytest.mark.parametrize(
        ("metric", "dimension", "value"),
        [
            ("PutRequests", "BucketName", {"Ref": "UndeliveredBucket"}),
            ("ApproximateNumberOfMessagesVisible", "QueueName", {"Fn::GetAtt": ["UndeliveredEvents", "QueueName"]}),
            ("5xx", "ApiId", {"Ref": "Api"}),
            ("ThrottledRequests", "TableName", {"Ref": "Table"}),
        ],
    )
    def test_somebody_is_told(self, metric, dimension, value):
        assert any({"Name": dimension, "Value": value} in alarm["Dimensions"] for alarm in alarms_on(metric))

    def test_the_buckets_metric_that_is_watched_is_published(self):
        (alarm,) = alarms_on("PutRequests")
        published = {each["Id"] for each in RESOURCES["UndeliveredBucket"]["Properties"]["MetricsConfigurations"]}

        assert {each["Value"] for each in alarm["Dimensions"] if each["Name"] == "FilterId"} <= published

    @pytest.mark.parametrize("name", ALARMS)
    def test_it_goes_to_the_topic_and_says_what_is_wrong(self, name):
        assert ALARMS[name]["AlarmDescription"]
        assert {"Ref": "AlarmTopicArn"} in ALARMS[name]["AlarmActions"][0]["Fn::If"]
        assert ALARMS[name]["TreatMissingData"] == "notBreaching"


class TestDeployment:
    config = tomllib.loads((REPOSITORY / "samconfig.toml").read_text())

    def parameters(self, environment: str) -> dict[str, str]:
        overrides = self.config[environment]["deploy"]["parameters"]["parameter_overrides"]
        return dict(each.split("=", 1) for each in overrides)

    def test_dev_is_the_default_and_prod_is_asked_for(self):
        assert self.config["default"]["deploy"]["parameters"]["stack_name"].endswith("-dev")
        assert self.config["prod"]["deploy"]["parameters"]["stack_name"].endswith("-prod")

    def test_prod_is_protected_and_confirmed(self):
        assert self.parameters("prod")["DeletionProtection"] == "true"
        assert self.config["prod"]["deploy"]["parameters"]["confirm_changeset"] is True

    @pytest.mark.parametrize("environment", ["default", "prod"])
    def test_it_sets_only_parameters_that_exist_to_values_that_are_allowed(self, environment):
        known = TEMPLATE.document["Parameters"]

        for name, value in self.parameters(environment).items():
            assert value in map(str, known[name].get("AllowedValues", [value]))

    def test_the_guide_to_deployment_explains_every_parameter_and_alarm(self):
        guide = (REPOSITORY / "docs" / "deploy.md").read_text()
        explained = {
            name for line in guide.splitlines() if line.startswith("|") for name in re.findall(r"`(\w+)`", line)
        }

        assert set(TEMPLATE.document["Parameters"]) <= explained
        assert {name.removesuffix("Alarm") for name in ALARMS} <= explained
        assert set(re.findall(r"<(?:from )?(\w+(?:Name|Url))>", guide)) <= set(TEMPLATE.document["Outputs"])

    def test_the_stack_stays_below_cloudformations_limit(self):
        made_by_sam = {"HttpApi": 1, "DynamoDB": 1, "SQS": 1, "EventBridgeRule": 2, "ScheduleV2": 2}
        beside = sum(made_by_sam[kind] for _, _, kind, _ in EVENTS)
        beside += sum("EventInvokeConfig" in function for function in FUNCTIONS.values())
        stage_and_authorizer_permission = 2

        assert len(RESOURCES) + beside + stage_and_authorizer_permission <= MOST_RESOURCES
