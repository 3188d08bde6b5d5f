"""The clock of the machine is stepped an hour ahead and an hour back, under load."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from tests.faults.circle import Circle
from tests.faults.database import Database, database
from tests.faults.invariants import signed_out, violations
from tests.faults.listener import listen
from tests.faults.load import converge, converge_outboxes, phones_of
from tests.faults.machine_clock import MachineClock, environment, machine_clock
from tests.faults.outage import Outage, outages
from tests.faults.owner import Owner
from tests.faults.report import finding
from tests.faults.stacks import (
    ASK_FOR_CODE,
    ended_early,
    make_circle,
    make_session,
    manage,
    own_servers,
    query,
    started,
)
from tests.faults.writer import Writer
from tools.demo.product import Product
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
STEPS = (3600, 0, -3600, 0)  # seconds from the true time
STAYS = 10.0  # seconds
HEARTBEAT, HEARTBEATS_WITHIN = 2, 15.0
PROCESSES = ("web", "live", "pump", "worker")
# Far from UTC, and with another date for most of the day.
SOMEWHERE = {"TZ": "Pacific/Kiritimati", "LIVE_HEARTBEAT": str(HEARTBEAT)}
SESSION_IN = 85  # minutes; its reminders are due in 25
CODES, CODES_WINDOW = 5, 15 * 60  # for one address, in seconds
REMINDERS = """
SELECT scope_id::text, count(*) FILTER (WHERE state = 'planned'),
       count(*) FILTER (WHERE state = 'expanded')
FROM notifications_intent WHERE type = 'care.session_reminder' GROUP BY 1
"""
SENT = """
SELECT push_class, count(*) FROM notifications_delivery WHERE state = 'sent' GROUP BY push_class
"""
LATEST_EVENT = "SELECT id::text FROM recovery_auditevent ORDER BY id DESC LIMIT 1"
IS_SEALED = "SELECT count(*) FROM recovery_auditseal WHERE event_id = %s"
PLAN = """
from recovery.actions.jobs import later
from django.db import transaction
with transaction.atomic():
    for user in {users}:
        later("care.plan_person", user_id=user)
"""
UNPLANNED = """
SELECT 1 FROM procrastinate_jobs
WHERE task_name = 'care.plan_person' AND status IN ('todo', 'doing')
"""
SEALED_WITHIN, PLANNED_WITHIN = 150.0, 60.0


class Play:
    """The stack, people of one group with phones, and what went wrong."""

    def __init__(self, stack: Stack, circle: Circle, owners: list[Owner]) -> None:
        self.stack, self.circle, self.owners = stack, circle, owners
        self.broken: list[str] = []
        self.product = Product(stack, "")

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Everybody writes until the block ends."""

        async def go_on() -> None:
            while True:
                for owner in self.owners:
                    owner.write()
                await asyncio.sleep(0.5)

        task = asyncio.create_task(go_on())
        try:
            yield
        finally:
            task.cancel()
        await converge_outboxes((owner.phone for owner in self.owners), 120)

    async def code_requests(self, email: str) -> list[httpx.Response]:
        async with httpx.AsyncClient(base_url=self.stack.web, timeout=30) as client:
            return [
                await client.post(ASK_FOR_CODE, json={"email": email}) for _ in range(CODES + 1)
            ]

    async def use_up_codes(self, email: str) -> None:
        answers = [answer.status_code for answer in await self.code_requests(email)]
        if answers != [401] * CODES + [429]:
            self.broken.append(f"codes for one address: {answers}")

    async def longest_wait(self, email: str) -> float:
        """The Retry-After of the limit that is used up, in seconds."""
        answer = (await self.code_requests(email))[-1]
        waits = float(answer.headers.get("Retry-After", "0"))
        if waits > CODES_WINDOW:
            self.broken.append(f"a limit of {CODES_WINDOW} s refuses for {waits:.0f} s")
        return waits

    async def heartbeats_go_on(self) -> None:
        """On a socket that is opened now."""
        # With the tokens that the phone has now.
        tokens = {"access_token": self.owners[0].phone.session.token()}
        member = replace(self.circle.members[0], tokens=tokens)
        writer = Writer(member, lambda: self.stack.web)
        await writer.register()
        listener = await listen(self.stack.live, writer.member, writer.client_id)
        try:
            async with asyncio.timeout(HEARTBEATS_WITHIN):
                while not any(frame["t"] == "h" for frame in listener.frames):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            self.broken.append(f"no heartbeat within {HEARTBEATS_WITHIN:.0f} s")
        await listener.close()
        await writer.close()

    async def plan_again(self) -> None:
        """Plan everybody's reminders once more, and wait until the worker has done it."""
        users = [member.user for member in self.circle.members]
        manage(self.stack, "jobs", "shell", "-v", "0", "-c", PLAN.format(users=users))
        async with asyncio.timeout(PLANNED_WITHIN):
            while query(self.stack, UNPLANNED):
                await asyncio.sleep(0.2)

    async def reminders_become(self, planned: int, sent: int) -> None:
        """Wait until each member has this number of reminders that wait, and that were sent."""
        expected = [(member.user, planned, sent) for member in self.circle.members]
        try:
            async with asyncio.timeout(PLANNED_WITHIN):
                while sorted(query(self.stack, REMINDERS)) != sorted(expected):
                    await asyncio.sleep(0.2)
        except TimeoutError:
            self.broken.append(f"reminders: {query(self.stack, REMINDERS)}, not {expected}")

    async def what_was_done_is_sealed(self) -> None:
        ((event,),) = query(self.stack, LATEST_EVENT)
        try:
            async with asyncio.timeout(SEALED_WITHIN):
                while query(self.stack, IS_SEALED, event) == [(0,)]:
                    await asyncio.sleep(0.5)
        except TimeoutError:
            self.broken.append("the audit is not sealed any more")

    async def pushes(self) -> int:
        """How many reached the phones. Each was sent once, and one to each member is a reminder."""
        received, sent = -1, {"": 0}
        try:
            async with asyncio.timeout(PLANNED_WITHIN):
                while received != sum(sent.values()):
                    inboxes = [await self.product.inbox(m.card) for m in self.circle.members]
                    received, sent = sum(map(len, inboxes)), dict(query(self.stack, SENT))
                    await asyncio.sleep(0.2)
        except TimeoutError:
            self.broken.append(f"{received} pushes arrived, and {sent} were marked as sent")
        if sent.get("reminder") != len(self.circle.members):
            self.broken.append(f"not one reminder for each member: {sent}")
        return received


