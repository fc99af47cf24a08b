"""Every function may do what its code does and has the environment and the layers that it needs; no role may do more.

Nothing local refuses a call for want of a right, so the rights are derived from the code: from each handler along
everything that it can reach, to the calls of AWS. A method call on an unknown object is taken to mean any method of
that name in the classes within reach, so that what is found is rather too much than too little.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from billing.table import partitions
from local.functions import function_events
from local.template import Template
from tests.environment import FOR_LOCAL_RUNS, SET_BY_LAMBDA, environment_names

REPOSITORY = Path(__file__).parents[2]
TEMPLATE = Template.read(REPOSITORY / "template.yaml")
FUNCTIONS: dict[str, dict[str, Any]] = dict(TEMPLATE.resources("AWS::Serverless::Function"))
FOR_ALL: dict[str, Any] = TEMPLATE.document["Globals"]["Function"]["Environment"]["Variables"]
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE.document["Resources"]
ROLES: dict[str, dict[str, Any]] = dict(TEMPLATE.resources("AWS::IAM::Role"))

TABLE = "billing.table.table.Table"
TABLE_FACTORY = "billing.table.table.table"
TRANSACTION = "billing.table.transaction.Transaction"
BY_TRANSACTION = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}
KEEPS_THE_EMAIL = "the e-mail's owner is deleted only when a customer's e-mail changes, which is not done here"
NOT_DONE = {
    ("AddressesRole", "dynamodb:DeleteItem"): KEEPS_THE_EMAIL,
    ("PreferencesRole", "dynamodb:DeleteItem"): KEEPS_THE_EMAIL,
    ("ReferenceRole", "dynamodb:GetItem"): "a test clock is read for a caller, and what is public has none",
    ("PreferencesRole", "dynamodb:BatchGetItem"): "an earlier answer is read along only for an idempotency key",
}
"""What the code of a role's functions seems to do, and never does there."""

INDEX_QUERY = "dynamodb:Query on an index"
OF_LIBRARIES = {"aws_lambda_powertools.utilities.parameters.get_secret": "secretsmanager:GetSecretValue"}
FOR_LOGS_AND_TRACES = {
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
}
FOR_THE_STREAM = {
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:DescribeStream",
    "dynamodb:ListStreams",
}
FOR_FAILURES = {"S3": {"s3:PutObject", "s3:ListBucket"}, "SQS": {"sqs:SendMessage"}}
"""What Lambda does in the function's name when it gives something up, by the kind of destination."""

BESIDE = {"ses:SendEmail": "ses:SendRawEmail"}
"""What an action is checked for as well: SES does so for a mail that comes whole, as ours do."""

TABLE_READ_NOWHERE = {"ReferenceRole"}
"""Roles whose functions seem to read the table, and never do: see NOT_DONE."""

SERVICES = {
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::Events::EventBus": "events",
    "AWS::Logs::LogGroup": "logs",
    "AWS::S3::Bucket": "s3",
    "AWS::SecretsManager::Secret": "secretsmanager",
    "AWS::SQS::Queue": "sqs",
}
"""Whose actions a resource knows."""

IAM_PREFIXES = {"events": "events", "lambda": "lambda", "s3": "s3", "secretsmanager": "secretsmanager"}
IAM_PREFIXES |= {"sesv2": "ses", "sqs": "sqs", "scheduler": "scheduler"}


@dataclass
class Module:
    """A source file: what its names mean, and which clients of AWS it opens."""

    name: str
    tree: ast.Module
    names: dict[str, str] = field(default_factory=dict)
    services: set[str] = field(default_factory=set)


