"""How hard a text is to read: Flesch-Kincaid for English, INFLESZ for Spanish.

A smoke alarm, not a proof: short words in short sentences can still be unkind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import pyphen

WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
SENTENCE_END = re.compile(r"[.?:…]+(?:\s|$)")
# Where a line may break is nearly where a syllable ends.
DICTIONARIES = {"en": "en_US", "es": "es"}


class Counts(NamedTuple):
    sentences: int
    words: int
    syllables: int


def grade(texts: Iterable[str]) -> float:
    """The school year in which children read English like this (Flesch-Kincaid)."""
    sentences, words, syllables = count(texts, "en")
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def ease(texts: Iterable[str]) -> float:
    """How easy Spanish like this is (INFLESZ, by Szigriszt-Pazos): 65 is fairly easy, 80 very."""
    sentences, words, syllables = count(texts, "es")
    return 206.835 - 62.3 * syllables / words - words / sentences


def count(texts: Iterable[str], language: str) -> Counts:
    """A label without a full stop is a sentence too."""
    sentences = words = syllables = 0
    for text in texts:
        words_of_text = WORD.findall(text)
        if words_of_text:
            sentences += len([part for part in SENTENCE_END.split(text) if WORD.search(part)])
            words += len(words_of_text)
            syllables += sum(_syllables(word.lower(), language) for word in words_of_text)
    return Counts(sentences, words, syllables)


@cache
def _syllables(word: str, language: str) -> int:
    breaks = _dictionary(language).positions(word)
    return len(breaks) + 1


@cache
def _dictionary(language: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang=DICTIONARIES[language], left=1, right=1)
