"""Phones behind a bad network converge to the server's state and do nothing twice."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from tests.faults.bad_radio import BadSocket, BadWire
from tests.faults.ground import crew, make_circle
from tests.faults.invariants import violations
from tests.faults.load import converge, converge_outboxes, phones_of
from tests.faults.owner import Owner
from tests.faults.report import finding
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
MESSAGES = 60  # from each phone
ONE_IN = 12  # requests, and as many answers, lost


async def write_many(owner: Owner, chance: Random) -> None:
    for _ in range(MESSAGES):
        owner.write()
        await asyncio.sleep(chance.uniform(0, 0.4))


async def test_frames_and_answers_lost_doubled_swapped_and_late(
    ground: Stack, chance: Random
) -> None:
    circle = make_circle(ground, 4)
    with finding("network") as record, crew(ground, "web", "live", LIVE_HEARTBEAT="2") as house:
        async with BadSocket(house.live, chance) as air, BadWire(house.web, chance, ONE_IN) as wire:
            async with phones_of(circle, house, home=wire.url, live=air.url) as phones:
                owners = [Owner(phone, circle) for phone in phones]
                await asyncio.gather(*(write_many(owner, chance) for owner in owners))
                air.is_bad = wire.is_bad = False
                # One more write, so that phones that missed the last frame notice the gap.
                owners[0].write()
                await converge(phones, sum(len(owner.deeds) for owner in owners), 120)
                await converge_outboxes(phones)
                broken = violations(ground, circle, owners, phones)
                broken += ["I1: words still wait" for phone in phones if phone.outbox()]
        lost = {**air.did, **wire.did}
        record.count = sum(lost.values()) - lost.pop("passed")
        record.violations, record.figures = len(broken), lost
    assert broken == []
