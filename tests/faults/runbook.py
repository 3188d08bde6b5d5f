"""Runs the commands of docs/operations.md verbatim."""

from __future__ import annotations

import os
import re
from urllib.parse import urlsplit

from tests.faults.database import Database
from tests.faults.stacks import run, url
from tools.local.data_directory import CHECKOUT
from tools.local.stack import Stack

SHELL = ("sh", "-euc")
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


class Runbook:
    """The commands under "Backup and restore", `archive`, `backup`, `restore` and `before_traffic`,
    and those under "A standby, and failover": `follow`, `promote` and `check`."""

    def __init__(self, stack: Stack, postgres: Database) -> None:
        backup, standby = _blocks("Backup and restore"), _blocks("A standby, and failover")
        self.archive, self.backup, self.restore, self.before_traffic = backup
        self.follow, self.promote, self.check = standby
        self.stack, self.postgres = stack, postgres
        root = stack.directory.root
        self.where = {
            "ARCHIVE": str(stack.directory.folder("archive")),
            "BACKUP": str(root / "backup"),
            "DATA": str(root / "restored"),
            "STANDBY": str(root / "standby"),
        }

    def as_postgres(self, commands: str, **more: str) -> None:
        """Run as PostgreSQL's account, with its programs on PATH and its superuser signed in."""
        path = f"{self.postgres.programs}{os.pathsep}{os.environ['PATH']}"
        environment = {"PATH": path} | _parts(self.stack) | self.where | more
        account = self.stack.directory.account.popen_options()
        run([*SHELL, commands], cwd="/", env=environment, **account)

    def as_operator(self, commands: str) -> None:
        run([*SHELL, commands], cwd=str(CHECKOUT), env=self.stack.environment())


def _blocks(section: str) -> list[str]:
    text = (CHECKOUT / "docs" / "operations.md").read_text()
    return BLOCK.findall(text.partition(f"## {section}\n")[2].partition("\n## ")[0])


def _parts(stack: Stack) -> dict[str, str]:
    """The superuser's connection parameters. Not a URL, because pg_basebackup takes no database."""
    address = urlsplit(url(stack))
    return {
        "PGHOST": address.hostname or "",
        "PGPORT": str(address.port),
        "PGUSER": address.username or "",
        "PGPASSWORD": address.password or "",
        "PGDATABASE": "postgres",
    }
