"""`make run`: everything on this machine, until Ctrl-C."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from types import FrameType

from tools.local import place, stack
from tools.local.errors import CannotStart
from tools.local.follow import Followed
from tools.local.processes import die_with

DEFAULT_PORTS = {"web": ("PORT", 8000), "live": ("LIVE_PORT", 8001), "fcm": ("FCM_PORT", 8002)}


class Stopped(BaseException):
    """Somebody asked us to end."""


def main() -> int:
    began = time.monotonic()
    if "MAKELEVEL" in os.environ:
        die_with(os.getppid(), signal.SIGTERM)
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _stop)
    try:
        with place.hold(place.HOME) as held:
            return _run(held, began)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    except Stopped:
        print("Stopped. The data is kept; the next run goes on with it.")
        return 0


def _run(held: place.Place, began: float) -> int:
    with stack.running(held, ports=_ports(os.environ), say=_say) as house:
        print(_welcome(house, time.monotonic() - began), flush=True)
        output = Followed({name: house.log(name) for name in stack.procfile()})
        while (ended := house.first_to_end()) is None:
            output.print_news()
            time.sleep(0.2)
        output.print_news()
    raise CannotStart(f"{ended} has ended, so everything was stopped; see {house.log(ended)}")


def _say(step: str) -> None:
    print(step, flush=True)


def _ports(environment: Mapping[str, str]) -> dict[str, int]:
    ports = {}
    for name, (variable, usual) in DEFAULT_PORTS.items():
        text = environment.get(variable, str(usual))
        if not text.isdecimal() or not 0 < int(text) < 65536:
            raise CannotStart(f"{variable}={text} is not a port number.")
        if place.free_port(int(text)) != int(text):
            raise CannotStart(
                f"Port {text} is in use by another program; stop that one,"
                f" or choose another port: make run {variable}={int(text) + 100}"
            )
        ports[name] = int(text)
    return ports


def _welcome(house: stack.Stack, seconds: float) -> str:
    return f"""
Handrail is ready after {seconds:.1f} s.

  API documentation   {house.web}/api/docs
  Live socket         {house.live}
  Pushes, as phones   {house.fcm}/
  E-mails             {house.mail}
  Data                {house.place.root}

Ctrl-C stops everything and keeps the data.
"""


def _stop(sign: int, frame: FrameType | None) -> None:
    # Once is enough: while things are being stopped, another signal must not cut it short.
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())
