"""Which function a request goes to."""

from typing import Any

import pytest

from local.routes import api
from local.template import Template

PATHS = [
    "GET /pets",
    "GET /pets/dog",
    "GET /pets/{id}",
    "ANY /pets/{id}",
    "GET /pets/{id}/toys",
    "GET /{proxy+}",
    "ANY $default",
]


def template(paths: list[str]) -> Template:
    functions: dict[str, Any] = {
        f"F{place}": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Handler": "a.b",
                "Events": {
                    "E": {"Type": "HttpApi", "Properties": dict(zip(("Method", "Path"), path.split(" "), strict=True))}
                },
            },
        }
        for place, path in enumerate(paths)
    }
    return Template({"Resources": functions})


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/pets", "GET /pets", {}),
        ("GET", "/pets/dog", "GET /pets/dog", {}),
        ("GET", "/pets/cat%2F1", "GET /pets/{id}", {"id": "cat/1"}),
        ("PUT", "/pets/dog", "ANY /pets/{id}", {"id": "dog"}),
        ("GET", "/pets/dog/toys", "GET /pets/{id}/toys", {"id": "dog"}),
        ("GET", "/pets/dog/toys/1", "GET /{proxy+}", {"proxy": "pets/dog/toys/1"}),
        ("POST", "/pets", "$default", {}),
        ("GET", "/", "$default", {}),
    ],
)
def test_the_most_specific_route_wins(method: str, path: str, key: str, parameters: dict[str, str]) -> None:
    matched = api(template(list(reversed(PATHS)))).match(method, path)

    assert matched
    assert (matched[0].key, matched[1]) == (key, parameters)


def test_without_a_default_route_nothing_matches() -> None:
    assert api(template(["GET /pets"])).match("POST", "/pets") is None