async def restart(postgres: Database, outage: Outage, variables: dict[str, str]) -> None:
    """Start PostgreSQL and Valkey again, with these variables."""
    postgres.stop_at_once()
    outage.begin()
    with environment(variables):
        postgres.start()
        outage.end()
    await postgres.answers()
    await outage.is_over()


async def step_the_clock(play: Play, clock: MachineClock) -> dict[str, float]:
    """An hour ahead, back, an hour behind, and back. Returns what was measured."""
    ahead, right, behind, again = STEPS
    await play.reminders_become(planned=1, sent=0)
    async with play.writing():
        await asyncio.sleep(STAYS)
        await clock.step(ahead)
        await play.reminders_become(planned=0, sent=1)
        await play.use_up_codes("ahead@example.org")
        await asyncio.sleep(STAYS)
        await clock.step(right)
        await play.heartbeats_go_on()
        longest = await play.longest_wait("ahead@example.org")
        await play.plan_again()
        await clock.step(behind)
        await play.heartbeats_go_on()
        await play.plan_again()
        await asyncio.sleep(STAYS)
        await clock.step(again)
        await asyncio.sleep(STAYS)
    await play.what_was_done_is_sealed()
    await play.plan_again()
    await play.reminders_become(planned=0, sent=1)
    return {
        "acknowledged": sum(len(owner.acknowledged) for owner in play.owners),
        "reminders": len(play.circle.members),
        "pushes": await play.pushes(),
        "longest Retry-After of a limit of 900 s, s": longest,
    }


async def test_the_clock_of_the_machine_is_stepped_under_load() -> None:
    with own_servers() as servers, database(servers) as postgres, outages(servers) as outage:
        clock = machine_clock(servers)
        variables = clock.variables | SOMEWHERE
        with finding("clock stepped") as record:
            await restart(postgres, outage, variables)
            leader, *members = make_circle(servers, 4).members
            # Without the leader: an hour without a sign of life ends the session of staff.
            circle = Circle(leader.group, members)
            with started(servers, *PROCESSES, **variables) as stack:
                async with phones_of(circle, stack) as phones:
                    for phone, member in zip(phones, members, strict=True):
                        phone.register_push(member.card)
                    make_session(servers, circle, leader, SESSION_IN)
                    play = Play(stack, circle, [Owner(phone, circle) for phone in phones])
                    record.figures = await step_the_clock(play, clock)
                    await converge(phones, sum(len(owner.writes) for owner in play.owners), 120)
                    broken = play.broken + violations(servers, circle, play.owners, phones)
                    broken += signed_out(phones)
                broken += ended_early(stack)
            record.count, record.violations = len(STEPS), len(broken)
    assert broken == []
