"""The operating-system account that the servers run under.

PostgreSQL refuses to run as root. When started by root, the servers therefore run as the owner of
the checkout, or as `nobody` if root owns that too.
"""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Account:
    """An account to start a server under; `switch` is true if it is not our own."""

    uid: int
    gid: int
    switch: bool

    def popen_options(self) -> dict[str, Any]:
        """Keyword arguments that make subprocess start the process under this account."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def ourselves(self) -> "Account":
        """The account of the current process."""
        return Account(os.geteuid(), os.getegid(), switch=False)

    def own(self, path: Path, mode: int = 0o700) -> None:
        """Make this account the owner of `path` and shut everyone else out."""
        if self.switch:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def can_reach(self, path: Path) -> bool:
        """Whether this account may enter `path`."""
        if not self.switch:
            return True
        # Ask the kernel: mode bits alone would miss access lists and mount options.
        test = subprocess.run(
            ["test", "-x", str(path)], cwd="/", check=False, **self.popen_options()
        )
        return test.returncode == 0


def server_account(checkout: Path) -> Account:
    """The account that servers of this checkout run under."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), switch=False)
    owner = checkout.stat()
    # initdb looks up its account by uid and fails if passwd has no entry for it.
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
