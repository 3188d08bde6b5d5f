"""How the console says numbers."""

from __future__ import annotations

from django.utils.translation import gettext


def hours(minutes: int) -> str:
    """As in "50 min", "9 h" or "2 h 30 min"."""
    whole, rest = divmod(minutes, 60)
    parts = [gettext("%(n)s h") % {"n": whole}] if whole or not rest else []
    return " ".join([*parts, gettext("%(n)s min") % {"n": rest}] if rest else parts)
