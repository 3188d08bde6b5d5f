"""Which texts look the same to a reader: skeletons, after UTS #39 §4.

A skeleton here is coarser than Unicode's: capitals, accents, blanks and punctuation do not matter
either, because "Dana" and "dána." are one name to those who read them.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import regex

FILE = Path(__file__).with_name("confusables.txt")
IGNORED = regex.compile(r"[\p{DI}\u2800]", regex.V1)
# Accents, rings around letters, and the points of Hebrew and Arabic, with and without which a word
# is the same; but not the vowel signs of scripts that always write vowels as marks.
ACCENTS = regex.compile(r"[[\p{Mn}\p{Me}]&&[\p{sc=Zinh}\p{sc=Hebr}\p{sc=Arab}]]", regex.V1)
BETWEEN = regex.compile(r"[\p{P}\p{Z}\p{White_Space}\p{C}]", regex.V1)


# Letters in other clothes, for which Unicode has no decomposition and confusables.txt no prototype:
# small capitals, letters in black circles and squares, regional indicators.
DRESSED = regex.compile(
    r"LATIN LETTER SMALL CAPITAL (.)|.+ LATIN CAPITAL LETTER (.)|.+ SYMBOL LETTER (.)"
)
WARDROBES = (
    range(0x250, 0x2B0),
    range(0x1D00, 0x1D80),
    range(0xA720, 0xA800),
    range(0x1F100, 0x1F200),
)


def _prototypes() -> dict[int, str]:
    letters = {}
    for code in itertools.chain(*WARDROBES):
        if letter := DRESSED.fullmatch(unicodedata.name(chr(code), "")):
            letters[code] = letter[letter.lastindex or 0].lower()
    pairs = (line.split(";") for line in FILE.read_text().splitlines() if line[0] != "#")
    listed = {int(a, 16): "".join(chr(int(b, 16)) for b in to.split()) for a, to in pairs}
    return letters | listed


PROTOTYPES = _prototypes()
# Letters for letters: "Mueller" for "Müller".
SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})


def skeletons(text: str) -> frozenset[str]:
    """Two texts look alike if they have a skeleton in common.

    There are several, because looking alike depends on the case: "I" looks like "l" and "i" does
    not, but "INES" and "ines" are one name. One skeleton compares the shapes first, another the
    case, and a third has umlauts spelt out.
    """
    # A name whose letters are all ignored would equal every other such name.
    plain = IGNORED.sub("", unicodedata.normalize("NFKD", text)) or text
    folded = unicodedata.normalize("NFKD", plain.casefold())
    spelt = unicodedata.normalize("NFC", folded).translate(SPELT_OUT)
    return frozenset(_letters(_shapes(each)) for each in (plain, folded, spelt))


def looks_like(one: str, other: str) -> bool:
    return not skeletons(one).isdisjoint(skeletons(other))


def first_twice(texts: Iterable[str]) -> str | None:
    """The first text that looks like an earlier one."""
    seen: set[str] = set()
    for text in texts:
        forms = skeletons(text)
        if seen & forms:
            return text
        seen |= forms
    return None


def _shapes(text: str) -> str:
    """With the prototype of each character, in small letters."""
    drawn = unicodedata.normalize("NFKD", text.translate(PROTOTYPES)).casefold()
    return unicodedata.normalize("NFKD", drawn.translate(PROTOTYPES))


def _letters(text: str) -> str:
    """Without accents, blanks and punctuation, unless there is nothing else."""
    return BETWEEN.sub("", ACCENTS.sub("", text)) or " ".join(text.split()) or text
