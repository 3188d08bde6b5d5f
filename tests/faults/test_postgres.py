"""PostgreSQL stops abruptly under load and comes back."""

from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from tests.faults.database import Database, database
from tests.faults.ground import crew, make_circle
from tests.faults.invariants import violations
from tests.faults.load import converge, phones_of, writing
from tests.faults.report import finding
from tests.faults.writer import Writer
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
AWAY = (0.0, 3.0, 45.0)
HEALTHY_WITHIN, ANSWERED_WITHIN, RETRY_AFTER = 10.0, 10.0, 2.0


async def stop_for(seconds: float, postgres: Database, house: Stack) -> float:
    """Seconds from PostgreSQL's return until the house is healthy."""
    postgres.stop_at_once()
    await asyncio.sleep(seconds)
    postgres.start()
    await postgres.answers()
    began = time.monotonic()
    async with httpx.AsyncClient() as client:
        while (await client.get(f"{house.web}/readyz")).status_code != 200:
            await asyncio.sleep(0.02)
    return time.monotonic() - began


def unlike_promised(writers: list[Writer]) -> list[str]:
    """Answers that were late, or neither a success nor a 503 with Retry-After."""
    replies = [reply for writer in writers for reply in writer.replies]
    wrong = [r for r in replies if r.status not in (200, 503) or r.seconds > ANSWERED_WITHIN]
    wrong += [r for r in replies if r.status == 503 and (r.retry_after or 99) > RETRY_AFTER]
    return [str(reply) for reply in wrong]


async def test_postgresql_stopped_at_once_under_load(ground: Stack) -> None:
    circle = make_circle(ground, 4)
    with finding("PostgreSQL stopped") as record, database(ground) as postgres:
        with crew(ground, "web", "live", "pump", "worker") as house:
            async with phones_of(circle, house) as phones:
                async with writing(circle, lambda: house.web) as writers:
                    await asyncio.sleep(1)
                    healthy = [await stop_for(away, postgres, house) for away in AWAY]
                    await asyncio.sleep(1)
                await converge(phones, sum(len(writer.deeds) for writer in writers))
                broken = violations(ground, circle, writers, phones)
            broken += [f"{ended} ended"] if (ended := house.first_to_end()) else []
        broken += unlike_promised(writers)
        broken += [f"healthy only after {s:.1f} s" for s in healthy if s > HEALTHY_WITHIN]
        record.count, record.violations = len(AWAY), len(broken)
        record.figures = {
            "acknowledged": sum(len(writer.acknowledged) for writer in writers),
            "healthy after, s": round(max(healthy), 1),
            "slowest answer, s": round(max(r.seconds for w in writers for r in w.replies), 1),
        }
    assert broken == []
