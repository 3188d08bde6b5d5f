"""10,000 phones lose their sockets as a live process ends, and reconnect to the next one."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import psutil
import pytest

from tests.faults.make_crowd import read
from tests.faults.report import finding
from tests.faults.stacks import end, ended_early, make_crowd, started
from tools.bench.herd import AT_ONCE, HerdPhone, allow_files
from tools.local.stack import Stack

pytestmark = pytest.mark.soak
GROUPS, SIZE = 834, 12
GIVE_UP = 300.0  # seconds
# Of a process whose sockets were all opened again, the allocator's share included.
MOST_KILOBYTES = 64
LEAST_SPREAD = 30.0  # seconds between the first phone that reconnects and the last
RESTART = 1012
PROBE = 0.25


@dataclass
class Probes:
    """What others get meanwhile: the statuses of web's answers and the seconds each took."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


@asynccontextmanager
async def probing(web: str, phone: HerdPhone) -> AsyncIterator[Probes]:
    """Another person pulls all the time."""
    probes, stopped = Probes(), asyncio.Event()
    head, _, body = phone.request().partition(b"\r\n\r\n")
    bearer = {"Authorization": f"Bearer {phone.member.token}", "Content-Type": "application/json"}
    path = head.split()[1].decode()

    async def pull() -> None:
        async with httpx.AsyncClient(base_url=web, timeout=60) as http:
            while not stopped.is_set():
                began = time.monotonic()
                reply = await http.post(path, content=body, headers=bearer)
                probes.statuses[reply.status_code] += 1
                probes.seconds.append(time.monotonic() - began)
                await asyncio.sleep(PROBE)

    task = asyncio.create_task(pull())
    try:
        yield probes
        stopped.set()
        await task
    finally:
        task.cancel()


async def let_in(phones: list[HerdPhone]) -> None:
    for first in range(0, len(phones), AT_ONCE):
        await asyncio.gather(*(phone.dial() for phone in phones[first : first + AT_ONCE]))


async def return_of(phone: HerdPhone, new: Stack, start: float) -> tuple[int, float]:
    """How its socket closed, and the seconds from `start` until it had pulled again."""
    assert phone.listener
    code = await phone.listener.closed
    phone.system, phone.knocked = new, []
    return code, await phone.come_back(start, code)


def memory(stack: Stack) -> int:
    return psutil.Process(stack.running["live"].pid).memory_info().rss


async def test_ten_thousand_phones_reconnect_after_a_restart(servers: Stack) -> None:
    allow_files(GROUPS * SIZE)
    crowd = read(make_crowd(servers, GROUPS, SIZE))
    names = ("web", "live")
    with (
        finding("herd") as record,
        started(servers, *names, GRANIAN_WORKERS="2") as old,
        started(servers, "live") as new,
    ):
        new.ports["web"] = old.ports["web"]
        empty = memory(new)
        bystander, *phones = [HerdPhone(old, group, member) for group, member in crowd]
        await bystander.dial()
        await let_in(phones)
        async with probing(old.web, bystander) as probes:
            start = time.perf_counter()
            returns = [asyncio.create_task(return_of(phone, new, start)) for phone in phones]
            broken = await end(old, "live")
            done, late = await asyncio.wait(returns, timeout=GIVE_UP)
        kilobytes = (memory(new) - empty) / len(phones) / 1024
        for task in late:
            task.cancel()
        codes = Counter(task.result()[0] for task in done)
        back = sorted(task.result()[1] for task in done)
        knocks = sorted(phone.knocked[0] for phone in phones if phone.knocked)
        spread = knocks[-1] - knocks[0]
        broken += [f"{len(late)} phones did not come back"] if late else []
        broken += [f"closed with {codes}"] if set(codes) != {RESTART} else []
        broken += [f"all came back within {spread:.0f} s"] if spread < LEAST_SPREAD else []
        broken += [f"{kilobytes:.0f} KB a socket"] if kilobytes > MOST_KILOBYTES else []
        broken += [f"web answered {probes.statuses}"] if set(probes.statuses) != {200} else []
        broken += ended_early(old) + ended_early(new)
        for phone in [bystander, *phones]:
            phone.hang_up()
        record.count, record.violations = len(phones), len(broken)
        record.figures = {
            "phones": len(phones),
            "spread, s": round(spread, 1),
            "half back, s": round(back[len(back) // 2], 1),
            "all back, s": round(back[-1], 1),
            "turned away for now": sum(sum(p.refused.values()) for p in phones),
            "KB a socket": round(kilobytes, 1),
            "slowest pull of another, s": round(max(probes.seconds), 2),
        }
    assert broken == []
