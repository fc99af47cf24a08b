"""The words on a document."""

from dataclasses import fields
from typing import get_args

import pytest

from billing.documents.invoice import InvoiceStatus
from billing.documents.labels import BY_LANGUAGE, ENGLISH, Labels, language_of


@pytest.mark.parametrize("labels", BY_LANGUAGE.values(), ids=BY_LANGUAGE)
def test_every_language_has_every_word_with_the_same_places_in_it(labels):
    assert set(labels.statuses) == set(get_args(InvoiceStatus.__value__))
    for name in (field.name for field in fields(Labels) if field.name != "statuses"):
        word, in_english = getattr(labels, name), getattr(ENGLISH, name)
        assert word.strip()
        assert sorted(places(word)) == sorted(places(in_english))


def places(word: str) -> list[str]:
    return [part.partition("}")[0] for part in word.split("{")[1:]]


@pytest.mark.parametrize(
    ("locale", "language"), [("de-AT", "de"), ("FR", "fr"), ("es_MX", "es"), ("ja-JP", "en"), ("", "en"), ("den", "en")]
)
def test_the_language_of_a_locale_is_spoken_or_else_english(locale, language):
    assert language_of(locale) == language
