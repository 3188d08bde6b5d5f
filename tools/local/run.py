"""`make run`: everything on this machine, until Ctrl-C."""

import shutil
import sys
import time

from tools.local import data_directory, stack
from tools.local.chosen_ports import chosen_ports
from tools.local.errors import CannotStart
from tools.local.links import links
from tools.local.log_printer import LogPrinter
from tools.local.stopping import Stopped, stop_on_signals

# In the order of stack.LISTENING.
USUAL_PORTS = {"PORT": 8000, "LIVE_PORT": 8001, "FCM_PORT": 8002}


def main() -> int:
    start = time.monotonic()
    stop_on_signals()
    try:
        with data_directory.hold(data_directory.HOME) as directory:
            return _run(directory, start)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    except Stopped:
        print("Stopped. The data is kept for the next run.")
        return 0


def _run(directory: data_directory.DataDirectory, start: float) -> int:
    ports = dict(zip(stack.LISTENING, chosen_ports("make run", USUAL_PORTS), strict=True))
    printed: list[str] = []

    def show(step: str) -> None:
        printed.append(step)
        print(step, flush=True)

    with stack.running(directory, ports=ports, on_step=show) as system:
        print(_welcome(system, "\n".join(printed), time.monotonic() - start), flush=True)
        printer = LogPrinter({name: system.log(name) for name in stack.procfile()})
        while (ended := system.first_to_end()) is None:
            printer.print_new_lines()
            time.sleep(0.2)
        printer.print_new_lines()
    raise CannotStart(f"{ended} has ended, so everything was stopped; see {system.log(ended)}")


def _welcome(system: stack.Stack, printed: str, seconds: float) -> str:
    first = links(system.app, printed, shutil.get_terminal_size().columns)
    return f"""
Handrail is ready after {seconds:.1f} s.

{first}
  Phone app           {system.app}
  Staff console       {system.console}
  API documentation   {system.web}/api/docs
  Live socket         {system.live}
  Pushes, as phones   {system.fcm}/
  E-mails             {system.mail}
  Data                {system.directory.root}

Ctrl-C stops everything and keeps the data.
"""


if __name__ == "__main__":
    sys.exit(main())
