"""Members are removed and sessions end while no announcement reaches the live process."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from tests.faults.circle import Circle
from tests.faults.listener import Listener, listen
from tests.faults.load import writing
from tests.faults.muting_proxy import MutingProxy
from tests.faults.report import finding
from tests.faults.stacks import make_circle, started
from tests.faults.writer import Writer
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
SIZE, REMOVED = 14, 10
AFTERWARDS = 15  # messages that others write after each removal
CLOSED_WITHIN = 5.0  # seconds, of a socket whose sign-in has ended


async def act(stack: Stack, writer: Writer, action: str, args: dict[str, Any]) -> dict[str, Any]:
    """Perform one action of this person under a fresh idempotency key."""
    url = f"{stack.web}/api/v1/actions/{action}"
    key = {"Idempotency-Key": str(uuid7())}
    answer = await writer.http.post(url, json=args, headers=writer.member.bearer | key)
    assert answer.status_code == 200, answer.text
    payload: dict[str, Any] = answer.json()
    return payload


async def remove(stack: Stack, leader: Writer, writer: Writer) -> int:
    """Remove this member. Returns the group's number of the removal."""
    args = {"card": writer.member.card}
    payload = await act(stack, leader, "groups.remove_member", args)
    numbers = dict(payload["at"])
    return int(numbers[f"group:{writer.member.group}"])


async def frames_after_removal(
    stack: Stack,
    circle: Circle,
    leader: Writer,
    writers: list[Writer],
    removed: Writer,
    listener: Listener,
) -> list[str]:
    """What reached the removed member of the changes committed from then on."""
    scope = f"group:{circle.group}"
    while not listener.changes(scope):
        await asyncio.sleep(0.02)
    out_at = await remove(stack, leader, removed)
    acknowledged = sum(len(writer.acknowledged) for writer in writers)
    while sum(len(writer.acknowledged) for writer in writers) < acknowledged + AFTERWARDS:
        await asyncio.sleep(0.02)
    await asyncio.sleep(1.5)  # a heartbeat
    return [f"{n} of {scope} after {out_at}" for n in listener.numbers(scope) if n >= out_at]


async def seconds_from_revocation_to_close(stack: Stack, leader: Writer) -> float:
    """How long a socket outlives its session, in seconds."""
    listener = await listen(stack.live, leader.member, leader.client_id)
    session = leader.member.tokens["session"]
    began = time.monotonic()
    await act(stack, leader, "people.revoke_session", {"session": session})
    await asyncio.wait_for(listener.task, 30)
    assert listener.closed_with == 4401
    return time.monotonic() - began


async def test_not_a_byte_reaches_a_removed_member_though_every_announcement_is_lost(
    servers: Stack,
) -> None:
    circle = make_circle(servers, SIZE)
    remaining = Circle(circle.group, circle.members[: SIZE - REMOVED])
    with finding("revocation") as record:
        async with MutingProxy(servers.variables["VALKEY_URL"]) as muting_proxy:
            with (
                started(servers, "web", VALKEY_URL=muting_proxy.url) as stack,
                started(servers, "live", LIVE_HEARTBEAT="1") as live,
            ):
                stack.ports["live"] = live.ports["live"]
                async with writing(remaining, lambda: stack.web) as writers:
                    broken = []
                    for member in circle.members[SIZE - REMOVED :]:
                        removed = Writer(member, lambda: stack.web)
                        await removed.register()
                        listener = await listen(stack.live, member, removed.client_id)
                        broken += await frames_after_removal(
                            stack, circle, writers[0], writers, removed, listener
                        )
                        await listener.close()
                        await removed.close()
                assert muting_proxy.lost >= REMOVED
                leader = Writer(circle.members[0], lambda: stack.web)
                await leader.register()
                outlived = await seconds_from_revocation_to_close(stack, leader)
                await leader.close()
        if outlived > CLOSED_WITHIN:
            broken.append(f"a socket lived for {outlived:.1f} s after its sign-in had ended")
        record.count, record.violations = REMOVED + 1, len(broken)
        record.figures = {
            "words lost": muting_proxy.lost,
            "messages written": sum(len(writer.writes) for writer in writers),
            "closed after the end of a sign-in, s": round(outlived, 1),
        }
    assert broken == []
