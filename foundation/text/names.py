"""What a name may consist of, and whether it gives away another name."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import regex

from foundation.text.skeletons import skeletons

# Line breaks and other controls, and characters that turn the direction of what follows.
UNRULY = regex.compile(r"[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]", regex.V1)
# UTS #39 §5.2, highly restrictive, for each word: one script, or Latin with those of East Asia.
TOGETHER = ("Latn Hani Hira Kana", "Latn Hani Bopo", "Latn Hani Hang")
# Recommended and limited-use scripts of UAX #31.
SCRIPTS = (
    "Adlm Arab Armn Bali Bamu Batk Beng Bopo Cakm Cans Cham Cher Cyrl Deva Ethi Geor Grek Gujr Guru"
    " Hang Hani Hebr Hira Hmnp Java Kali Kana Khmr Knda Lana Laoo Latn Lepc Limb Lisu Mand Mlym"
    " Mtei Mymr Newa Nkoo Olck Orya Osge Plrd Rohg Saur Sinh Sund Sylo Syrc Tale Talu Taml Tavt"
    " Telu Tfng Thaa Thai Tibt Vaii Wcho Yiii"
).split()
ONE_SCRIPT = regex.compile(
    "|".join(
        "["
        + "".join(rf"\p{{scx={script}}}" for script in group.split())
        + r"\p{sc=Zyyy}\p{sc=Zinh}]+"
        for group in (*TOGETHER, *SCRIPTS)
    ),
    regex.V1,
)
# Letters, also in circles, and digits, what stands for letters, apostrophes, and what nobody sees.
WORD = regex.compile(r"[\p{Alpha}\p{RI}\p{L}\p{M}\p{N}\p{Sc}@|!'’‘ʼ´`·\p{DI}]+", regex.V1)  # noqa: RUF001
HUMP = regex.compile(r"(?<=\p{Ll})(?=\p{Lu})", regex.V1)
INSIDE = regex.compile(r"[^\p{L}\p{M}\p{N}]+", regex.V1)
DIGITS = regex.compile(r"\p{N}+", regex.V1)
SYLLABIC = regex.compile(r"[\p{sc=Hani}\p{sc=Hang}]", regex.V1)
WITHOUT_SPACE = regex.compile(r"[\p{sc=Hani}\p{sc=Hang}]{2,4}", regex.V1)
# Signs written for letters.
SIGNS = str.maketrans("23456789@$€!", "zeasgtbgasei")
# "1" may stand for either. It has the skeleton of "l".
I_IS_L = str.maketrans("i", "l")
# Words of family names that many names share, and that are words of their own.
PARTICLES = frozenset(
    "af al am av ben bin da das de del den der di do dos du e el i ibn la las le les los mac mc o"
    " of san santa st te ten ter the van von y zu zur ii iii iv jr sr".split()
)
LONG = 7  # this many letters in a row are recognised inside a longer word
INITIALS_FROM = 4  # beside a shorter part of a name, one letter makes another word


def flaw(name: str) -> str | None:
    """What is wrong with a name that others will see, as a sentence. None: nothing."""
    if UNRULY.search(name):
        return "A name is one line, without signs that change the direction of writing."
    if not all(ONE_SCRIPT.fullmatch(word) for word in WORD.findall(name)):
        return "Please use the letters of one alphabet in each word."
    return None


def reveals(text: str, names: Iterable[str]) -> bool:
    """Whether a reader would recognise one of these names, or a part of one, in the text.

    Whole words count, and names run together or apart: "ana_kowalska", "AKowalska", "Kowal ska".
    Capitals, accents, apostrophes, look-alikes and digits for letters do not matter.
    """
    parts = {form for name in names for part in _parts(name) for form in _forms(part)}
    if not parts:
        return False
    whole = "|".join(regex.escape(part) for part in sorted(parts))
    long = [part for part in parts if len(part) >= INITIALS_FROM]
    first = "".join(regex.escape(letter) for letter in sorted({part[0] for part in parts}))
    together = regex.compile(f"(?:{whole})+")
    with_initials = regex.compile(f"[{first}]?(?:{'|'.join(map(regex.escape, long))})[{first}]?")
    return any(
        together.fullmatch(form)
        or (long and with_initials.fullmatch(form))
        or any(part in form for part in long if len(part) >= LONG)
        for run in _runs(text)
        for form in _forms(run)
    )


def _parts(name: str) -> Iterator[str]:
    """The words of a name, and the whole name in one word."""
    words = [word for word in WORD.findall(name) if INSIDE.sub("", word)]
    telling = [word for word in words if word.casefold() not in PARTICLES] or words
    for word in (*telling, "".join(words)):
        for piece in (word, *INSIDE.split(word)):
            if len(piece) > 1 or SYLLABIC.search(piece):
                yield piece
            if WITHOUT_SPACE.fullmatch(piece):  # the family name is the first syllable
                yield from (piece[0], piece[1:])


def _runs(text: str) -> Iterator[str]:
    """Neighbouring words of the text, written as one. A digit may be a letter or a space."""
    for plain in {text, DIGITS.sub(" ", text)}:
        words = [part for word in WORD.findall(plain) for part in HUMP.split(word)]
        for begin, end in itertools.combinations(range(len(words) + 1), 2):
            yield "".join(words[begin:end])


def _forms(word: str) -> set[str]:
    shapes = {
        # "rn" has the skeleton of "m". As one letter, it can be an initial.
        shape.translate(I_IS_L).replace("rn", "m")
        for each in (word, word.translate(SIGNS))
        for shape in skeletons(each)
    }
    return {form for shape in shapes if (form := INSIDE.sub("", shape))}
