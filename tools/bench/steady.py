"""Somebody who asks at a steady pace, in a process of its own: what a crowd does to the others.

`python -m tools.bench.steady URL` takes the request from stdin, sends it until SIGTERM, waits for
what is still to come and prints the seconds of each answer as a JSON list.
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from tools.bench.http import read_answer

EVERY = 0.05  # seconds between requests, whether or not the last one has been answered
PATIENCE = 60.0


class Caller:
    """`seconds` holds what was measured once the block has ended."""

    seconds: list[float]


@contextmanager
def calling(web: str, request: bytes) -> Iterator[Caller]:
    caller = Caller()
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.bench.steady", web],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(request)
    process.stdin.close()
    try:
        yield caller
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        caller.seconds = json.loads(process.stdout.read() or b"[]")
        process.wait(PATIENCE)


async def _call(web: str, request: bytes) -> list[float]:
    where, seconds, over = urlsplit(web), list[float](), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)

    async def once() -> None:
        begun = time.perf_counter()
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(request)
        await read_answer(reader)
        writer.close()
        seconds.append(time.perf_counter() - begun)

    async with asyncio.TaskGroup() as calls:
        while not over.is_set():
            calls.create_task(once())
            await asyncio.sleep(EVERY)
    return seconds


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_call(sys.argv[1], sys.stdin.buffer.read()))))
