"""The OpenAPI document: valid, up to date, and true to what the edge writes."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from billing import errors
from billing.customers.models import (
    Address,
    AddressInput,
    CommunicationPreferences,
    Customer,
    CustomerChanges,
    NewCustomer,
)
from billing.customers.preferences import Preferences
from billing.edge.response import rendered_error
from billing.errors import BillingError
from billing.wire import Body, Listing, Resource, camel
from scripts.openapi import __main__ as command
from scripts.openapi.document import TARGET, document, text_of
from scripts.openapi.responses import raw_schema
from scripts.openapi.routes import routes
from scripts.openapi.schemas import Schemas
from tests.openapi import DOCUMENT, validate_request, validate_response

REPOSITORY = Path(__file__).parents[2]
CHECK = [sys.executable, "-m", "scripts.openapi", "--check"]
HEADERS = {"content-type": "application/json", "x-request-id": "r", "revkeen-version": "2026-05-01"}
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS = [
    (method, path, operation) for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
]


def customer() -> Customer:
    moment = "2026-01-15T10:30:00.000Z"
    return Customer(
        id="cus_1",
        merchant_id="mer_1",
        email="ada@example.com",
        address=Address(postal_code="1"),
        postal_code="1",
        metadata={"any": [1, None]},
        communication_preferences=CommunicationPreferences.of(Preferences()),
        created_at=moment,
        updated_at=moment,
        version=3,
    )


def test_the_document_is_valid_openapi():
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_a_filter_has_one_kind_of_value(method: str, path: str, operation: dict[str, Any]):
    """Else what is wrong with it would be told under a name for each kind, none of them the parameter's own."""
    for each in operation.get("parameters", []):
        kinds = [kind for kind in each.get("schema", {}).get("anyOf", []) if kind != {"type": "null"}]
        assert each.get("in") != "query" or len(kinds) <= 1, (method, path, each["name"])


def test_the_committed_document_is_what_the_endpoints_say():
    assert TARGET.read_text() == text_of(document(routes())), "run: make openapi"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_writing_it_needs_nothing_of_aws_and_gives_the_same_text_every_time(seed):
    environment = {"PYTHONHASHSEED": seed, "PATH": ""}

    done = subprocess.run(CHECK, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_stale_document_is_shown_and_refused(monkeypatch, tmp_path, capsys):
    stale = tmp_path / "openapi.json"
    stale.write_text(TARGET.read_text().replace('"Customers API"', '"Clients API"'))
    monkeypatch.setattr(command, "TARGET", stale)
    monkeypatch.setattr(sys, "argv", ["openapi", "--check"])

    assert command.main() == 1
    shown = capsys.readouterr().out
    assert '-    "title": "Clients API",' in shown
    assert '+    "title": "Customers API",' in shown


def test_operation_ids_are_unique():
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]

    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS)
def test_every_operation_is_described(method, path, operation):
    assert operation["summary"]
    assert operation["tags"]
    assert all(response.get("description", response.get("$ref")) for response in operation["responses"].values())
    if operation["security"]:
        ((scope,),) = operation["security"][0].values()
        assert re.fullmatch(r"[a-z_]+:(read|write)", scope)
        assert {"401", "403"} <= set(operation["responses"])


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_object_refuses_fields_that_it_does_not_name(name):
    assert SCHEMAS[name]["additionalProperties"] is False


@pytest.mark.parametrize("model", [NewCustomer, CustomerChanges, AddressInput])
def test_a_body_has_every_field_in_both_spellings(model):
    properties = SCHEMAS[model.__name__]["properties"]

    assert set(properties) == {each for name in model.model_fields for each in (name, camel(name))}


@pytest.mark.parametrize("name", ["name", "companyName", "tax_id", "notes", "phone", "email"])
def test_texts_have_their_limits(name):
    assert SCHEMAS["NewCustomer"]["properties"][name]["maxLength"] <= 5000


def test_metadata_has_its_limits():
    metadata = SCHEMAS["NewCustomer"]["properties"]["customFields"]

    assert metadata["maxProperties"] == 50
    assert metadata["propertyNames"]["maxLength"] == 64


def test_a_required_field_may_come_in_either_spelling():
    class Sent(Body):
        """A body with a required field of two spellings."""

        return_url: str
        name: str

    schema = Schemas([(Sent, "validation")]).of(Sent)

    assert schema["required"] == ["name"]
    assert schema["allOf"] == [{"anyOf": [{"required": ["return_url"]}, {"required": ["returnUrl"]}]}]


def test_a_resource_has_null_only_where_it_is_sent():
    class Shown(Resource):
        """A resource with both kinds of optional fields."""

        left_out: str | None = None
        sent_as_null: str | None = None
        created_at: str | None = None

        nulls = frozenset({"sent_as_null"})

    schema = Schemas([(Shown, "serialization")]).of(Shown)

    assert schema["properties"]["leftOut"]["type"] == "string"
    assert schema["properties"]["sentAsNull"]["type"] == ["string", "null"]
    assert schema["properties"]["created_at"] == {"type": "string", "format": "date-time"}
    assert schema["required"] == ["sent_as_null", "sentAsNull"]


