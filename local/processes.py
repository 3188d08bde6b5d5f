"""Child processes that never outlive the one that started them."""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from local.account import Account
from local.errors import CannotStart

PR_SET_PDEATHSIG = 1


def dies_with_parent(sign: signal.Signals) -> Callable[[], None]:
    """What a child runs before it becomes the server: have the kernel send `sign` when the
    parent dies, however it dies. Linux only; elsewhere a clean stop is all there is."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(sign), 0, 0, 0)


def start_server(
    argv: list[str], *, log: Path, account: Account, stop_signal: signal.Signals, feed: str = ""
) -> subprocess.Popen[bytes]:
    """Start a server in its own process group, so that Ctrl-C reaches us and not it.

    `feed` is written to its standard input: the way to hand over a secret unseen by `ps`.
    """
    with log.open("wb") as output:
        server = subprocess.Popen(
            argv,
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=dies_with_parent(stop_signal),
            **account.popen_options(),
        )
    assert server.stdin is not None
    server.stdin.write(feed.encode())
    server.stdin.close()
    return server


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


def stop_server(
    server: subprocess.Popen[bytes], sign: signal.Signals, *, seconds: float = 20
) -> None:
    """Ask a server to end, insist after `seconds`."""
    if server.poll() is not None:
        return
    server.send_signal(sign)
    try:
        server.wait(seconds)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
