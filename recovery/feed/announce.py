"""Hints to the live tier, sent after the commit. A lost hint loses no data, because phones pull.

Valkey channels: `scope.<id>` carries `<kind> <acl> <phone> <mutation> <frame>`. A message on
`user.<id>` says that memberships changed, one on `session.<id>` that a sign-in ended. The frame is
built once, here, and every member's socket gets the same bytes. Only the phone that wrote the
change learns which phone that was: otherwise members could connect two aliases of one person.
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
# A change here concerns everyone at once. Phones get no document but a poke, and the live process
# gives each of them a random delay, so that their pulls are spread over a minute.
POKED = ("program",)
SPREAD_MS = 60_000
# No hint at all: the next pull or heartbeat brings the change.
SILENT = ("library",)

log = structlog.get_logger()


def changes(
    changed: list[Change], members: set[tuple[uuid.UUID, uuid.UUID]], origin: list[object]
) -> None:
    """Announce committed changes of scopes and of memberships."""
    messages = [(f"scope.{c.scope_id}", message(c, origin)) for c in changed if _loud(c)]
    messages += [(f"user.{user}", "scopes") for user in {user for _, user in members}]
    send(messages)


def send(messages: list[tuple[str, str]]) -> None:
    """Send (channel, message) pairs in one round trip. A failure is logged and never raised."""
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
    """The frame, and before it what the live process needs to deliver it.

    The first letter is `p` for a poke, which is spread over time, and `c` for any other change.
    """
    phone, mutation = origin or ("-", 0)
    kind = "p" if _kind(change) in POKED else "c"
    return f"{kind} {change.acl} {phone} {mutation} {frame(change)}"


def frame(change: Change) -> str:
    """The `c` frame of docs/protocol.md.

    It contains the documents only if they are small and every member may see them, because all
    members get the same bytes. Otherwise phones pull, and the pull knows who may see what.
    """
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
    deleted = compact([[e.kind, str(e.object_id), e.seq] for e in change.entries if e.doc is None])
    if not change.for_all or len(put) + len(deleted) > INLINE_BYTES:
        return compact(head)
    return with_members(compact(head), put=put, **{"del": deleted})


def _loud(change: Change) -> bool:
    return _kind(change) not in SILENT and change.seq_to > change.seq_from


def _kind(change: Change) -> str:
    return change.name.partition(":")[0]
