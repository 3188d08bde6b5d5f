"""kill -9 of web: inside the transaction, before COMMIT, after it, and at random times."""

from __future__ import annotations

import asyncio
from random import Random
from urllib.parse import urlsplit

import pytest

from tests.faults.circle import Circle, Member
from tests.faults.fork_server import ForkServer, Web, fork_server
from tests.faults.invariants import violations
from tests.faults.pausing_proxy import PausePoint, PausingProxy
from tests.faults.report import finding
from tests.faults.stacks import make_circle, query, started
from tests.faults.writer import Reply, Write, Writer
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
POINTS = ("inside", "before commit", "after commit", "any moment")
TRIALS, KILLS_EACH = 2, 250
RECEIPT = "SELECT 1 FROM recovery_receipt WHERE id = %s"


class Trial:
    """One member's writes, through webs that are killed one after another."""

    def __init__(
        self, stack: Stack, member: Member, proxy: PausingProxy, forks: ForkServer
    ) -> None:
        self.stack, self.proxy, self.forks = stack, proxy, forks
        self.writer = Writer(member, lambda: self.web.url)
        self.web, self.spare = forks.start(), forks.start()
        self.trips = 0
        self.kills: dict[str, int] = dict.fromkeys(POINTS, 0)

    async def rehearse(self) -> None:
        """Count the round trips of a write in a warm process."""
        await self.writer.register()
        for _ in range(4):
            self.proxy.pause_at = PausePoint()
            await self.writer.insist(self.writer.next_write())
        self.trips = self.proxy.pause_at.trips

    async def kill_one(self, point: str, chance: Random) -> None:
        await self._warm_up(self.web)
        write, self.proxy.pause_at = self.writer.next_write(), self._pause_point(point, chance)
        push = asyncio.create_task(self.writer.push(write))
        await self._wait_for(point, push, chance)
        self._replace()
        first = await push
        await self._ask_again(write, point, first)
        self.kills[point] += 1

    async def _warm_up(self, web: Web) -> None:
        """Open its connection and prepare its statements, as after any other request."""
        self.proxy.pause_at = PausePoint()
        reply = await self.writer.ask("/api/v1/sync/pull", {"client_id": self.writer.client_id})
        assert reply.status == 200

    def _pause_point(self, point: str, chance: Random) -> PausePoint:
        match point:
            case "inside":
                return PausePoint(trip=chance.randint(2, self.trips - 1))
            case "before commit":
                return PausePoint(before_commit=True)
            case "after commit":
                return PausePoint(after_commit=True)
        return PausePoint()

    async def _wait_for(self, point: str, push: asyncio.Task[Reply], chance: Random) -> None:
        if point == "any moment":
            await asyncio.sleep(chance.uniform(0, 0.05))
        else:
            reached = asyncio.create_task(self.proxy.pause_at.reached.wait())
            await asyncio.wait({reached, push}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
            assert reached.done(), f"{point} never came: {push}"

    def _replace(self) -> None:
        self.web.kill()
        self.proxy.cut()
        self.proxy.pause_at = PausePoint()
        self.web, self.spare = self.spare, self.forks.start()

    async def _ask_again(self, write: Write, point: str, first: Reply) -> None:
        """The same uuid always gives the same result. It is a duplicate if COMMIT was reached."""
        done = bool(query(self.stack, RECEIPT, write.uuid))
        if point != "any moment":
            assert (first.status, done) == (0, point == "after commit")
        await self.writer.insist(write)
        results = [self.writer.replies[-1].result()]
        results += [(await self.writer.push(write)).result() for _ in range(2)]
        assert [result.pop("dup", False) for result in results] == [done, True, True]
        assert results[0] == results[1] == results[2]


async def run_trial(stack: Stack, circle: Circle, number: int, chance: Random) -> Trial:
    port = urlsplit(stack.variables["DATABASE_URL"]).port
    async with PausingProxy(port) as proxy:
        through = stack.variables["DATABASE_URL"].replace(f":{port}/", f":{proxy.port}/")
        with fork_server(stack, DATABASE_URL=through) as forks:
            trial = Trial(stack, circle.members[number], proxy, forks)
            await trial.rehearse()
            for n in range(KILLS_EACH):
                await trial.kill_one(POINTS[n % len(POINTS)], chance)
            await trial.writer.close()
            return trial


async def test_web_killed_at_any_point_loses_and_doubles_nothing(
    servers: Stack, chance: Random
) -> None:
    circle = make_circle(servers, 3)
    with finding("web killed") as record:
        trials = await asyncio.gather(
            *(run_trial(servers, circle, number, chance) for number in range(TRIALS))
        )
        record.count = sum(sum(trial.kills.values()) for trial in trials)
        with started(servers, "web") as stack:
            phones = [member.phone(stack) for member in circle.members]
            for phone in phones:
                await phone.sync()
            broken = violations(servers, circle, [trial.writer for trial in trials], phones)
            for phone in phones:
                await phone.close()
        record.violations = len(broken)
        record.figures = {point: sum(trial.kills[point] for trial in trials) for point in POINTS}
    assert broken == []
