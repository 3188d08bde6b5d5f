"""`python -m tools.local.manage <command>`: a management command against the local servers.

It uses the servers of a running `make run`, or starts them for as long as the command runs.
"""

import os
import subprocess
import sys
from contextlib import ExitStack

from tools.local import data_directory, servers
from tools.local.errors import CannotStart


def main(arguments: list[str]) -> int:
    with ExitStack() as stack:
        try:
            directory = stack.enter_context(data_directory.hold(data_directory.HOME))
        except data_directory.InUse as in_use:
            variables = servers.of_running(in_use.directory)
        else:
            variables = stack.enter_context(servers.running(directory, os.environ)).variables
        return subprocess.call(
            [sys.executable, "manage.py", *arguments],
            cwd=data_directory.CHECKOUT,
            env=variables | {"DATABASE_ROLE": "owner"} | os.environ,
        )


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotStart as problem:
        sys.exit(str(problem))
