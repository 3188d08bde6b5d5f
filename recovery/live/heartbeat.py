"""Periodic checks for all sockets of the process: a few statements, not one per socket."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from typing import TypeVar

import psycopg
import structlog
from django.conf import settings

from recovery.live import messages, queries
from recovery.live.audience import Audience
from recovery.live.close_codes import CloseCode
from recovery.live.hub import Hub
from recovery.live.socket import Socket

# Sessions that could not be checked for this long are treated as ended.
LONGEST_UNCHECKED = 60.0  # seconds
# The event loop gets a turn after each batch, so that frames are sent in between.
BATCH = 1000
T = TypeVar("T")

log = structlog.get_logger()


async def run_checks(hub: Hub) -> None:
    """Every LIVE_CHECK seconds: clocks and sessions. With each heartbeat: heads and memberships.

    While Valkey is away every check is a heartbeat, because nothing else reports changes.
    """
    # Not the clock of the machine: set back by an hour, it would stop the heartbeats for an hour.
    clock = asyncio.get_running_loop().time
    checked_at = heartbeat_at = clock()
    while True:
        now = clock()
        try:
            await _check_sessions(hub, datetime.now(UTC))
            checked_at = now
            if not hub.pubsub.is_up or now - heartbeat_at >= settings.LIVE_HEARTBEAT:
                heartbeat_at = now
                await _send_heartbeats(hub)
        except psycopg.Error as error:
            log.warning("live_round_failed", error=type(error).__name__)
        except Exception:
            # Without this loop, nothing would close the sockets of ended sessions.
            log.exception("live_round_failed")
        if now - checked_at > LONGEST_UNCHECKED:
            hub.close(hub.sockets, CloseCode.OVERLOADED)
        await asyncio.sleep(settings.LIVE_CHECK)


async def _check_sessions(hub: Hub, now: datetime) -> None:
    """Close sockets that are overdue or whose session ended, even if the message was lost."""
    for socket in list(hub.sockets):
        if code := socket.overdue(now):
            socket.queue.close(code)
    for sessions in _batches(list(hub.by_session)):
        for ended in set(sessions) - await queries.valid_sessions(hub.pool, sessions, now):
            hub.close(hub.by_session.get(ended, ()), CloseCode.REAUTHENTICATE)


async def _send_heartbeats(hub: Hub) -> None:
    epoch = await queries.epoch(hub.pool)
    if hub.epoch not in ("", epoch):
        # After a restore of the database the same numbers may mean other changes.
        hub.close(hub.sockets, CloseCode.EPOCH_CHANGED)
    hub.epoch = epoch
    moved = await _moved_heads(hub)
    for sockets in _batches(list(hub.sockets)):
        for socket in sockets:
            socket.queue.put(messages.heartbeat(moved.get(socket, {})))
        await asyncio.sleep(0)
    await _check_memberships(hub)


async def _moved_heads(hub: Hub) -> dict[Socket, dict[str, int]]:
    """For each socket, the scopes whose head moved since the last heartbeat: name → head."""
    moved: dict[Socket, dict[str, int]] = defaultdict(dict)
    for scopes in _batches(list(hub.audiences)):
        for scope_id, (head, acl) in (await queries.heads(hub.pool, scopes)).items():
            audience = hub.audiences.get(scope_id)
            # Skip scopes that everyone left meanwhile, and those being checked right now.
            if audience is None or audience.pending is not None:
                continue
            if audience.acl != acl:
                audience.hold()
                hub.spawn(_check_then_send_head(hub, audience, acl, head))
            elif audience.head != head:
                audience.head = head
                for socket in audience.sockets:
                    moved[socket][audience.name] = head
    return moved


async def _check_then_send_head(hub: Hub, audience: Audience, acl: int, head: int) -> None:
    """The memberships changed, so check them first: even the head is for members only."""
    await hub.check(audience, acl)
    if audience.head != head:
        audience.head = head
        audience.send_all(messages.heartbeat({audience.name: head}))


async def _check_memberships(hub: Hub) -> None:
    """Refresh users whose memberships changed while the message about it was lost."""
    # A socket that is still joining has no marks yet and reads its scopes itself.
    joined = [socket for socket in hub.sockets if socket.marks]
    sums = {(socket.identity.user_id, sum(socket.marks.values())) for socket in joined}
    for batch in _batches(list(sums)):
        for user_id in await queries.users_with_new_marks(hub.pool, batch):
            await hub.refresh(user_id)


def _batches(items: list[T]) -> list[list[T]]:
    return [items[n : n + BATCH] for n in range(0, len(items), BATCH)]
