"""Tax identifiers of businesses, recognised by their form and check digits. Offline; pure.

python-stdnum knows the numbers. Which of a country's several numbers somebody means is a guess unless it says so by
its prefix (`DE…`, `CHE-…`) or there is but one, so only then is a number called wrong; else it is not recognised.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

type Status = Literal["verified_format", "invalid", "unrecognised"]

_EU = re.compile("AT|BE|BG|CY|CZ|DE|DK|EE|ES|FI|FR|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI")
"""Who has EU VAT numbers: the member states and, as XI, Northern Ireland."""
_GREECE_IN_VAT = "EL"


@dataclass(frozen=True, slots=True)
class _Scheme:
    """One kind of number: python-stdnum's module for it; `alone` when no other number of a business looks like it."""

    type: str
    module: str
    alone: bool = False


_BY_COUNTRY: Mapping[str, tuple[_Scheme, ...]] = {
    "AU": (_Scheme("au_abn", "au.abn", alone=True), _Scheme("au_acn", "au.acn")),
    "BR": (_Scheme("br_cnpj", "br.cnpj", alone=True),),
    "CA": (_Scheme("ca_bn", "ca.bn"),),
    "CH": (_Scheme("ch_vat", "ch.vat"), _Scheme("ch_uid", "ch.uid")),
    "GB": (_Scheme("gb_vat", "gb.vat"), _Scheme("gb_utr", "gb.utr")),
    "IN": (_Scheme("in_gstin", "in_.gstin", alone=True),),
    "IS": (_Scheme("is_vat", "is_.vsk"),),
    "JP": (_Scheme("jp_cn", "jp.cn", alone=True),),
    "KR": (_Scheme("kr_brn", "kr.brn"),),
    "LI": (_Scheme("ch_vat", "ch.vat"), _Scheme("ch_uid", "ch.uid")),
    "MX": (_Scheme("mx_rfc", "mx.rfc", alone=True),),
    "NO": (_Scheme("no_vat", "no.mva"), _Scheme("no_orgnr", "no.orgnr", alone=True)),
    "NZ": (_Scheme("nz_ird", "nz.ird"),),
    "SG": (_Scheme("sg_uen", "sg.uen"),),
    "US": (_Scheme("us_ein", "us.ein"),),
}
_PREFIXES: Mapping[str, str] = {"CHE": "CH", "GB": "GB", "US": "US"}
"""Prefixes that numbers have beside those of EU VAT numbers, which are the country itself."""

_PREFIXED = re.compile(r"([A-Z]{2,3})[ -]?(?=.*\d)[0-9A-Z+*. \-/]+")


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a text was recognised as; `is_certain` when there is no doubt about what it was meant to be.

    `country` is whose number it is (ISO 3166-1 alpha-2, and XI for Northern Ireland): not always where the business is.
    """

    type: str | None
    status: Status
    is_certain: bool = False
    country: str | None = None


def recognise(text: str, country: str | None) -> Recognised:
    """Return what a tax identifier is, with the country of its business if that is known."""
    wrong: Recognised | None = None
    for scheme, number, of, is_prefixed in _candidates(text.strip().upper(), country):
        problem = _problem(scheme.module, number)
        if problem is None:
            return Recognised(scheme.type, "verified_format", is_certain=True, country=of)
        if wrong is None and is_prefixed:
            wrong = Recognised(scheme.type, "invalid", is_certain=country is not None, country=of)
        elif wrong is None and scheme.alone and problem == "InvalidChecksum":
            wrong = Recognised(scheme.type, "invalid", is_certain=True, country=of)
    return wrong or Recognised(None, "unrecognised")


def _candidates(text: str, country: str | None) -> Iterator[tuple[_Scheme, str, str, bool]]:
    """Yield what the text may be: scheme, number as its module wants it, country, and whether its prefix says so."""
    named = _country_named(text)
    if named is not None and _EU.fullmatch(named):
        yield _Scheme("eu_vat", "eu.vat"), text, named, country in (named, None)
    elif named is not None:
        number = text[2:].lstrip(" -") if named == "US" else text
        for scheme in _BY_COUNTRY[named]:
            yield scheme, number, named, country in (named, None) and named != "US"
    if country is not None and _EU.fullmatch(country):
        prefix = _GREECE_IN_VAT if country == "GR" else country
        yield _Scheme("eu_vat", "eu.vat"), f"{prefix}{text}", country, False
    elif country is not None and country != named:
        for scheme in _BY_COUNTRY.get(country, ()):
            yield scheme, text, country, False


def _country_named(text: str) -> str | None:
    """Return the country that the number itself names by its prefix."""
    found = _PREFIXED.fullmatch(text)
    if found is None:
        return None
    letters = found[1]
    if letters in _PREFIXES:
        return _PREFIXES[letters]
    country = "GR" if letters[:2] == _GREECE_IN_VAT else letters[:2]
    return country if _EU.fullmatch(country) else _PREFIXES.get(letters[:2])


def _problem(module: str, number: str) -> str | None:
    """Return which check of python-stdnum's the number fails, None if it passes them all."""
    from stdnum.exceptions import ValidationError  # noqa: PLC0415 - only a tax identifier needs it

    try:
        import_module(f"stdnum.{module}").validate(number)
    except ValidationError as error:
        return type(error).__name__
    return None
