"""A real live process on the worker's own database, with shortened timeouts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests.architecture.canaries import check_output
from tools.local.data_directory import CHECKOUT, free_port
from tools.local.stack import procfile

ORIGIN = "https://app.example.org"
CONSOLE = "https://console.example.org"
SHORT_TIMES = {
    "LIVE_HELLO": "1",
    "LIVE_HEARTBEAT": "0.5",
    "LIVE_CHECK": "0.2",
    "LIVE_LAST_WORDS": "60",
    "LIVE_ORIGINS": ORIGIN,
    "CONSOLE_URL": CONSOLE,
}
PATIENCE = 20.0


@dataclass(frozen=True)
class LiveServer:
    process: subprocess.Popen[bytes]
    port: int

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/v1/live"

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(log: Path, **settings: str) -> Iterator[LiveServer]:
    """Run the Procfile's command line on a free port. SIGTERM ends it."""
    port = free_port()
    bound = {"UVICORN_HOST": "127.0.0.1", "UVICORN_PORT": str(port)}
    paths = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            procfile()["live"].split(),
            cwd=CHECKOUT,
            env=os.environ | paths | bound | SHORT_TIMES | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_healthy(process, f"http://127.0.0.1:{port}/healthz", log)
        yield LiveServer(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()
    assert "Traceback" not in log.read_text()
    check_output(log)


def _wait_until_healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=1) as answer:  # noqa: S310  # our own loopback address
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(log.read_text())
