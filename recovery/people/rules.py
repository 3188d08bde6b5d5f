"""Who may use Handrail, in which languages, who invites people, and who runs a programme."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any, Protocol

from django.conf import settings

from foundation.problems import Invalid
from foundation.text import looks_like
from recovery.actions import Call, rule
from recovery.feed import scopes
from recovery.people.roles import Duty, cares_for, has_duty

ADULT = 18
OLDEST = 120  # years; a date of birth before that is a slip of the hand
NAME_PARTS = ("given_name", "family_name", "name_text")
# E.164: at most 15 digits. The shortest numbers that are assigned to people have seven.
PHONE_DIGITS = range(7, 16)
PHONE = re.compile(r"\+?[\d\s().\-/]+((x|ext\.?) ?\d{1,6})?", re.IGNORECASE | re.ASCII)
WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")  # of a name
# The languages that ship. Every text that Handrail publishes is in all of them.
LOCALES = tuple(code for code, _ in settings.LANGUAGES)


class Named(Protocol):
    """Anything with the parts of a name."""

    @property
    def given_name(self) -> str: ...

    @property
    def family_name(self) -> str: ...

    @property
    def name_text(self) -> str: ...


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


@rule
def renews_invitation(call: Call, data: dict[str, Any]) -> bool:
    """For a patient, their care team, if they invite (`invites`); for a member of staff, others
    who manage the programme (`manages`)."""
    invitation, actor = data["invitation"], call.actor.id
    if invitation.for_staff:
        return invitation.user_id != actor and has_duty(invitation.scope_id, actor, Duty.MANAGES)
    return has_duty(invitation.scope_id, actor, Duty.INVITES) and cares_for(
        invitation.programme_id, actor, invitation.user_id
    )


@rule
def invites(call: Call, data: dict[str, Any]) -> bool:
    """Staff of the programme who invite (`invites`)."""
    return has_duty(staff_scope(data["programme"]), call.actor.id, Duty.INVITES)


@rule
def is_own_recovery(call: Call, data: dict[str, Any]) -> bool:
    """The person whose account the code opens."""
    return bool(data["recovery"].scope_id == call.actor.id)


def same_name(one: Named, other: Named) -> bool:
    """Whether two names may be of one person: the words of one look like some of the other's.

    Marks, case and order do not count, and a second family name may be missing.
    """
    if any(looks_like(a, b) for a in _together(one) for b in _together(other)):
        return True
    few, many = sorted((_words(one), _words(other)), key=len)
    return bool(few) and all(any(looks_like(a, b) for b in many) for a in few)


def _words(name: Named) -> list[str]:
    return WORD.findall(f"{name.given_name} {name.family_name} {name.name_text}")


def _together(name: Named) -> set[str]:
    """Without spaces, in both orders: "小明王" and "王小明". Not a name of nothing."""
    orders = ((name.given_name, name.family_name), (name.family_name, name.given_name))
    return {"".join(WORD.findall(f"{a} {b} {name.name_text}")) for a, b in orders} - {""}


def age_on(day: date, born: date) -> int:
    """In whole years. A person born on 29 February turns a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def earliest_birth(day: date) -> date:
    """The earliest date of birth of a person who may be alive on `day`."""
    # From 29 February, because a year `OLDEST` years before may have none.
    return day.replace(year=day.year - OLDEST, day=min(day.day, 28))


def check_phone(number: str) -> None:
    """Raises Invalid unless this is empty or can be dialled."""
    main = re.split("[xe]", number, maxsplit=1, flags=re.IGNORECASE)[0]
    digits = sum(character.isdigit() for character in main)
    if number and (digits not in PHONE_DIGITS or not PHONE.fullmatch(number)):
        sentence = (
            f"“{number}” cannot be dialled. Please give 7 to 15 digits, with + and the country code"
            " for a number abroad."
        )
        raise Invalid({"phone": [sentence]})
