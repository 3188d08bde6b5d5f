"""What is due for all sockets of the process at once: a few statements, not one a socket."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import psycopg
import structlog
from django.conf import settings
from psycopg_pool import PoolTimeout

from recovery.live import messages, queries
from recovery.live.audience import Audience
from recovery.live.closing import Close
from recovery.live.hub import Hub
from recovery.live.socket import Socket

# A session that could not be checked for so long is treated as ended.
UNCHECKED_FOR = timedelta(seconds=60)
# Work on so many at a time, so that frames go out in between.
AT_ONCE = 1000
T = TypeVar("T")

log = structlog.get_logger()


async def go_round(hub: Hub) -> None:
    """Every few seconds: clocks and sessions. With each heartbeat: heads and memberships.

    While Valkey is away every round is a heartbeat, for nothing else tells of changes.
    """
    checked = beaten = datetime.now(UTC)
    while True:
        now = datetime.now(UTC)
        try:
            await _check_sessions(hub, now)
            checked = now
            if not hub.bus.is_up or (now - beaten).total_seconds() >= settings.LIVE_HEARTBEAT:
                beaten = now
                await _beat(hub)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("live_round_failed", error=type(error).__name__)
        if now - checked > UNCHECKED_FOR:
            hub.close(hub.sockets, Close.OVERLOADED)
        await asyncio.sleep(settings.LIVE_CHECK)


async def _check_sessions(hub: Hub, now: datetime) -> None:
    """Close what the clock or the end of a sign-in ends, whatever messages were lost."""
    for socket in list(hub.sockets):
        if code := socket.overdue(now):
            socket.mailbox.close(code)
    for sessions in _slices(list(hub.by_session)):
        for ended in set(sessions) - await queries.living(hub.pool, sessions, now):
            hub.close(hub.by_session.get(ended, ()), Close.REAUTHENTICATE)


async def _beat(hub: Hub) -> None:
    await _check_epoch(hub)
    changed = await _changed(hub)
    for sockets in _slices(list(hub.sockets)):
        for socket in sockets:
            socket.mailbox.put(messages.beat(changed.get(socket, {})))
        await asyncio.sleep(0)
    await _check_memberships(hub)


async def _check_epoch(hub: Hub) -> None:
    """After a restore the numbers may mean something else."""
    epoch = await queries.epoch(hub.pool)
    if hub.epoch not in ("", epoch):
        hub.close(hub.sockets, Close.EPOCH_CHANGED)
    hub.epoch = epoch


async def _changed(hub: Hub) -> dict[Socket, dict[str, int]]:
    """For each socket the scopes that moved since the last heartbeat, with their heads."""
    changed: dict[Socket, dict[str, int]] = defaultdict(dict)
    for scopes in _slices(list(hub.audiences)):
        for scope_id, (head, acl) in (await queries.heads(hub.pool, scopes)).items():
            audience = hub.audiences.get(scope_id)
            if audience is None or audience.held is not None:
                continue
            if audience.acl != acl:
                hub.spawn(_check_and_tell(hub, audience, acl, head))
            elif audience.head != head:
                audience.head = head
                for socket in audience.sockets:
                    changed[socket][audience.name] = head
    return changed


async def _check_and_tell(hub: Hub, audience: Audience, acl: int, head: int) -> None:
    """Nobody is told a number before it is known that they may know it."""
    await hub.check(audience, acl)
    if audience.head != head:
        audience.head = head
        audience.tell_all(messages.beat({audience.name: head}))


async def _check_memberships(hub: Hub) -> None:
    """Somebody's place in a scope is new, or another, and the message about it was lost."""
    for part in _slices(_believed(hub)):
        for user_id in await queries.moved(hub.pool, part):
            await hub.refresh(user_id)


def _believed(hub: Hub) -> list[tuple[uuid.UUID, int]]:
    """Of each person, what the marks of a socket add up to; not of one that is just coming in,
    which follows nothing yet and reads its scopes itself."""
    entered = [socket for socket in hub.sockets if socket.marks]
    return list({(socket.identity.user_id, sum(socket.marks.values())) for socket in entered})


def _slices(items: list[T]) -> list[list[T]]:
    return [items[n : n + AT_ONCE] for n in range(0, len(items), AT_ONCE)]
