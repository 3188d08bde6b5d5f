"""`python -m tools.bench [NAME]`: all benchmarks, or one, as one JSON object per line.

Each runs in its own process, starts its own servers and points its settings at them. `speed` is
the machine's speed before and after (`tools/bench/machine.py`).
"""

import importlib
import json
import os
import subprocess
import sys

from tools.bench import machine

BENCHMARKS = ("catchup", "pulls", "live", "fanout", "herd", "hints", "pump")


def main(only: str = "") -> int:
    """Returns the exit status."""
    if only not in ("", *BENCHMARKS):
        print(f"There is no benchmark {only}; there are {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    # The load comes from few devices, so the limits are raised. Counting costs the same.
    os.environ.setdefault("TRAFFIC_FACTOR", "1000000")
    if only:
        before = machine.speed()
        figures = importlib.import_module(f"tools.bench.{only}").run()
        for figure in figures if isinstance(figures, list) else [figures]:
            print(json.dumps(figure | {"speed": [before, machine.speed()]}), flush=True)
        return 0
    return max(subprocess.call([sys.executable, "-m", "tools.bench", name]) for name in BENCHMARKS)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
