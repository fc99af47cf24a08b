"""The words that a customer is found by, and what a search text asks for. Pure.

A word is letters and digits only, without case and accents. Whatever stands between two blanks is one word, and so is
what is left of it from each of its parts on: `O'Brien` is found as obrien and as brien, `jane.doe@example.com` as
typed, by doe, doe@example.com and example.com. In scripts that put no blanks a part starts at every character: 太郎
finds 山田太郎. A phone number is found by its digits however they are grouped, with or without the codes of country
and area.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import accumulate, islice

from billing.text import folded

LONGEST = 40
"""Characters of a word; longer ones are found by their first 40."""
_OF_A_TEXT = 12
"""Words of a name or company name; with those of e-mail and phone a customer has at most 40."""
_OF_AN_EMAIL = 8
_OF_A_PHONE = 8
_LOCAL_NUMBER = 7
"""Digits of the shortest number that people dial or look for."""

_BETWEEN = re.compile(r"[\s,;/|]+")
_NUMBER = re.compile(r"(?<!\w)\+?\(?\d++(?:[\s().\-/]*+\d++)*+(?![\w@])")
_TRUNK_ZERO = re.compile(r"\(0\)")
_UNSPACED = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Burmese
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3040", "\u30ff"),  # Japanese
    ("\u3400", "\u4dbf"),  # Chinese, from here on
    ("\u4e00", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)
"""Scripts that put no blanks between words. Compared by hand: compiling such a pattern takes 15 ms of a cold start."""


def words_of(texts: Mapping[str, str]) -> frozenset[str]:
    """Return the words of a customer's `name`, `company_name`, `email` and `phone`: at most 40 of 40 characters."""
    return frozenset(
        word[:LONGEST]
        for words in (
            islice(_distinct(_words_of_text(texts.get("name", ""))), _OF_A_TEXT),
            islice(_distinct(_words_of_text(texts.get("company_name", ""))), _OF_A_TEXT),
            islice(_distinct(_words_of_email(texts.get("email", ""))), _OF_AN_EMAIL),
            islice(_distinct(_words_of_phone(texts.get("phone", ""))), _OF_A_PHONE),
        )
        for word in words
    )


def terms_of(search: str) -> tuple[str, ...]:
    """Return the beginnings of words that a search asks for, the longest first; empty when it asks for nothing."""
    text = folded(search)
    rest = _NUMBER.sub(lambda found: " " if _is_phone(_digits(found.group())) else found.group(), text)
    terms = {*_numbers(text), *(_joined(chunk) for chunk in _BETWEEN.split(rest))}
    cut = {term[:LONGEST] for term in terms if term}
    # A term that another one begins with asks for nothing more.
    asked = [term for term in cut if not any(other != term and other.startswith(term) for other in cut)]
    return tuple(sorted(asked, key=lambda term: (-len(term), term)))


def matching(words: frozenset[str], term: str) -> str | None:
    """Return the first of the words, in alphabetical order, that begins with the term."""
    return min((word for word in words if word.startswith(term)), default=None)


def have_all(words: frozenset[str], terms: tuple[str, ...]) -> bool:
    """Whether every term is the beginning of a word."""
    return all(any(word.startswith(term) for word in words) for term in terms)


def _words_of_text(text: str) -> Iterator[str]:
    text = folded(text)
    yield from _numbers(text)
    unspaced = _without_blanks_within(text)
    for each in (text, unspaced) if unspaced != text else (text,):
        for chunk in _BETWEEN.split(each):
            yield from _from_each_part_on(_parts(chunk))


def _without_blanks_within(text: str) -> str:
    """Return the text with words of unspaced scripts drawn together: 山田 太郎 is also typed 山田太郎."""
    joined = ""
    for word in text.split():
        drawn = joined and _is_unspaced(joined[-1]) and _is_unspaced(word[0])
        joined += word if drawn or not joined else f" {word}"
    return joined


def _is_unspaced(character: str) -> bool:
    return any(first <= character <= last for first, last in _UNSPACED)


def _words_of_email(email: str) -> Iterator[str]:
    """Yield the address and its domain from each of their parts on, but for the top-level domain."""
    local, _, domain = folded(email).rpartition("@")
    yield from (_joined(local + domain), _joined(domain))
    yield from list(_from_each_part_on(_parts(local) + _parts(domain)))[:-1]


def _from_each_part_on(parts: list[str]) -> Iterator[str]:
    joined = "".join(parts)
    starts = accumulate(map(len, parts), initial=0)
    for start, part in zip(starts, parts, strict=False):
        yield joined[start:]
        yield from (joined[start + at :] for at in range(1, len(part)) if _is_unspaced(part[at]))


def _words_of_phone(phone: str) -> Iterator[str]:
    """Yield the digits, and what is left of them without one or more leading ones: those of country and area."""
    digits = _digits(folded(phone))
    yield digits
    yield from (digits[at:].lstrip("0") for at in range(1, len(digits) - _LOCAL_NUMBER + 1))


def _numbers(text: str) -> list[str]:
    """Return the digits of whatever may be a phone number."""
    return [digits for found in _NUMBER.findall(text) if _is_phone(digits := _digits(found))]


def _is_phone(digits: str) -> bool:
    return len(digits) >= _LOCAL_NUMBER


def _digits(phone: str) -> str:
    """Return the digits without zeros at the front, which are dialled or not: 0044 20…, 020…, +44 (0)20…."""
    decimals = (unicodedata.decimal(each, None) for each in _TRUNK_ZERO.sub("", phone))
    return "".join(str(each) for each in decimals if each is not None).lstrip("0")


def _joined(chunk: str) -> str:
    return "".join(_parts(chunk))


def _parts(chunk: str) -> list[str]:
    """Return the runs of letters, digits and their marks; invisible joiners count as nothing."""
    kinds = ((unicodedata.category(each), each) for each in chunk)
    return "".join(each if kind[0] in "LMN" else "" if kind == "Cf" else " " for kind, each in kinds).split()


def _distinct(words: Iterator[str]) -> Iterator[str]:
    return iter(dict.fromkeys(word for word in words if word))
