"""Whatever happens at the same time: at most one default, exactly one while there is an active method."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client import Api


def put_to_the_test(api: Api, customers: list[str]) -> None:
    held: list[str] = []
    for customer in customers:
        active = api.get(f"/v2/customers/{customer}/payment-methods").json()["data"]
        listed = api.get("/v2/payment-methods", customer_id=customer, limit=100).json()["data"]
        assert {each["id"] for each in active} == {each["id"] for each in listed if each["status"] == "active"}
        assert len([each for each in active if each["is_default"]]) == (1 if active else 0)
        assert all(each["customer_id"] == customer for each in listed)
        default = api.get(f"/v2/customers/{customer}").json()["data"].get("default_payment_method_id")
        assert [each["id"] for each in active if each["is_default"]] == ([default] if default else [])
        held += [each["id"] for each in listed]
    assert len(held) == len(set(held)), "nothing is held by two"
    everything = api.get("/v2/payment-methods", limit=100).json()["data"]
    assert sorted(each["id"] for each in everything) == sorted(held)


@pytest.mark.parametrize("seed", range(3))
def test_commands_in_any_order_and_at_once_leave_one_default(api: Api, seed: int) -> None:
    chance = random.Random(seed)
    customers = [str(api.create(f"c{number}@example.com")["id"]) for number in range(2)]
    methods = [
        api.post("/v2/payment-methods", {"customer_id": chance.choice(customers), "token": token}).json()["id"]
        for token in ("tok_visa", "tok_amex", "tok_jcb", "tok_ach")
    ]

    def command(number: int) -> int:
        method = f"/v2/payment-methods/{methods[number % len(methods)]}"
        customer = customers[number // 4 % 2]
        whole: dict[str, Any] = {"customer_id": customer, "set_default": number % 3 == 0}
        match number % 7:
            case 0 | 1:
                return api.post(f"{method}/attach", whole).status_code
            case 2 | 3:
                return api.post(f"{method}/default").status_code
            case 4:
                return api.post(f"{method}/detach").status_code
            case 5:
                return api.post("/v2/payment-methods", {**whole, "token": "tok_visa"}).status_code
            case _:
                return api.patch(f"/v2/customers/{customer}", {"name": f"n{number}"}).status_code

    numbers = [chance.randrange(1000) for _ in range(40)]
    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(command, numbers))

    assert set(statuses) <= {200, 201, 400}
    put_to_the_test(api, customers)


def test_many_cards_kept_at_once_are_all_kept(api: Api) -> None:
    customer = str(api.create("jane@example.com")["id"])

    def keep(number: int) -> int:
        return api.post(
            "/v2/payment-methods", {"customer_id": customer, "token": "tok_visa", "metadata": {"number": number}}
        ).status_code

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(keep, range(12))) == [201] * 12
    put_to_the_test(api, [customer])
    assert len(api.get(f"/v2/customers/{customer}/payment-methods").json()["data"]) == 12


def test_one_card_given_to_two_customers_at_once_goes_to_one(api: Api) -> None:
    customers = [str(api.create(f"c{number}@example.com")["id"]) for number in range(3)]
    method = api.post("/v2/payment-methods", {"customer_id": customers[0], "token": "tok_visa"}).json()["id"]

    def attach(customer: str) -> int:
        return api.post(f"/v2/payment-methods/{method}/attach", {"customer_id": customer}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(attach, customers[1:] * 4)) == {200}
    put_to_the_test(api, customers)


def test_the_same_request_many_times_at_once_is_one_card(api: Api) -> None:
    customer = str(api.create("jane@example.com")["id"])
    body = {"customer_id": customer, "token": "tok_visa"}

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: api.post("/v2/payment-methods", body, idempotency_key="k"), range(6)))

    assert {each.status_code for each in answers} <= {201, 409}
    assert len({each.json()["id"] for each in answers if each.status_code == 201}) == 1
    assert {each.json()["error"]["code"] for each in answers if each.status_code == 409} <= {"idempotency_in_progress"}
    assert len(api.get(f"/v2/customers/{customer}/payment-methods").json()["data"]) == 1
