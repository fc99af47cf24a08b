"""The fonts of a document: Noto Sans, whose files two packages of the documents layer hold."""

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typst import Fonts

PACKAGES = ("manimgx_fonts", "manimgx_fonts_cjk")

_SCRIPTS = (
    *("Arabic", "Hebrew", "Devanagari", "Bengali", "Gujarati", "Gurmukhi", "Kannada", "Malayalam", "Oriya", "Sinhala"),
    *("Tamil", "Telugu", "Thai", "Lao", "Khmer", "Myanmar", "Armenian", "Georgian", "Ethiopic", "Symbols"),
)
# One character of the Han script has up to five forms, and each of its readers takes the others' for a mistake.
_HAN = {"JP": "JP", "KR": "KR", "KP": "KR", "TW": "TC", "HK": "HK", "MO": "HK", "CN": "SC", "SG": "SC", "MY": "SC"}
_HAN_OF_LANGUAGES = {"ja": "JP", "ko": "KR", "zh": "SC"}


def families(country: str | None, language: str, script: str | None = None) -> list[str]:
    """Return the font families, each for what those before it lack, for text from a country or in a language."""
    of_language = "TC" if (language, script) == ("zh", "Hant") else _HAN_OF_LANGUAGES.get(language)
    han = _HAN.get(country or "") or of_language or "SC"
    return [
        "Noto Sans",
        *(f"Noto Sans {script}" for script in _SCRIPTS),
        f"Noto Sans CJK {han}",
        "Noto Emoji",
    ]


@cache
def fonts() -> "Fonts":
    """Return the fonts of the packages and no others, so that a page looks the same wherever it is drawn."""
    from typst import Fonts  # noqa: PLC0415 - see the package

    found = (find_spec(package) for package in PACKAGES)
    folders = [folder for spec in found if spec for folder in spec.submodule_search_locations or ()]
    return Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
