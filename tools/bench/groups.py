"""Seed peer groups: accounts and scopes through the product, member cards in bulk."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Member:
    """A member of the group and their one signed-in phone."""

    user_id: uuid.UUID
    token: str
    client_id: str


@dataclass(frozen=True)
class Group:
    group_id: uuid.UUID
    members: list[Member]


def seed(variables: dict[str, str], *, groups: int, size: int) -> list[Group]:
    """Create `groups` groups of `size` people, each with a token and a registered phone."""
    os.environ.update(variables | {"DATABASE_ROLE": "jobs"})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    import django

    django.setup()
    from django.utils import timezone

    from recovery.care.models import Programme

    programme = Programme.objects.create(
        id=uuid.uuid4(),
        slug=f"bench-{uuid.uuid4()}",
        name="Bench",
        time_zone="America/New_York",
        week_starts_on=0,
        minimum_age=18,
        settings={},
        preset={},
        changed_at=timezone.now(),
    )
    return [_group(programme, size) for _ in range(groups)]


def _group(programme: Any, size: int) -> Group:
    from uuid_utils.compat import uuid7

    group_id = uuid7()
    users = [_user() for _ in range(size)]
    _open(programme, group_id, users)
    return Group(group_id, [_member(user) for user in users])


def _user() -> Any:
    from django.db import transaction
    from django.utils import timezone
    from uuid_utils.compat import uuid7

    from recovery.feed import scopes
    from recovery.feed.collect import collecting
    from recovery.feed.context import set_actor
    from recovery.signin.models import User

    user = User(id=uuid7(), created_at=timezone.now())
    with transaction.atomic(), collecting():
        set_actor(user.id)
        user.save(force_insert=True)
        scopes.open_scope("person", user.id, home_id=user.id, user_id=user.id, role="self")
    return user


def _open(programme: Any, group_id: uuid.UUID, users: list[Any]) -> None:
    from django.db import transaction
    from django.utils import timezone

    from recovery.feed import scopes
    from recovery.feed.collect import collecting
    from recovery.feed.context import set_actor
    from recovery.groups.models import PeerGroup

    now, first = timezone.now(), users[0].id
    with transaction.atomic(), collecting():
        set_actor(first)
        scopes.open_scope("group", group_id, home_id=programme.id, user_id=first, role="member")
        for user in users[1:]:
            scopes.grant(group_id, user.id, "member")
        PeerGroup(
            id=group_id,
            scope_id=group_id,
            programme=programme,
            name="Tuesday evening",
            size_max=len(users),
            house_rules=[],
            opened_at=now,
            opened_by=first,
        ).save(force_insert=True)
        _cards(group_id, users, now)


def _cards(group_id: uuid.UUID, users: list[Any], now: Any) -> None:
    from recovery.conversations.models import MemberCard

    MemberCard.objects.bulk_create(
        MemberCard(
            id=MemberCard.id_of(group_id, user.id),
            scope_id=group_id,
            user_id=user.id,
            alias=f"Heron {n}",
            role="member",
            joined_at=now,
        )
        for n, user in enumerate(users)
    )


def _member(user: Any) -> Member:
    from django.utils import timezone

    from recovery.api.sync.clients import Registration, register
    from recovery.signin import sessions

    now = timezone.now()
    device = {"platform": "android", "app": "1.0", "name": ""}
    tokens = sessions.start(
        user, device=device, install=str(user.id), methods=["email_code"], now=now
    )
    install = Registration(str(user.id), "android", "1.0", schema=1)
    client = register(user, install, now)["client_id"]
    return Member(user.id, tokens["access_token"], client)
