"""A pump that kills itself, as a power cut would, the first time it passes a point.

    python -m tests.notifications.pump_process after_claim

With "nowhere" it lives until it is told to stop.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import django

if __name__ == "__main__":
    django.setup()
    from notifications.pump.process import main

    fatal = sys.argv[1]

    def at(point: str) -> None:
        if point == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(main(at=at))
