"""One PostgreSQL and one Valkey for the whole test run, made known by the environment.

Importing `tests.settings` calls start(), so both are up before Django reads its settings.
The first process starts them; xdist's workers and child processes inherit the environment
and use what is there. A given DATABASE_URL and VALKEY_URL are used as they are (role owner
must then be allowed to create databases).
"""

import atexit
import os
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from tools.local import data_directory, servers

MOST_RUNS = 8
_running = ExitStack()


def start() -> None:
    """Start what the environment does not name; every process gets a database name of its own."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        atexit.register(_running.close)
        local = servers.running(_free_place(), os.environ, durable=False)
        os.environ.update(_running.enter_context(local).variables)
        # Tests do in a second what phones do in a day; tests/people/test_traffic.py puts it back.
        os.environ["TRAFFIC_FACTOR"] = "1000"
        os.environ["BLOB_FOLDER"] = _running.enter_context(TemporaryDirectory(prefix="handrail-"))
    _use_database(f"handrail_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}")


def owner_url(database: str) -> str:
    """The URL of role owner for another database on the same server."""
    given = os.environ.get("DATABASE_URL_OWNER")
    url = urlsplit(given or os.environ["DATABASE_URL"])
    netloc = url.netloc if given else url.netloc.replace(url.username or "", "owner", 1)
    return url._replace(netloc=netloc, path=f"/{database}").geturl()


def _free_place(number: int = 1) -> data_directory.DataDirectory:
    """`.local/test-1`, or the next one while other runs of this checkout hold that."""
    try:
        return _running.enter_context(data_directory.hold(data_directory.HOME / f"test-{number}"))
    except data_directory.InUse:
        if number == MOST_RUNS:
            raise
        return _free_place(number + 1)


def _use_database(name: str) -> None:
    """Point every DATABASE_URL of this process and its children at database `name`."""
    for key in [key for key in os.environ if key.startswith("DATABASE_URL")]:
        os.environ[key] = urlsplit(os.environ[key])._replace(path=f"/{name}").geturl()
