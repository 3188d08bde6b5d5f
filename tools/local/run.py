"""`make run`: everything on this machine, until Ctrl-C."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from functools import partial
from types import FrameType

from tools.local import data_directory, stack
from tools.local.errors import CannotStart
from tools.local.log_printer import LogPrinter
from tools.local.processes import die_with

DEFAULT_PORTS = {"web": ("PORT", 8000), "live": ("LIVE_PORT", 8001), "fcm": ("FCM_PORT", 8002)}


class Stopped(BaseException):
    """We received a signal to stop."""


def main() -> int:
    start = time.monotonic()
    if "MAKELEVEL" in os.environ:
        die_with(os.getppid(), signal.SIGTERM)
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _stop)
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
    with stack.running(
        directory, ports=_ports(os.environ), on_step=partial(print, flush=True)
    ) as system:
        print(_welcome(system, time.monotonic() - start), flush=True)
        printer = LogPrinter({name: system.log(name) for name in stack.procfile()})
        while (ended := system.first_to_end()) is None:
            printer.print_new_lines()
            time.sleep(0.2)
        printer.print_new_lines()
    raise CannotStart(f"{ended} has ended, so everything was stopped; see {system.log(ended)}")


def _ports(environment: Mapping[str, str]) -> dict[str, int]:
    ports = {}
    for name, (variable, usual) in DEFAULT_PORTS.items():
        text = environment.get(variable, str(usual))
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise CannotStart(f"{variable}={text} is not a port number.")
        if data_directory.free_port(int(text)) != int(text):
            raise CannotStart(
                f"Port {text} is in use by another program; stop that one,"
                f" or choose another port: make run {variable}={int(text) + 100}"
            )
        ports[name] = int(text)
    return ports


def _welcome(system: stack.Stack, seconds: float) -> str:
    return f"""
Handrail is ready after {seconds:.1f} s.

  API documentation   {system.web}/api/docs
  Live socket         {system.live}
  Pushes, as phones   {system.fcm}/
  E-mails             {system.mail}
  Data                {system.directory.root}

Ctrl-C stops everything and keeps the data.
"""


def _stop(sign: int, frame: FrameType | None) -> None:
    # Once is enough: while things are being stopped, another signal must not cut it short.
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
