"""What a template's references come to."""

from typing import Any

import pytest

from local.template import Template, TemplateInvalid, load_yaml

TEXT = """
Parameters:
  Host: {Type: String, Default: example.com}
  Stage: {Type: String, Default: dev}
Conditions:
  IsProduction: !Equals [!Ref Stage, production]
Mappings:
  Sizes: {dev: {memory: 128}}
Metadata:
  LocalRuntime: {Parameters: {Host: "{host}"}}
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: !Sub "${AWS::StackName}-bus"}}
  Bucket: {Type: AWS::S3::Bucket}
  Only: {Type: AWS::SQS::Queue, Condition: IsProduction}
  Get: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}
"""


def resolved(expression: str, **parameters: str) -> Any:
    template = Template(load_yaml(TEXT), parameters, "http://127.0.0.1:3000")
    return template.resolve(load_yaml(f"value: {expression}"))["value"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Stage", "dev"),
        ("!Ref Host", "127.0.0.1:3000"),
        ("!Ref Table", "local-Table"),
        ("!Ref Bus", "local-bus"),
        ("!Ref Bucket", "local-bucket-000000000000"),
        ("!GetAtt Bucket.Arn", "arn:aws:s3:::local-bucket-000000000000"),
        ("!GetAtt Get.Arn", "arn:aws:lambda:us-east-1:000000000000:function:Get"),
        (
            '!Sub "${Stage}/${Table.Arn}/${!kept}"',
            "dev/arn:aws:dynamodb:us-east-1:000000000000:table/local-Table/${kept}",
        ),
        ('!Sub ["${x}-${Stage}", {x: !Ref Bus}]', "local-bus-dev"),
        ("!If [IsProduction, 1, 2]", 2),
        ("!Join [',', [a, !Ref Stage]]", "a,dev"),
        ("!Select [1, [a, b]]", "b"),
        ("!Split ['-', a-b]", ["a", "b"]),
        ("!FindInMap [Sizes, !Ref Stage, memory]", 128),
        ("!Not [!Condition IsProduction]", True),
        ('[!If [IsProduction, x, !Ref "AWS::NoValue"], y]', ["y"]),
        ('{a: !Ref "AWS::NoValue", b: 1}', {"b": 1}),
        ("2012-10-17", "2012-10-17"),
    ],
)
def test_values(expression: str, value: Any) -> None:
    assert resolved(expression) == value


def test_a_given_parameter_goes_before_the_default() -> None:
    assert resolved("!If [IsProduction, 1, 2]", Stage="production") == 1


def test_a_resource_whose_condition_does_not_hold_is_not_there() -> None:
    assert not list(Template(load_yaml(TEXT)).resources("AWS::SQS::Queue"))
    assert list(Template(load_yaml(TEXT), {"Stage": "production"}).resources("AWS::SQS::Queue"))


@pytest.mark.parametrize("expression", ["!Ref Nobody", "!GetAtt Nobody.Arn", "!ImportValue x"])
def test_what_cannot_be_resolved_is_named(expression: str) -> None:
    with pytest.raises(TemplateInvalid):
        resolved(expression)


def test_what_only_aws_knows_can_be_learned() -> None:
    template = Template(load_yaml(TEXT))
    template.learn("Table", "StreamArn", "arn:stream")

    assert template.resolve({"Fn::GetAtt": ["Table", "StreamArn"]}) == "arn:stream"
