"""Groups, and what new members see of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery

from recovery.conversations.queries import cards
from recovery.feed.models import Membership, ScopedQuerySet
from recovery.groups.models import GroupInvitation, PeerGroup, Round
from recovery.people import roles
from recovery.people.models import StaffMember


def group_in(scope_id: uuid.UUID, *, lock: bool = False) -> PeerGroup | None:
    """The group of a scope that the actor is in. `lock` holds it until the transaction ends."""
    groups = PeerGroup.objects.in_scope(scope_id)
    if lock:
        groups = groups.select_for_update(no_key=True)
    group: PeerGroup | None = groups.first()
    return group


def is_full(group: PeerGroup) -> bool:
    """Whether the group has as many members as it may have."""
    return cards(group.scope_id).filter(role=roles.MEMBER).count() >= group.size_max


def facilitators(scope_id: uuid.UUID) -> set[uuid.UUID]:
    """The users who facilitate the group."""
    leading = Membership.objects.filter(scope_id=scope_id, role=roles.FACILITATOR, held=False)
    return set(leading.values_list("user_id", flat=True))


def open_invitation(user_id: uuid.UUID, group_id: uuid.UUID) -> GroupInvitation | None:
    """The user's unanswered invitation to this group, locked."""
    mine = GroupInvitation.objects.in_scope(user_id).filter(group_id=group_id, state="open")
    invitation: GroupInvitation | None = mine.select_for_update(no_key=True, of=("self",)).first()
    return invitation


def staff_names(programme_id: uuid.UUID) -> list[tuple[str, str]]:
    """Given and family name of everybody who works for the programme now."""
    staff = StaffMember.objects.in_scope(programme_id).filter(left_at=None)
    return list(staff.values_list("given_name", "family_name"))


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
