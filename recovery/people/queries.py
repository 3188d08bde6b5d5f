"""Who is on the staff of a programme, and what nobody on the staff is in."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from foundation.postgresql import functions
from notifications import queue
from recovery.actions.ledger import audit_read
from recovery.feed import scopes
from recovery.feed.context import acting_as
from recovery.feed.models import Membership
from recovery.people.models import Invitation, Person, StaffMember
from recovery.people.roles import Duty, roles_with
from recovery.people.rules import staff_scope
from recovery.signin.models import User


def staff_in(scope_id: uuid.UUID, programme_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """The roles, in this scope, of its members who are on the staff of the programme.

    A membership does not make someone staff: a place in the `staff:` scope does.
    """
    staff = Membership.objects.filter(scope_id=staff_scope(programme_id), held=False)
    here = Membership.objects.filter(
        scope_id=scope_id, held=False, user_id__in=staff.values("user_id")
    )
    return dict(here.values_list("user_id", "role"))


def locked_staff_role(programme_id: uuid.UUID, user_id: uuid.UUID) -> str | None:
    """The user's role on the staff, which does not end before this transaction does."""
    # Ending an account locks the same row, and then looks for the places that it must close.
    rows = StaffMember.objects.in_scope(programme_id).filter(user_id=user_id, left_at=None)
    rows.select_for_update(no_key=True).first()
    return scopes.role_of(staff_scope(programme_id), user_id)


def staff_member(programme_id: uuid.UUID, user_id: uuid.UUID) -> StaffMember | None:
    """The member of staff, as everyone in the programme sees them. They may have left."""
    rows = StaffMember.objects.in_scope(programme_id).filter(user_id=user_id)
    row: StaffMember | None = rows.first()
    return row


def staff_name(programme_id: uuid.UUID, user_id: uuid.UUID) -> str:
    """Their whole name, or nothing if they were never on the staff."""
    row = staff_member(programme_id, user_id)
    return row.full_name if row else ""


def invitations_for(user: Any) -> Q:
    """Which invitations the user sees: of patients for those who invite, of staff for those who
    manage the programme."""

    def held(duty: Duty) -> QuerySet[Any, Any]:
        mine = Membership.objects.filter(user_id=user.id, held=False)
        return mine.filter(role__in=roles_with(duty)).values("scope_id")

    return (
        Q(for_staff=True, scope_id__in=held(Duty.MANAGES))
        | Q(for_staff=False, scope_id__in=held(Duty.INVITES))
        # In a programme with one administrator, a colleague approves.
        | Q(needs_approval=True, approved_at=None, scope_id__in=held(Duty.INVITES))
    )


def letter_key(invitation_id: uuid.UUID) -> str:
    """By which `queue.email_states` knows the e-mail of an invitation."""
    return f"invitation:{invitation_id}"


def letter_states(scope_id: uuid.UUID, rows: Iterable[Invitation]) -> dict[uuid.UUID, str]:
    """What became of the e-mails with these codes, all of one scope, by the ids of those that have
    one."""
    keys = {letter_key(row.id): row.id for row in rows}
    return {keys[key]: state for key, state in queue.email_states(scope_id, keys).items()}


def owner_of(row: Invitation, reader: Any, now: datetime) -> tuple[str, str]:
    """Whose account a code opens, and their address, for those who have to approve it. They need
    not be on the person's care team, so the read is recorded where the person sees it."""
    with acting_as(row.user_id):
        person = Person.objects.in_scope(row.user_id).get(id=row.user_id)
    audit_read([person], reader, now)
    return person.full_name, User.objects.get(id=row.user_id).email or person.email


@dataclass(frozen=True)
class Unattended:
    """Something for which nobody on the staff has the duty that it needs.

    `id`: of the record or group. `waiting`: how many things wait in it, `since` when.
    """

    kind: str
    id: uuid.UUID
    name: str
    duty: Duty
    waiting: int
    since: datetime | None


@dataclass(frozen=True)
class Reading:
    """Who reads what nobody is in. Each row shown is audited in the scope that it is about."""

    programme_id: uuid.UUID
    session_id: uuid.UUID | None
    request_id: uuid.UUID
    at: datetime
    most: int

    def rows(self, function: str, duty: Duty) -> list[tuple[Any, ...]]:
        """What a function of `*/sql/unstaffed_*.sql` finds for want of this duty."""
        return functions.call(
            function,
            programme=self.programme_id,
            lacking=duty.code,
            most=self.most,
            session=self.session_id,
            request=self.request_id,
            at=self.at,
        )


Finder = Callable[[Reading], Iterable[Unattended]]
_finders: list[Finder] = []


def finds_unattended(finder: Finder) -> Finder:
    """Register what finds one kind of thing that nobody is in. The reader is an administrator."""
    _finders.append(finder)
    return finder


def unattended(reading: Reading) -> list[Unattended]:
    """What nobody on the staff is in, kind by kind; of each kind `reading.most` at most."""
    return [row for finder in _finders for row in finder(reading)]


@dataclass(frozen=True)
class Count:
    """One line of how notifications go: see people/sql/programme_health.sql."""

    kind: str
    name: str
    state: str
    reason: str
    number: int | None
    people: int | None
    oldest: datetime | None


def programme_health(programme_id: uuid.UUID, *, since: datetime, at: datetime) -> list[Count]:
    """Counts of what was sent since then, and moments of the queues, for administrators."""
    rows = functions.call("programme_health", programme=programme_id, since=since, at=at)
    return [Count(*row) for row in rows]
