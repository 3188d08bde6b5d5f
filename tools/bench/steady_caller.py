"""Sends one request at a steady pace while the benchmark loads the server.

It runs in a process of its own, so that the load generator cannot slow it down.
`python -m tools.bench.steady_caller URL` reads the request from stdin and repeats it until SIGTERM.
Then it waits for the pending responses and prints the seconds of each as a JSON list.
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

EVERY = 0.05  # seconds between requests, even if the previous one is still pending
PATIENCE = 60.0


class Caller:
    """`seconds` is filled when the block ends."""

    seconds: list[float]


@contextmanager
def calling(web: str, request: bytes) -> Iterator[Caller]:
    caller = Caller()
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.bench.steady_caller", web],
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
    address, seconds, stopped = urlsplit(web), list[float](), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)

    async def once() -> None:
        start = time.perf_counter()
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(request)
        await read_answer(reader)
        writer.close()
        seconds.append(time.perf_counter() - start)

    async with asyncio.TaskGroup() as calls:
        while not stopped.is_set():
            calls.create_task(once())
            await asyncio.sleep(EVERY)
    return seconds


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_call(sys.argv[1], sys.stdin.buffer.read()))))
