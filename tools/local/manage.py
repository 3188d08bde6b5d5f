"""`python -m tools.local.manage <command>`: a management command against the local servers.

Uses the servers of a running `make run`, or starts them for the length of the command.
"""

import os
import subprocess
import sys
from contextlib import ExitStack

from tools.local import place, servers
from tools.local.errors import CannotStart


def main(arguments: list[str]) -> int:
    with ExitStack() as stack:
        try:
            held = stack.enter_context(place.hold(place.HOME))
        except place.InUse as running:
            variables = servers.of_running(running.place)
        else:
            variables = stack.enter_context(servers.running(held, os.environ)).variables
        return subprocess.call(
            [sys.executable, "manage.py", *arguments],
            cwd=place.CHECKOUT,
            env=variables | {"DATABASE_ROLE": "owner"} | os.environ,
        )


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotStart as problem:
        sys.exit(str(problem))
