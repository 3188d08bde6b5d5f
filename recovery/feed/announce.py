"""Hints to the live tier, sent after the commit. Losing one loses nothing: phones pull.

Channels of Valkey: `scope.<id>` carries `<kind> <acl> <phone> <mutation> <frame>`, `user.<id>`
says that memberships changed, `session.<id>` that a sign-in ended. The frame is made once, here;
every member's socket is sent the same bytes. Which phone wrote it is told to that phone only,
or members could tell by it who hides behind two aliases.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import redis
import structlog

from foundation.json_text import array, compact, entry, with_members
from foundation.valkey import valkey

if TYPE_CHECKING:
    from recovery.feed.flush import Change

INLINE_BYTES = 8 * 1024
# A change of these wakes everybody at once, so phones only hear of it, spread over a minute
# by the live process, which gives each a delay of its own.
POKED = ("program",)
SPREAD_MS = 60_000
# Picked up at the next pull or heartbeat.
SILENT = ("library",)

log = structlog.get_logger()


def changes(
    changed: list[Change], members: set[tuple[uuid.UUID, uuid.UUID]], origin: list[object]
) -> None:
    """Announce committed changes of scopes and of memberships."""
    messages = [(f"scope.{c.scope_id}", message(c, origin)) for c in changed if _loud(c)]
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


def message(change: Change, origin: list[object]) -> str:
    """The frame and what the live process must know to deliver it. `kind` p: poke, spread."""
    phone, mutation = origin or ("-", 0)
    kind = "p" if _kind(change) in POKED else "c"
    return f"{kind} {change.acl} {phone} {mutation} {frame(change)}"


def frame(change: Change) -> str:
    """The `c` frame of sync-protocol §2.5: with documents where they are few, small and for
    every member; everybody gets the same bytes, and the pull knows what each may see."""
    head: dict[str, Any] = {
        "t": "c",
        "s": change.name,
        "from": change.seq_from,
        "to": change.seq_to,
    }
    if _kind(change) in POKED:
        return compact(head | {"delay_ms": SPREAD_MS})
    put = array(
        entry(e.kind, e.object_id, e.seq, e.doc) for e in change.entries if e.doc is not None
    )
    gone = compact([[e.kind, str(e.object_id), e.seq] for e in change.entries if e.doc is None])
    if not change.for_all or len(put) + len(gone) > INLINE_BYTES:
        return compact(head)
    return with_members(compact(head), put=put, **{"del": gone})


def _loud(change: Change) -> bool:
    return _kind(change) not in SILENT and change.seq_to > change.seq_from


def _kind(change: Change) -> str:
    return change.name.partition(":")[0]
