"""Under which operating-system account the servers run.

PostgreSQL refuses to run as root. Root therefore lends the servers to somebody harmless:
the owner of the checkout, or `nobody` where that is root too.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Account:
    """An account to start a server under; `switch` tells whether that is not ourselves."""

    uid: int
    gid: int
    switch: bool

    def popen_options(self) -> dict[str, Any]:
        """Keyword arguments for subprocess that give the process away to this account."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def ourselves(self) -> "Account":
        """The account this very process runs under."""
        return Account(os.geteuid(), os.getegid(), switch=False)

    def own(self, path: Path, mode: int = 0o700) -> None:
        """Hand `path` to this account, closed to everybody else."""
        if self.switch:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def can_reach(self, path: Path) -> bool:
        """Whether this account may enter `path`, asked of the kernel rather than guessed."""
        if not self.switch:
            return True
        seen = subprocess.run(
            ["test", "-x", str(path)], cwd="/", check=False, **self.popen_options()
        )
        return seen.returncode == 0


def server_account(checkout: Path) -> Account:
    """The account for servers that work for `checkout`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    owner = checkout.stat()
    # initdb looks its account up by number, so it must have an entry.
    if owner.st_uid != 0 and _is_known(owner.st_uid):
        return Account(owner.st_uid, owner.st_gid, switch=True)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid, switch=True)


def _is_known(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
