"""Who is in a group or pair, and who has blocked whom."""

from __future__ import annotations

import uuid

from foundation.text import skeletons
from recovery.conversations.models import Block, MemberCard
from recovery.feed.models import ScopedQuerySet


def cards(scope_id: uuid.UUID) -> ScopedQuerySet:
    """The cards of the current members of the scope."""
    return MemberCard.objects.in_scope(scope_id).filter(left_at=None)


def card_of(scope_id: uuid.UUID, user_id: uuid.UUID) -> MemberCard | None:
    """The user's card, also if they have left the scope."""
    card_id = MemberCard.id_of(scope_id, user_id)
    card: MemberCard | None = MemberCard.objects.in_scope(scope_id).filter(id=card_id).first()
    return card


def alias_taken(scope_id: uuid.UUID, alias: str, user_id: uuid.UUID) -> bool:
    """Whether a reader could take this alias for that of another member of the scope."""
    others = cards(scope_id).exclude(user_id=user_id).values_list("alias", flat=True)
    mine = skeletons(alias)
    return any(mine & skeletons(other) for other in others)


def has_blocked(user_id: uuid.UUID, other_id: uuid.UUID) -> bool:
    return Block.objects.in_scope(user_id).filter(blocked_user_id=other_id).exists()
