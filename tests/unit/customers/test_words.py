"""The words of a customer and of a search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.customers.words import LONGEST, have_all, matching, terms_of, words_of


def finds(search: str, **texts: str) -> bool:
    terms = terms_of(search)
    return bool(terms) and have_all(words_of(texts), terms)


@pytest.mark.parametrize("search", ["john", "JOHN", "smi", "jo sm", "smith john", "Smith, John", "john,"])
def test_names_are_found_by_beginnings_of_their_words(search: str) -> None:
    assert finds(search, name="John Smith")


@pytest.mark.parametrize("search", ["mith", "john x", "johnn", "jane"])
def test_nothing_else_is_found(search: str) -> None:
    assert not finds(search, name="John Smith", email="a@b.example")


@pytest.mark.parametrize(
    ("name", "search"),
    [
        ("José Núñez", "jose nunez"),
        ("Jose Nunez", "JOSÉ NÚÑEZ"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("Søren Ærø", "soren aero"),
        ("Straße", "strasse"),
        ("Γιώργος Παπαδόπουλος", "γιωργος παπαδοπουλοσ"),
        ("ΓΙΩΡΓΟΣ", "γιώργος"),
        ("مُحَمَّد أحمد", "محمد احمد"),
        ("Иван Йовков", "иван йовков"),
        ("山田太郎", "山田"),
        ("山田太郎", "太郎"),
        ("山田 太郎", "山田太郎"),
        ("山田太郎", "山田 太郎"),
        ("株式会社山田製作所", "山田"),
        ("ガンダム", "ｶﾞﾝﾀﾞﾑ"),
        ("สมชาย", "ชาย"),
        ("김철수", "김철"),
        ("हिन्दी", "हिन्दी"),
        ("می\u200cخواهم", "میخواهم"),
        ("\uff21\uff23\uff2d\uff25", "acme"),
    ],
)
def test_case_accents_and_scripts(name: str, search: str) -> None:
    assert finds(search, name=name)


@pytest.mark.parametrize("search", ["o'brien", "obrien", "brien", "o’brien", "OBRI"])
def test_a_word_is_found_with_and_without_what_stands_in_it(search: str) -> None:
    assert finds(search, name="Sean O'Brien")


@pytest.mark.parametrize(
    "search",
    [
        "jane.doe+news@example.com",
        "Jane.Doe+news@EXAMPLE.com",
        "jane.d",
        "jane",
        "doe",
        "news",
        "doe jane",
        "@example.com",
        "example.com",
        "doe+news@example.com",
        "news@exam",
        "exam",
        "jane example",
    ],
)
def test_an_email_is_found_whole_and_by_its_parts(search: str) -> None:
    assert finds(search, email="Jane.Doe+news@example.com")


@pytest.mark.parametrize("search", ["com", "co"])
def test_everybody_s_top_level_domain_is_no_word(search: str) -> None:
    assert not finds(search, email="jane@mail.example.com")
    assert finds("example.com", email="jane@mail.example.com")


@pytest.mark.parametrize(
    "phone", ["+1-555-123-4567", "+15551234567", "+1 (555) 123-4567", "1 555 123 4567", "001 555 1234567"]
)
@pytest.mark.parametrize(
    "search",
    ["+1-555-123-4567", "15551234567", "5551234567", "(555) 123-4567", "555 123 4567", "1234567", "+1 555", "555123"],
)
def test_a_phone_number_is_found_however_it_is_grouped(phone: str, search: str) -> None:
    assert finds(search, phone=phone)


@pytest.mark.parametrize("phone", ["+442079460958", "+44 (0)20 7946 0958", "0044 20 7946 0958", "020 7946 0958"])
@pytest.mark.parametrize("search", ["020 7946 0958", "2079460958", "79460958"])
def test_zeros_that_are_dialled_or_not_make_no_difference(phone: str, search: str) -> None:
    assert finds(search, phone=phone)


def test_digits_of_other_scripts_are_digits() -> None:
    assert finds("5551234567", phone="+١٥٥٥١٢٣٤٥٦٧")


def test_a_phone_number_and_a_name_are_both_asked_for() -> None:
    assert terms_of("jane +1 555 123 4567") == ("15551234567", "jane")
    assert finds("jane +1 555 123 4567", name="Jane", phone="1-555-123-4567")
    assert not finds("john +1 555 123 4567", name="Jane", phone="1-555-123-4567")


@pytest.mark.parametrize("search", ["", "   ", "!?*", "--- ,;", "💳 🎉", "\u0301"])
def test_a_text_without_letters_and_digits_asks_for_nothing(search: str) -> None:
    assert terms_of(search) == ()


def test_terms_are_told_once_the_longest_first() -> None:
    assert terms_of("jo john JOHN smith a") == ("smith", "john", "a")


def test_words_and_terms_are_cut_alike() -> None:
    name = "x" * 60
    assert words_of({"name": name}) == {"x" * LONGEST}
    assert finds(name, name=name)


def test_the_first_matching_word_is_the_alphabetical_one() -> None:
    words = words_of({"name": "Janet Jane Jan"})

    assert matching(words, "jan") == "jan"
    assert matching(words, "jane") == "jane"
    assert matching(words, "x") is None


any_text = st.text(max_size=255)


@given(any_text, any_text, any_text, any_text)
def test_words_are_bounded_whatever_is_typed(name: str, company: str, email: str, phone: str) -> None:
    words = words_of({"name": name, "company_name": company, "email": email, "phone": phone})

    assert len(words) <= 40
    assert all(0 < len(word) <= LONGEST and "#" not in word for word in words)


@given(st.text(alphabet=st.characters(categories=["L", "Nd", "Zs"]), max_size=20))
def test_whoever_types_the_whole_name_finds_it(name: str) -> None:
    assert finds(name, name=name) or not terms_of(name)


@given(st.text(alphabet="0159 a.-(+", max_size=14))
def test_numbers_in_a_name_are_found_as_typed(name: str) -> None:
    assert finds(name, name=name) or not terms_of(name)


@given(st.text(max_size=200))
def test_no_term_is_the_beginning_of_another(search: str) -> None:
    terms = terms_of(search)

    assert all(not other.startswith(term) for term in terms for other in terms if other is not term)
