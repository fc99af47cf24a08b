"""Two thousand people of the world: each is found again by e-mail, by a word and by page.

They have a runtime of their own: in one that others share, every query of an index would walk over all of them.
"""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from faker import Faker

from local.testing import Runtime, running_runtime
from tests.client import Api, until

LOCALES = ["ar_SA", "ja_JP", "el_GR", "pl_PL", "de_DE", "en_US", "zh_CN", "ru_RU", "tr_TR", "hi_IN", "vi_VN", "he_IL"]
MANY = 2_000
"""More than one of the maps of 1,024 customers each from which a list's pages and total are taken."""


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    with running_runtime(in_memory=True) as running:
        yield running


@pytest.fixture(scope="module")
def connection(runtime: Runtime) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=runtime.url, timeout=30) as client:
        yield client


def people() -> list[dict[str, Any]]:
    """The same people on every run."""
    fakers = {}
    for number, locale in enumerate(LOCALES):
        fakers[locale] = Faker(locale)
        fakers[locale].seed_instance(number)
    everybody = []
    for number in range(MANY):
        fake = fakers[LOCALES[number % len(LOCALES)]]
        local, domain = fake.ascii_safe_email().split("@")
        person = {"email": f"{local}.{number}@{domain}", "name": fake.name(), "phone": fake.phone_number()}
        if number % 3 == 0:
            person["companyName"] = fake.company()
        everybody.append(person)
    return everybody


@pytest.mark.timeout(600)
def test_each_of_two_thousand_is_found_again(api: Api) -> None:
    everybody = people()
    with ThreadPoolExecutor(8) as threads:
        created = list(threads.map(lambda person: api.create(**person), everybody))
        ids = {person["email"]: customer["id"] for person, customer in zip(everybody, created, strict=True)}
        assert len(set(ids.values())) == MANY
        for person, customer in zip(everybody, created, strict=True):
            assert (customer["name"], customer["phone"]) == (person["name"].strip(), person["phone"].strip())

        def listed() -> Counter[str]:
            numbers = range(1, MANY // 100 + 2)
            pages = threads.map(lambda page: api.get("/v2/customers", page=page, limit=100).json()["data"], numbers)
            return Counter(customer["id"] for page in pages for customer in page)

        # The total is exact, and every customer on exactly one page, when the stream has caught up with the creates.
        until(lambda: api.get("/v2/customers", limit=1).json()["pagination"]["total"] == MANY, seconds=120)
        until(lambda: listed() == Counter(ids.values()), seconds=120)

        by_email = list(
            threads.map(
                lambda person: api.get("/v2/customers", email=person["email"].upper()).json()["data"], everybody
            )
        )
        assert [[each["id"] for each in found] for found in by_email] == [
            [ids[person["email"]]] for person in everybody
        ]

        # The whole e-mail is one of the words: found exactly, and only when the projection has caught up.
        until(lambda: api.get("/v2/customers", search=everybody[-1]["email"]).json()["data"], seconds=120)
        by_word = list(threads.map(lambda person: _search(api, person["email"]), everybody))
        assert [found == {ids[person["email"]]} for person, found in zip(everybody, by_word, strict=True)].count(
            False
        ) == 0

        sample = random.Random(7).sample(everybody, 60)
        for person, found in zip(sample, threads.map(lambda person: _search(api, person["name"]), sample), strict=True):
            assert ids[person["email"]] in found, f"{person['name']!r} is found by all words of the name"


def _search(api: Api, text: str) -> set[str]:
    """Return the ids of all pages of a search."""
    found: set[str] = set()
    cursor: dict[str, str] = {}
    while True:
        page = api.get("/v2/customers", search=text, limit=100, **cursor).json()
        found |= {customer["id"] for customer in page["data"]}
        if not page["has_more"]:
            return found
        cursor = {"starting_after": page["data"][-1]["id"]}
