"""What can be wrong with a request, and how its caller is told."""

import base64
from typing import Annotated, Any

import pytest

from billing.customers.models import AddressInput, CustomerChanges, ListCustomers, NewCustomer
from billing.edge import Caller, CustomerId, endpoint
from billing.edge.request import LARGEST_BODY_BYTES, Incoming
from billing.errors import BillingError, BusinessDeleted, CustomerDeleted, MalformedRequest, NotFound
from billing.ids import PathId, object_id
from billing.wire import Body, Query, Resource, refuse

HEX = "0123456789abcdef0123456789abcdef"
DASHED = "01234567-89ab-cdef-0123-456789abcdef"


class Seen(Resource):
    """What an endpoint got."""

    value: Any = None


@endpoint(scope="customers:write", status=201)
def create(caller: Caller, body: NewCustomer) -> Seen:
    """Take a customer."""
    return Seen(value=body.given())


@endpoint(scope="customers:write")
def update(caller: Caller, customer_id: CustomerId, body: CustomerChanges) -> Seen:
    """Take changes."""
    return Seen(value=customer_id)


@endpoint(scope="customers:read")
def find(caller: Caller, query: ListCustomers) -> Seen:
    """Take a query."""
    return Seen(value=query.model_dump())


@endpoint(scope="customers:read")
def plain(caller: Caller) -> Seen:
    """Take nothing."""
    return Seen()


@endpoint(scope="customers:read")
def named(caller: Caller, source: str, thing_id: Annotated[str, PathId("thg", "thing")]) -> Seen:
    """Take a plain part of a path and an id."""
    return Seen(value=[source, thing_id])


class Link(Body):
    """Whom to link with what."""

    customer_id: str
    business_id: str | None = None


class Lines(Body):
    """Lines, each with an owner."""

    lines: list[dict[str, str]]


class Links(Query):
    """Whose links."""

    customer_id: str


class TestQuery:
    def test_an_unknown_parameter_is_refused_by_name(self, call):
        answer = call(find, method="GET", query={"limit": "5", "statu": "active"})

        assert answer.status == 400
        assert answer.error["code"] == "validation_error"
        assert answer.error["param"] == "statu"
        assert answer.reasons == {"statu": ["Unknown query parameter"]}

    def test_an_endpoint_without_parameters_refuses_all(self, call):
        answer = call(plain, method="GET", query={"expand": "x", "b": "y"})

        assert answer.status == 400
        assert set(answer.reasons) == {"expand", "b"}

    @pytest.mark.parametrize("name", ["starting_after", "startingAfter"])
    def test_either_spelling_is_taken(self, call, name):
        assert call(find, method="GET", query={name: f"cus_{HEX}"}).body["data"]["value"]["starting_after"]

    @pytest.mark.parametrize(
        ("sent", "meant"), [("1", 1), ("100", 100), ("101", 100), ("999999", 100), ("+500", 100), ("500.0", 100)]
    )
    def test_a_limit_over_the_largest_means_the_largest(self, call, sent, meant):
        assert call(find, method="GET", query={"limit": sent}).body["data"]["value"]["limit"] == meant

    @pytest.mark.parametrize("limit", ["0", "-1", "x", "", "5.5", "²", "1e1", "9" * 5000])
    def test_a_limit_that_is_no_number_of_objects_is_refused(self, call, limit):
        answer = call(find, method="GET", query={"limit": limit})

        assert answer.status == 400
        assert answer.error["param"] == "limit"
        assert "sys." not in answer.text, "no advice for our own programmers"

    def test_two_cursors_exclude_each_other(self, call):
        answer = call(find, method="GET", query={"starting_after": "a", "endingBefore": "b"})

        assert answer.status == 400
        assert answer.error["param"] == "endingBefore"

    @pytest.mark.parametrize("name", ["starting_after", "startingAfter"])
    def test_a_rule_names_a_parameter_as_it_was_sent(self, call, name):
        @endpoint(scope="customers:read")
        def ruled(caller: Caller, query: ListCustomers) -> Seen:
            """Refuse a cursor."""
            raise refuse("starting_after", "must be the id of a customer")

        assert list(call(ruled, method="GET", query={name: "x"}).reasons) == [name]


