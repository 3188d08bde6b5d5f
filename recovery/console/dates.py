"""Days and times as each language writes them. Templates' `date` filter is the one below."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language

# By the English form, in Django's letters.
SPANISH = {
    "l, F j, Y, g:i A": r"l, j \d\e F \d\e Y, g:i a",
    "l, F j, g:i A": r"l, j \d\e F, g:i a",
    "l, g:i A": "l, g:i a",
    "l, F j, Y": r"l, j \d\e F \d\e Y",
    "l, F j": r"l, j \d\e F",
    "F j, Y, g:i A": r"j \d\e F \d\e Y, g:i a",
    "F j, Y": r"j \d\e F \d\e Y",
    "F j": r"j \d\e F",
    "D, M j, Y": "D j M Y",
    "D, M j, g:i A": "D j M, g:i a",
    "D, M j": "D j M",
    "D, g:i A": "D, g:i a",
    "D g:i A": "D g:i a",
    "M j, Y": "j M Y",
    "M j": "j M",
    "g:i A": "g:i a",
}


def written(value: Any, form: str) -> str:
    """A date or time in the reader's language, as `form` says in English. Empty for none."""
    if value is None or value == "":
        return ""
    return date_format(value, SPANISH.get(form, form) if _is_spanish() else form)


def _is_spanish() -> bool:
    return (get_language() or "").startswith("es")
