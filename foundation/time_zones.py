"""Time zones: the names of the IANA database that phones have, with links such as US/Pacific."""

from __future__ import annotations

import functools
from importlib import resources

import tzdata  # type: ignore[import-untyped]

# In the database, but no place's time: what a computer without a zone is set to.
NO_PLACE = frozenset({"Factory"})
# Of the rules that every zone follows, such as 2026b. The settings keep those of the machine out.
VERSION: str = tzdata.IANA_VERSION


@functools.cache
def names() -> frozenset[str]:
    """Every name. From `tzdata`, whose version is locked, and not from the machine, whose own
    files add `localtime`, `posixrules`, `right/` (with leap seconds) and whatever else lies there.
    """
    listed = resources.files("tzdata").joinpath("zones").read_text()
    return frozenset(listed.split()) - NO_PLACE


def is_time_zone(name: str) -> bool:
    return name in names()
