"""PostgreSQL stops abruptly under load and comes back."""

from __future__ import annotations

import asyncio

import pytest

from tests.faults.database import Database, database
from tests.faults.invariants import violations
from tests.faults.load import converge, phones_of, writing
from tests.faults.report import finding
from tests.faults.stacks import (
    ended_early,
    make_circle,
    seconds_until_healthy,
    started,
)
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
AWAY = (0.0, 3.0, 45.0)
HEALTHY_WITHIN, ANSWERED_WITHIN = 10.0, 10.0


async def stop_for(seconds: float, postgres: Database, stack: Stack) -> float:
    """Seconds from PostgreSQL's return until the stack is healthy."""
    postgres.stop_at_once()
    await asyncio.sleep(seconds)
    postgres.start()
    await postgres.answers()
    return await seconds_until_healthy(stack)


async def test_postgresql_stopped_at_once_under_load(servers: Stack) -> None:
    circle = make_circle(servers, 4)
    with finding("PostgreSQL stopped") as record, database(servers) as postgres:
        with started(servers, "web", "live", "pump", "worker") as stack:
            async with phones_of(circle, stack) as phones:
                async with writing(circle, lambda: stack.web) as writers:
                    await asyncio.sleep(1)
                    healthy = [await stop_for(away, postgres, stack) for away in AWAY]
                    await asyncio.sleep(1)
                await converge(phones, sum(len(writer.writes) for writer in writers))
                broken = violations(servers, circle, writers, phones)
            broken += ended_early(stack)
        replies = [reply for writer in writers for reply in writer.replies]
        broken += [
            str(reply)
            for reply in replies
            if not reply.is_as_promised() or reply.seconds > ANSWERED_WITHIN
        ]
        broken += [f"healthy only after {s:.1f} s" for s in healthy if s > HEALTHY_WITHIN]
        record.count, record.violations = len(AWAY), len(broken)
        record.figures = {
            "acknowledged": sum(len(writer.acknowledged) for writer in writers),
            "healthy after, s": round(max(healthy), 1),
            "slowest answer, s": round(max(reply.seconds for reply in replies), 1),
        }
    assert broken == []
