"""Noticing that the programme has a record of this person already."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from foundation.postgresql import functions
from recovery.actions import Refused
from recovery.actions.alone import alone
from recovery.care.models import CareRecord, Programme
from recovery.people import roles
from recovery.people.actions.inputs import Name
from recovery.people.models import HumanName, Person, StaffMember
from recovery.people.rules import same_name


class Known(NamedTuple):
    """A record of the programme. `is_open`: the caller is on its care team."""

    record: uuid.UUID
    given_name: str
    family_name: str
    name_text: str
    is_open: bool
    team: list[uuid.UUID]


def require_new(programme: Programme, name: Name, born: date) -> None:
    """Refused: `known_already`, if the programme has a record with this name and date of birth.

    Those who are on its care team get the record. The others learn whom to `ask`.
    """
    _require_only(programme, Person(**name), born)


def require_no_other(record: CareRecord) -> None:
    """The same for a record whose name or date of birth has just been corrected."""
    linked = (record.id, record.replaced_by)
    _require_only(record.programme, record, record.date_of_birth, besides=linked)


def _require_only(
    programme: Programme,
    name: HumanName,
    born: date,
    besides: Collection[uuid.UUID | None] = (),
) -> None:
    # Two colleagues may record the same person at the same time.
    alone("care.doubles", programme.id, born)
    rows = functions.call("records_born_on", programme=programme.id, born=born)
    known = [
        row for row in map(Known._make, rows) if row.record not in besides and same_name(row, name)
    ]
    if not known:
        return
    mine = next((row for row in known if row.is_open), None)
    record = CareRecord.objects.in_scope(mine.record).get() if mine else None
    team = {user for row in known for user in row.team}
    whom = [] if mine else _names(programme.id, team)
    if whom:
        raise Refused(
            "known_already",
            "The program has a record with this name and date of birth. Please ask about it:"
            " %(names)s. If this is another person, say so and send it again.",
            values={"names": ", ".join(whom)},
            about=[{"ask": each} for each in whom],
        )
    raise Refused(
        "known_already",
        "You are on the care team of a person with this name and date of birth. If this is another"
        " person, say so and send it again.",
        current=record,
    )


def _names(programme_id: uuid.UUID, team: set[uuid.UUID]) -> list[str]:
    staff = StaffMember.objects.in_scope(programme_id).filter(left_at=None)
    # A record whose team has left is in the care of the administrators.
    contacts = staff.filter(user_id__in=team) if team else staff.filter(role=roles.ADMIN)
    names = [member.full_name for member in contacts.order_by("id")]
    return names or ["an administrator"]
