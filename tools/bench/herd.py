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
from random import Random
from typing import Any
from urllib.parse import urlsplit

import psutil

from clients.phone import close_codes
from tools.bench import figures, http, processor, sockets, steady_caller
from tools.bench.bulk_groups import seed
from tools.bench.groups import Member
from tools.local import data_directory, stack
from tools.local.errors import CannotStart

GROUPS, SIZE = 167, 12
PHONES = GROUPS * SIZE
ROUNDS = 3
AT_ONCE = 50
GIVE_UP = 180.0
HELLO_WITHIN = 10.0
FAILURES = (OSError, EOFError, TimeoutError, RuntimeError)


def run() -> list[dict[str, Any]]:
    allow_files(PHONES)
    environ = {**os.environ, "GRANIAN_WORKERS": "2", "WEB_THREADS": "3"}
    with (
        data_directory.temporary() as directory,
        stack.running(directory, environ=environ, names=("web", "live"), data=False) as system,
    ):
        groups = seed(system.variables, groups=GROUPS, size=SIZE)
        phones = [HerdPhone(system, str(g.group_id), m) for g in groups for m in g.members]
        return [asyncio.run(_stampedes(system, phones))]


def allow_files(sockets: int) -> None:
    """Raise the limit of open files, here and for the processes that inherit it."""
    files = sockets + 500
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < files:
        raise CannotStart(
            f"{sockets} sockets need {files} open files and this account may have {hard};"
            f" raise the limit (ulimit -Hn {files}) and try again."
        )
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))


async def _stampedes(system: stack.Stack, phones: list[HerdPhone]) -> dict[str, Any]:
    live = psutil.Process(system.running["live"].pid)
    # If others keep the cores busy, the figures mean little.
    load, empty = round(os.getloadavg()[0], 1), live.memory_info().rss
    for n in range(0, PHONES, AT_ONCE):
        await asyncio.gather(*(phone.dial() for phone in phones[n : n + AT_ONCE]))
    kilobytes = (live.memory_info().rss - empty) / PHONES / 1024
    rounds = [await _stampede(system, phones) for _ in range(ROUNDS)]
    for phone in phones:
        phone.hang_up()
    return figures.line(
        "herd",
        phones=PHONES,
        **figures.medians([values for values, _ in rounds]),
        lost=sum(late for _, late in rounds),
        kilobytes_a_socket=round(kilobytes, 1),
        refused=dict(sum((phone.refused for phone in phones), Counter[str]())),
        load=load,
        note="every phone dials, says hello and pulls as the reference phone does; p50 to p99 of"
        f" the steady caller's pull every {steady_caller.EVERY * 1000:.0f} ms until all are back;"
        " processor time for each phone; one live process; phones, caller, servers and PostgreSQL"
        " on the same cores",
    )


async def _stampede(
    system: stack.Stack, phones: list[HerdPhone]
) -> tuple[dict[str, figures.Value], int]:
    """Close all sockets at one moment and wait until every phone is back. Returns the round, and
    the number of phones that did not come back."""
    meter = processor.Meter(system.running)
    with steady_caller.calling(system.web, phones[0].request()) as caller:
        for phone in phones:
            phone.hang_up()
        start = time.perf_counter()
        returns = [asyncio.create_task(phone.come_back(start)) for phone in phones]
        done, late = await asyncio.wait(returns, timeout=GIVE_UP)
        for task in late:
            task.cancel()
    back = sorted(task.result() for task in done)
    values: dict[str, figures.Value] = {
        "all_back_s": back[-1],
        "half_back_s": back[len(back) // 2],
        **figures.percentiles([seconds * 1000 for seconds in caller.seconds]),
        "processor_ms": meter.millis_each(PHONES),
    }
    return values, len(late)


class HerdPhone:
    def __init__(self, system: stack.Stack, group: str, member: Member) -> None:
        self.system, self.member = system, member
        self.names = (f"group:{group}", f"person:{member.user_id}")
        self.chance = Random(str(member.user_id))
        self.listener: sockets.Listener | None = None
        self.epoch = ""
        self.refused: Counter[str] = Counter()
        self.knocked: list[float] = []  # when it dialled

    async def come_back(self, start: float, code: int = 1006) -> float:
        """Try until the phone has pulled, after a socket that closed with `code`; return the
        seconds since `start`."""
        failures = 0
        while True:
            await asyncio.sleep(
                close_codes.pause(close_codes.reaction(code), failures, self.chance)
            )
            try:
                async with asyncio.timeout(HELLO_WITHIN):
                    await self.dial()
                await self._pull()
                return time.perf_counter() - start
            except FAILURES as problem:
                code = problem.code if isinstance(problem, sockets.Refused) else 1006
                failures += 1
                self.refused[str(code) if code != 1006 else type(problem).__name__] += 1

    async def dial(self) -> None:
        """Open the socket and wait for the server's hello."""
        hello = json.dumps({"t": "hello", "client_id": str(self.member.client_id)}).encode()
        self.hang_up()
        self.knocked.append(time.perf_counter())
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
