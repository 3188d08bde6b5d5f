"""Child processes that never outlive their parent."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from tools.local.account import Account
from tools.local.errors import CannotStart

PR_SET_PDEATHSIG = 1


def die_with(parent: int, sign: signal.Signals) -> None:
    """Have the kernel send `sign` to this process when its parent dies, for any reason.

    Only Linux can do this; elsewhere a killed parent leaves its children running.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
        if os.getppid() != parent:  # the parent died before prctl
            os._exit(1)


def start_server(
    argv: list[str], *, log: Path, account: Account, stop_signal: signal.Signals, stdin: str = ""
) -> subprocess.Popen[bytes]:
    """Start a server from a wheel under `account`.

    Pass secrets in `stdin`: unlike arguments, `ps` does not show them.
    """
    server = _start(
        argv, log, stop_signal, cwd="/", stdin=subprocess.PIPE, **account.popen_options()
    )
    assert server.stdin is not None
    server.stdin.write(stdin.encode())
    server.stdin.close()
    return server


def start_process(
    argv: list[str],
    *,
    log: Path,
    cwd: Path,
    env: Mapping[str, str],
    orphan_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start one of our own processes. It gets `orphan_signal` if we are killed."""
    return _start(argv, log, orphan_signal, cwd=cwd, env=env, stdin=subprocess.DEVNULL)


def _start(
    argv: list[str], log: Path, stop_signal: signal.Signals, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own, so that Ctrl-C reaches only us.

    Call this from the main thread: to the kernel the parent is the thread, not the process.
    """
    with log.open("wb") as output:
        return subprocess.Popen(
            argv,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=partial(die_with, os.getpid(), stop_signal),  # noqa: PLW1509  # main thread only
            **options,
        )


def wait_until(
    ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path, *, seconds: float = 30
) -> None:
    """Poll until `ready()`. Raises CannotStart with the log's last line if the server ends first or
    the time is up."""
    deadline = time.monotonic() + seconds
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"{Path(log).stem} did not start: {last_line(log)}")
        time.sleep(0.02)


def last_line(log: Path) -> str:
    """The last line of a log, for an error message."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"nothing was written to {log}"


def stop(
    process: subprocess.Popen[bytes], sign: signal.Signals = signal.SIGTERM, *, seconds: float = 20
) -> None:
    """Signal a process, kill it after `seconds`, then kill the rest of its group."""
    if process.poll() is None:
        process.send_signal(sign)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
