"""Tax identifiers: recognised by form and check digits, called wrong only where there is no doubt."""

import pytest

from billing.businesses.tax_ids import recognise


@pytest.mark.parametrize(
    ("text", "country", "type_"),
    [
        ("DE136695976", None, "eu_vat"),
        ("de 136 695 976", "DE", "eu_vat"),
        ("136695976", "DE", "eu_vat"),
        ("ATU13585627", "AT", "eu_vat"),
        ("EL094259216", "GR", "eu_vat"),
        ("094259216", "GR", "eu_vat"),
        ("XI110305878", "GB", "eu_vat"),
        ("GB 980 7806 84", "GB", "gb_vat"),
        ("980780684", "GB", "gb_vat"),
        ("12-3456789", "US", "us_ein"),
        ("US123456789", None, "us_ein"),
        ("CHE-107.787.577 MWST", "CH", "ch_vat"),
        ("CHE-107.787.577", None, "ch_uid"),
        ("83 914 571 673", "AU", "au_abn"),
        ("004085616", "AU", "au_acn"),
        ("988 077 917", "NO", "no_orgnr"),
        ("NO 995 525 828 MVA", "NO", "no_vat"),
        ("27AAPFU0939F1ZV", "IN", "in_gstin"),
        ("7000012050002", "JP", "jp_cn"),
    ],
)
def test_a_number_is_recognised(text: str, country: str | None, type_: str) -> None:
    found = recognise(text, country)

    assert (found.type, found.status) == (type_, "verified_format")


@pytest.mark.parametrize(
    ("text", "country", "whose"),
    [
        ("DE136695976", None, "DE"),
        ("DE136695976", "FR", "DE"),
        ("136695976", "DE", "DE"),
        ("EL094259216", None, "GR"),
        ("094259216", "GR", "GR"),
        ("XI110305878", "GB", "XI"),
        ("GB 980 7806 84", "GB", "GB"),
        ("CHE-107.787.577 MWST", "LI", "CH"),
        ("83 914 571 673", "AU", "AU"),
        ("anything", "DE", None),
    ],
)
def test_whose_number_it_is(text: str, country: str | None, whose: str | None) -> None:
    assert recognise(text, country).country == whose


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("DE136695977", "DE"),
        ("DE12", "DE"),
        ("GB123456789", "GB"),
        ("CHE-107.787.578", "CH"),
        ("83 914 571 674", "AU"),
        ("988 077 918", "NO"),
    ],
)
def test_a_number_of_its_country_with_wrong_digits_is_certainly_wrong(text: str, country: str) -> None:
    found = recognise(text, country)

    assert (found.status, found.is_certain) == ("invalid", True)


def test_without_a_country_a_wrong_number_is_only_said_to_be_wrong() -> None:
    found = recognise("DE136695977", None)

    assert (found.type, found.status, found.is_certain) == ("eu_vat", "invalid", False)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("12/345/67890", "DE"),
        ("DE136695977", "US"),
        ("123-45-6789", "US"),
        ("US000000000", "US"),
        ("12345678", "GB"),
        ("123456789", "CA"),
        ("C-4711", "NG"),
        ("anything", None),
        ("🦆", "DE"),
    ],
)
def test_what_may_be_another_number_is_not_recognised(text: str, country: str | None) -> None:
    found = recognise(text, country)

    assert (found.type, found.status) == (None, "unrecognised")
