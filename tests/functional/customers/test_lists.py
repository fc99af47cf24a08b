"""GET /v2/customers: pages, totals, cursors, e-mail and search."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client import Api, until

UNKNOWN = f"cus_{'0' * 32}"


def _listed(api: Api, **query: Any) -> dict[str, Any]:
    response = api.get("/v2/customers", **query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def _ids(api: Api, **query: Any) -> list[str]:
    return [customer["id"] for customer in _listed(api, **query)["data"]]


def _create_many(api: Api, count: int, **fields: Any) -> list[str]:
    """Create customers c1, c2, … and return their ids, newest first."""
    return [api.create(f"c{number}@many.example", **fields)["id"] for number in range(1, count + 1)][::-1]


def _caught_up(api: Api) -> None:
    """Wait until the stream has brought everything written so far."""
    marker = f"marker{uuid.uuid4().hex[:8]}"
    created = api.create(f"{marker}@marker.example")["id"]
    until(lambda: _ids(api, search=marker) == [created])
    total = _listed(api, limit=1)["total_count"]
    api.delete(f"/v2/customers/{created}")
    # A search looks the customer up and so knows of the deletion at once; the total knows when it was projected.
    until(lambda: _listed(api, limit=1)["total_count"] == total - 1)


def _found(api: Api, search: str, expected: list[str]) -> None:
    """Assert what a search finds, as soon as the stream has brought it."""
    until(lambda: sorted(_ids(api, search=search, limit=100)) == sorted(expected))


def _pages(api: Api, limit: int, **query: Any) -> list[list[str]]:
    """Read a list by offset as a client does, until it says that there is no more."""
    pages: list[list[str]] = []
    while True:
        body = _listed(api, limit=limit, offset=limit * len(pages), **query)
        pages.append([customer["id"] for customer in body["data"]])
        if not body["has_more"]:
            return pages


def _refused(api: Api, param: str, **query: Any) -> None:
    response = api.get("/v2/customers", **query)
    assert response.status_code == 400, response.text
    error = response.json()["error"]
    assert (error["type"], error["code"], error["param"]) == ("invalid_request_error", "validation_error", param)
    assert error["details"]["fields"][param]


def test_a_list_without_customers_is_empty(api: Api) -> None:
    body = _listed(api)

    assert body == {
        "object": "list",
        "data": [],
        "has_more": False,
        "url": "/v2/customers",
        "total_count": 0,
        "pagination": {"limit": 20, "offset": 0, "page": 1, "total": 0, "totalPages": 0, "hasMore": False},
    }


def test_the_envelope_has_what_every_client_reads(api: Api) -> None:
    _create_many(api, 5)

    body = _listed(api, limit=2, offset=2)

    assert body["object"] == "list"
    assert body["url"] == "/v2/customers"
    assert body["has_more"] is True
    assert body["total_count"] == 5
    assert body["pagination"] == {"limit": 2, "offset": 2, "total": 5, "hasMore": True, "page": 2, "totalPages": 3}


def test_pages_agree_right_after_the_creates(api: Api) -> None:
    newest_first = _create_many(api, 25)

    first, second = _listed(api, limit=10), _listed(api, limit=10, page=2)

    assert [each["id"] for each in first["data"]] == newest_first[:10]
    assert [each["id"] for each in second["data"]] == newest_first[10:20]
    assert first["total_count"] == second["total_count"] == 25


@pytest.mark.parametrize("limit", [1, 4, 5, 12, 13])
def test_pages_partition_the_list(api: Api, limit: int) -> None:
    newest_first = _create_many(api, 12)

    for _ in range(2):
        pages = _pages(api, limit)
        assert [each for page in pages for each in page] == newest_first
        assert len(pages) == -(-12 // limit), "the last page says that it is the last"
        _caught_up(api)


def test_an_offset_wins_over_a_page(api: Api) -> None:
    newest_first = _create_many(api, 5)

    assert _ids(api, limit=2, offset=1, page=2) == newest_first[1:3]
    assert _ids(api, limit=2, page=2) == newest_first[2:4]


def test_beyond_the_end_there_is_an_empty_page(api: Api) -> None:
    _create_many(api, 3)

    for query in ({"offset": 3}, {"offset": 1000}, {"page": 2}, {"offset": 10**12}):
        body = _listed(api, **query)
        assert (body["data"], body["has_more"], body["total_count"]) == ([], False, 3)


def test_a_limit_over_a_hundred_means_a_hundred(api: Api) -> None:
    assert _listed(api, limit=101)["pagination"]["limit"] == 100
    assert _listed(api, limit=10**9)["pagination"]["limit"] == 100


def test_deleted_customers_leave_the_list_and_the_total(api: Api) -> None:
    newest_first = _create_many(api, 8)
    gone = newest_first[1::3]
    for customer in gone:
        api.delete(f"/v2/customers/{customer}")
    left = [each for each in newest_first if each not in gone]

    until(lambda: _ids(api) == left)
    until(lambda: _listed(api)["total_count"] == len(left))
    assert [each for page in _pages(api, 2) for each in page] == left


def test_refused_creates_leave_no_gap(api: Api) -> None:
    newest_first = _create_many(api, 4)
    for _ in range(3):
        assert api.post("/v2/customers", {"email": "c1@many.example"}).status_code == 409

    body = _listed(api, limit=2, offset=2)
    assert [each["id"] for each in body["data"]] == newest_first[2:]
    assert (body["total_count"], body["has_more"]) == (4, False)

    newest = api.create("one-more@many.example")["id"]
    assert _ids(api, limit=2, offset=1) == newest_first[:2]
    assert _ids(api, limit=1) == [newest]


def test_an_update_changes_what_is_listed_and_not_where(api: Api) -> None:
    newest_first = _create_many(api, 3)
    api.patch(f"/v2/customers/{newest_first[1]}", {"name": "Renamed"})

    assert _ids(api) == newest_first
    assert until(lambda: _listed(api)["data"][1].get("name")) == "Renamed"


def test_cursors_read_the_list_forward(api: Api) -> None:
    newest_first = _create_many(api, 7)

    seen = _ids(api, limit=3)
    while True:
        body = _listed(api, limit=3, starting_after=seen[-1])
        seen += [each["id"] for each in body["data"]]
        assert body["total_count"] == 7
        assert "offset" not in body["pagination"]
        if not body["has_more"]:
            break

    assert seen == newest_first


def test_cursors_read_the_list_backward_still_newest_first(api: Api) -> None:
    newest_first = _create_many(api, 7)

    page = _listed(api, limit=3, ending_before=newest_first[5])
    assert [each["id"] for each in page["data"]] == newest_first[2:5]
    assert page["has_more"] is True, "there are customers before this page"

    page = _listed(api, limit=3, ending_before=newest_first[2])
    assert [each["id"] for each in page["data"]] == newest_first[:2]
    assert page["has_more"] is False

    exactly = _listed(api, limit=3, ending_before=newest_first[3])
    assert ([each["id"] for each in exactly["data"]], exactly["has_more"]) == (newest_first[:3], False)


def test_a_cursor_may_be_the_uuid_of_the_id(api: Api) -> None:
    newest_first = _create_many(api, 3)

    dashed = str(uuid.UUID(newest_first[0].removeprefix("cus_")))

    assert _ids(api, starting_after=dashed) == newest_first[1:]
    assert _ids(api, startingAfter=dashed.upper()) == newest_first[1:]


def test_a_deleted_customer_keeps_its_place_as_a_cursor(api: Api) -> None:
    newest_first = _create_many(api, 5)
    api.delete(f"/v2/customers/{newest_first[2]}")

    until(lambda: len(_ids(api)) == 4)
    assert _ids(api, starting_after=newest_first[2]) == newest_first[3:]
    assert _ids(api, ending_before=newest_first[2]) == newest_first[:2]


def test_tenants_and_modes_share_nothing(
    key: Callable[..., dict[str, Any]], client: Callable[[dict[str, Any]], Api]
) -> None:
    sandbox_key = key()
    sandbox = client(sandbox_key)
    live = client(key(mode="live", merchant_id=sandbox_key["merchant_id"]))
    stranger = client(key())
    ours = sandbox.create("same@example.com", name="Shared Name")["id"]

    for other in (live, stranger):
        assert _ids(other) == []
        assert _listed(other)["total_count"] == 0
        assert _ids(other, email="same@example.com") == []
        _refused(other, "starting_after", starting_after=ours)
        theirs = other.create("same@example.com", name="Shared Name")["id"]
        _found(other, "shared", [theirs])
    _found(sandbox, "shared", [ours])


def test_an_email_is_found_at_once_whatever_its_case(api: Api) -> None:
    _create_many(api, 2)
    customer = api.create("Jane.Doe@Example.com", name="Jane")["id"]

    body = _listed(api, email="jane.doe@EXAMPLE.com")
    assert [each["id"] for each in body["data"]] == [customer]
    assert (body["total_count"], body["has_more"]) == (1, False)
    for other in ("jane.doe@example.co", "jane", "", "nobody@example.com"):
        assert _listed(api, email=other)["total_count"] == 0

    api.patch(f"/v2/customers/{customer}", {"email": "moved@example.com"})
    assert _ids(api, email="jane.doe@example.com") == []
    assert _ids(api, email="moved@example.com") == [customer]
    api.delete(f"/v2/customers/{customer}")
    assert _ids(api, email="moved@example.com") == []


def test_an_email_goes_with_every_other_parameter(api: Api) -> None:
    older = api.create("older@example.com")["id"]
    customer = api.create("jane@example.com", name="Jane Doe")["id"]
    newer = api.create("newer@example.com")["id"]
    email = {"email": "jane@example.com"}

    assert _ids(api, **email, search="doe") == [customer], "both hold"
    assert _ids(api, **email, search="smith") == []
    assert _listed(api, **email, offset=1)["total_count"] == 1
    assert _ids(api, **email, offset=1) == []
    assert _ids(api, **email, starting_after=newer) == [customer]
    assert _ids(api, **email, starting_after=older) == []
    assert _ids(api, **email, ending_before=older) == [customer]
    assert _ids(api, **email, ending_before=customer) == []
    _refused(api, "starting_after", **email, starting_after=UNKNOWN)


@pytest.mark.parametrize(
    "search", ["john", "JOHN", "smi", "smith jo", "acme", "sales", "sales@acme", "acme.example", "5551234567"]
)
def test_search_finds_by_the_beginning_of_any_word(api: Api, search: str) -> None:
    api.create("other@else.example", name="Jane Doe", phone="+1-555-999-0000")
    customer = api.create(
        "john.sales@acme.example", name="John Smith", companyName="Acme Industries", phone="+1-555-123-4567"
    )["id"]

    _found(api, search, [customer])


def test_search_takes_names_in_any_script(api: Api) -> None:
    names = {
        "José Núñez": "jose nunez",
        "Łukasz Żółć": "lukasz zolc",
        "Γιώργος Παπαδόπουλος": "γιωργοσ παπ",
        "أحمد محمود": "احمد",
        "山田太郎": "太郎",
        "Søren Kierkegård": "soren kierkegard",
    }
    ids = {name: api.create(f"n{number}@scripts.example", name=name)["id"] for number, name in enumerate(names)}

    for name, search in names.items():
        _found(api, search, [ids[name]])


@pytest.mark.parametrize("search", ["+1-555-123-4567", "15551234567", "5551234567", "(555) 123-4567", "1234567"])
def test_search_takes_phone_numbers_as_they_are_typed(api: Api, search: str) -> None:
    customers = [
        api.create(f"p{number}@phones.example", phone=phone)["id"]
        for number, phone in enumerate(["+1-555-123-4567", "+15551234567", "+1 (555) 123 4567"])
    ]
    api.create("other@phones.example", phone="+1-555-123-9999")

    _found(api, search, customers)


def test_all_words_of_a_search_must_match(api: Api) -> None:
    jane, john, both = (
        api.create(f"{n}@and.example", name=name)["id"] for n, name in enumerate(["Jane Roe", "John Doe", "Jane Doe"])
    )

    _found(api, "jane doe", [both])
    _found(api, "doe", [john, both])
    _found(api, "ja", [jane, both])
    _found(api, "jane john", [])


@pytest.mark.parametrize("search", ["", " ", "!?", "💳"])
def test_a_search_for_nothing_finds_nothing(api: Api, search: str) -> None:
    _create_many(api, 1)

    body = _listed(api, search=search)

    assert (body["data"], body["has_more"]) == ([], False)
    assert "total_count" not in body


def test_search_follows_changes_and_deletions(api: Api) -> None:
    customer = api.create("jane@example.com", name="Jane Doe")["id"]
    _found(api, "jane", [customer])

    api.patch(f"/v2/customers/{customer}", {"name": "Joan Doe", "email": "joan@example.com"})
    _found(api, "joan", [customer])
    assert _ids(api, search="jane") == []

    api.delete(f"/v2/customers/{customer}")
    assert _ids(api, search="joan") == []
    assert _ids(api, search="doe") == []


def test_paging_through_a_common_word_finds_each_exactly_once(api: Api) -> None:
    with ThreadPoolExecutor(4) as threads:
        made = [
            threads.submit(api.create, f"jane{number}.janet@common.example", name="Jane January")
            for number in range(45)
        ]
    everyone = {each.result()["id"] for each in made}
    _caught_up(api)

    by_cursor: list[str] = []
    more: dict[str, str] = {}
    while True:
        body = _listed(api, search="jan", limit=10, **more)
        by_cursor += [each["id"] for each in body["data"]]
        assert "total_count" not in body
        if not body["has_more"]:
            break
        more = {"starting_after": by_cursor[-1]}
    by_offset = [each for page in _pages(api, 10, search="jan") for each in page]
    at_once = _ids(api, search="jan", limit=100)

    assert len(by_cursor) == 45
    assert set(by_cursor) == everyone
    assert by_offset == by_cursor == at_once


def test_a_search_goes_on_from_a_customer_that_was_deleted(api: Api) -> None:
    _create_many(api, 6, name="Jane")
    _caught_up(api)
    found = _ids(api, search="jane")
    api.delete(f"/v2/customers/{found[2]}")

    assert _ids(api, search="jane", starting_after=found[2]) == found[3:]
    assert _ids(api, search="jane") == [*found[:2], *found[3:]]


@pytest.mark.parametrize(
    ("param", "query"),
    [
        ("limit", {"limit": 0}),
        ("limit", {"limit": -1}),
        ("limit", {"limit": "ten"}),
        ("limit", {"limit": "1.5"}),
        ("offset", {"offset": -1}),
        ("offset", {"offset": "x"}),
        ("page", {"page": 0}),
        ("starting_after", {"starting_after": UNKNOWN}),
        ("starting_after", {"starting_after": "nonsense"}),
        ("starting_after", {"starting_after": ""}),
        ("ending_before", {"ending_before": UNKNOWN}),
        ("ending_before", {"ending_before": f"pm_{'0' * 32}"}),
        ("ending_before", {"starting_after": UNKNOWN, "ending_before": UNKNOWN}),
        ("serach", {"serach": "a typo must not list everybody"}),
        ("search", {"search": "x" * 201}),
        ("email", {"email": "x" * 255}),
        ("offset", {"search": "jane", "offset": 1001}),
        ("page", {"search": "jane", "page": 52}),
        ("ending_before", {"search": "jane", "ending_before": UNKNOWN}),
        ("starting_after", {"search": "jane", "starting_after": UNKNOWN}),
    ],
)
def test_what_is_wrong_is_named(api: Api, param: str, query: dict[str, Any]) -> None:
    _refused(api, param, **query)


def test_a_customer_that_a_search_does_not_find_is_no_cursor_of_it(api: Api) -> None:
    customer = api.create("bob@example.com", name="Bob")["id"]

    _refused(api, "starting_after", search="jane", starting_after=customer)


def test_listing_needs_the_right_to_read(
    key: Callable[..., dict[str, Any]], client: Callable[[dict[str, Any]], Api]
) -> None:
    assert client(key(scopes=["customers:write"])).get("/v2/customers").status_code == 403
