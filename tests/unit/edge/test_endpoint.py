"""The endpoint decorator: who may call, and what every answer has."""

import base64
from typing import Any, ClassVar

import pytest

from billing import errors
from billing.edge import Caller, Listing, Raw, endpoint
from billing.errors import BillingError, EmailTaken, Unavailable
from billing.tenancy import Answer, Replayed
from billing.wire import API_VERSION, Body, Resource

KEY = {"merchant_id": "mer_1", "mode": "live", "key_id": "key_1", "scopes": "customers:read events:*"}


class Thing(Resource):
    """A thing with a version."""

    full_name: str | None = None
    unset_yet: str | None = None
    nothing: str | None = None
    version: int = 1

    nulls: ClassVar[frozenset[str]] = frozenset({"nothing"})

    @property
    def etag(self) -> str:
        """The entity tag."""
        return f'"{self.version}"'


class Nothing(Body):
    """A body without fields."""


@endpoint(scope="customers:read")
def read(caller: Caller) -> Thing:
    """Read."""
    return Thing(full_name=caller.tenant.mode)


@endpoint(scope="customers:write", status=201)
def write(caller: Caller, body: Nothing) -> Thing:
    """Write."""
    assert caller.call.render is not None
    stored = caller.call.render(Thing(full_name="stored"))
    return Thing(full_name=f"{caller.call.idempotency_key} {caller.call.body_digest[:8]} {stored.status}")


@endpoint(scope="customers:write")
def act(caller: Caller) -> Thing:
    """Act, without a body."""
    return Thing(full_name=caller.tenant.mode)


@endpoint(scope=None)
def page() -> Raw:
    """Show a page."""
    return Raw("<p>hello", "text/html", headers={"etag": '"p"', "cache-control": "max-age=1"})


@endpoint(scope=None)
def file() -> Raw:
    """Give a file."""
    return Raw(b"%PDF\xff\x00", "application/pdf", headers={"content-disposition": 'attachment; filename="a.pdf"'})


def failing(error: Exception) -> Any:
    @endpoint(scope=None)
    def handler() -> Thing:
        """Fail."""
        raise error

    return handler


class TestCaller:
    def test_without_the_authorizers_word_nobody_is_let_in(self, call):
        answer = call(read, method="GET", authorizer=None)

        assert answer.status == 401
        assert answer.headers["content-type"] == "application/json"
        assert answer.body == {
            "error": {
                "type": "authentication_error",
                "code": "unauthenticated",
                "message": "No API key was given: send x-api-key",
                "request_id": "request-1",
            },
            "message": "No API key was given: send x-api-key",
            "requestId": "request-1",
        }

    @pytest.mark.parametrize("failure", ["unknown_key", "revoked_key"])
    def test_unknown_and_revoked_keys_are_answered_alike(self, call, failure):
        answer = call(read, method="GET", authorizer={"failure": failure})

        assert answer.status == 401
        assert answer.error["message"] == "This API key is not valid"

    def test_a_missing_scope_is_named(self, call):
        answer = call(write, authorizer=KEY)

        assert answer.status == 403
        assert (answer.error["type"], answer.error["code"]) == ("permission_error", "permission_denied")
        assert "customers:write" in answer.error["message"]

    def test_a_caller_is_judged_before_the_request_is(self, call):
        assert call(write, authorizer=KEY, raw=b"not json").status == 403
        assert call(write, authorizer=None, raw=b"not json").status == 401

    @pytest.mark.parametrize("raw", [b"", b" ", b"{}"])
    def test_who_needs_no_body_may_send_an_empty_one(self, call, raw):
        assert call(act, raw=raw).status == 200

    def test_fields_that_nobody_reads_are_refused_by_name(self, call):
        answer = call(act, body={"resumes_at": "2030-01-01"})

        assert (answer.status, answer.error["param"]) == (400, "resumes_at")
        assert answer.reasons == {"resumes_at": ["Unknown field"]}
        assert call(act, raw=b"not json").error["param"] == "body"

    def test_pages_take_whatever_browsers_post(self, call):
        assert call(page, raw=b"List-Unsubscribe=One-Click", authorizer=None).status == 200

    @pytest.mark.parametrize(
        ("scopes", "allowed"),
        [
            ("customers:write", True),
            ("customers:*", True),
            ("*:write", True),
            ("*:*", True),
            ("*", True),
            ("customers:read", False),
            ("events:write", False),
            ("", False),
        ],
    )
    def test_scopes_with_wildcards(self, call, scopes, allowed):
        assert (call(write, authorizer={**KEY, "scopes": scopes}).status == 201) is allowed

    def test_a_public_endpoint_asks_for_no_key(self, call):
        assert call(page, method="GET", authorizer=None).status == 200


