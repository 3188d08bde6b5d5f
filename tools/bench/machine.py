"""How fast this machine is now. On a shared machine that changes by half within an hour.

All cores are measured at once: two virtual cores may share one real core, and then each looks
twice as fast alone as it is beside the other. A rate means little without this number. Compare
runs at similar speeds, or compare ratios. `python -m tools.bench.machine TIME` measures one core.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

SECONDS, AHEAD = 0.5, 0.5


def speed() -> int:
    """Return thousands of iterations per second of a plain Python loop, summed over all cores."""
    command = [sys.executable, "-m", "tools.bench.machine", str(time.time() + AHEAD)]
    cores = range(os.cpu_count() or 1)
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in cores]
    return round(sum(float(each.communicate()[0]) for each in running))


def _rate(begin: float) -> float:
    time.sleep(max(0.0, begin - time.time()))
    start, iterations = time.perf_counter(), 0
    while (taken := time.perf_counter() - start) < SECONDS:
        json.dumps({"n": iterations, "text": str(iterations)})
        iterations += 1
    return iterations / taken


if __name__ == "__main__":
    print(_rate(float(sys.argv[1])) / 1000)