@pytest.mark.parametrize(
    ("offset", "total"), [(None, None), (0, None), (None, 0), (40, 41)], ids=["cursor", "search", "total", "offset"]
)
def test_a_listing_is_what_the_document_says(offset, total):
    page = Listing([customer()], has_more=True, limit=20, offset=offset, total=total)

    validate_response("GET", "/v2/customers", 200, HEADERS, page.to_wire("/v2/customers"))


def test_a_customer_is_what_the_document_says():
    headers = {**HEADERS, "etag": '"3"'}

    validate_response("GET", "/v2/customers/cus_1", 200, headers, customer().to_envelope())


@pytest.mark.parametrize(
    "error", [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, BillingError)]
)
def test_every_error_has_the_documents_shape(error):
    failure = error.__new__(error)
    BillingError.__init__(failure, "m", param="p", details={"fields": {"p": ["r"]}}, retry_after_seconds=1)

    answer = rendered_error(failure, "r")

    Draft202012Validator(SCHEMAS["Error"]).validate(json.loads(answer.body))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"surprise": 1}, "surprise"),
        ({"tax_id": None}, "None is not of type 'string'"),
        ({"created_at": "yesterday"}, "date-time"),
        ({"merchantId": 1}, "merchantId"),
    ],
)
def test_the_check_of_responses_finds_what_is_wrong(change, complaint):
    body = customer().to_envelope()
    body["data"] |= change

    with pytest.raises(AssertionError, match=re.escape(complaint)):
        validate_response("GET", "/v2/customers/cus_1", 200, {**HEADERS, "etag": '"3"'}, body)


def test_the_check_of_responses_wants_headers_and_a_known_status():
    body = customer().to_envelope()

    with pytest.raises(AssertionError, match="header ETag is missing"):
        validate_response("GET", "/v2/customers/cus_1", 200, HEADERS, body)
    with pytest.raises(AssertionError, match="header X-Request-Id is missing"):
        validate_response("GET", "/v2/customers/cus_1", 200, {"content-type": "application/json"}, body)
    with pytest.raises(AssertionError, match="no such status"):
        validate_response("GET", "/v2/customers/cus_1", 418, HEADERS, body)


def test_the_check_of_requests_finds_what_is_wrong():
    validate_request("POST", "/v2/customers", {"email": "ada@example.com", "taxId": None})
    with pytest.raises(AssertionError, match="nmae"):
        validate_request("POST", "/v2/customers", {"email": "ada@example.com", "nmae": "Ada"})


@pytest.mark.parametrize(
    ("media", "schema"),
    [
        ("text/html", {"type": "string"}),
        ("application/json", {"type": "object"}),
        ("application/pdf", {"type": "string", "format": "binary"}),
    ],
)
def test_a_file_is_binary_and_a_page_is_text(media, schema):
    assert raw_schema(media) == schema


class TestReference:
    """The functions that serve the document and the page."""

    def get(self, module: str, path: str, **headers: str) -> dict[str, Any]:
        event = {
            "rawPath": path,
            "headers": {name.replace("_", "-"): text for name, text in headers.items()},
            "requestContext": {"requestId": "r", "http": {"method": "GET"}},
        }
        response: dict[str, Any] = import_module(module).handler(event, None)
        return response

    def test_the_document_is_served_as_committed(self):
        response = self.get("reference.openapi", "/v2/openapi.json")

        assert response["body"] == TARGET.read_text()
        validate_response("GET", "/v2/openapi.json", response["statusCode"], response["headers"], response["body"])
        assert "max-age" in response["headers"]["cache-control"]

    @pytest.mark.parametrize(
        ("module", "path"), [("reference.openapi", "/v2/openapi.json"), ("reference.page", "/docs")]
    )
    def test_who_holds_it_is_not_sent_it_again(self, module, path):
        etag = self.get(module, path)["headers"]["etag"]

        again = self.get(module, path, if_none_match=etag)

        assert (again["statusCode"], again["body"]) == (304, "")
        validate_response("GET", path, 304, again["headers"], again["body"])

    def test_the_page_is_whole_and_allows_exactly_its_own_scripts(self):
        response = self.get("reference.page", "/docs")

        page = Page()
        page.feed(response["body"])
        assert response["headers"]["content-type"] == "text/html; charset=utf-8"
        assert page.attributes["html"]["lang"] == "en"
        assert page.contents["title"] == ["Customers API reference"]
        assert "JavaScript" in " ".join(page.contents["p"])
        assert not page.loaded, "nothing from elsewhere"
        bundle, start = page.contents["script"]
        assert len(bundle) > 1_000_000
        assert 'url: "v2/openapi.json"' in start
        policy = response["headers"]["content-security-policy"]
        source = import_module("reference.page")._source
        assert f"script-src {source(bundle)} {source(start)};" in policy
        assert f"style-src {source(page.contents['style'][0])};" in policy
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'")

    def test_the_page_fits_into_a_response(self):
        response = self.get("reference.page", "/docs")

        assert len(json.dumps(response)) < 6_000_000, "Lambda's limit"


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.contents: dict[str, list[str]] = {}
        self.loaded: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag
        self.attributes[tag] = dict(attrs)
        self.contents.setdefault(tag, []).append("")
        self.loaded += [text or "" for name, text in attrs if name == "src"]

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.contents[self._inside][-1] += data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's signature
        self._inside = ""
