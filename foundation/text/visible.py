"""Whether a text shows anything to a reader.

`regex` instead of `unicodedata`: Python 3.11 has neither Default_Ignorable_Code_Point nor scripts,
and its tables are those of 2021.
"""

from __future__ import annotations

import re

import regex

# Blank though Unicode counts them as letters or symbols: the empty Braille cell, the null notehead,
# the filler of Khitan, the placeholder of an object.
BLANK = r"\u2800\U0001D159\U00016FE4\uFFFC"
# Nothing to see: blanks and controls, what a renderer ignores (zero-width characters, fillers,
# tags, variation selectors, direction marks), and marks without a letter to stand on. Characters
# that are not assigned yet do show: a new emoji is one until the tables here are renewed.
UNSEEN = rf"\p{{Z}}\p{{White_Space}}\p{{M}}\p{{Cc}}\p{{Cs}}\p{{DI}}\p{{NChar}}{BLANK}"
VISIBLE = regex.compile(rf"[[^{UNSEEN}]--[\p{{Cf}}--\p{{PCM}}]]", regex.V1)

# NUL and halves of surrogate pairs.
NO_TEXT = re.compile("[\0\ud800-\udfff]")


def is_visible(text: str) -> bool:
    """Whether there is at least one character that a reader can see."""
    return VISIBLE.search(text) is not None


def storable(text: str) -> str:
    """The text with U+FFFD for what PostgreSQL cannot hold: NUL and halves of surrogate pairs."""
    return NO_TEXT.sub("\ufffd", text)