class TestBody:
    @pytest.mark.parametrize(
        "raw",
        [
            b'{"email": "ada@example.com"',
            b"{'email': 1}",
            b"email=ada@example.com",
            b'{"email": "\xff\xfe"}',
            b'{"email": "\\ud800"}',
            b'{"metadata": {"x": NaN}}',
            b'{"metadata": {"x": Infinity}}',
            b'{"metadata": {"x": 1e999}}',
            b'{"metadata": {"x": [-1e999]}}',
            b'{"metadata": ' + b"[" * 5000 + b"]" * 5000 + b"}",
            b'{"metadata": {"x": ' + b"9" * 5000 + b"}}",
            b"[]",
            b'"text"',
            b"null",
            b"42",
        ],
    )
    def test_what_is_no_json_object_is_malformed(self, call, raw):
        answer = call(create, raw=raw)

        assert answer.status == 400
        assert answer.error["type"] == "invalid_request_error"
        assert answer.error["code"] == "invalid_request"
        assert answer.error["param"] == "body"

    @pytest.mark.parametrize("text", ["not base64!", "YQ", "é"])
    def test_what_is_no_base64_is_malformed(self, text):
        event = {"body": text, "isBase64Encoded": True}

        answer = create({**event, "requestContext": {"authorizer": {"lambda": caller_of_everything()}}}, None)

        assert answer["statusCode"] == 400

    def test_base64_is_decoded(self, call):
        assert call(create, raw=b'{"email": "ada@example.com"}').status == 201

    @pytest.mark.parametrize("raw", [None, b"", b"  \n"])
    def test_no_body_is_an_empty_object(self, call, raw):
        assert call(update, path={"customer_id": f"cus_{HEX}"}, raw=raw).status == 200
        assert call(create, raw=raw).reasons == {"email": ["is required"]}

    def test_a_body_beyond_any_valid_one_is_not_read(self, call):
        filling = b" " * LARGEST_BODY_BYTES

        answer = call(create, raw=b'{"email": "ada@example.com"}' + filling)

        assert answer.status == 413
        assert answer.error["param"] == "body"

    def test_the_largest_body_is_read(self, call):
        body = b'{"email": "ada@example.com"}'

        assert call(create, raw=body + b" " * (LARGEST_BODY_BYTES - len(body))).status == 201

    def test_unknown_fields_are_all_named(self, call):
        answer = call(create, body={"email": "ada@example.com", "nmae": "Ada", "address": {"zip": "1"}})

        assert answer.status == 400
        assert answer.reasons == {"nmae": ["Unknown field"], "address.zip": ["Unknown field"]}
        assert answer.body["message"] == answer.error["message"]

    @pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])
    def test_an_endpoint_that_takes_no_body_refuses_every_field(self, call, method):
        answer = call(plain, method=method, body={"amountMinor": 100, "mode": "x"})

        assert answer.status == 400
        assert answer.reasons == {"amountMinor": ["Unknown field"], "mode": ["Unknown field"]}
        assert call(plain, method=method, raw=b"{").error["param"] == "body"

    @pytest.mark.parametrize("raw", [None, b"", b" \n", b"{}"])
    def test_an_endpoint_that_takes_no_body_takes_an_empty_one(self, call, raw):
        assert call(plain, raw=raw).status == 200

    def test_what_must_be_an_object_is_told_without_our_names(self, call):
        answer = call(create, body={"email": "ada@example.com", "address": "1 Main St"})

        assert answer.reasons == {"address": ["must be an object"]}

    def test_a_wrong_value_is_not_repeated(self, call):
        answer = call(create, body={"email": "ada@example.com", "notes": "4242 4242 4242 4242"})

        assert answer.status == 400
        assert "4242" not in answer.text


class TestObjectsThatStandInTheWay:
    """An error about another object names the field that named it, however it was spelled."""

    @pytest.mark.parametrize("name", ["customer_id", "customerId"])
    @pytest.mark.parametrize("sent", ["cus_1", f"cus_{HEX}", f"cus_{HEX}".upper(), DASHED, "x" * 80])
    @pytest.mark.parametrize("error", [NotFound, lambda _, id_: CustomerDeleted(id_)])
    def test_a_field_of_the_body(self, call, name, sent, error):
        @endpoint(scope="customers:write")
        def link(caller: Caller, customer_id: CustomerId, body: Link) -> Seen:
            """Link."""
            raise error("customer", object_id("cus", "customer", body.customer_id))

        answer = call(link, path={"customer_id": f"cus_{'0' * 32}"}, body={name: sent})

        assert answer.error["param"] == name

    @pytest.mark.parametrize("sent", ["1", "cus_", "", "x_"])
    def test_a_field_that_only_looks_alike_is_not_blamed(self, call, sent):
        @endpoint(scope="customers:write")
        def link(caller: Caller, body: Link) -> Seen:
            """Link."""
            raise NotFound("business", sent or None)

        answer = call(link, body={"customer_id": f"{sent}1 and more", "business_id": sent})

        assert answer.error.get("param") == ("business_id" if sent else None)

    def test_a_field_within_others(self, call):
        @endpoint(scope="customers:write")
        def take(body: Lines) -> Seen:
            """Take lines."""
            raise NotFound("owner", f"cus_{HEX}")

        assert call(take, body={"lines": [{}, {"owner": DASHED}]}).error["param"] == "lines.1.owner"

    @pytest.mark.parametrize("name", ["customer_id", "customerId"])
    def test_a_query_parameter(self, call, name):
        @endpoint(scope="customers:read")
        def links(caller: Caller, query: Links) -> Seen:
            """List."""
            raise NotFound("customer", query.customer_id)

        assert call(links, method="GET", query={name: f"cus_{HEX}"}).error["param"] == name

    @pytest.mark.parametrize("error", [NotFound("customer", f"cus_{HEX}"), BusinessDeleted(f"bus_{HEX}")])
    def test_what_the_path_or_nothing_of_the_request_names_is_the_id(self, call, error: BillingError):
        @endpoint(scope="customers:write")
        def link(caller: Caller, customer_id: CustomerId, body: Link) -> Seen:
            """Link."""
            raise error

        answer = call(link, path={"customer_id": DASHED}, body={"customerId": f"cus_{HEX}"})

        assert answer.error["param"] == "id"

    @pytest.mark.parametrize("name", ["customer_id", "customerId"])
    def test_a_state_that_forbids_it_names_the_field_as_it_was_sent(self, call, name):
        @endpoint(scope="customers:write")
        def link(caller: Caller, body: Link) -> Seen:
            """Link."""
            raise MalformedRequest("It holds as many as there may be", param="customer_id")

        assert call(link, body={name: "x"}).error["param"] == name