class Code:
    """All of our code, by qualified name."""

    def __init__(self) -> None:
        self.modules: dict[str, Module] = {}
        self.definitions: dict[str, tuple[Module, ast.AST]] = {}
        for root in (REPOSITORY / "layers" / "billing", REPOSITORY / "functions"):
            for path in root.rglob("*.py"):
                parts = path.relative_to(root).with_suffix("").parts
                self._read(".".join(parts).removesuffix(".__init__"), ast.parse(path.read_text()))

    def _read(self, name: str, tree: ast.Module) -> None:
        module = self.modules[name] = Module(name, tree)
        module.names = dict(imported(tree))
        for node in ast.walk(tree):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr="create_client" | "client"), args=[ast.Constant(value=service), *_]
                ):
                    module.services.add(service)
        for node in tree.body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                module.names[node.name] = f"{name}.{node.name}"
                self.definitions[f"{name}.{node.name}"] = (module, node)
            if isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, ast.FunctionDef):
                        self.definitions[f"{name}.{node.name}.{method.name}"] = (module, method)
            for target in getattr(node, "targets", []):
                if isinstance(target, ast.Name):
                    module.names[target.id] = f"{name}.{target.id}"
                    self.definitions[f"{name}.{target.id}"] = (module, node)

    def resolve(self, name: str) -> str:
        """Follow a name through the packages that pass it on."""
        while name not in self.definitions and "." in name:
            module, _, last = name.rpartition(".")
            if module not in self.modules or last not in self.modules[module].names:
                return name
            name = self.modules[module].names[last]
        return name


