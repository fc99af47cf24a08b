"""Idempotency-Key on writes: the same answer, and nothing done twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.client import Api


def test_a_repeated_create_gets_the_stored_answer(api: Api) -> None:
    body = {"email": "a@example.com", "name": "John"}
    first = api.post("/v2/customers", body, idempotency_key="key-1")
    api.patch(f"/v2/customers/{first.json()['data']['id']}", {"name": "changed since"})

    again = api.post("/v2/customers", body, idempotency_key="key-1")

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers


def test_a_repeated_change_gets_the_stored_answer_even_after_deletion(api: Api) -> None:
    path = f"/v2/customers/{api.create('a@example.com')['id']}"
    first = api.patch(path, {"name": "Jane"}, idempotency_key="key-1", if_match='"1"')
    api.delete(path)

    again = api.patch(path, {"name": "Jane"}, idempotency_key="key-1", if_match='"1"')

    assert (again.status_code, again.content) == (200, first.content)


def test_a_change_of_nothing_is_remembered_too(api: Api) -> None:
    path = f"/v2/customers/{api.create('a@example.com', name='John')['id']}"
    api.patch(path, {"name": "John"}, idempotency_key="key-1")
    api.patch(path, {"name": "Jane"})

    assert api.patch(path, {"name": "John"}, idempotency_key="key-1").headers["idempotency-replayed"] == "true"
    assert api.get(path).json()["data"]["name"] == "Jane"


def test_another_body_under_the_same_key_is_a_conflict(api: Api) -> None:
    api.post("/v2/customers", {"email": "a@example.com"}, idempotency_key="key-1")

    other = api.post("/v2/customers", {"email": "b@example.com"}, idempotency_key="key-1")

    assert other.status_code == 409
    assert other.json()["error"]["code"] == "idempotency_conflict"
    assert api.get("/v2/customers", email="b@example.com").json()["data"] == []


def test_a_refused_request_is_judged_afresh(api: Api) -> None:
    taken = api.create("a@example.com")
    assert api.post("/v2/customers", {"email": "a@example.com"}, idempotency_key="key-1").status_code == 409
    api.delete(f"/v2/customers/{taken['id']}")

    assert api.post("/v2/customers", {"email": "a@example.com"}, idempotency_key="key-1").status_code == 201


def test_many_at_once_do_it_once(api: Api) -> None:
    body = {"email": "a@example.com"}
    with ThreadPoolExecutor(6) as threads:
        answers = [
            each.result()
            for each in [threads.submit(api.post, "/v2/customers", body, idempotency_key="key-1") for _ in range(6)]
        ]

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1


def test_keys_of_different_paths_and_callers_do_not_meet(api: Api, key, client) -> None:  # type: ignore[no-untyped-def]
    other = client(key())
    first = api.post("/v2/customers", {"email": "a@example.com"}, idempotency_key="key-1").json()["data"]

    assert other.post("/v2/customers", {"email": "b@example.com"}, idempotency_key="key-1").status_code == 201
    assert api.patch(f"/v2/customers/{first['id']}", {"name": "x"}, idempotency_key="key-1").status_code == 200


@pytest.mark.parametrize("wrong", ["", "x" * 256])
def test_a_key_has_1_to_255_characters(api: Api, wrong: str) -> None:
    response = api.post("/v2/customers", {"email": "a@example.com"}, idempotency_key=wrong)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "Idempotency-Key"
