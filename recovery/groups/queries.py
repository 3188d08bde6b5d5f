"""Groups, and what new members see of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery

from foundation.postgresql import functions
from recovery.conversations.queries import cards
from recovery.feed.models import Membership, ScopedQuerySet
from recovery.groups.models import GroupInvitation, PeerGroup, Round
from recovery.people import roles
from recovery.people.models import StaffMember
from recovery.people.queries import Reading, Unattended, finds_unattended
from recovery.people.roles import Duty


def is_full(group: PeerGroup) -> bool:
    """Whether the group has as many members as it may have."""
    return cards(group.scope_id).filter(role=roles.MEMBER).count() >= group.size_max


def leader_for_invited(invitation: GroupInvitation) -> uuid.UUID | None:
    """Who lets the acting user into the group: its inviter or, if that one no longer leads it,
    another facilitator."""
    row = functions.first("leader_for_invited", invitation=invitation.id)
    return row[0] if row else None


def open_invitation(user_id: uuid.UUID, group_id: uuid.UUID) -> GroupInvitation | None:
    """The user's unanswered invitation to this group, locked."""
    mine = GroupInvitation.objects.in_scope(user_id).filter(group_id=group_id, state="open")
    invitation: GroupInvitation | None = mine.select_for_update(no_key=True, of=("self",)).first()
    return invitation


def staff_names(programme_id: uuid.UUID) -> list[tuple[str, str, str]]:
    """Given name, family name and whole name of everybody who works for the programme now."""
    staff = StaffMember.objects.in_scope(programme_id).filter(left_at=None)
    return list(staff.values_list("given_name", "family_name", "name_text"))


def open_rounds(scope_id: uuid.UUID) -> ScopedQuerySet:
    """The open go-round, if there is one."""
    return Round.objects.in_scope(scope_id).filter(closed_at=None)


def shown_to_newcomers(group: PeerGroup) -> Iterator[Any]:
    """The group, its people and the open go-round."""
    # Earlier messages stay hidden: they were written to those who were in the group at the time.
    yield group
    yield from cards(group.scope_id)
    yield from open_rounds(group.scope_id)


def facilitated_by(user: Any) -> ArraySubquery:
    """The scopes of the groups that this user facilitates, as one array."""
    led = Membership.objects.filter(user_id=user.id, role=roles.FACILITATOR, held=False)
    return ArraySubquery(led.values("scope_id"))


@finds_unattended
def unattended_groups(reading: Reading) -> Iterator[Unattended]:
    """Groups without a facilitator, and their timetables without a keeper."""
    for id_, name, opened_at, members, series in reading.rows("unstaffed_groups", Duty.MODERATES):
        yield Unattended("group", id_, name, Duty.MODERATES, members, opened_at)
        if series:
            yield Unattended("series", id_, name, Duty.KEEPS_TIMETABLE, series, None)
