"""Child processes that never outlive the one that started them."""

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
    """Have the kernel send `sign` to this process when its parent dies, however it dies.

    Linux only; elsewhere a clean stop is all there is.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)


def start_server(
    argv: list[str], *, log: Path, account: Account, stop_signal: signal.Signals, feed: str = ""
) -> subprocess.Popen[bytes]:
    """Start a server of the wheels under `account`.

    `feed` is written to its standard input: the way to hand over a secret unseen by `ps`.
    """
    server = _start(
        argv, log, stop_signal, cwd="/", stdin=subprocess.PIPE, **account.popen_options()
    )
    assert server.stdin is not None
    server.stdin.write(feed.encode())
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
    """Start one of our own processes; it is sent `orphan_signal` should we die without a word."""
    return _start(argv, log, orphan_signal, cwd=cwd, env=env, stdin=subprocess.DEVNULL)


def _start(
    argv: list[str], log: Path, stop_signal: signal.Signals, **options: Any
) -> subprocess.Popen[bytes]:
    """In a process group of its own, so that Ctrl-C reaches us and not it. Call this from the
    main thread: the kernel takes the end of the thread that started it for the parent's."""
    with log.open("wb") as output:
        return subprocess.Popen(
            argv,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=partial(die_with, os.getpid(), stop_signal),  # noqa: PLW1509  # as above
            **options,
        )


def wait_until(
    ready: Callable[[], bool], server: subprocess.Popen[bytes], log: Path, *, seconds: float = 30
) -> None:
    """Poll until `ready()`; CannotStart with the log's last line if the server ends first."""
    deadline = time.monotonic() + seconds
    while not ready():
        if server.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"{Path(log).stem} did not start: {last_words(log)}")
        time.sleep(0.02)


def last_words(log: Path) -> str:
    """The last thing a server said, for the one sentence we show."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"it left nothing in {log}"


def stop(
    process: subprocess.Popen[bytes], sign: signal.Signals = signal.SIGTERM, *, seconds: float = 20
) -> None:
    """Ask a process to end, insist after `seconds`, and leave nothing of its group behind."""
    if process.poll() is None:
        process.send_signal(sign)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait()
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
