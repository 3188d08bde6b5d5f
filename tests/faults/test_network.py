"""Phones behind a bad network converge to the server's state and do nothing twice."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.faults.invariants import violations
from tests.faults.load import converge, converge_outboxes, phones_of
from tests.faults.lossy import LossyHttp, LossySocket
from tests.faults.owner import Owner
from tests.faults.report import finding
from tests.faults.stacks import make_circle, started
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
MESSAGES = 60  # from each phone
ONE_IN = 12  # requests, and as many answers, lost


async def write_many(owner: Owner, chance: Random) -> None:
    for _ in range(MESSAGES):
        owner.write()
        await asyncio.sleep(chance.uniform(0, 0.4))


async def test_frames_and_answers_lost_doubled_swapped_and_late(
    servers: Stack, chance: Random
) -> None:
    circle = make_circle(servers, 4)
    with finding("network") as record, started(servers, "web", "live", LIVE_HEARTBEAT="2") as stack:
        async with (
            LossySocket(stack.live, chance) as socket,
            LossyHttp(stack.web, chance, ONE_IN) as http,
        ):
            async with phones_of(circle, stack, home=http.url, live=socket.url) as phones:
                owners = [Owner(phone, circle) for phone in phones]
                await asyncio.gather(*(write_many(owner, chance) for owner in owners))
                socket.is_lossy = http.is_lossy = False
                # One more write, so that phones that missed the last frame notice the gap.
                owners[0].write()
                await converge(phones, sum(len(owner.writes) for owner in owners), 120)
                await converge_outboxes(phones)
                broken = violations(servers, circle, owners, phones)
                broken += ["I1: a write still waits" for phone in phones if phone.outbox()]
        faults = {**socket.faults, **http.faults}
        record.count = sum(faults.values()) - faults.pop("passed")
        record.violations, record.figures = len(broken), faults
    assert broken == []
