"""Catching up over the real endpoint; the reference is the same SQL in a bare ASGI application.

16 phones with 50 new documents over 5 scopes each, then the same phones with nothing new. There
are a million documents in the table. Both servers run one worker process per core, and then only
one: there our threads wait for each other's Python, while PostgreSQL has a core to itself beside
the bare application.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tools.bench import figures, http, phones, processor
from tools.local import data_directory, processes, stack

ROUNDS, SECONDS = 12, 1.0
SCOPES, NEW, PHONES, DOCUMENTS = 5, 10, 16, 1_000_000

SERVERS = ("postgres", "valkey")
BARE = ["granian", "--interface", "asginl", "tools.bench.bare_pull:application"]


def run() -> list[dict[str, Any]]:
    """Return two figures per number of workers: 50 new documents, and an idle pull."""
    with (
        data_directory.temporary() as directory,
        stack.running(directory, environ=dict(os.environ), names=(), data=False) as system,
    ):
        seeded = phones.seed(
            system.variables, phones=PHONES, scopes=SCOPES, documents=DOCUMENTS, new=NEW
        )
        cores = os.cpu_count() or 1
        return [*_measured(system, seeded, cores, ""), *_measured(system, seeded, 1, "_one_worker")]


def _measured(
    system: stack.Stack, seeded: list[phones.Seeded], workers: int, suffix: str
) -> Iterator[dict[str, Any]]:
    web_command = shlex.split(stack.procfile()["web"])[2:]  # after `env DATABASE_ROLE=app`
    with _served(system, web_command, workers) as web, _served(system, BARE, workers) as bare:
        yield _compare(system, web, bare, seeded, f"catchup{suffix}", NEW)
        yield _compare(system, web, bare, seeded, f"idle_pull{suffix}", 0)


def _compare(
    system: stack.Stack,
    web: Server,
    bare: Server,
    seeded: list[phones.Seeded],
    name: str,
    new: int,
) -> dict[str, Any]:
    """Load both servers in turn, because others use the machine too."""
    bodies = [http.request("/api/v1/sync/pull", s.token, s.body(new)) for s in seeded]
    asyncio.run(http.load(web.url, bodies, seconds=1))
    size = asyncio.run(http.load(bare.url, bodies, seconds=1)).size
    # The product's other processes are idle.
    running = {name: process for name, process in system.running.items() if name in SERVERS}
    running["web"] = web.process
    rounds = []
    for _ in range(ROUNDS):
        meter = processor.Meter(running)
        ours = asyncio.run(http.load(web.url, bodies, seconds=SECONDS))
        used = meter.millis_each(len(ours.millis))
        theirs = asyncio.run(http.load(bare.url, bodies, seconds=SECONDS))
        rates = {"rate": ours.rate, "reference": theirs.rate}
        rounds.append({**rates, **figures.percentiles(ours.millis), "processor_ms": used})
    return figures.line(
        name,
        **figures.medians(rounds, reference="bare ASGI, same SQL"),
        note=f"{PHONES} phones, {SCOPES * new} new documents over {SCOPES} scopes,"
        f" {DOCUMENTS} in the feed, {size} bytes per answer",
    )


@dataclass(frozen=True)
class Server:
    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def _served(system: stack.Stack, command: list[str], workers: int) -> Iterator[Server]:
    port, log = data_directory.free_port(), system.directory.root / f"{command[-1]}.{workers}.log"
    environment = system.environment() | {
        "GRANIAN_PORT": str(port),
        "DATABASE_ROLE": "app",
        "GRANIAN_WORKERS": str(workers),
    }
    server = processes.start_process(command, log=log, cwd=data_directory.CHECKOUT, env=environment)
    try:
        processes.wait_until(lambda: stack.listens(port), server, log)
        yield Server(f"http://127.0.0.1:{port}", server)
    finally:
        processes.stop(server)
