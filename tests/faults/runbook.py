"""Runs the commands of docs/operations.md under "Backup and restore" verbatim."""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any
from urllib.parse import urlsplit

from tests.faults.database import Database
from tests.faults.ground import url
from tools.local.data_directory import CHECKOUT
from tools.local.stack import Stack

BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


class Runbook:
    """The commands `archive`, `backup`, `restore` and `before_traffic`, in this order."""

    def __init__(self, house: Stack, postgres: Database) -> None:
        text = (CHECKOUT / "docs" / "operations.md").read_text()
        section = text.partition("## Backup and restore")[2].partition("\n## ")[0]
        self.archive, self.backup, self.restore, self.before_traffic = BLOCK.findall(section)
        self.house, self.postgres = house, postgres
        root = house.directory.root
        self.where = {
            "ARCHIVE": str(house.directory.folder("archive")),
            "BACKUP": str(root / "backup"),
            "DATA": str(root / "restored"),
        }

    def as_postgres(self, commands: str, **more: str) -> None:
        """Run as PostgreSQL's account, with its programs on PATH and its superuser signed in."""
        path = f"{self.postgres.programs}{os.pathsep}{os.environ['PATH']}"
        environment = {"PATH": path} | _parts(self.house) | self.where | more
        self._run(commands, "/", environment, **self.house.directory.account.popen_options())

    def as_operator(self, commands: str) -> None:
        self._run(commands, str(CHECKOUT), self.house.environment())

    def _run(self, commands: str, cwd: str, environment: dict[str, str], **options: Any) -> None:
        done = subprocess.run(
            ["sh", "-euc", commands],
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **options,
        )
        assert done.returncode == 0, done.stderr


def _parts(house: Stack) -> dict[str, str]:
    """The superuser's connection parameters. Not a URL, because pg_basebackup takes no database."""
    address = urlsplit(url(house))
    return {
        "PGHOST": address.hostname or "",
        "PGPORT": str(address.port),
        "PGUSER": address.username or "",
        "PGPASSWORD": address.password or "",
        "PGDATABASE": "postgres",
    }
