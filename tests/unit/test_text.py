"""What people type: limits, card numbers, lists of countries and currencies, folding."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from billing.text import (
    Country,
    Currency,
    Email,
    Line,
    Metadata,
    Moment,
    Phone,
    TimeZone,
    folded,
    folded_email,
    holds_card_number,
)

TEST_CARDS = [
    "4242424242424242",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3056930009020004",
    "3566002020360505",
    "6200000000000005",
    "4222222222222",
]


@pytest.mark.parametrize("number", TEST_CARDS)
@pytest.mark.parametrize("template", ["{}", "my card: {}, thanks", "({})", "a;{};b", "1234 {}"])
def test_a_card_number_is_found_anywhere_in_a_text(number: str, template: str) -> None:
    assert holds_card_number(template.format(number))


@pytest.mark.parametrize(
    "grouped", ["4242 4242 4242 4242", "4242-4242-4242-4242", "4242.4242.4242.4242", "４２４２４２４２４２４２４２４２"]
)
def test_grouped_card_numbers_are_found(grouped: str) -> None:
    assert holds_card_number(f"pay with {grouped} please")


@pytest.mark.parametrize(
    "harmless",
    [
        "4242424242424241",  # Luhn fails
        "1700000000000",  # milliseconds since 1970
        "1234567812345670",  # Luhn holds, no issuer begins with 1
        "cus_42424242424242424242424242424242",
        "550e8400-e29b-41d4-a716-446655440000",
        "DE89 3704 0044 0532 0130 00",  # an IBAN
        "call +1-555-123-4567 or +44 20 7946 0958",
        "",
    ],
)
def test_other_numbers_are_left_alone(harmless: str) -> None:
    assert not holds_card_number(harmless)


@given(st.text())
def test_looking_for_card_numbers_never_fails(text: str) -> None:
    holds_card_number(text)


@pytest.mark.parametrize(
    "phone",
    [
        "+1-555-123-4567",
        "+49 176 1234 5678",
        "(212) 555-0100",
        "+966 50 123 4567",
        "０３-１２３４-５６７８",
        "555-0100 x12",
    ],
)
def test_phones_are_kept_as_typed(phone: str) -> None:
    assert TypeAdapter(Phone).validate_python(phone) == phone


def test_an_international_number_that_looks_like_a_short_card_is_a_phone() -> None:
    number = "+4222222222222"

    assert holds_card_number(number)
    assert TypeAdapter(Phone).validate_python(number) == number


@pytest.mark.parametrize("phone", ["call me", "4242424242424242", "+4242424242424242"])
def test_what_is_no_phone_is_refused(phone: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Phone).validate_python(phone)


@pytest.mark.parametrize(
    "address", ["john@example.com", "JOHN+tag@sub.Example.co.uk", "δοκιμή@παράδειγμα.ελ", "a@b.test"]
)
def test_addresses_are_kept_as_typed(address: str) -> None:
    assert TypeAdapter(Email).validate_python(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "john",
        "john@",
        "@example.com",
        "a b@example.com",
        "john@example",
        "a@b..com",
        "x" * 65 + "@example.com",
        "a\n@b.com",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Email).validate_python(address)


def test_case_does_not_make_another_address() -> None:
    assert folded_email(" John@EXAMPLE.com ") == folded_email("john@example.COM")


@pytest.mark.parametrize(("typed", "code"), [("usd", "USD"), ("JPY", "JPY")])
def test_currencies_are_codes_of_iso_4217(typed: str, code: str) -> None:
    assert TypeAdapter(Currency).validate_python(typed) == code


@pytest.mark.parametrize("typed", ["US", "XXQ", "dollar", ""])
def test_other_currencies_are_refused(typed: str) -> None:
    with pytest.raises(ValidationError, match="ISO 4217"):
        TypeAdapter(Currency).validate_python(typed)


@pytest.mark.parametrize("typed", ["USA", "ZZ", "Germany", ""])
def test_countries_are_two_letter_codes(typed: str) -> None:
    assert TypeAdapter(Country).validate_python("us") == "US"
    with pytest.raises(ValidationError, match="ISO 3166"):
        TypeAdapter(Country).validate_python(typed)


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "US/Eastern", "Etc/GMT+5"])
def test_a_time_zone_is_one_that_zoneinfo_knows(name: str) -> None:
    assert ZoneInfo(TypeAdapter(TimeZone).validate_python(f" {name} ")).key == name


@pytest.mark.parametrize(
    "name", ["", "Europe", "Europe/Bonn", "europe/berlin", "CEST", "+01:00", "Factory", "../UTC", "localtime"]
)
def test_what_is_no_time_zone_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="IANA time zone"):
        TypeAdapter(TimeZone).validate_python(name)


def test_a_moment_is_kept_in_utc() -> None:
    moment = TypeAdapter(Moment).validate_python("2026-01-31T00:30:00+02:00")

    assert (moment, moment.tzinfo) == (datetime(2026, 1, 30, 22, 30, tzinfo=UTC), UTC)


@pytest.mark.parametrize("typed", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-31T00:30:00"])
def test_what_is_no_moment_in_utc_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(typed)


def test_lines_are_bounded_and_without_control_characters() -> None:
    line = TypeAdapter(Line)

    assert line.validate_python("x" * 255)
    for wrong in ("x" * 256, "a\x00b", "a\x1bb"):
        with pytest.raises(ValidationError):
            line.validate_python(wrong)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({f"k{n}": n for n in range(51)}, "50 keys"),
        ({"k" * 65: 1}, "64 characters"),
        ({"": 1}, "1 to 64"),
        ({"k": "x" * 9000}, "8 KB"),
        ({"card": "4242 4242 4242 4242"}, "card number"),
        ({"deep": {"list": [{"n": 4242424242424242}]}}, "card number"),
        ({"4242424242424242": "x"}, "card number"),
    ],
)
def test_metadata_has_limits_and_holds_no_card(wrong: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        TypeAdapter(Metadata).validate_python(wrong)


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Müller", "muller"),
        ("ŁUKASZ", "lukasz"),
        ("Ὀδυσσεύς", "οδυσσευσ"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
    ],
)
def test_folding_ignores_case_and_accents(typed: str, plain: str) -> None:
    assert folded(typed) == plain


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)
