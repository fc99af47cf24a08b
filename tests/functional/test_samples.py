"""Every sample event, replayed in the order of a life: each function does what its sample asks."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from local.template import Template
from local.testing import Runtime
from scripts.samples import ROOT, Callee, Samples, called_first, callees, verdict
from tests.openapi import validate_response

FUNCTIONS = callees(Template.read(ROOT / "template.yaml"))


def call(runtime: Runtime, function: Callee, samples: Samples) -> tuple[bool, str]:
    """Call a function on its sample and judge the answer; the API's are as documented."""
    event = json.loads(samples.event(function))
    answer: Any = runtime.invoke(function.logical_id, event)
    samples.learn(function, answer)
    if function.is_route:
        http = event["requestContext"]["http"]
        validate_response(http["method"], http["path"], answer["statusCode"], answer["headers"], answer["body"])
    return verdict(function, answer, None)


@pytest.fixture(scope="module")
def said(runtime: Runtime) -> Mapping[str, tuple[bool, str]]:
    """Whether each function did its work, and what it said."""
    secrets = runtime.clients.secrets
    (name,) = (each["Name"] for each in secrets.list_secrets()["SecretList"] if "LinkSecret" in each["Name"])
    samples = Samples(secrets.get_secret_value(SecretId=name)["SecretString"])
    answers = {}
    for function in FUNCTIONS:
        try:
            for other in called_first(function, FUNCTIONS):
                call(runtime, other, samples)
            answers[function.logical_id] = call(runtime, function, samples)
        except AssertionError as error:
            answers[function.logical_id] = (False, str(error))
    return answers


@pytest.mark.parametrize("name", [function.logical_id for function in FUNCTIONS])
def test_a_function_does_what_its_sample_asks(said: Mapping[str, tuple[bool, str]], name: str) -> None:
    works, answer = said[name]

    assert works, answer


def sample(verb: str) -> Any:
    """Return a sample of the keys, as it is."""
    return json.loads(ROOT.joinpath("events", "keys", f"{verb}.json").read_text())


def test_a_key_is_minted_recognised_and_revoked(runtime: Runtime) -> None:
    minted = runtime.invoke("MintApiKey", sample("mint"))
    asked = sample("authorize")
    asked["headers"]["x-api-key"] = minted["key"]
    asked["identitySource"] = [minted["key"]]

    found = runtime.invoke("Authorize", asked)
    revoked = runtime.invoke("RevokeApiKey", {**sample("revoke"), "key": minted["key"]})
    refused = runtime.invoke("Authorize", asked)

    assert found["isAuthorized"] is True
    assert found["context"]["merchant_id"] == minted["merchant_id"]
    assert revoked == {"key_id": minted["key_id"], "revoked": True}
    assert refused["context"] == {"failure": "revoked_key"}


def test_a_key_that_nobody_minted_is_unknown(runtime: Runtime) -> None:
    found = runtime.invoke("Authorize", sample("authorize"))

    assert found == {"isAuthorized": True, "context": {"failure": "unknown_key"}}
