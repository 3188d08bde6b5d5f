"""A pump that kills itself, as a power cut would, the first time it reaches a point.

    python -m tests.notifications.pump_process after_claim

With "nowhere" it runs until it is stopped. With "-" it reads points from its input, forks a pump
for each and prints the exit code, so that many kills cost only one start.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys

import django

PATIENCE = 60


def run(fatal: str) -> None:
    """Imports here need `django.setup()` first."""
    process = importlib.import_module("notifications.pump.process")

    def at(point: str) -> None:
        if point == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(process.main(at=at))


def fork(fatal: str) -> int:
    """The exit code of a forked pump, or -SIGALRM if it never reached the point."""
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        run(fatal)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    django.setup()
    importlib.import_module("notifications.pump.process")  # once for all forks
    if sys.argv[1] == "-":
        for line in sys.stdin:
            print(fork(line.strip()), flush=True)
    else:
        run(sys.argv[1])
