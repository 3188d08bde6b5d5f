"""Who may use Handrail, in which languages, who invites people, and who runs a programme."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.conf import settings

from recovery.actions import Call, rule
from recovery.feed import scopes
from recovery.people.roles import Duty, has_duty

ADULT = 18
# The languages that ship. Every text that Handrail publishes is in all of them.
LOCALES = tuple(code for code, _ in settings.LANGUAGES)


def staff_scope(programme_id: uuid.UUID) -> uuid.UUID:
    return scopes.scope_id(f"staff:{programme_id}")


@rule
def administers(call: Call, data: dict[str, Any]) -> bool:
    """Staff who manage the programme (`manages`)."""
    return has_duty(staff_scope(data["programme"]), call.actor.id, Duty.MANAGES)


@rule
def manages_invitation(call: Call, data: dict[str, Any]) -> bool:
    """Staff of the programme: those who invite (`invites`) for a patient, those who manage
    (`manages`) for a member of staff."""
    duty = Duty.MANAGES if data["invitation"].for_staff else Duty.INVITES
    return has_duty(data["invitation"].scope_id, call.actor.id, duty)


def age_on(day: date, born: date) -> int:
    """In whole years. A person born on 29 February turns a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
