"""The roles that people have in a scope, and what each role allows.

No other module names a role of staff: rules ask for a duty. docs/permissions.md shows this table
and the rule of every action.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from enum import Enum

from django.utils.translation import gettext_lazy as _

from recovery.feed import scopes
from recovery.feed.models import Membership, Scope


class Duty(Enum):
    """What a role allows, as a sentence for docs/permissions.md."""

    @property
    def code(self) -> str:
        """Its name in SQL and in texts."""
        return self.name.lower()

    MANAGES = "Manages the programme: its settings, its staff and their roles."
    INVITES = (
        "Revokes the codes of patients, approves those that others hand over, and signs a patient"
        " out of all devices. On a person's care team, makes a new code."
    )
    ADMITS = "Admits patients to the programme."
    CARES = (
        "Can join care teams. On a person's care team, sees the record, records attendance, and"
        " adds and removes team members."
    )
    DECIDES = "On a care team, changes the level of care and makes a patient an alumnus."
    TREATS = "On a care team, assigns exercises, reviews attempts and signs check-ins."
    KEEPS_TIMETABLE = (
        "Plans, changes and cancels sessions: of a patient as their care team, of a group as its"
        " facilitator."
    )
    LEADS_GROUPS = "Opens peer groups, and can be added to one as a facilitator."
    COORDINATES = "Writes announcements to all alumni of the programme."
    MODERATES = (
        "In a peer group, invites and removes members, opens and closes go-rounds, and adds"
        " facilitators."
    )


ADMIN = "admin"
PATIENT = "patient"
ALUMNUS = "alumnus"
FORMER_PATIENT = "former_patient"
# In a peer group or a pair.
MEMBER = "member"
FACILITATOR = "facilitator"

STAFF = {
    "counsellor": {
        Duty.INVITES,
        Duty.ADMITS,
        Duty.CARES,
        Duty.DECIDES,
        Duty.TREATS,
        Duty.KEEPS_TIMETABLE,
        Duty.LEADS_GROUPS,
    },
    "clinician": {
        Duty.INVITES,
        Duty.ADMITS,
        Duty.CARES,
        Duty.DECIDES,
        Duty.TREATS,
        Duty.KEEPS_TIMETABLE,
        Duty.LEADS_GROUPS,
    },
    "case_manager": {
        Duty.INVITES,
        Duty.ADMITS,
        Duty.CARES,
        Duty.KEEPS_TIMETABLE,
        Duty.LEADS_GROUPS,
    },
    "alumni_coordinator": {
        Duty.CARES,
        Duty.KEEPS_TIMETABLE,
        Duty.LEADS_GROUPS,
        Duty.COORDINATES,
    },
    ADMIN: {
        Duty.MANAGES,
        Duty.INVITES,
        Duty.ADMITS,
        Duty.CARES,
        Duty.DECIDES,
        Duty.KEEPS_TIMETABLE,
        Duty.LEADS_GROUPS,
        Duty.COORDINATES,
    },
}
STAFF_ROLES = tuple(STAFF)
# As staff read them.
ROLE_NAMES = {
    "counsellor": _("Counselor"),
    "clinician": _("Clinician"),
    "case_manager": _("Case manager"),
    "alumni_coordinator": _("Alumni coordinator"),
    ADMIN: _("Administrator"),
}

# What members of a group take for someone on the staff, in the languages that ship.
TITLES = tuple(
    "admin administrator caseworker casemanager clinician coordinator counselor counsellor doctor"
    " dr facilitator leader moderator nurse staff therapist administrador consejera consejero"
    " coordinador doctora enfermera enfermero facilitador lider moderador terapeuta".split()
)
# Staff who lead a group are its facilitators there, whatever their role in the programme.
DUTIES = STAFF | {FACILITATOR: {Duty.MODERATES, Duty.KEEPS_TIMETABLE}}


def roles_with(duty: Duty) -> frozenset[str]:
    return frozenset(role for role, duties in DUTIES.items() if duty in duties)


def cares_for(programme_id: uuid.UUID, staff_id: uuid.UUID, patient_id: uuid.UUID) -> bool:
    """Whether the member of staff is on the care team of this person in this programme."""
    # In the scope of their record they stay the patient, also as an alumnus or when care has ended.
    theirs = Membership.objects.filter(user_id=patient_id, role=PATIENT).values("scope_id")
    records = Scope.objects.filter(kind="care", home_id=programme_id, id__in=theirs).values("id")
    mine = Membership.objects.filter(user_id=staff_id, scope_id__in=records, held=False)
    return bool(mine.filter(role__in=roles_with(Duty.CARES)).exists())


def others_with(
    duty: Duty, scope_id: uuid.UUID, *, beside: Iterable[uuid.UUID]
) -> frozenset[uuid.UUID]:
    """Everyone in this scope whose role carries the duty, except these users."""
    rows = Membership.objects.filter(scope_id=scope_id, held=False, role__in=roles_with(duty))
    return frozenset(rows.values_list("user_id", flat=True)) - frozenset(beside)


def has_duty(scope_id: uuid.UUID, user_id: uuid.UUID, duty: Duty) -> bool:
    """Whether the user has a role in this scope that carries the duty."""
    return scopes.role_of(scope_id, user_id) in roles_with(duty)