class TestHeaders:
    def test_every_answer_names_the_request_and_the_version(self, call):
        for answer in (call(read, method="GET", authorizer=KEY), call(read, method="GET", authorizer=None)):
            assert answer.headers["x-request-id"] == "request-1"
            assert answer.headers["revkeen-version"] == API_VERSION

    def test_a_pinned_version_is_echoed(self, call):
        answer = call(read, method="GET", authorizer=KEY, headers={"RevKeen-Version": "2025-01-01"})

        assert answer.headers["revkeen-version"] == "2025-01-01"

    @pytest.mark.parametrize("version", ["", "1", "2025-1-1", "2025-01-01 ", "2025-01-01\n", "latest"])
    def test_a_version_that_is_no_date_is_refused(self, call, version):
        answer = call(read, method="GET", authorizer=KEY, headers={"revkeen-version": version})

        assert answer.status == 400
        assert answer.error["param"] == "RevKeen-Version"
        assert answer.headers["revkeen-version"] == API_VERSION

    @pytest.mark.parametrize("length", [1, 255])
    def test_an_idempotency_key_travels_down(self, call, length):
        answer = call(write, headers={"idempotency-key": "k" * length}, body={})

        assert answer.body["data"]["full_name"] == f"{'k' * length} 44136fa3 201"

    @pytest.mark.parametrize("length", [0, 256])
    def test_an_idempotency_key_has_1_to_255_characters(self, call, length):
        answer = call(write, headers={"idempotency-key": "k" * length}, body={})

        assert answer.status == 400
        assert answer.error["param"] == "Idempotency-Key"

    def test_a_read_ignores_the_idempotency_key(self, call):
        assert call(read, method="GET", headers={"idempotency-key": ""}).status == 200

    def test_a_replay_says_so(self, call):
        stored = Answer(201, {"content-type": "application/json", "etag": '"7"'}, '{"data":{}}')

        answer = call(failing(Replayed(stored)))

        assert (answer.status, answer.text) == (201, '{"data":{}}')
        assert answer.headers["idempotency-replayed"] == "true"
        assert answer.headers["etag"] == '"7"'


class TestResult:
    def test_unset_fields_are_left_out_and_others_have_both_spellings(self, call):
        answer = call(read, method="GET")

        assert answer.body == {"data": {"full_name": "sandbox", "fullName": "sandbox", "nothing": None, "version": 1}}

    def test_a_listing_has_the_parts_of_every_client(self, call):
        @endpoint(scope=None)
        def find() -> Listing[Thing]:
            """List."""
            return Listing([Thing(full_name="a")], has_more=True, limit=1, offset=2, total=4)

        body = call(find, method="GET").body

        assert body["object"] == "list"
        assert body["url"] == "/v2/things"
        assert body["has_more"] is True
        assert body["total_count"] == 4
        assert body["pagination"] == {
            "limit": 1,
            "hasMore": True,
            "offset": 2,
            "page": 3,
            "total": 4,
            "totalPages": 4,
        }

    def test_a_page_goes_out_as_it_is(self, call):
        answer = call(page, method="GET")

        assert (answer.text, answer.headers["content-type"]) == ("<p>hello", "text/html")
        assert answer.headers["cache-control"] == "max-age=1"
        assert not answer.is_base64

    def test_bytes_go_out_in_base64_and_say_so(self, call):
        answer = call(file, method="GET")

        assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
        assert answer.headers["content-disposition"] == 'attachment; filename="a.pdf"'
        assert answer.is_base64
        assert base64.b64decode(answer.text) == b"%PDF\xff\x00"

    def test_a_replay_of_bytes_is_the_same_bytes(self, call):
        stored = Answer(201, {"content-type": "application/pdf"}, b"\xff\x00")

        answer = call(failing(Replayed(stored)))

        assert (answer.is_base64, base64.b64decode(answer.text)) == (True, b"\xff\x00")


class TestNotModified:
    @pytest.mark.parametrize("held", ['"1"', 'W/"1"', '"0", "1"', "*"])
    def test_who_holds_this_version_is_sent_no_body(self, call, held):
        answer = call(read, method="GET", headers={"if-none-match": held})

        assert (answer.status, answer.text) == (304, "")
        assert answer.headers["etag"] == '"1"'
        assert "content-type" not in answer.headers

    @pytest.mark.parametrize("held", ['"2"', "1", "", '"1'])
    def test_who_holds_another_version_is_sent_this_one(self, call, held):
        assert call(read, method="GET", headers={"if-none-match": held}).status == 200

    def test_only_reading_is_conditional(self, call):
        assert call(write, headers={"if-none-match": '"1"'}, body={}).status == 201

    def test_an_error_has_no_version(self, call):
        assert call(read, method="GET", headers={"if-none-match": "*"}, authorizer=None).status == 401


class TestErrors:
    def test_an_expected_failure_has_the_contracts_shape(self, call):
        answer = call(failing(EmailTaken("cus_1")))

        assert answer.status == 409
        assert answer.error == {
            "type": "invalid_request_error",
            "code": "email_already_exists",
            "message": "A customer with this email already exists",
            "param": "email",
            "details": {"customer_id": "cus_1"},
            "request_id": "request-1",
        }

    def test_who_may_come_back_is_told_when(self, call):
        answer = call(failing(Unavailable()))

        assert answer.status == 503
        assert answer.headers["retry-after"] == "1"

    def test_an_unexpected_failure_tells_nothing_of_our_insides(self, call):
        answer = call(failing(RuntimeError("secret table name")))

        assert answer.status == 500
        assert (answer.error["type"], answer.error["code"]) == ("api_error", "internal_error")
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert "RuntimeError" not in answer.text

    def test_what_is_logged_has_ids_and_no_body(self, call, caplog):
        call(write, body={"secret": "value"}, headers={"x-api-key": "rk_live_text"})

        (record,) = caplog.records
        logged = vars(record)
        assert (logged["status"], logged["request_id"]) == (400, "request-1")
        assert logged["merchant_id"].startswith("mer_")
        assert "secret" not in str(logged)
        assert "rk_live_text" not in str(logged)

    @pytest.mark.parametrize(
        "error", [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, BillingError)]
    )
    def test_every_error_has_a_status_that_fits_its_type(self, error):
        types = {
            400: "invalid_request_error",
            401: "authentication_error",
            403: "permission_error",
            429: "rate_limit_error",
            500: "api_error",
            503: "api_error",
        }
        assert error.type == types.get(error.status, "invalid_request_error")
