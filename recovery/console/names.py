"""The names of people, as they are said on the console."""

from __future__ import annotations

from recovery.care.models import CareRecord
from recovery.people.models import name_to_say


def name_of(record: CareRecord) -> str:
    """The whole name, with the one that the person wants to hear."""
    return name_to_say(record.given_name, record.family_name, record.name_text, record.called)


def first_name(record: CareRecord) -> str:
    return record.called or record.given_name or name_of(record)
