"""Members are removed and sessions end while no announcement reaches the live process."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from tests.faults.circle import Circle
from tests.faults.ground import crew, make_circle
from tests.faults.listener import Listener, listen
from tests.faults.load import writing
from tests.faults.muffler import Muffler
from tests.faults.report import finding
from tests.faults.writer import Writer
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
SIZE, REMOVED = 14, 10
AFTERWARDS = 15  # messages that others write after each removal
CLOSED_WITHIN = 5.0  # seconds, of a socket whose sign-in has ended


async def act(house: Stack, writer: Writer, action: str, args: dict[str, Any]) -> dict[str, Any]:
    """Perform one action of this person under a fresh idempotency key."""
    url = f"{house.web}/api/v1/actions/{action}"
    key = {"Idempotency-Key": str(uuid7())}
    answer = await writer.http.post(url, json=args, headers=writer.member.bearer | key)
    assert answer.status_code == 200, answer.text
    payload: dict[str, Any] = answer.json()
    return payload


async def remove(house: Stack, leader: Writer, writer: Writer) -> int:
    """Remove this member. Returns the group's number of the removal."""
    args = {"card": writer.member.card}
    payload = await act(house, leader, "groups.remove_member", args)
    numbers = dict(payload["at"])
    return int(numbers[f"group:{writer.member.group}"])


async def remove_and_listen(
    house: Stack, circle: Circle, leader: Writer, writers: list[Writer], gone: Writer, ear: Listener
) -> list[str]:
    """What reached the removed member of the changes committed from then on."""
    scope = f"group:{circle.group}"
    while not ear.changes(scope):
        await asyncio.sleep(0.02)
    out_at = await remove(house, leader, gone)
    acknowledged = sum(len(writer.acknowledged) for writer in writers)
    while sum(len(writer.acknowledged) for writer in writers) < acknowledged + AFTERWARDS:
        await asyncio.sleep(0.02)
    await asyncio.sleep(1.5)  # a heartbeat
    return [f"{n} of {scope} after {out_at}" for n in ear.numbers(scope) if n >= out_at]


async def end_a_session(house: Stack, leader: Writer) -> float:
    """How long a socket outlives its session, in seconds."""
    ear = await listen(house.live, leader.member, leader.client_id)
    session = leader.member.tokens["session"]
    began = time.monotonic()
    await act(house, leader, "people.revoke_session", {"session": session})
    await asyncio.wait_for(ear.task, 30)
    assert ear.closed_with == 4401
    return time.monotonic() - began


async def test_not_a_byte_reaches_who_was_removed_though_every_word_about_it_is_lost(
    ground: Stack,
) -> None:
    circle = make_circle(ground, SIZE)
    leader_and_stay = Circle(circle.group, circle.members[: SIZE - REMOVED])
    with finding("revocation") as record:
        async with Muffler(ground.variables["VALKEY_URL"]) as muffler:
            with (
                crew(ground, "web", VALKEY_URL=muffler.url) as house,
                crew(ground, "live", LIVE_HEARTBEAT="1") as hearing,
            ):
                house.ports["live"] = hearing.ports["live"]
                async with writing(leader_and_stay, lambda: house.web) as writers:
                    broken = []
                    for member in circle.members[SIZE - REMOVED :]:
                        gone = Writer(member, lambda: house.web)
                        await gone.register()
                        ear = await listen(house.live, member, gone.client_id)
                        broken += await remove_and_listen(
                            house, circle, writers[0], writers, gone, ear
                        )
                        await ear.close()
                        await gone.close()
                assert muffler.lost >= REMOVED
                leader = Writer(circle.members[0], lambda: house.web)
                await leader.register()
                outlived = await end_a_session(house, leader)
                await leader.close()
        if outlived > CLOSED_WITHIN:
            broken.append(f"a socket lived for {outlived:.1f} s after its sign-in had ended")
        record.count, record.violations = REMOVED + 1, len(broken)
        record.figures = {
            "words lost": muffler.lost,
            "messages written": sum(len(writer.deeds) for writer in writers),
            "closed after the end of a sign-in, s": round(outlived, 1),
        }
    assert broken == []
