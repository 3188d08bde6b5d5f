"""How fast this machine is at the moment: on a shared one that changes by half within an hour.

All cores at once, for what a rented machine calls two may be one that takes turns: such a core
alone looks twice as fast as it is beside the other. A rate means little without it; compare rates
of runs with like speeds, or ratios. `python -m tools.bench.machine WHEN` is one core's share.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

SECONDS, AHEAD = 0.5, 0.5


def speed() -> int:
    """Thousand turns a second of a loop of plain Python, of all cores together."""
    command = [sys.executable, "-m", "tools.bench.machine", str(time.time() + AHEAD)]
    cores = range(os.cpu_count() or 1)
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in cores]
    return round(sum(float(each.communicate()[0]) for each in running))


def _rate(begin: float) -> float:
    time.sleep(max(0.0, begin - time.time()))
    begun, turns = time.perf_counter(), 0
    while (taken := time.perf_counter() - begun) < SECONDS:
        json.dumps({"n": turns, "text": str(turns)})
        turns += 1
    return turns / taken


if __name__ == "__main__":
    print(_rate(float(sys.argv[1])) / 1000)
