"""What a user's phone would hold after a pull, and what a user can see."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.db import transaction
from django.db.models import Q

from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry, Membership, Scope
from recovery.signin.models import User


def documents(user: User, kind: str, scope_id: uuid.UUID | None = None) -> list[dict[str, Any]]:
    """The documents of a kind on the user's phone, scope by scope, oldest change first."""
    docs: list[dict[str, Any]] = []
    with transaction.atomic():
        set_actor(user.id)
        memberships = Membership.objects.filter(user_id=user.id, held=False)
        for mine in memberships.order_by("scope_id"):
            if scope_id in (None, mine.scope_id):
                rows = FeedEntry.objects.filter(scope_id=mine.scope_id, kind=kind, deleted=False)
                # A member who joined "from now" does not see what was there before.
                newer = rows.filter(seq__gt=mine.visible_from).order_by("seq")
                newer = newer.filter(Q(since=None) | Q(since__gt=mine.visible_from))
                docs += [json.loads(row.doc) | {"id": str(row.object_id)} for row in newer]
    return docs


def bodies(user: User, kind: str) -> list[dict[str, Any]]:
    """The same without their ids, to compare them whole."""
    return [
        {name: value for name, value in document.items() if name != "id"}
        for document in documents(user, kind)
    ]


def count(user: User, model: Any) -> int:
    """How many rows of a model the user can see."""
    with transaction.atomic():
        set_actor(user.id)
        return int(model.objects.visible_to(user).count())


def scopes_of(user: User) -> list[str]:
    """The kinds of the scopes that the user is a member of."""
    with transaction.atomic():
        set_actor(user.id)
        mine = Membership.objects.filter(user_id=user.id, held=False).values("scope_id")
        return sorted(Scope.objects.filter(id__in=mine).values_list("kind", flat=True))


def seq(user: User, scope_id: Any, kind: str, id_: Any) -> int:
    """The number under which a document that `user` can see was last published."""
    with transaction.atomic():
        set_actor(user.id)
        return FeedEntry.objects.get(scope_id=scope_id, kind=kind, object_id=id_).seq
