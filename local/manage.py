"""`python -m local.manage <command>`: a management command against the local servers.

Uses the servers of a running `make run`, or starts them for the length of the command.
"""

import os
import subprocess
import sys
from contextlib import ExitStack

from local import environment, place, postgres, valkey
from local.errors import CannotStart


def main(arguments: list[str]) -> int:
    with ExitStack() as stack:
        try:
            held = stack.enter_context(place.hold(place.HOME))
        except place.InUse as running:
            variables = environment.of_running(running.place)
        else:
            server = stack.enter_context(postgres.running(held))
            postgres.make_database(server, environment.DATABASE)
            url = stack.enter_context(valkey.running(held))
            variables = environment.variables(held, server, url)
        return subprocess.call(
            [sys.executable, "manage.py", *arguments],
            cwd=place.CHECKOUT,
            env={"DATABASE_ROLE": "owner"} | variables | os.environ,
        )


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except CannotStart as problem:
        sys.exit(str(problem))
