"""What an address must have in its country."""

from typing import Any

import pytest

from billing.addresses import countries
from billing.errors import InvalidFields

US = {"line1": "123 Main St", "city": "San Francisco", "state": "CA", "postal_code": "94102", "country": "US"}


@pytest.mark.parametrize(
    "address",
    [
        US,
        {**US, "postal_code": "94102-1234"},
        {"line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"},
        {"line1": "12 St James's Square", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"},
        {"line1": "12 St James's Square", "city": "London", "postal_code": "sw1y4jh", "country": "GB"},
        {"line1": "1 Grafton Street", "city": "Dublin", "country": "IE"},
        {"line1": "Sheikh Zayed Road 1", "state": "Dubai", "country": "AE"},
        {"line1": "Chiyoda 1-1", "state": "Tōkyō-to", "postal_code": "100-0001", "country": "JP"},
        {"line1": "Base Camp", "city": "McMurdo", "country": "AQ"},
        {"line1": "Somewhere", "country": "ZZ"},
    ],
)
def test_an_address_as_it_is_written_in_its_country_is_right(address: dict[str, str]) -> None:
    countries.check(address)


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"postal_code": "9410"}, "postal_code"),
        ({"postal_code": "SW1Y 4JH"}, "postal_code"),
        ({"postal_code": None}, "postal_code"),
        ({"city": None}, "city"),
        ({"state": None}, "state"),
        ({"country": "GB", "postal_code": "GIR 0AA and more"}, "postal_code"),
        ({"country": "DE"}, None),
    ],
)
def test_what_its_post_requires_is_asked_for_by_name(change: dict[str, Any], param: str | None) -> None:
    address = {name: value for name, value in {**US, **change}.items() if value}
    if param is None:
        countries.check(address)
        return

    with pytest.raises(InvalidFields) as refused:
        countries.check(address)

    assert refused.value.param == param


def test_everything_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(InvalidFields) as refused:
        countries.check({"line1": "123 Main St", "country": "US"})

    assert set(refused.value.fields) == {"city", "state", "postal_code"}
