"""Read a SAM template: its YAML with CloudFormation's short tags, and the values its functions stand for."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import yaml

ACCOUNT = "000000000000"
REGION = "us-east-1"
STACK = "local"

PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::StackName": STACK,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/local",
    "AWS::URLSuffix": "amazonaws.com",
}

_NO_VALUE = object()
_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]+)\}")


class TemplateInvalid(Exception):
    """The template says something that cannot be read; the message names the place."""


class _Loader(yaml.CSafeLoader):
    """YAML with `!Ref`, `!Sub` and their kind, and with dates left as the text they were written as."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - a per-class table is how PyYAML wants it
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def _short_tag(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        text: Any = loader.construct_scalar(node)
        return {name: text.split(".", 1) if suffix == "GetAtt" else text}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(cast("yaml.MappingNode", node), deep=True)}


_Loader.add_multi_constructor("!", _short_tag)


def load_yaml(text: str) -> Any:
    """Parse YAML that may hold CloudFormation's short tags."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader with tags that only build dicts
    except yaml.YAMLError as error:
        raise TemplateInvalid(str(error)) from error


class Template:
    """A parsed template whose references resolve to what exists locally.

    Names are predictable (`local-Table`), so most references resolve before anything is created. What only AWS can
    say, such as a stream's ARN, is recorded with `learn` once it is known.
    """

    def __init__(self, document: Mapping[str, Any], parameters: Mapping[str, str] | None = None, url: str = "") -> None:
        """Take the parsed document and values for parameters that differ from the template's defaults.

        The template's own local values are in `Metadata.LocalRuntime.Parameters`; in a value, `{url}` is the
        address the API is served at and `{host}` its host and port. `Metadata.LocalRuntime.MailIdentities` are what
        the local SES sends for, which in an account is verified by hand.
        """
        self.document = document
        local = document.get("Metadata", {}).get("LocalRuntime", {})
        local_values = local.get("Parameters", {})
        self.mail_identities: tuple[str, ...] = tuple(local.get("MailIdentities", ()))
        self.parameters: dict[str, Any] = {
            name: definition.get("Default", "") for name, definition in document.get("Parameters", {}).items()
        }
        self.parameters |= {
            name: str(value).replace("{url}", url).replace("{host}", url.rpartition("/")[2])
            for name, value in {**local_values, **(parameters or {})}.items()
            if name in self.parameters
        }
        self._learned: dict[tuple[str, str | None], str] = {}

    @classmethod
    def read(cls, path: Path, parameters: Mapping[str, str] | None = None, url: str = "") -> "Template":
        """Read the template file at `path`."""
        document = load_yaml(path.read_text())
        if not isinstance(document, dict) or not isinstance(document.get("Resources"), dict):
            raise TemplateInvalid(f"{path.name} has no Resources")
        return cls(document, parameters, url)

    def resources(self, *types: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield logical id and raw properties of the resources of these types whose condition holds."""
        for name, resource in self.document["Resources"].items():
            if resource["Type"] in types and self.condition(resource.get("Condition")):
                yield name, resource.get("Properties") or {}

    def condition(self, name: str | None) -> bool:
        """Tell whether the named condition holds; none at all does."""
        if name is None:
            return True
        return bool(self.resolve(self.document.get("Conditions", {})[name]))

    def learn(self, logical_id: str, attribute: str | None, value: str) -> None:
        """Record what `!Ref logical_id` (attribute None) or `!GetAtt logical_id.attribute` is."""
        self._learned[logical_id, attribute] = value

    def resolve(self, value: Any) -> Any:
        """Return `value` with every CloudFormation function in it replaced by its result."""
        resolved = self._resolve(value)
        return None if resolved is _NO_VALUE else resolved

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [item for item in map(self._resolve, value) if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](self, argument)
            if name.startswith("Fn::"):
                raise TemplateInvalid(f"{name} is not understood by the local runtime")
        resolved = {key: self._resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not _NO_VALUE}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name in PSEUDO_PARAMETERS:
            return PSEUDO_PARAMETERS[name]
        if name in self.parameters:
            return self.parameters[name]
        return self._attribute(name, None)

    def _get_att(self, argument: Any) -> Any:
        name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
        return self._attribute(name, self._resolve(attribute))

    def _attribute(self, name: str, attribute: str | None) -> str:
        if (name, attribute) in self._learned:
            return self._learned[name, attribute]
        if name not in self.document["Resources"]:
            raise TemplateInvalid(f"{name} is neither a parameter nor a resource of the template")
        if attribute is None:
            return self.physical_name(name)
        if attribute == "Arn":
            return self.arn(name)
        if attribute == "StreamArn":
            return f"{self.arn(name)}/stream/not-created-yet"
        return f"{self.physical_name(name)}.{attribute}"

    def physical_name(self, logical_id: str) -> str:
        """Return the name a resource has locally: the one the template gives it, or one made of its logical id."""
        resource = self.document["Resources"][logical_id]
        kind = resource["Type"]
        name_property = _NAME_PROPERTIES.get(kind)
        given = self.resolve((resource.get("Properties") or {}).get(name_property)) if name_property else None
        if given:
            return str(given)
        if kind == "AWS::Serverless::Function":
            return logical_id
        name = f"{STACK}-{logical_id}"
        return f"{name}-{ACCOUNT}".lower() if kind == "AWS::S3::Bucket" else name

    def arn(self, logical_id: str) -> str:
        """Return a resource's ARN, in the shape its type has on AWS."""
        kind = self.document["Resources"][logical_id]["Type"]
        name = self.physical_name(logical_id)
        shape = _ARN_SHAPES.get(kind, "arn:aws:local:{region}:{account}:{name}")
        return shape.format(region=REGION, account=ACCOUNT, name=name)

    def _sub(self, argument: Any) -> str:
        text, variables = (argument, {}) if isinstance(argument, str) else argument
        values = {name: self._resolve(item) for name, item in variables.items()}

        def replace(match: re.Match[str]) -> str:
            literal, name = match.group(1), match.group(2).strip()
            if literal:
                return "${" + match.group(2) + "}"
            if name in values:
                return str(values[name])
            return str(self._get_att(name) if "." in name else self._ref(name))

        return _PLACEHOLDER.sub(replace, text)

    def _if(self, argument: list[Any]) -> Any:
        name, then, otherwise = argument
        return self._resolve(then if self.condition(name) else otherwise)

    def _find_in_map(self, argument: list[Any]) -> Any:
        name, first, second = map(self._resolve, argument[:3])
        return self._resolve(self.document["Mappings"][name][first][second])

    def _join(self, argument: list[Any]) -> str:
        return str(argument[0]).join(str(item) for item in self._resolve(argument[1]))

    def _select(self, argument: list[Any]) -> Any:
        return self._resolve(argument[1])[int(self._resolve(argument[0]))]

    def _split(self, argument: list[Any]) -> list[str]:
        return str(self._resolve(argument[1])).split(argument[0])

    def _equals(self, argument: list[Any]) -> bool:
        first, second = (str(self._resolve(item)) for item in argument)
        return first == second


