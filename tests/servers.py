"""One PostgreSQL and one Valkey for the whole test run, announced in the environment.

Importing `tests.settings` calls start(), so both are up before Django reads its settings.
The first process starts them; xdist's workers and child processes inherit the environment
and use these servers, each worker with a database of its own in both. If DATABASE_URL and
VALKEY_URL are set already, those servers are used (role owner must then be allowed to create
databases, and role app to become jobs with SET ROLE).
"""

import atexit
import os
import re
from contextlib import ExitStack
from functools import cache
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg
from redis import Redis

from tools.local import data_directory, postgres, servers

MOST_RUNS = 8
_running = ExitStack()


def start() -> None:
    """Start the servers that the environment does not name. Every process gets its own database."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        atexit.register(_running.close)
        directory = _free_directory()
        local = _running.enter_context(servers.running(directory, os.environ, durable=False))
        os.environ.update(local.variables)
        if "postgres" in local.started:
            allow_scenes(postgres.of_running(directory))
        # Tests do in a second what phones do in a day. tests/limits/test_traffic.py resets it.
        os.environ["TRAFFIC_FACTOR"] = "1000"
        os.environ["API_DOCS"] = "true"
        os.environ["BLOB_FOLDER"] = _running.enter_context(TemporaryDirectory(prefix="handrail-"))
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    _use_database(f"handrail_{worker}")
    _use_valkey(int(re.sub(r"\D", "", worker) or -1) + 1)


def allow_scenes(server: postgres.Address) -> None:
    """Let role app become role jobs for a while, which no other server allows: tests/roles.py."""
    with psycopg.connect(server.url(postgres.SUPERUSER, "postgres"), autocommit=True) as connection:
        connection.execute("GRANT jobs TO app WITH INHERIT FALSE, SET TRUE")


def owner_url(database: str) -> str:
    """The URL of role owner for another database on the same server."""
    url_of_owner = os.environ.get("DATABASE_URL_OWNER")
    url = urlsplit(url_of_owner or os.environ["DATABASE_URL"])
    netloc = url.netloc if url_of_owner else url.netloc.replace(url.username or "", "owner", 1)
    return url._replace(netloc=netloc, path=f"/{database}").geturl()


def _free_directory(number: int = 1) -> data_directory.DataDirectory:
    """`.local/test-1`, or the next number if another run of this checkout holds it."""
    try:
        return _running.enter_context(data_directory.hold(data_directory.HOME / f"test-{number}"))
    except data_directory.InUse:
        if number == MOST_RUNS:
            raise
        return _free_directory(number + 1)


def empty_valkey() -> None:
    """Forget what earlier tests of this process have counted, so that it refuses no other test."""
    _valkey(os.environ["VALKEY_URL"]).flushdb()


@cache
def _valkey(url: str) -> Redis:
    return Redis.from_url(url)


def _use_valkey(number: int) -> None:
    """Point VALKEY_URL at the database `number`. Channels are shared, and named by ids."""
    url = urlsplit(os.environ["VALKEY_URL"])
    os.environ["VALKEY_URL"] = url._replace(path=f"/{number}").geturl()


def _use_database(name: str) -> None:
    """Point every DATABASE_URL of this process and its children at database `name`."""
    for key in [key for key in os.environ if key.startswith("DATABASE_URL")]:
        os.environ[key] = urlsplit(os.environ[key])._replace(path=f"/{name}").geturl()
