"""Who is in a group or pair, and who has blocked whom."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db.models import Q

from foundation.text import skeletons
from recovery.conversations.models import Block, MemberCard, Message, ReadMarker
from recovery.feed.documents import kind_of
from recovery.feed.models import FeedEntry, ScopedQuerySet


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


def seqs(messages: Collection[Message]) -> dict[uuid.UUID, int]:
    """By message, the number of its last change. Those that have left the feed have none."""
    ids = [message.id for message in messages]
    rows = FeedEntry.objects.filter(scope_id__in={message.scope_id for message in messages})
    of_messages = rows.filter(kind=kind_of(Message), object_id__in=ids)
    return dict(of_messages.values_list("object_id", "seq"))


def unread(user_id: uuid.UUID, scope_ids: Collection[uuid.UUID]) -> ScopedQuerySet:
    """The messages of others in these scopes that came after what this user has read."""
    markers = ReadMarker.objects.in_scope(user_id).filter(read_scope_id__in=scope_ids)
    read = dict(markers.values_list("read_scope_id", "seq"))
    new = Q(scope_id__in=[])
    for scope_id in scope_ids:
        # An edit raises `seq` and leaves `since`; the index is on `seq`.
        up_to = read.get(scope_id, -1)
        new |= Q(scope_id=scope_id, seq__gt=up_to, since__gt=up_to)
    entries = FeedEntry.objects.filter(new, kind=kind_of(Message), deleted=False)
    mine = [MemberCard.id_of(scope_id, user_id) for scope_id in scope_ids]
    rows = Message.objects.filter(scope_id__in=scope_ids, id__in=entries.values("object_id"))
    return rows.filter(withdrawn_at=None).exclude(author_id__in=mine)
