"""How the console says numbers."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext


def hours(minutes: int) -> str:
    """Minutes as people say hours, as in "2.5 h"."""
    number = round(minutes / 60, 2) if minutes % 60 else minutes // 60
    return gettext("%(hours)s h") % {"hours": number_format(number)}
