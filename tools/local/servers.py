"""PostgreSQL and Valkey for whoever asks: the given ones, or local ones from the wheels."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import psycopg
import redis

from tools.local import postgres, valkey
from tools.local.errors import CannotStart
from tools.local.place import Place

DATABASE = "handrail"


@dataclass(frozen=True)
class Servers:
    """What the processes need to know to find the servers, and the servers we started."""

    variables: dict[str, str]
    started: dict[str, subprocess.Popen[bytes]]


@contextmanager
def running(place: Place, given: Mapping[str, str], *, careless: bool = False) -> Iterator[Servers]:
    """Servers for the length of the block. DATABASE_URL, VALKEY_URL and FCM_CREDENTIALS in
    `given` are checked and used; for a missing URL a local server is started in `place`."""
    check_credentials(given.get("FCM_CREDENTIALS", ""))
    servers = Servers(_keys(place), {})
    with ExitStack() as stack:
        if not given.get("DATABASE_URL"):
            server = stack.enter_context(postgres.running(place, careless=careless))
            postgres.make_database(server, DATABASE)
            servers.started["postgres"] = server.process
            servers.variables.update(database_urls(server))
        if not given.get("VALKEY_URL"):
            cache = stack.enter_context(valkey.running(place))
            servers.started["valkey"] = cache.process
            servers.variables["VALKEY_URL"] = cache.url
        servers.variables.update({key: value for key, value in given.items() if _ours(key)})
        check_database(servers.variables["DATABASE_URL"])
        check_valkey(servers.variables["VALKEY_URL"])
        yield servers


def of_running(place: Place) -> dict[str, str]:
    """The variables of the local servers that another process runs in `place`."""
    return _keys(place) | database_urls(postgres.known(place)) | {"VALKEY_URL": valkey.known(place)}


def database_urls(server: postgres.Address) -> dict[str, str]:
    """DATABASE_URL for the application and one DATABASE_URL_<ROLE> for each other role."""
    urls = {f"DATABASE_URL_{role.upper()}": server.url(role, DATABASE) for role in postgres.ROLES}
    return {"DATABASE_URL": urls.pop("DATABASE_URL_APP")} | urls


def check_database(url: str) -> None:
    """CannotStart when nobody answers at `url`; the sentence never shows the password."""
    where = urlsplit(url)
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except (psycopg.Error, ValueError) as problem:
        reason = str(problem).replace(unquote(where.password or "\0"), "***").strip()
        raise CannotStart(
            f"The PostgreSQL of DATABASE_URL ({where.hostname}:{where.port or 5432})"
            f" cannot be used: {reason.splitlines()[0]}"
        ) from None


def check_valkey(url: str) -> None:
    """CannotStart when nobody answers at `url`."""
    where = urlsplit(url)
    try:
        with redis.Redis.from_url(url, socket_timeout=5, retry=valkey.NO_RETRY) as client:
            client.ping()
    except (redis.RedisError, ValueError) as problem:
        raise CannotStart(
            f"The Valkey of VALKEY_URL ({where.hostname}:{where.port or 6379})"
            f" cannot be used: {problem}"
        ) from None


def check_credentials(path: str) -> None:
    """CannotStart when FCM_CREDENTIALS names a file we cannot read."""
    if path and not os.access(path, os.R_OK):
        raise CannotStart(f"FCM_CREDENTIALS names {path}, which cannot be read.")


def _keys(place: Place) -> dict[str, str]:
    """The secrets of the application itself, kept from run to run."""
    return {"SECRET_KEY": place.secret("secret-key"), "SEALING_KEY": place.secret("sealing-key")}


def _ours(key: str) -> bool:
    return key.startswith("DATABASE_URL") or key in ("VALKEY_URL", "SECRET_KEY", "SEALING_KEY")
