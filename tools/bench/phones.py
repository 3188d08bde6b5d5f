"""Seed people with phones and a full feed: accounts through the product, feed rows in bulk."""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from tools.bench.vacuum import vacuum_analyze

RECEIPTS_KEPT = 5_000
DOC = json.dumps({"text": "x" * 180, "author": "one of us", "written_at": "2026-03-02T15:00:00Z"})
FILL = """
INSERT INTO recovery_feedentry
    (scope_id, kind, object_id, seq, deleted, author_id, digest, doc, changed_at)
SELECT %s, 'message', gen_random_uuid(), n, false, NULL, 0, %s, now()
FROM generate_series(%s::int, %s::int) AS n
"""
RECEIPTS = """
INSERT INTO recovery_receipt (scope_id, id, action, fingerprint, client_id, lane, mutation_id,
    status, code, detail, created_at)
SELECT %s, gen_random_uuid(), 'groups.post_message', '', %s, 'main', n, 'applied', '', NULL, now()
FROM generate_series(%s::int, %s::int) AS n
"""
ACKNOWLEDGED = """
UPDATE recovery_syncclient SET lmid = jsonb_build_object('main', %s::int)
WHERE scope_id = %s AND id = %s
"""


@dataclass(frozen=True)
class Seeded:
    """One signed-in phone, and the head of each of its scopes."""

    user_id: uuid.UUID
    token: str
    client_id: str
    epoch: str
    heads: dict[str, int]
    acked: int = 0

    def body(self, new: int) -> bytes:
        """A pull by this phone when it lacks the last `new` documents of each scope."""
        scopes = {name: [max(head - new, 0), 0, "1.1"] for name, head in self.heads.items()}
        return self.body_with({"epoch": self.epoch, "scopes": scopes})

    def body_with(self, cursor: dict[str, Any]) -> bytes:
        """A pull by this phone from `cursor`."""
        body = {"client_id": self.client_id, "schema": 1, "limit": 500, "cursor": cursor}
        body["ack"] = {"main": self.acked}
        return json.dumps(body).encode()


def seed(
    variables: dict[str, str], *, phones: int, scopes: int, documents: int, new: int
) -> list[Seeded]:
    """Create `phones` people in `scopes` groups each, with `documents` feed rows in all."""
    os.environ.update(variables | {"DATABASE_ROLE": "jobs"})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "server.settings")
    import django

    django.setup()
    people = [_person(scopes) for _ in range(phones)]
    groups = [uuid.UUID(name.partition(":")[2]) for _, _, names in people for name in names]
    with psycopg.connect(os.environ["DATABASE_URL_OWNER"]) as connection:
        for group in groups:
            _fill(connection, group, 1, documents // len(groups))
    vacuum_analyze()
    return [_phone(user, tokens, names) for user, tokens, names in people]


def grow(phone: Seeded, documents: int) -> Seeded:
    """Fill the very scopes that the phone reads, up to `documents` in all. Leave the receipts of 90
    days, one for every tenth document but at most 5,000, of this phone and of 20 others."""
    groups = [name for name in phone.heads if name.startswith("group:")]
    each, receipts = documents // len(groups), min(documents // 10, RECEIPTS_KEPT)
    heads = phone.heads | dict.fromkeys(groups, each)
    with psycopg.connect(os.environ["DATABASE_URL_OWNER"]) as connection:
        for name in groups:
            group = uuid.UUID(name.partition(":")[2])
            _fill(connection, group, phone.heads[name] + 1, each)
        others = [(uuid.uuid4(), str(uuid.uuid4())) for _ in range(20)]
        for scope_id, client_id in [(phone.user_id, phone.client_id), *others]:
            connection.execute(RECEIPTS, [scope_id, client_id, phone.acked + 1, receipts])
        connection.execute(ACKNOWLEDGED, [receipts, phone.user_id, phone.client_id])
    vacuum_analyze()
    return replace(phone, heads=heads, acked=receipts)


def _person(count: int) -> tuple[Any, dict[str, str], list[str]]:
    from django.db import transaction
    from django.utils import timezone
    from uuid_utils.compat import uuid7

    from recovery.feed import scopes
    from recovery.feed.collect import collecting
    from recovery.feed.context import set_actor
    from recovery.signin import sessions
    from recovery.signin.models import User

    now, home = timezone.now(), uuid7()
    user = User(id=uuid7(), email=f"{uuid7()}@example.org", created_at=now)
    with transaction.atomic(), collecting():
        set_actor(user.id)
        user.save(force_insert=True)
        scopes.open_scope("person", user.id, home_id=home, user_id=user.id, role="self")
        groups = [uuid7() for _ in range(count)]
        for group in groups:
            scopes.open_scope("group", group, home_id=home, user_id=user.id, role="member")
    device = {"platform": "android", "app": "1.0", "name": ""}
    tokens = sessions.start(
        user, device=device, install=str(uuid7()), methods=["email_code"], now=now
    )
    return user, tokens, [f"group:{group}" for group in groups]


def _fill(connection: psycopg.Connection, group: uuid.UUID, first: int, last: int) -> None:
    connection.execute(FILL, [group, DOC, first, last])
    connection.execute("UPDATE recovery_scope SET seq = %s WHERE id = %s", [last, group])


def _phone(user: Any, tokens: dict[str, str], names: list[str]) -> Seeded:
    from django.utils import timezone

    from recovery.api.sync.clients import Registration, register
    from recovery.feed.models import Scope

    install = Registration(str(user.id), "android", "1.0", schema=1)
    registration = register(user, install, timezone.now())
    names = [*names, f"person:{user.id}"]
    heads = dict(Scope.objects.filter(name__in=names).values_list("name", "seq"))
    return Seeded(
        user.id, tokens["access_token"], registration["client_id"], registration["epoch"], heads
    )
