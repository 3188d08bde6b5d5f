"""`make conform PORT=8100`: the conformance server, until Ctrl-C. See docs/conformance.md."""

from __future__ import annotations

import asyncio
import os
import sys
from functools import partial

from tools.conform.server import QUICK, Ports, serving
from tools.local import data_directory, stack
from tools.local.chosen_ports import chosen_ports
from tools.local.errors import CannotStart
from tools.local.processes import last_line
from tools.local.stopping import SIGNALS, Stopped, ignore_signals, stop_on_signals

USUAL_PORTS = {"PORT": 8100, "LIVE_PORT": 8101, "CONTROL_PORT": 8102}
say = partial(print, flush=True)


def main() -> int:
    stop_on_signals()
    try:
        ports = Ports(*chosen_ports("make conform", USUAL_PORTS))
        os.environ.update(QUICK)
        with (
            data_directory.temporary() as directory,
            stack.running(
                directory, environ={}, names=("web", "live"), data=False, on_step=say
            ) as system,
        ):
            try:
                asyncio.run(_run(system, ports))
            finally:
                ignore_signals()  # the loop has given them back what they do by default
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1
    except (Stopped, asyncio.CancelledError):
        say("Stopped. Nothing is kept.")
    return 0


async def _run(system: stack.Stack, ports: Ports) -> None:
    """Serve until a signal cancels this task. Raises CannotStart if a process ends."""
    task = asyncio.current_task()
    assert task is not None
    for sign in SIGNALS:
        # Only once, as a second signal would cut the end short.
        asyncio.get_running_loop().add_signal_handler(
            sign, lambda: task.cancelling() or task.cancel()
        )
    async with serving(system, ports) as control:
        say(
            f"\n  Endpoints   {control.where['home']}\n  Live        {control.where['live']}"
            f"\n  Control     http://127.0.0.1:{control.port}/conform/stories"
            "\n\ndocs/conformance.md says how to connect a client. Ctrl-C ends it."
        )
        while (ended := system.first_to_end()) is None:  # noqa: ASYNC110
            await asyncio.sleep(1)
        why = last_line(system.log(ended))
    raise CannotStart(f"{ended} has ended, so everything was stopped: {why}")


if __name__ == "__main__":
    sys.exit(main())
