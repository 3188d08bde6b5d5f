"""PostgreSQL and Valkey: those of the environment, or local ones from the wheels."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import psycopg
import redis

from tools.local import postgres, valkey
from tools.local.data_directory import DataDirectory
from tools.local.errors import CannotStart

DATABASE = "handrail"
SETTINGS = ("VALKEY_URL", "SECRET_KEY", "SEALING_KEY", "VAPID_KEY")


@dataclass(frozen=True)
class Servers:
    """The environment variables that lead to the servers, and the servers we started ourselves."""

    variables: dict[str, str]
    started: dict[str, subprocess.Popen[bytes]]


@contextmanager
def running(
    directory: DataDirectory, environ: Mapping[str, str], *, durable: bool = True
) -> Iterator[Servers]:
    """Provide servers until the block ends.

    DATABASE_URL, VALKEY_URL and FCM_CREDENTIALS in `environ` are checked and used. For a missing
    URL a local server is started in `directory`.
    """
    credentials = environ.get("FCM_CREDENTIALS", "")
    if credentials and not os.access(credentials, os.R_OK):
        raise CannotStart(f"FCM_CREDENTIALS names {credentials}, which cannot be read.")
    servers = Servers(_keys(directory), {})
    with ExitStack() as stack:
        if not environ.get("DATABASE_URL"):
            server = stack.enter_context(postgres.running(directory, durable=durable))
            postgres.ensure_database(server, DATABASE)
            servers.started["postgres"] = server.process
            servers.variables.update(database_urls(server))
        if not environ.get("VALKEY_URL"):
            cache = stack.enter_context(valkey.running(directory))
            servers.started["valkey"] = cache.process
            servers.variables["VALKEY_URL"] = cache.url
        for key, value in environ.items():
            if key.startswith("DATABASE_URL") or key in SETTINGS:
                servers.variables[key] = value
        check_database(servers.variables["DATABASE_URL"])
        check_valkey(servers.variables["VALKEY_URL"])
        yield servers


def of_running(directory: DataDirectory) -> dict[str, str]:
    """The variables of the local servers that another process runs in `directory`."""
    return (
        _keys(directory)
        | database_urls(postgres.of_running(directory))
        | {"VALKEY_URL": valkey.of_running(directory)}
    )


def database_urls(server: postgres.Address) -> dict[str, str]:
    """DATABASE_URL for the application and one DATABASE_URL_<ROLE> for each other role."""
    urls = {f"DATABASE_URL_{role.upper()}": server.url(role, DATABASE) for role in postgres.ROLES}
    return {"DATABASE_URL": urls.pop("DATABASE_URL_APP")} | urls


def check_database(url: str) -> None:
    """Raises CannotStart if no server answers at `url`; the message hides the password."""
    address = urlsplit(url)
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except (psycopg.Error, ValueError) as problem:
        reason = str(problem).replace(unquote(address.password or "\0"), "***").strip()
        raise CannotStart(
            f"The PostgreSQL of DATABASE_URL ({address.hostname}:{address.port or 5432})"
            f" cannot be used: {reason.splitlines()[0]}"
        ) from None


def check_valkey(url: str) -> None:
    """Raises CannotStart if no server answers at `url`."""
    address = urlsplit(url)
    try:
        with redis.Redis.from_url(url, socket_timeout=5, retry=valkey.NO_RETRY) as client:
            client.ping()
    except (redis.RedisError, ValueError) as problem:
        raise CannotStart(
            f"The Valkey of VALKEY_URL ({address.hostname}:{address.port or 6379})"
            f" cannot be used: {problem}"
        ) from None


def _keys(directory: DataDirectory) -> dict[str, str]:
    """The secrets of the product itself, the same in every run."""
    return {
        "SECRET_KEY": directory.secret("secret-key"),
        "SEALING_KEY": directory.secret("sealing-key"),
        "VAPID_KEY": directory.secret("vapid-key"),
    }
