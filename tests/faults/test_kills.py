"""kill -9 of web: inside the transaction, before COMMIT, after it, and at random times."""

from __future__ import annotations

import asyncio
from random import Random
from urllib.parse import urlsplit

import pytest

from tests.faults.circle import Circle, Member
from tests.faults.gate import Gate, Stop
from tests.faults.ground import crew, look, make_circle
from tests.faults.invariants import violations
from tests.faults.nursery import Nursery, Web, nursery
from tests.faults.report import finding
from tests.faults.writer import Deed, Reply, Writer
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
POINTS = ("inside", "before commit", "after commit", "any moment")
LANES, KILLS_EACH = 2, 250
RECEIPT = "SELECT 1 FROM recovery_receipt WHERE id = %s"


class Lane:
    """One member's writes, through webs that are killed one after another."""

    def __init__(self, house: Stack, member: Member, gate: Gate, young: Nursery) -> None:
        self.house, self.gate, self.young = house, gate, young
        self.writer = Writer(member, lambda: self.web.url)
        self.web, self.spare = young.start(), young.start()
        self.trips = 0
        self.kills: dict[str, int] = dict.fromkeys(POINTS, 0)

    async def rehearse(self) -> None:
        """Count the round trips of a write in a warm process."""
        await self.writer.register()
        for _ in range(4):
            self.gate.stop = Stop()
            await self.writer.insist(self.writer.next_deed())
        self.trips = self.gate.stop.trips

    async def kill_one(self, point: str, chance: Random) -> None:
        await self._warm_up(self.web)
        deed, self.gate.stop = self.writer.next_deed(), self._stop(point, chance)
        push = asyncio.create_task(self.writer.push(deed))
        await self._wait_for(point, push, chance)
        self._replace()
        first = await push
        await self._ask_again(deed, point, first)
        self.kills[point] += 1

    async def _warm_up(self, web: Web) -> None:
        """Open its connection and prepare its statements, as after any other request."""
        self.gate.stop = Stop()
        reply = await self.writer.ask("/api/v1/sync/pull", {"client_id": self.writer.client_id})
        assert reply.status == 200

    def _stop(self, point: str, chance: Random) -> Stop:
        match point:
            case "inside":
                return Stop(trip=chance.randint(2, self.trips - 1))
            case "before commit":
                return Stop(before_commit=True)
            case "after commit":
                return Stop(after_commit=True)
        return Stop()

    async def _wait_for(self, point: str, push: asyncio.Task[Reply], chance: Random) -> None:
        if point == "any moment":
            await asyncio.sleep(chance.uniform(0, 0.05))
        else:
            reached = asyncio.create_task(self.gate.stop.reached.wait())
            await asyncio.wait({reached, push}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
            assert reached.done(), f"{point} never came: {push}"

    def _replace(self) -> None:
        self.web.kill()
        self.gate.cut()
        self.gate.stop = Stop()
        self.web, self.spare = self.spare, self.young.start()

    async def _ask_again(self, deed: Deed, point: str, first: Reply) -> None:
        """The same uuid always gives the same result. It is a duplicate if COMMIT was reached."""
        done = bool(look(self.house, RECEIPT, deed.uuid))
        if point != "any moment":
            assert (first.status, done) == (0, point == "after commit")
        await self.writer.insist(deed)
        results = [self.writer.replies[-1].result()]
        results += [(await self.writer.push(deed)).result() for _ in range(2)]
        assert [result.pop("dup", False) for result in results] == [done, True, True]
        assert results[0] == results[1] == results[2]


async def run_lane(house: Stack, circle: Circle, number: int, chance: Random) -> Lane:
    port = urlsplit(house.variables["DATABASE_URL"]).port
    async with Gate(port) as gate:
        through = house.variables["DATABASE_URL"].replace(f":{port}/", f":{gate.port}/")
        with nursery(house, DATABASE_URL=through) as young:
            lane = Lane(house, circle.members[number], gate, young)
            await lane.rehearse()
            for n in range(KILLS_EACH):
                await lane.kill_one(POINTS[n % len(POINTS)], chance)
            await lane.writer.close()
            return lane


async def test_web_killed_at_any_point_loses_and_doubles_nothing(
    ground: Stack, chance: Random
) -> None:
    circle = make_circle(ground, 3)
    with finding("web killed") as record:
        lanes = await asyncio.gather(
            *(run_lane(ground, circle, number, chance) for number in range(LANES))
        )
        record.count = sum(sum(lane.kills.values()) for lane in lanes)
        with crew(ground, "web") as house:
            phones = [member.phone(house) for member in circle.members]
            for phone in phones:
                await phone.sync()
            broken = violations(ground, circle, [lane.writer for lane in lanes], phones)
            for phone in phones:
                await phone.close()
        record.violations = len(broken)
        record.figures = {point: sum(lane.kills[point] for lane in lanes) for point in POINTS}
    assert broken == []
