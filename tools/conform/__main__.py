"""`make conform PORT=8100`: the conformance server, until Ctrl-C. See docs/conformance.md."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress

from tools.conform.server import QUICK, Ports, serving
from tools.local import data_directory, stack
from tools.local.errors import CannotStart

USUAL = {"PORT": 8100, "LIVE_PORT": 8101, "CONTROL_PORT": 8102}


def main() -> int:
    try:
        ports = Ports(*(_port(name, usual) for name, usual in USUAL.items()))
        os.environ.update(QUICK)
        with (
            data_directory.temporary() as directory,
            stack.running(
                directory, environ={}, names=("web", "live"), data=False, on_step=_say
            ) as system,
        ):
            asyncio.run(_run(system, ports))
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


async def _run(system: stack.Stack, ports: Ports) -> None:
    ended = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(sign, ended.set)
    async with serving(system, ports) as control:
        _say(
            f"\n  Endpoints   {control.where['home']}\n  Live        {control.where['live']}"
            f"\n  Control     http://127.0.0.1:{control.port}/conform/stories"
            "\n\ndocs/conformance.md says how to connect a client. Ctrl-C ends it."
        )
        while not ended.is_set() and system.first_to_end() is None:
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), 1)


def _port(name: str, usual: int) -> int:
    text = os.environ.get(name) or str(usual)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"{name}={text} is not a port number.")
    if data_directory.free_port(int(text)) != int(text):
        raise CannotStart(f"Port {text} is in use; choose another: make conform {name}=…")
    return int(text)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
