"""Amounts, numbers and dates as people of a locale write them."""

from datetime import date
from decimal import Decimal

import pycountry
import pytest
from babel import localedata
from babel.numbers import parse_decimal
from hypothesis import given
from hypothesis import strategies as st

from billing.documents import formats

CURRENCIES = [each.alpha_3 for each in pycountry.currencies]


def written(minor: int, currency: str, locale: str) -> str:
    return formats.money(minor, currency, locale).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "expected"),
    [
        (123456, "EUR", "de-DE", "1.234,56 €"),
        (123456, "EUR", "en", "€1,234.56"),
        (-500, "USD", "en-US", "-$5.00"),
        (0, "USD", "en-CA", "US$0.00"),
        (123456, "JPY", "ja-JP", "￥123,456"),
        (123456, "JPY", "de", "123.456 ¥"),
        (1234567, "BHD", "en", "BHD 1,234.567"),
        (12345678, "CLF", "en", "CLF 1,234.5678"),
        (123456, "CHF", "de-CH", "CHF 1’234.56"),
        (12345678, "INR", "en-IN", "₹1,23,456.78"),
        (123456, "SAR", "ar-SA", "\u200f1,234.56 ر.س.\u200f"),
        (150, "RSD", "en", "RSD 1.50"),
        (1, "IQD", "en", "IQD 0.001"),
        (123, "XYZ", "en", "XYZ 1.23"),
    ],
)
def test_an_amount_has_all_decimals_of_its_currency(minor, currency, locale, expected):
    assert written(minor, currency, locale) == expected


@given(
    minor=st.integers(-(10**12), 10**12),
    currency=st.sampled_from(CURRENCIES),
    locale=st.sampled_from(["en", "de-CH", "fr", "ja", "es", "en-IN", "pt-BR", "he", "ar", "sv"]),
)
def test_an_amount_can_be_read_back_to_the_last_minor_unit(minor, currency, locale):
    shown = formats.money(minor, currency, locale)

    symbol = formats.babel_locale(locale).currency_symbols.get(currency, currency)
    figures = "".join(each for each in shown.replace(symbol, "") if each.isdigit() or each in ".,’\u202f\u2212-'")
    read = parse_decimal(figures.strip(".").replace("\u2212", "-"), locale=formats.babel_locale(locale))
    assert abs(read) == abs(Decimal(minor).scaleb(-formats.exponent(currency)))
    assert ("-" in shown or "\u2212" in shown) == (minor < 0)


@pytest.mark.parametrize(("currency", "digits"), [("JPY", 4), ("EUR", 4), ("BHD", 4), ("CLF", 5)])
def test_every_locale_shows_all_decimals(currency, digits):
    shown = {locale: formats.money(1234, currency, locale) for locale in localedata.locale_identifiers()}

    assert len(shown) > 1000
    assert {locale for locale, amount in shown.items() if sum(each.isdigit() for each in amount) != digits} == set()


@pytest.mark.parametrize(
    ("locale", "known"),
    [
        ("de-DE", "de_DE"),
        ("de_AT", "de_AT"),
        ("zh-Hant-TW", "zh_Hant_TW"),
        ("de-DE-u-nu-latn", "de_DE"),
        ("fr-XX", "fr"),
        ("xx", "en"),
        ("", "en"),
        ("../../etc", "en"),
    ],
)
def test_a_locale_is_followed_as_far_as_it_is_known(locale, known):
    assert str(formats.babel_locale(locale)) == known


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("en-US", "January 4, 2026"), ("en-GB", "4 January 2026"), ("de", "4. Januar 2026"), ("ja", "2026年1月4日")],
)
def test_a_date_names_its_month(locale, expected):
    assert formats.day(date(2026, 1, 4), locale) == expected


def test_numbers_keep_the_decimals_that_count():
    assert formats.number(Decimal("1234.5670"), "de") == "1.234,567"
    assert formats.number(Decimal("3.00"), "en") == "3"
    assert formats.percentage(Decimal("8.875"), "en") == "8.875%"
    assert formats.percentage(Decimal("19.0"), "de") == "19\N{NO-BREAK SPACE}%"