class TestSpellings:
    def test_both_spellings_of_a_field_may_be_sent_when_they_agree(self, call):
        answer = call(create, body={"email": "ada@example.com", "tax_id": "GB1", "taxId": "GB1"})

        assert answer.body["data"]["value"]["tax_id"] == "GB1"

    def test_spellings_that_disagree_are_refused(self, call):
        answer = call(create, body={"email": "ada@example.com", "tax_id": "GB1", "taxId": "GB2"})

        assert answer.status == 400
        assert list(answer.reasons) == ["taxId"]

    def test_spellings_that_disagree_inside_an_object_are_refused(self, call):
        address = {"postal_code": "1", "postalCode": "2"}

        answer = call(create, body={"email": "ada@example.com", "address": address})

        assert list(answer.reasons) == ["address.postalCode"]

    @pytest.mark.parametrize("name", ["company_name", "companyName"])
    def test_an_error_names_the_field_as_it_was_sent(self, call, name):
        assert list(call(create, body={"email": "ada@example.com", name: "x" * 256}).reasons) == [name]

    @pytest.mark.parametrize("name", ["postal_code", "postalCode"])
    def test_an_error_names_a_field_inside_an_object_as_it_was_sent(self, call, name):
        answer = call(create, body={"email": "ada@example.com", "address": {name: "x" * 101}})

        assert list(answer.reasons) == [f"address.{name}"]
        assert "100 characters" in answer.error["message"]

    def test_an_error_about_an_element_of_a_list_names_its_place(self, call):
        class Many(Body):
            """Several addresses."""

            home_addresses: list[AddressInput]

        @endpoint(scope=None)
        def take(body: Many) -> Seen:
            """Take them."""
            return Seen()

        answer = call(take, body={"homeAddresses": [{}, {"postalCode": 7}]})

        assert list(answer.reasons) == ["homeAddresses.1.postalCode"]


class TestPath:
    @pytest.mark.parametrize("id_", [f"cus_{HEX}", f"CUS_{HEX.upper()}", "01234567-89ab-cdef-0123-456789abcdef"])
    def test_an_id_is_taken_with_its_prefix_or_as_a_dashed_uuid(self, call, id_):
        assert call(update, path={"customer_id": id_}).body["data"]["value"] == f"cus_{HEX}"

    @pytest.mark.parametrize("id_", ["", "cus_", HEX, f"inv_{HEX}", f"cus_{HEX}0", "cus_../..", "cus_" + "é" * 32])
    def test_a_malformed_id_names_nothing(self, call, id_):
        answer = call(update, path={"customer_id": id_})

        assert answer.status == 404
        assert answer.error["code"] == "resource_missing"
        assert answer.error["message"].startswith("No such customer")

    def test_a_part_that_is_no_id_is_passed_on(self, call):
        assert call(named, path={"source": "crm", "thing_id": f"thg_{HEX}"}).body["data"]["value"] == [
            "crm",
            f"thg_{HEX}",
        ]


def test_headers_are_found_in_any_case():
    assert Incoming({"headers": {"X-Api-Key": "k"}}).headers["x-api-key"] == "k"


def test_a_body_that_is_not_encoded_is_read_as_utf8():
    assert Incoming({"body": "é"}).body_bytes() == "é".encode()
    assert Incoming({"body": base64.b64encode(b"\x00").decode(), "isBase64Encoded": True}).body_bytes() == b"\x00"


def caller_of_everything() -> dict[str, str]:
    return {"merchant_id": "mer_1", "mode": "sandbox", "key_id": "key_1", "scopes": "*"}