def imported(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield what each imported name means."""
    for each in ast.walk(node):
        if isinstance(each, ast.Import):
            yield from ((alias.asname or alias.name.split(".")[0], alias.asname or alias.name) for alias in each.names)
        elif isinstance(each, ast.ImportFrom):
            yield from ((alias.asname or alias.name, f"{each.module}.{alias.name}") for alias in each.names)


class Reach:
    """What can be reached from one handler."""

    def __init__(self, code: Code, module: str) -> None:
        self.code = code
        self.actions: set[str] = set()
        self.variables: set[str] = set()
        self.libraries: set[str] = set()
        """What is imported where it is used: nothing that a cold start loads."""
        self._seen: set[str] = set()
        self._classes: set[str] = set()
        self._methods: set[str] = set()
        self._called: set[str] = set()
        self._waiting: list[str] = []
        self._visit(code.modules[module], code.modules[module].tree, "")
        while self._waiting:
            name = self._waiting.pop()
            owner, node = code.definitions[name]
            self._visit(owner, node, name)

    def _to(self, name: str) -> None:
        name = self.code.resolve(name)
        self.actions |= {OF_LIBRARIES[name]} if name in OF_LIBRARIES else set()
        if name not in self.code.definitions or name in self._seen:
            return
        self._seen.add(name)
        if not isinstance(self.code.definitions[name][1], ast.ClassDef):
            self._waiting.append(name)
        elif name != TABLE:
            self._classes.add(name)
            methods = [each for each in self.code.definitions if each.startswith(f"{name}.")]
            for method in methods:
                last = method.rpartition(".")[2]
                called = self._called if name == TRANSACTION else self._methods
                if last in called or last.startswith("__"):
                    self._to(method)
            _, node = self.code.definitions[name]
            self._visit_outside_methods(name, node)

    def _visit_outside_methods(self, name: str, node: ast.AST) -> None:
        owner = self.code.definitions[name][0]
        assert isinstance(node, ast.ClassDef)
        for each in [*node.bases, *node.decorator_list, *(b for b in node.body if not isinstance(b, ast.FunctionDef))]:
            self._visit(owner, each, name)

    def _visit(self, module: Module, node: ast.AST, name: str) -> None:
        here = dict(imported(node))
        names = module.names | here
        self.libraries.update(target.split(".")[0] for target in here.values())
        self.variables.update(environment_names(node))
        for each in ast.walk(node):
            match each:
                case ast.Name(id=id_) if id_ in names:
                    self._to(names[id_])
                case ast.Attribute(value=ast.Call(func=ast.Name(id=id_)), attr=attr) if (
                    self.code.resolve(names.get(id_, "")) == TABLE_FACTORY
                ):
                    self._to(f"{TABLE}.{attr}")
                case ast.Attribute(value=ast.Name(id="self"), attr=attr) if name.startswith(TABLE):
                    self._to(f"{TABLE}.{attr}")
                case ast.Attribute(value=value, attr=attr):
                    self._attribute(module, ast.unparse(value), attr, names)
            if isinstance(each, ast.Call):
                self._call(each, name, names)

    def _attribute(self, module: Module, receiver: str, attr: str, names: dict[str, str]) -> None:
        if receiver in names:
            self._to(f"{names[receiver]}.{attr}")
        if "client" in receiver:
            self.actions |= {action for service in module.services for action in actions(service, attr)}
        self._methods.add(attr)
        for each in self._classes - {TRANSACTION}:
            self._to(f"{each}.{attr}")

    def _call(self, call: ast.Call, name: str, names: dict[str, str]) -> None:
        if isinstance(call.func, ast.Attribute):
            self._called.add(call.func.attr)
            if TRANSACTION in self._classes:
                self._to(f"{TRANSACTION}.{call.func.attr}")
        match call:
            case ast.Call(func=ast.Attribute(attr="_call"), args=[ast.Constant(value=operation), *_]) if (
                name.startswith(TABLE) and operation != "query"
            ):
                self.actions |= actions("dynamodb", operation)
            case ast.Call(func=ast.Attribute(attr="_add"), args=[ast.Constant(value=kind), *_]) if name.startswith(
                TRANSACTION
            ):
                self.actions.add(BY_TRANSACTION[kind])
            case ast.Call(
                func=ast.Attribute(value=ast.Call(func=ast.Name(id=id_)), attr="query"), keywords=keywords
            ) if self.code.resolve(names.get(id_, "")) == TABLE_FACTORY:
                on_index = any(keyword.arg == "index" for keyword in keywords)
                self.actions.add(INDEX_QUERY if on_index else "dynamodb:Query")


@cache
def operations(service: str) -> dict[str, str]:
    """Return the IAM action of each method of a service's client; a transaction's are those of its parts."""
    client = boto3.client(service, region_name="eu-central-1")
    prefix = IAM_PREFIXES.get(service, service)
    named = {method: f"{prefix}:{api}" for method, api in client.meta.method_to_api_mapping.items()}
    return {method: action for method, action in named.items() if not method.startswith("transact_")}


def actions(service: str, method: str) -> set[str]:
    action = operations(service).get(method)
    return {action, BESIDE.get(action, action)} if action else set()


@cache
def code() -> Code:
    return Code()


@cache
def reach(function: str) -> Reach:
    return Reach(code(), FUNCTIONS[function]["Handler"].rpartition(".")[0])


def needed(function: str) -> set[str]:
    """Return what a function must be allowed: what its code calls, and what Lambda does in its name."""
    properties = FUNCTIONS[function]
    found = reach(function).actions | FOR_LOGS_AND_TRACES
    for name, _, kind, event in function_events(TEMPLATE):
        if name == function and kind == "DynamoDB":
            found |= FOR_THE_STREAM | FOR_FAILURES[event["DestinationConfig"]["OnFailure"]["Type"]]
    invoke = properties.get("EventInvokeConfig", {})
    return found | FOR_FAILURES.get(invoke.get("DestinationConfig", {}).get("OnFailure", {}).get("Type"), set())


def role_of(function: str) -> str:
    role: str = FUNCTIONS[function]["Role"]["Fn::GetAtt"][0]
    return role


def allowed(role: str) -> set[str]:
    """Return the actions of a role; a query on the table's indexes is one of its own."""
    found: set[str] = set()
    for policy in ROLES[role]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            listed = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            on_index = "/index/" in str(statement["Resource"])
            found |= {INDEX_QUERY if on_index and each == "dynamodb:Query" else each for each in listed}
    return found


def test_a_known_function_is_read_right():
    """What one function needs, said by hand: a mistake of the reading would show here, not as a right too many."""
    assert needed("Authorize") == {"dynamodb:GetItem"} | FOR_LOGS_AND_TRACES
    assert "dynamodb:ConditionCheckItem" in BY_TRANSACTION.values()
    assert {"dynamodb:PutItem", "dynamodb:UpdateItem"} <= needed("CreateCustomer")
    assert "events:PutEvents" in needed("PublishEvents")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_what_its_code_does(function):
    never = {action for role, action in NOT_DONE if role == role_of(function)}

    assert needed(function) - allowed(role_of(function)) - never == set()


@pytest.mark.parametrize(("role", "action"), NOT_DONE)
def test_an_exception_is_still_one(role, action):
    assert action not in allowed(role)
    assert any(action in needed(function) for function in FUNCTIONS if role_of(function) == role)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_nothing_that_none_of_its_functions_does(role):
    users = [function for function in FUNCTIONS if role_of(function) == role]

    assert users, "no function has this role"
    assert allowed(role) - set().union(*map(needed, users)) == set()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_the_environment_that_its_code_reads_and_nothing_else_of_its_own(function):
    own = set(FUNCTIONS[function].get("Environment", {}).get("Variables", {}))
    read = reach(function).variables

    assert read <= set(FOR_ALL) | own | SET_BY_LAMBDA | FOR_LOCAL_RUNS
    assert own <= read


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_the_layer_that_draws_exactly_if_it_draws(function):
    draws = bool(reach(function).libraries & {"babel", "typst"})

    assert FUNCTIONS[function].get("Layers", []) == ([{"Ref": "DocumentsLayer"}] if draws else [])


def named(value: Any) -> set[str]:
    """Return the template's resources that a value names, and of a text the beginning of what it names."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return {name} & set(RESOURCES)
        case {"Fn::Sub": str(text)}:
            return {name for name in re.findall(r"\$\{(\w+)", text) if name in RESOURCES} or {text.removesuffix("*")}
        case list():
            return {name for each in value for name in named(each)}
    return set()


def statements(role: str) -> Iterator[dict[str, Any]]:
    for policy in ROLES[role]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def used(function: str) -> set[str]:
    """Return what a function works with: what the variables that it reads name, and where what fails goes."""
    own = FOR_ALL | FUNCTIONS[function].get("Environment", {}).get("Variables", {})
    found = {name for variable in reach(function).variables & set(own) for name in named(own[variable])}
    invoke = FUNCTIONS[function].get("EventInvokeConfig", {})
    configs = [invoke, *(event for name, _, _, event in function_events(TEMPLATE) if name == function)]
    for config in configs:
        found |= named(config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))
    return found - ({"Table"} if role_of(function) in TABLE_READ_NOWHERE else set())


def ends_an_arn(name: str, granted: set[str]) -> bool:
    return any(each.startswith("arn:") and each.endswith(f":{name}") for each in granted)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_rights_on_what_it_works_with(function):
    granted = {name for statement in statements(role_of(function)) for name in named(statement["Resource"])}

    without = {name for name in used(function) if not {name} & granted and not ends_an_arn(name, granted)}
    assert without == set()


@pytest.mark.parametrize("role", ROLES)
def test_an_action_is_one_of_its_resources(role):
    for statement in statements(role):
        actions_ = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        for name in named(statement["Resource"]):
            type_ = RESOURCES.get(name, {}).get("Type")
            service = SERVICES[type_] if type_ else re.sub(r"\$\{[^}]+\}", "", name).split(":")[2]
            assert {action.split(":")[0] for action in actions_} == {service}, f"{actions_} on {name}"


class Empty:
    """A table without anything; it keeps which partitions of an index were asked for."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def query(self, _condition: str, values: dict[str, Any], **_: Any) -> SimpleNamespace:
        self.asked.add(values[":list"])
        return SimpleNamespace(items=[], last_key=None)


SCHEDULED = {name for name, _, kind, _ in function_events(TEMPLATE) if kind == "ScheduleV2"}


@pytest.mark.parametrize("role", ROLES)
def test_who_looks_for_what_is_due_may_read_exactly_the_partitions_of_it(role, monkeypatch):
    table = Empty()
    monkeypatch.setattr(partitions, "table", lambda: table)
    for function in SCHEDULED:
        if role_of(function) == role:
            module = importlib.import_module(FUNCTIONS[function]["Handler"].rpartition(".")[0])
            module.handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))

    granted = {
        key
        for statement in statements(role)
        if "/index/" in str(statement["Resource"])
        for key in statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    }
    assert bool(table.asked) == any(role_of(function) == role for function in SCHEDULED)
    assert table.asked == granted - {"T#*"}
