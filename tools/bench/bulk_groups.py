"""Seed thousands of signed-in phones in groups, all rows in bulk."""

from __future__ import annotations

import os
import uuid
from datetime import timedelta
from typing import Any

from tools.bench.groups import Group, Member
from tools.bench.vacuum import vacuum_analyze

SCOPES = """
INSERT INTO recovery_scope (id, name, kind, home_id, seq, floor, acl, is_open, active_at)
SELECT id, kind || ':' || id, kind, id, 0, 0, 1, true, now()
FROM unnest(%s::uuid[], %s::text[]) AS added(id, kind)
"""
MEMBERSHIPS = """
INSERT INTO recovery_membership (scope_id, user_id, role, "grant", visible_from, held)
SELECT scope, person, 'member', 1, 0, false
FROM unnest(%s::uuid[], %s::uuid[]) AS added(scope, person)
"""


def seed(variables: dict[str, str], *, groups: int, size: int) -> list[Group]:
    """Create `groups` group scopes of `size` people, with only the rows the live tier reads."""
    os.environ.update(variables | {"DATABASE_ROLE": "jobs"})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    import django
    import psycopg

    django.setup()
    seeded = [Group(uuid.uuid4(), _members(size)) for _ in range(groups)]
    people = [member.user_id for group in seeded for member in group.members]
    kinds = {group.group_id: "group" for group in seeded} | dict.fromkeys(people, "person")
    memberships = [(group.group_id, m.user_id) for group in seeded for m in group.members]
    memberships += [(person, person) for person in people]
    with psycopg.connect(os.environ["DATABASE_URL_OWNER"]) as owner:
        owner.execute(SCOPES, [list(kinds), list(kinds.values())])
        owner.execute(
            MEMBERSHIPS, [[scope for scope, _ in memberships], [user for _, user in memberships]]
        )
    vacuum_analyze()
    return seeded


def _members(size: int) -> list[Member]:
    from django.utils import timezone

    from recovery.signin.models import DeviceSession, User
    from recovery.signin.tokens import new_access_token

    now = timezone.now()
    members = [Member(uuid.uuid4(), new_access_token(), str(uuid.uuid4())) for _ in range(size)]
    User.objects.bulk_create(User(id=member.user_id, created_at=now) for member in members)
    DeviceSession.objects.bulk_create(_session(member, now) for member in members)
    _register(members, now)
    return members


def _session(member: Member, now: Any) -> Any:
    from recovery.signin.models import DeviceSession
    from recovery.signin.tokens import sha256

    later = now + timedelta(hours=1)
    return DeviceSession(
        scope_id=member.user_id,
        platform="android",
        app="1.0",
        created_at=now,
        last_seen=now,
        auth_time=now,
        idle_for=timedelta(days=60),
        idle_expires_at=later,
        expires_at=later,
        access_hash=sha256(member.token),
        access_expires_at=later,
        family_hash=b"",
        current_hash=b"",
        rotated_at=now,
        methods=["email_code"],
    )


def _register(members: list[Member], now: Any) -> None:
    from recovery.feed.models import SyncClient

    SyncClient.objects.bulk_create(
        SyncClient(
            id=member.client_id,
            scope_id=member.user_id,
            install=b"",
            platform="android",
            app="1.0",
            schema=1,
            created_at=now,
            last_seen=now,
        )
        for member in members
    )
