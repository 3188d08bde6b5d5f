"""Ctrl-C and its like end a command in order, however often they come."""

import os
import signal
from types import FrameType

from tools.local.processes import die_with

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """We received a signal to stop."""


def stop_on_signals() -> None:
    """Raise Stopped in the main thread at the first signal. If make dies, it counts as one."""
    if "MAKELEVEL" in os.environ:
        die_with(os.getppid(), signal.SIGTERM)
    for sign in SIGNALS:
        signal.signal(sign, _stop)


def ignore_signals() -> None:
    for sign in SIGNALS:
        signal.signal(sign, signal.SIG_IGN)


def _stop(sign: int, frame: FrameType | None) -> None:
    # Once is enough: while things are being stopped, another signal must not cut it short.
    ignore_signals()
    raise Stopped
