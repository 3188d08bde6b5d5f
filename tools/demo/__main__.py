"""`make demo`: start everything, play the day, and exit with 1 if an expectation fails."""

import argparse
import asyncio
import sys
import time
from pathlib import Path

from tools.demo.play import check, play
from tools.demo.product import Product
from tools.demo.scenario import BadScenario, Scenario
from tools.local import data_directory, stack
from tools.local.errors import CannotStart

DAY = Path(__file__).with_name("day.yaml")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
    parser.add_argument("scenario", nargs="?", type=Path, default=DAY)
    try:
        scenario = Scenario.read(parser.parse_args().scenario)
        check(scenario)
        return _run(scenario)
    except (BadScenario, CannotStart) as problem:
        print(problem, file=sys.stderr)
        return 2


def _run(scenario: Scenario) -> int:
    start, printed = time.monotonic(), list[str]()
    print(f"{scenario.title}\n\nStarting the processes", flush=True)
    with (
        data_directory.temporary() as directory,
        stack.running(directory, environ={}, on_step=printed.append) as system,
    ):
        print(f"Ready after {time.monotonic() - start:.1f} s.", flush=True)
        failures = asyncio.run(play(scenario, Product(system, "\n".join(printed))))
    verdict = f"{failures} expectation{'s' if failures > 1 else ''} failed"
    if not failures:
        verdict = "Everything went as expected"
    print(f"\n{verdict}, {time.monotonic() - start:.1f} s in all.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
