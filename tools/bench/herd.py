"""2,000 phones lose their sockets at one moment, as in a network outage, and reconnect.

Each follows the reference phone's rules: back off, connect, say hello, pull. Meanwhile a steady
caller, standing for a user of the app, repeats the same pull at a constant pace.
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

from clients.phone import close_codes
from tools.bench import http, sockets, steady_caller
from tools.bench.bulk_groups import seed
from tools.bench.groups import Member
from tools.local import data_directory, stack
from tools.local.errors import CannotStart

GROUPS, SIZE = 167, 12
PHONES = GROUPS * SIZE
FILES = PHONES + 500  # file descriptors open at once in one process
AT_ONCE = 50
GIVE_UP = 180.0
HELLO_WITHIN = 10.0
FAILURES = (OSError, EOFError, TimeoutError, RuntimeError)


def run() -> dict[str, Any]:
    """Goals: all phones are back within 60 s, and the steady caller's p99 stays below 1 s."""
    _allow_files()
    environ = {**os.environ, "GRANIAN_WORKERS": "2", "GRANIAN_BLOCKING_THREADS": "3"}
    with (
        data_directory.temporary() as directory,
        stack.running(directory, environ=environ, names=("web", "live"), data=False) as system,
    ):
        groups = seed(system.variables, groups=GROUPS, size=SIZE)
        members = [(str(c.group_id), m) for c in groups for m in c.members]
        return _figures(asyncio.run(_stampede(system, members)))


def _allow_files() -> None:
    """Raise the limit of open files, here and for the processes that inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < FILES:
        raise CannotStart(
            f"{PHONES} sockets need {FILES} open files and this account may have {hard};"
            f" raise the limit (ulimit -Hn {FILES}) and try again."
        )
    if soft != resource.RLIM_INFINITY and soft < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))


@dataclass
class Results:
    """Times are in seconds, counted from the moment all sockets were closed."""

    kilobytes: float = 0
    returned: list[float] = field(default_factory=list)
    steady: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    # The load average beforehand: if others keep the cores busy, the figures mean little.
    load: float = field(default_factory=lambda: round(os.getloadavg()[0], 1))


async def _stampede(system: stack.Stack, members: list[tuple[str, Member]]) -> Results:
    results = Results()
    process = psutil.Process(system.running["live"].pid)
    empty = process.memory_info().rss
    phones = [HerdPhone(system, group, member, results) for group, member in members]
    for n in range(0, PHONES, AT_ONCE):
        await asyncio.gather(*(phone.dial() for phone in phones[n : n + AT_ONCE]))
    results.kilobytes = (process.memory_info().rss - empty) / PHONES / 1024
    with steady_caller.calling(system.web, phones[0].request()) as caller:
        await _all_return(phones, results)
    results.steady = caller.seconds
    for phone in phones:
        phone.hang_up()
    return results


async def _all_return(phones: list[HerdPhone], results: Results) -> None:
    for phone in phones:
        phone.hang_up()
    start = time.perf_counter()
    returns = [asyncio.create_task(phone.come_back(start)) for phone in phones]
    _, late = await asyncio.wait(returns, timeout=GIVE_UP)
    for task in late:
        task.cancel()
    outcomes = await asyncio.gather(*returns, return_exceptions=True)
    results.lost = sum(isinstance(outcome, BaseException) for outcome in outcomes)


class HerdPhone:
    def __init__(self, system: stack.Stack, group: str, member: Member, results: Results) -> None:
        self.system, self.member, self.results = system, member, results
        self.names = (f"group:{group}", f"person:{member.user_id}")
        self.chance = Random(str(member.user_id))
        self.listener: sockets.Listener | None = None
        self.epoch = ""

    async def come_back(self, start: float) -> None:
        failures, code = 0, 1006
        while True:
            await asyncio.sleep(
                close_codes.pause(close_codes.reaction(code), failures, self.chance)
            )
            try:
                async with asyncio.timeout(HELLO_WITHIN):
                    await self.dial()
                await self._pull()
                break
            except FAILURES as problem:
                code = problem.code if isinstance(problem, sockets.Refused) else 1006
                failures += 1
                self.results.refused[str(code) if code != 1006 else type(problem).__name__] += 1
        self.results.returned.append(time.perf_counter() - start)

    async def dial(self) -> None:
        """Open the socket and wait for the server's hello."""
        hello = json.dumps({"t": "hello", "client_id": str(self.member.client_id)}).encode()
        self.hang_up()
        self.listener = await sockets.listen(
            self.system.live, self.member.token, hello, lambda frame: None
        )
        self.epoch = json.loads(self.listener.opened.result())["epoch"]

    def request(self) -> bytes:
        """A pull by a phone that is up to date."""
        cursor = {"epoch": self.epoch, "scopes": {name: [0, 0, "1.1"] for name in self.names}}
        body = {"client_id": str(self.member.client_id), "schema": 1, "cursor": cursor}
        return http.request("/api/v1/sync/pull", self.member.token, json.dumps(body).encode())

    def hang_up(self) -> None:
        if self.listener:
            self.listener.transport.close()

    async def _pull(self) -> None:
        address = urlsplit(self.system.web)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            writer.write(self.request())
            await http.read_answer(reader)
        finally:
            writer.close()


def _figures(results: Results) -> dict[str, Any]:
    cuts = quantiles(results.steady, n=100)
    waits = sorted(results.returned)
    return {
        "bench": "herd",
        "phones": PHONES,
        "all_back_s": round(waits[-1], 1),
        "half_back_s": round(waits[len(waits) // 2], 1),
        "failures": results.lost,
        "p50_ms": round(cuts[49] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
        "n": len(results.steady),
        "kilobytes_a_socket": round(results.kilobytes, 1),
        "refused_before": dict(results.refused),
        "goals": {
            "all_back_s": 60,
            "p99_ms": 1000,
            "met": not results.lost and waits[-1] <= 60 and cuts[98] < 1,
        },
        "cores": os.cpu_count(),
        "load": results.load,
        "note": "every phone dials, says hello and pulls as the reference phone does; p50 and p99"
        f" of the steady caller's pull every {steady_caller.EVERY * 1000:.0f} ms until all are"
        " back; one live process; phones, caller, servers and PostgreSQL on the same cores",
    }
