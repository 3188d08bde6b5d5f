"""Where the local servers keep their files: one directory, held by one run at a time."""

import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.local.account import Account, server_account
from tools.local.errors import CannotStart

CHECKOUT = Path(__file__).resolve().parents[2]
HOME = Path(os.environ.get("HANDRAIL_HOME", CHECKOUT / ".local"))
NEEDED_BYTES = 200 * 2**20


@dataclass(frozen=True)
class Place:
    """A directory for data, sockets, logs and secrets, and the account that may enter it."""

    root: Path
    account: Account

    def folder(self, name: str) -> Path:
        """A folder of the servers inside this place, made when missing."""
        path = self.root / name
        path.mkdir(exist_ok=True)
        self.account.own(path)
        return path

    def secret(self, name: str) -> str:
        """A random secret of 256 bits, made once and kept in a file only we can read."""
        kept = self._remembered("secrets.json")
        if name not in kept:
            kept[name] = secrets.token_urlsafe(32)
            self._remember("secrets.json", kept)
        return kept[name]

    def port(self, name: str) -> int:
        """A free TCP port on loopback, the same as last time where possible."""
        kept = self._remembered("ports.json")
        port = free_port(int(kept.get(name, 0)))
        self._remember("ports.json", kept | {name: str(port)})
        return port

    def remembered_port(self, name: str) -> int:
        """The port `name` was last given; KeyError when it never was."""
        return int(self._remembered("ports.json")[name])

    def note(self, name: str) -> str:
        """What was last kept under `name`, or nothing."""
        return self._remembered("notes.json").get(name, "")

    def keep(self, name: str, text: str) -> None:
        """Keep a note for the next run in this place."""
        self._remember("notes.json", self._remembered("notes.json") | {name: text})

    def _remembered(self, name: str) -> dict[str, str]:
        path = self.root / name
        return json.loads(path.read_text()) if path.exists() else {}

    def _remember(self, name: str, values: dict[str, str]) -> None:
        """Replaced as a whole, so that a killed run never leaves half a file."""
        fresh = self.root / f"{name}.new"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(values, file)
        fresh.replace(self.root / name)


class InUse(CannotStart):
    """Another run holds this place."""

    def __init__(self, place: Place) -> None:
        super().__init__(
            f"Another run is using {place.root}; stop it first (Ctrl-C in its terminal)."
        )
        self.place = place


@contextmanager
def hold(wanted: Path, *, needed: int = NEEDED_BYTES) -> Iterator[Place]:
    """Take `wanted` (or its stand-in) for this process. CannotStart: another run has it, it
    cannot be written to, or fewer than `needed` bytes are free there."""
    place = _prepare(wanted, needed)
    with (place.root / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(place) from None
        yield place


@contextmanager
def temporary() -> Iterator[Place]:
    """A place of its own that is gone afterwards: for tests, the demo and benchmarks."""
    # Directly under the system's directory for temporary files, which every account may enter.
    with tempfile.TemporaryDirectory(prefix="handrail-", ignore_cleanup_errors=True) as path:
        with hold(Path(path)) as place:
            yield place


def free_port(preferred: int = 0) -> int:
    """A TCP port on loopback nobody listens on: `preferred` when it is free, else any."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            # As the servers do: a port in TIME_WAIT counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CannotStart("No TCP port is free on 127.0.0.1.")


def _prepare(wanted: Path, needed: int) -> Place:
    account = server_account(CHECKOUT)
    try:
        root = _reachable(wanted.absolute(), account)
        root.mkdir(parents=True, exist_ok=True)
        account.own(root)
        free = shutil.disk_usage(root).free
    except OSError as problem:
        raise CannotStart(f"Cannot write to {wanted}: {problem.strerror}.") from problem
    if free < needed:
        raise CannotStart(
            f"The disk is full: {root} has {free // 2**20} MB left,"
            f" the local servers need {needed // 2**20} MB."
        )
    return Place(root, account)


def _reachable(wanted: Path, account: Account) -> Path:
    """`wanted`, unless a closed directory above it (as /root is) bars the servers' account."""
    above = wanted.parent
    while not above.exists():
        above = above.parent
    if not above.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if account.can_reach(above):
        return wanted
    name = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
    return _outside() / name


def _outside() -> Path:
    """A directory of root's own that others may pass through but not write to."""
    for above in (Path("/var/lib"), Path(tempfile.gettempdir())):
        path = above / "handrail-local"
        try:
            path.mkdir(mode=0o711, exist_ok=True)
        except OSError:
            continue
        if path.stat().st_uid == os.geteuid():
            return path
    raise CannotStart("Neither /var/lib nor the temporary directory can hold the local servers.")
