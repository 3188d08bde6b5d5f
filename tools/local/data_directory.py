"""The directory in which the local servers keep their files; one run at a time holds its lock."""

import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path

from tools.local.account import Account, server_account
from tools.local.errors import CannotStart

CHECKOUT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("HANDRAIL_HOME", CHECKOUT / ".local"))
NEEDED_BYTES = 200 * 2**20
# Below the ports that systems give to connections: one of those could be taken by any client
# between the moment it is chosen and the moment a server binds it.
PORTS = range(20_000, 32_768)
_ports = cycle(secrets.SystemRandom().sample(PORTS, len(PORTS)))


@dataclass(frozen=True)
class DataDirectory:
    """A directory for data, sockets, logs and secrets, and the account that may enter it."""

    root: Path
    account: Account

    def folder(self, name: str) -> Path:
        """Return a subfolder that the servers may write to; create it if it is missing."""
        path = self.root / name
        path.mkdir(exist_ok=True)
        self.account.own(path)
        return path

    def secret(self, name: str) -> str:
        """Return a random 256-bit secret, generated once and stored in a file only we can read."""
        stored = self._read("secrets.json")
        if name not in stored:
            stored[name] = secrets.token_urlsafe(32)
            self._write("secrets.json", stored)
        return stored[name]

    def port(self, name: str) -> int:
        """Return a free TCP port on loopback, the same as last time if possible."""
        stored = self._read("ports.json")
        port = free_port(int(stored.get(name, 0)))
        self._write("ports.json", stored | {name: str(port)})
        return port

    def last_port(self, name: str) -> int:
        """Return the port that `name` last had; raise KeyError if it never had one."""
        return int(self._read("ports.json")[name])

    def note(self, name: str) -> str:
        """Return the note of an earlier run, or an empty string."""
        return self._read("notes.json").get(name, "")

    def set_note(self, name: str, text: str) -> None:
        self._write("notes.json", self._read("notes.json") | {name: text})

    def _read(self, name: str) -> dict[str, str]:
        path = self.root / name
        return json.loads(path.read_text()) if path.exists() else {}

    def _write(self, name: str, values: dict[str, str]) -> None:
        # Written aside and renamed, so that a killed run never leaves half a file.
        fresh = self.root / f"{name}.new"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(values, file)
        fresh.replace(self.root / name)


class InUse(CannotStart):
    """Another run holds this data directory."""

    def __init__(self, directory: DataDirectory) -> None:
        super().__init__(
            f"Another run is using {directory.root}; stop it first (Ctrl-C in its terminal)."
        )
        self.directory = directory


@contextmanager
def hold(path: Path, *, needed: int = NEEDED_BYTES) -> Iterator[DataDirectory]:
    """Lock the directory at `path`, or its substitute, for this process.

    Raises CannotStart if another run holds it, if it is not writable, or if fewer than `needed`
    bytes are free.
    """
    directory = _prepare(path, needed)
    with (directory.root / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(directory) from None
        yield directory


@contextmanager
def temporary() -> Iterator[DataDirectory]:
    """A new directory, deleted when the block ends: for tests, the demo and benchmarks."""
    # Directly under the system's temporary directory, which every account may enter.
    with tempfile.TemporaryDirectory(prefix="handrail-", ignore_cleanup_errors=True) as path:
        with hold(Path(path)) as directory:
            yield directory


def free_port(preferred: int = 0, *, among: Iterable[int] | None = None) -> int:
    """Return a free TCP port on loopback: `preferred` if it is free, otherwise any (`among` these).

    Another call in this process returns another port.
    """
    others = islice(_ports, len(PORTS)) if among is None else among
    for port in chain(filter(None, [preferred]), others):
        with socket.socket() as probe:
            # The servers set this too, so a port in TIME_WAIT counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise CannotStart("No TCP port is free on 127.0.0.1.")


def _prepare(path: Path, needed: int) -> DataDirectory:
    account = server_account(CHECKOUT)
    try:
        root = _reachable(path.absolute(), account)
        root.mkdir(parents=True, exist_ok=True)
        account.own(root)
        free = shutil.disk_usage(root).free
    except OSError as problem:
        raise CannotStart(f"Cannot write to {path}: {problem.strerror}.") from problem
    if free < needed:
        raise CannotStart(
            f"The disk is full: {root} has {free // 2**20} MB left,"
            f" the local servers need {needed // 2**20} MB."
        )
    return DataDirectory(root, account)


def _reachable(path: Path, account: Account) -> Path:
    """Return `path`, or a substitute if the servers cannot enter a parent, such as /root."""
    parent = path.parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if account.can_reach(parent):
        return path
    name = hashlib.sha256(str(path).encode()).hexdigest()[:12]
    return _substitute_parent() / name


def _substitute_parent() -> Path:
    """A directory of root's that others may pass through but not write to."""
    for parent in (Path("/var/lib"), Path(tempfile.gettempdir())):
        path = parent / "handrail-local"
        try:
            path.mkdir(mode=0o711, exist_ok=True)
        except OSError:
            continue
        # In a shared temporary directory someone else may have created it first.
        if path.stat().st_uid == os.geteuid():
            return path
    raise CannotStart("Neither /var/lib nor the temporary directory can hold the local servers.")
