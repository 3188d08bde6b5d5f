"""`python -m tools.bench [NAME]`: all benchmarks, or one, as one JSON object per line.

Each runs in its own process, starts its own servers and points its settings at them. `speed` is
the machine's speed before and after (`tools/bench/machine.py`). The goals are printed again on
stderr, one row each: figure | value | goal | met.
"""

import importlib
import json
import os
import subprocess
import sys

from tools.bench import figures, machine

BENCHMARKS = (
    "catchup",
    "pulls",
    "live",
    "fanout",
    "herd",
    "hints",
    "pump",
    "slow_clients",
    "phone_app",
    "console",
)


def main(only: str = "") -> int:
    """Returns the exit status. A missed goal is no failure: others may be using the machine."""
    if only not in ("", *BENCHMARKS):
        print(f"There is no benchmark {only}; there are {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    # The load comes from few devices, so the limits are raised. Counting costs the same.
    os.environ.setdefault("TRAFFIC_FACTOR", "1000000")
    if not only:
        command = [sys.executable, "-m", "tools.bench"]
        return max(subprocess.call([*command, name]) for name in BENCHMARKS)
    before = machine.speed()
    for line in importlib.import_module(f"tools.bench.{only}").run():
        print(json.dumps(line | {"speed": [before, machine.speed()]}), flush=True)
        for row in figures.rows(line):
            print(row, file=sys.stderr, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
