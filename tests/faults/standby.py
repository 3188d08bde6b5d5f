"""A second PostgreSQL that follows the one of a stack, and takes its place."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg

from tests.faults.database import Database
from tests.faults.runbook import Runbook
from tests.faults.stacks import GIVE_UP, query, query_nothing
from tools.local import processes
from tools.local.data_directory import DataDirectory
from tools.local.postgres import of_running
from tools.local.servers import database_urls


class Standby:
    """`stack`: the same stack, except that `url` and `query` lead to this server."""

    def __init__(self, primary: Database) -> None:
        self.primary, self.runbook = primary, Runbook(primary.stack, primary)
        # A directory of its own for the port. Both servers have the same passwords.
        root = Path(self.runbook.where["STANDBY"]).with_name("standby-ports")
        root.mkdir()
        directory = DataDirectory(root, primary.stack.directory.account)
        secrets = primary.stack.directory.root / "secrets.json"
        (root / "secrets.json").write_text(secrets.read_text())
        self.port = directory.port("postgres")
        self.stack = replace(primary.stack, directory=directory)

    @property
    def urls(self) -> dict[str, str]:
        """The variables that name both servers for every role, this one first."""
        first = f"@127.0.0.1:{self.port},127.0.0.1:"
        own = database_urls(of_running(self.primary.stack.directory))
        return {name: each.replace("@127.0.0.1:", first) for name, each in own.items()}

    def follow(self) -> subprocess.Popen[bytes]:
        """Copy the primary and run what docs/operations.md says."""
        self.runbook.as_postgres(self.runbook.follow)
        command = list(self.primary.command)
        command[command.index("-D") + 1] = self.runbook.where["STANDBY"]
        old = f"port={of_running(self.primary.stack.directory).port}"
        command[command.index(old)] = f"port={self.port}"
        return processes.start_server(
            command,
            log=self.stack.directory.root / "postgres.log",
            account=self.stack.directory.account,
            stop_signal=signal.SIGINT,
        )

    async def has_everything(self) -> None:
        """Wait until it has replayed all that the primary has written so far."""
        ((end,),) = query(self.primary.stack, "SELECT pg_current_wal_lsn()::text")
        await self._until("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", end)

    async def stop_following(self) -> None:
        """Cut the replication, as a broken line would. What it has stays readable."""
        query_nothing(self.stack, "ALTER SYSTEM SET primary_conninfo = ''")
        query(self.stack, "SELECT pg_reload_conf()")
        await self._until("SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver)")

    def promote(self) -> None:
        self.runbook.as_postgres(self.runbook.promote)

    async def _until(self, statement: str, *values: str) -> None:
        async with asyncio.timeout(GIVE_UP):
            while not self._says(statement, *values):
                await asyncio.sleep(0.05)

    def _says(self, statement: str, *values: str) -> bool:
        try:
            return query(self.stack, statement, *values) == [(True,)]
        except psycopg.OperationalError:  # it is still starting
            return False


@contextmanager
def following(primary: Database) -> Iterator[Standby]:
    """A running standby. It ends with the block."""
    standby = Standby(primary)
    process = standby.follow()
    try:
        yield standby
    finally:
        processes.stop(process, signal.SIGINT)
