"""2,000 phones lose their sockets in one moment, as in a network's outage, and come back at once.

Each does what the protocol asks of it, with the reference phone's own rules for when: dial again,
wait longer after each failure, say hello, pull. Beside it one caller asks for the same thing at
a steady pace all the time, as somebody who is using the app meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

import psutil

from clients.phone import closing
from tools.bench import http, sockets, steady
from tools.bench.circles import Member
from tools.bench.crowd import seed
from tools.local import place, stack
from tools.local.errors import CannotStart

CIRCLES, SIZE = 167, 12
PHONES = CIRCLES * SIZE
FILES = PHONES + 500  # open at once in one process
AT_ONCE = 50
GIVE_UP = 180.0
HELLO_WITHIN = 10.0
REFUSED = (OSError, EOFError, TimeoutError, RuntimeError)


def run() -> dict[str, Any]:
    """Goals: all are back within 60 s, and meanwhile p99 of the steady caller is below 1 s."""
    _allow_files()
    given = {**os.environ, "GRANIAN_WORKERS": "2", "GRANIAN_BLOCKING_THREADS": "3"}
    with (
        place.temporary() as held,
        stack.running(held, given=given, names=("web", "live"), data=False) as house,
    ):
        circles = seed(house.variables, circles=CIRCLES, size=SIZE)
        members = [(str(c.group_id), m) for c in circles for m in c.members]
        return _figures(asyncio.run(_stampede(house, members)))


def _allow_files() -> None:
    """Sockets are files, here and in the processes that inherit the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        raise CannotStart(
            f"{PHONES} sockets need {FILES} open files and this account may have {hard};"
            f" raise the limit (ulimit -Hn {FILES}) and try again."
        )
    if soft != resource.RLIM_INFINITY and soft < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))


@dataclass
class Herd:
    """What came of it; times in seconds, from the moment in which all were cut off."""

    kilobytes: float = 0
    back: list[float] = field(default_factory=list)
    steady: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    # Of the machine before we began: with the cores taken by others the figures mean little.
    load: float = field(default_factory=lambda: round(os.getloadavg()[0], 1))


async def _stampede(house: stack.Stack, members: list[tuple[str, Member]]) -> Herd:
    herd = Herd()
    process = psutil.Process(house.running["live"].pid)
    empty = process.memory_info().rss
    phones = [HerdPhone(house, group, member, herd) for group, member in members]
    for n in range(0, PHONES, AT_ONCE):
        await asyncio.gather(*(phone.dial() for phone in phones[n : n + AT_ONCE]))
    herd.kilobytes = (process.memory_info().rss - empty) / PHONES / 1024
    with steady.calling(house.web, phones[0].request()) as caller:
        await _all_return(phones, herd)
    herd.steady = caller.seconds
    for phone in phones:
        phone.hang_up()
    return herd


async def _all_return(phones: list[HerdPhone], herd: Herd) -> None:
    for phone in phones:
        phone.hang_up()
    begun = time.perf_counter()
    returns = [asyncio.create_task(phone.come_back(begun)) for phone in phones]
    _, late = await asyncio.wait(returns, timeout=GIVE_UP)
    for task in late:
        task.cancel()
    ended = await asyncio.gather(*returns, return_exceptions=True)
    herd.lost = sum(isinstance(end, BaseException) for end in ended)


class HerdPhone:
    def __init__(self, house: stack.Stack, group: str, member: Member, herd: Herd) -> None:
        self.house, self.member, self.herd = house, member, herd
        self.names = (f"group:{group}", f"person:{member.user_id}")
        self.chance = Random(str(member.user_id))
        self.listener: sockets.Listener | None = None
        self.epoch = ""

    async def come_back(self, begun: float) -> None:
        failures, code = 0, 1006
        while True:
            await asyncio.sleep(closing.pause(closing.closing(code), failures, self.chance))
            try:
                async with asyncio.timeout(HELLO_WITHIN):
                    await self.dial()
                await self._pull()
                break
            except REFUSED as trouble:
                code = trouble.code if isinstance(trouble, sockets.Refused) else 1006
                failures += 1
                self.herd.refused[str(code) if code != 1006 else type(trouble).__name__] += 1
        self.herd.back.append(time.perf_counter() - begun)

    async def dial(self) -> None:
        """Open the socket and hear the hello."""
        hello = json.dumps({"t": "hello", "client_id": str(self.member.client_id)}).encode()
        self.hang_up()
        self.listener = await sockets.listen(
            self.house.live, self.member.token, hello, lambda frame: None
        )
        self.epoch = json.loads(self.listener.opened.result())["epoch"]

    def request(self) -> bytes:
        """The pull of a phone that has everything."""
        cursor = {"epoch": self.epoch, "scopes": {name: [0, 0, "1.1"] for name in self.names}}
        body = {"client_id": str(self.member.client_id), "schema": 1, "cursor": cursor}
        return http.request("/api/v1/sync/pull", self.member.token, json.dumps(body).encode())

    def hang_up(self) -> None:
        if self.listener:
            self.listener.transport.close()

    async def _pull(self) -> None:
        where = urlsplit(self.house.web)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        try:
            writer.write(self.request())
            await http.read_answer(reader)
        finally:
            writer.close()


def _figures(herd: Herd) -> dict[str, Any]:
    cuts = quantiles(herd.steady, n=100)
    waits = sorted(herd.back)
    return {
        "bench": "herd",
        "phones": PHONES,
        "all_back_s": round(waits[-1], 1),
        "half_back_s": round(waits[len(waits) // 2], 1),
        "failures": herd.lost,
        "p50_ms": round(cuts[49] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
        "n": len(herd.steady),
        "kilobytes_a_socket": round(herd.kilobytes, 1),
        "refused_before": dict(herd.refused),
        "goals": {
            "all_back_s": 60,
            "p99_ms": 1000,
            "met": not herd.lost and waits[-1] <= 60 and cuts[98] < 1,
        },
        "cores": os.cpu_count(),
        "load": herd.load,
        "note": "every phone dials, says hello and pulls as the reference phone does; p50 and p99"
        f" of another caller's pull every {steady.EVERY * 1000:.0f} ms until all are back; one live"
        " process; phones, caller, servers and PostgreSQL on the same cores",
    }