_NAME_PROPERTIES = {
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Events::Rule": "Name",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SSM::Parameter": "Name",
    "AWS::Serverless::Function": "FunctionName",
    "AWS::IAM::Role": "RoleName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SES::EmailIdentity": "EmailIdentity",
}

_ARN_SHAPES = {
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::Events::EventBus": "arn:aws:events:{region}:{account}:event-bus/{name}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::Serverless::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}:*",
    "AWS::SecretsManager::Secret": "arn:aws:secretsmanager:{region}:{account}:secret:{name}",
    "AWS::KMS::Key": "arn:aws:kms:{region}:{account}:key/{name}",
}

_FUNCTIONS: Mapping[str, Callable[[Template, Any], Any]] = {
    "Ref": Template._ref,
    "Fn::GetAtt": Template._get_att,
    "Fn::Sub": Template._sub,
    "Fn::If": Template._if,
    "Fn::FindInMap": Template._find_in_map,
    "Fn::Join": Template._join,
    "Fn::Select": Template._select,
    "Fn::Split": Template._split,
    "Fn::Equals": Template._equals,
    "Fn::Not": lambda template, argument: not template.resolve(argument[0]),
    "Fn::And": lambda template, argument: all(template.resolve(item) for item in argument),
    "Fn::Or": lambda template, argument: any(template.resolve(item) for item in argument),
    "Condition": lambda template, argument: template.condition(argument) if isinstance(argument, str) else argument,
    "Fn::Base64": lambda template, argument: template.resolve(argument),
}
