import re
import unicodedata
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"
REPLACEMENT = "\u25a1"  # WHITE SQUARE, which the bundled font has
ZERO_WIDTH_SPACE = "\u200b"
LONG_WORD = re.compile(r"\S{25,}")
WORD_PART = re.compile(r"\S{12}(?=\S)")
LINE_BREAK = re.compile("\r\n|[\r\n\v\f\x85\u2028\u2029]")
ACCENTS_PER_LETTER = 3


@cache
def drawable_characters() -> frozenset[int]:
    """Return the code points that every bundled font can draw."""
    maps = [set(TTFont(path).getBestCmap()) for path in sorted(FONTS.glob("*.ttf"))]
    return frozenset(set.intersection(*maps))


def clean_markup(text: str) -> str:
    """Return SVG markup without characters that would stop the typesetter.

    PDF/UA refuses a document with a character that its fonts lack, so each becomes a white
    square. Controls and direction overrides go; tabs become spaces.
    """
    kept = []
    accents = 0
    for character in LINE_BREAK.sub("\n", unicodedata.normalize("NFC", text)).replace("\t", " "):
        category = unicodedata.category(character)
        accents = accents + 1 if category == "Mn" else 0
        if character == "\n":
            kept.append(character)
        elif category in ("Cc", "Cf") or accents > ACCENTS_PER_LETTER:
            continue
        elif ord(character) in drawable_characters():
            kept.append(character)
        else:
            kept.append(REPLACEMENT)
    return "".join(kept)


def clean_text(text: str) -> str:
    """Return text that the typesetter can draw, and break, inside a narrow column.

    Cleaned as markup is; a word of 25 or more characters gets a place to break every 12.
    """
    return LONG_WORD.sub(
        lambda word: WORD_PART.sub(rf"\g<0>{ZERO_WIDTH_SPACE}", word[0]), clean_markup(text)
    )
