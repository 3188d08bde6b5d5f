"""Hints to the live tier, sent after the commit. Losing one loses nothing: phones pull.

Channels of Valkey: `scope.<id>` carries frames as `<acl> <frame>`, `user.<id>` says that
memberships changed, `session.<id>` that a sign-in ended. The frame is made once, here; every
member's socket is sent the same bytes.
"""

from __future__ import annotations

import functools
import json
import random
import uuid
from typing import TYPE_CHECKING, Any

import redis
import structlog
from django.conf import settings

if TYPE_CHECKING:
    from recovery.feed.flush import Change, Entry

INLINE_BYTES = 8 * 1024
# A change of these wakes everybody at once, so phones only hear of it, spread over a minute.
POKED = ("program",)
SPREAD_MS = 60_000
# Picked up at the next pull or heartbeat.
SILENT = ("library",)

log = structlog.get_logger()


@functools.cache
def valkey() -> redis.Redis:
    """One pool a process; short timeouts, for Valkey may be away and must slow nobody down."""
    return redis.Redis.from_url(
        settings.VALKEY_URL, socket_timeout=0.25, socket_connect_timeout=0.25
    )


def changes(
    changed: list[Change], members: set[tuple[uuid.UUID, uuid.UUID]], origin: list[object]
) -> None:
    """Announce committed changes of scopes and of memberships."""
    messages = [(f"scope.{c.scope_id}", f"{c.acl} {frame(c, origin)}") for c in changed if _loud(c)]
    messages += [(f"user.{user}", "scopes") for user in {user for _, user in members}]
    publish(messages)


def publish(messages: list[tuple[str, str]]) -> None:
    """Send to Valkey in one round trip; a failure is logged, never raised."""
    if not messages:
        return
    try:
        with valkey().pipeline(transaction=False) as pipe:
            for channel, message in messages:
                pipe.publish(channel, message)
            pipe.execute()
    except redis.RedisError as error:
        log.warning("live_hint_lost", error=type(error).__name__, count=len(messages))


def frame(change: Change, origin: list[object]) -> str:
    """The `c` frame of sync-protocol §2.5: with documents where they are few and small."""
    head: dict[str, Any] = {
        "t": "c",
        "s": change.name,
        "from": change.seq_from,
        "to": change.seq_to,
    }
    kind = change.name.partition(":")[0]
    if kind in POKED:
        return json.dumps(head | {"delay_ms": random.randrange(SPREAD_MS)})  # noqa: S311  # spread
    if sum(len(entry.doc or "") for entry in change.entries) > INLINE_BYTES:
        return json.dumps(head)
    put = ",".join(entry_text(entry) for entry in change.entries if entry.doc is not None)
    gone = [[e.kind, str(e.object_id), e.seq] for e in change.entries if e.doc is None]
    rest = json.dumps({"del": gone, "o": origin})
    return f'{json.dumps(head)[:-1]}, "put": [{put}], {rest[1:]}'


def entry_text(entry: Entry) -> str:
    return f'["{entry.kind}","{entry.object_id}",{entry.seq},{entry.doc}]'


def _loud(change: Change) -> bool:
    return change.name.partition(":")[0] not in SILENT and change.seq_to > change.seq_from
