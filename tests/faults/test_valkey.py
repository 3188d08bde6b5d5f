"""Valkey forgets everything, restarts, and is away for a minute, all under load."""

from __future__ import annotations

import asyncio
import time
from random import Random

import httpx
import pytest

from clients.phone import Phone
from tests.faults.circle import Circle
from tests.faults.invariants import violations
from tests.faults.load import converge, phones_of, writing
from tests.faults.outage import outages
from tests.faults.report import finding
from tests.faults.stacks import (
    ASK_FOR_CODE,
    give_address,
    make_circle,
    started,
)
from tests.faults.writer import Writer
from tools.demo.product import Product
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
AWAY = 60.0  # seconds
LATE_WITHOUT, LATE_AFTER, ANSWERED_WITHIN = 10.0, 5.0, 10.0  # seconds
CODES = 5  # for one address in a quarter of an hour


async def seconds_late(phones: list[Phone], writers: list[Writer]) -> float:
    """Seconds until every phone holds all writes acknowledged so far."""
    began = time.monotonic()
    await converge(phones, sum(len(writer.acknowledged) for writer in writers), 30)
    return time.monotonic() - began


async def sign_in(stack: Stack, circle: Circle, email: str) -> None:
    """Sign in with an e-mailed code on a new phone."""
    give_address(stack, circle.members[1].user, email)
    product = Product(stack, "")
    async with Phone(stack.web, live=stack.live) as phone:
        known = product.letters(email)
        await phone.request_code(email)
        user = await phone.confirm_code(await product.mailed_code(email, known))
    assert user == circle.members[1].user


async def codes_let_through(stack: Stack, email: str) -> int:
    """How many of many concurrent requests for one address get past the limit."""
    async with httpx.AsyncClient(base_url=stack.web, timeout=30) as client:
        requests = [client.post(ASK_FOR_CODE, json={"email": email}) for _ in range(3 * CODES)]
        answers = [answer.status_code for answer in await asyncio.gather(*requests)]
    assert set(answers) == {401, 429}
    return answers.count(401)


async def ticket(stack: Stack, circle: Circle) -> httpx.Response:
    async with httpx.AsyncClient(base_url=stack.web) as client:
        return await client.post("/api/v1/live/ticket", headers=circle.members[0].bearer)


async def be_away(stack: Stack, circle: Circle, chance: Random) -> int:
    """Check what works while Valkey is away. Returns how many codes one address was sent."""
    until = time.monotonic() + AWAY
    await sign_in(stack, circle, f"{chance.randrange(10**9)}@example.org")
    through = await codes_let_through(stack, f"{chance.randrange(10**9)}@example.org")
    refused = await ticket(stack, circle)
    assert (refused.status_code, refused.json()["code"]) == (503, "maintenance")
    await asyncio.sleep(until - time.monotonic())
    return through


async def test_valkey_forgets_restarts_and_is_away_for_a_minute(
    servers: Stack, chance: Random
) -> None:
    circle = make_circle(servers, 4)
    with finding("Valkey away") as record, outages(servers) as outage:
        with started(servers, "web", "live", "pump") as stack:
            async with phones_of(circle, stack) as phones:
                async with writing(circle, lambda: stack.web, pause=0.2) as writers:
                    await asyncio.sleep(2)
                    outage.forget_everything()
                    lates = {"forgets": await seconds_late(phones, writers)}
                    outage.begin()
                    outage.end()
                    await outage.is_over()
                    lates["restart"] = await seconds_late(phones, writers)
                    outage.begin()
                    away = asyncio.create_task(be_away(stack, circle, chance))
                    await asyncio.sleep(5)
                    lates["away"] = await seconds_late(phones, writers)
                    through = await away
                    outage.end()
                    await outage.is_over()
                    lates["back"] = await seconds_late(phones, writers)
                    assert (await ticket(stack, circle)).status_code == 200
                await converge(phones, sum(len(writer.writes) for writer in writers))
                broken = violations(servers, circle, writers, phones)
                closed = [code for phone in phones for code in phone.live.closed_with]
        replies = [reply for writer in writers for reply in writer.replies]
        broken += [str(r) for r in replies if r.status != 200 or r.seconds > ANSWERED_WITHIN]
        broken += [f"a socket was closed: {code}" for code in closed]
        broken += [f"{through} codes for one address"] if through != CODES else []
        broken += [
            f"{when}: phones were {s:.1f} s late"
            for when, s in lates.items()
            if s > (LATE_WITHOUT if when == "away" else LATE_AFTER)
        ]
        record.count, record.violations = 3, len(broken)
        record.figures = {
            "acknowledged": sum(len(writer.acknowledged) for writer in writers),
            "slowest write, s": round(max(r.seconds for r in replies), 2),
        } | {f"phones late, {when}, s": round(s, 1) for when, s in lates.items()}
    assert broken == []
