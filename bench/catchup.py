"""Catching up over the real endpoint, and the same SQL in a bare ASGI application beside it.

16 phones with 50 new documents over 5 scopes each, and the same phones with nothing new; a
million documents in the table. One worker process serves in both cases.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import http, phones
from local import place, processes, stack

SECONDS = 6.0
ROUNDS = 3
SCOPES, NEW, PHONES, DOCUMENTS = 5, 10, 16, 1_000_000


def run() -> list[dict[str, Any]]:
    """Two figures: 50 new documents, and an idle pull."""
    given = {**os.environ, "GRANIAN_WORKERS": "1"}
    with (
        place.temporary() as held,
        stack.running(held, given=given, names=("web",), data=False) as house,
    ):
        seeded = phones.seed(
            house.variables, phones=PHONES, scopes=SCOPES, documents=DOCUMENTS, new=NEW
        )
        with _bare(house) as bare:
            return [
                _compare(house.web, bare, seeded, "catchup", NEW),
                _compare(house.web, bare, seeded, "idle_pull", 0),
            ]


def _compare(
    web: str, bare: str, seeded: list[phones.Seeded], name: str, new: int
) -> dict[str, Any]:
    """Both servers in turn, the best round of each: the machine is not ours alone."""
    bodies = [http.request("/api/v1/sync/pull", s.token, s.body(new)) for s in seeded]
    asyncio.run(http.load(web, bodies, seconds=1))
    asyncio.run(http.load(bare, bodies, seconds=1))
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(asyncio.run(http.load(web, bodies, seconds=SECONDS / ROUNDS)))
        theirs.append(asyncio.run(http.load(bare, bodies, seconds=SECONDS / ROUNDS)))
    best, reference = max(ours, key=_rate), max(theirs, key=_rate)
    return {
        "bench": name,
        "rate": round(best.rate),
        "reference": {"name": "bare ASGI, same SQL", "rate": round(reference.rate)},
        "ratio": round(best.rate / reference.rate, 2),
        "p50_ms": best.percentile(50),
        "p99_ms": best.percentile(99),
        "n": len(best.millis),
        "cores": os.cpu_count(),
        "note": f"{PHONES} phones, {SCOPES * new} new documents over {SCOPES} scopes,"
        f" {DOCUMENTS} in the feed, one worker, {best.size} bytes an answer",
    }


def _rate(load: http.Load) -> float:
    return load.rate


@contextmanager
def _bare(house: stack.Stack) -> Iterator[str]:
    port = place.free_port()
    command = ["granian", "--interface", "asginl", "bench.bare_pull:application"]
    environment = house.environment() | {
        "GRANIAN_PORT": str(port),
        "DATABASE_ROLE": "app",
        "GRANIAN_BLOCKING_THREADS": "1",
    }
    server = processes.start_process(
        command, log=Path(house.place.root / "bare.log"), cwd=place.CHECKOUT, env=environment
    )
    try:
        processes.wait_until(lambda: stack.listens(port), server, house.place.root / "bare.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        processes.stop(server)
