"""Web processes in a tenth of a second, forked from a process that has loaded Django.

A fork then runs the Procfile's command line from Granian's entry point on. As
`python -m tests.faults.fork_server` it reads a port, starts a web there, and prints its pid.
"""

from __future__ import annotations

import importlib
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial

from tools.local import data_directory
from tools.local.processes import die_with
from tools.local.stack import Stack, listens, procfile

PATIENCE = 30.0


@dataclass(frozen=True)
class Web:
    """A web process group of ours."""

    pid: int
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """As a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


class ForkServer:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.webs: list[Web] = []

    def start(self) -> Web:
        """A web that accepts connections. Its first request may still wait for the worker."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        port = data_directory.free_port()
        print(port, file=self.process.stdin, flush=True)
        web = Web(int(self.process.stdout.readline()), port)
        self.webs.append(web)
        deadline = time.monotonic() + PATIENCE
        while not listens(port):
            assert time.monotonic() < deadline, "a web did not start"
            time.sleep(0.005)
        return web

    def end(self) -> None:
        for web in self.webs:
            web.kill()


@contextmanager
def fork_server(stack: Stack, **changed: str) -> Iterator[ForkServer]:
    """A fork server for the block, with `changed` in the environment of its webs."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.fork_server"],
        cwd=data_directory.CHECKOUT,
        env=stack.environment() | {"DATABASE_ROLE": "app"} | changed,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=partial(die_with, os.getpid(), signal.SIGKILL),  # noqa: PLW1509
    ) as process:
        server = ForkServer(process)
        try:
            yield server
        finally:
            server.end()
            process.kill()


def _main() -> None:
    # Load all that a request needs once, but open no connection before the fork.
    importlib.import_module("server.web")
    importlib.import_module("server.urls")
    granian = importlib.import_module("granian.cli")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    parent = os.getpid()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _serve(parent, int(line), granian)
        print(pid, flush=True)


def _serve(parent: int, port: int, granian: object) -> None:
    os.setpgid(0, 0)
    # It must end its own worker, so if we die it gets SIGTERM, not SIGKILL.
    die_with(parent, signal.SIGTERM)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ["GRANIAN_PORT"] = str(port)
    quiet = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):
        os.dup2(quiet, stream)
    sys.argv = shlex.split(procfile()["web"])[2:]  # after `env DATABASE_ROLE=app`
    granian.entrypoint()  # type: ignore[attr-defined]
    os._exit(0)


if __name__ == "__main__":
    _main()
