"""Django's database settings, by role."""

from typing import Any

from environs import Env

from foundation.connection_urls import NotUnderstood, check_postgresql, postgresql

# A request that waits longer gets a 503 or 409 and is retried, so that nothing hangs. Only the
# owner has minutes: a migration may build an index.
LOCK_MS, IDLE_MS = 2_000, 30_000
STATEMENT_MS = {"app": 5_000, "reserve": 5_000, "jobs": 10_000, "pump": 10_000, "owner": 300_000}
# The pool doubles its wait before each attempt to reconnect. After this many seconds it gives up
# and the next request starts over, so it is back soon after PostgreSQL is, even after hours.
RECONNECT_SECONDS = 2
# Connections of the reserve: one for each thread that uses it, see server/web.py.
RESERVE = 4


def database(env: Env, role: str, *, may_be_plain: bool = False) -> dict[str, Any]:
    """Django's connection settings for `role`.

    DATABASE_URL is for `app`. The other roles use DATABASE_URL_<ROLE> or, if that is not set,
    DATABASE_URL with the user name replaced. Everything else that the URL says reaches libpq.
    `may_be_plain`: without TLS to another machine.
    """
    url = env.str("DATABASE_URL")
    own = env.str(f"DATABASE_URL_{role.upper()}", "") if role != "app" else url
    try:
        parameters = postgresql(own or url)
        if not may_be_plain:
            check_postgresql(parameters)
    except NotUnderstood as error:
        raise SystemExit(str(error)) from None
    user = parameters.pop("user", "")
    return {
        "ENGINE": "foundation.postgresql",
        "NAME": parameters.pop("dbname", ""),
        "USER": user if own else role,
        "PASSWORD": parameters.pop("password", ""),
        "HOST": parameters.pop("host", ""),
        "PORT": parameters.pop("port", ""),
        "OPTIONS": {
            "pool": {
                "min_size": 1,
                "max_size": env.int("DATABASE_POOL", 16),
                "timeout": 2,
                "reconnect_timeout": RECONNECT_SECONDS,
            },
            # Parameters are sent separately from the text, so that a prepared statement is not
            # planned again. Planning was half the cost of a pull.
            "server_side_binding": True,
            "prepare_threshold": 2,
            "options": f"-c lock_timeout={LOCK_MS} -c statement_timeout={STATEMENT_MS[role]}"
            f" -c idle_in_transaction_session_timeout={IDLE_MS}",
            # Of several hosts, the one that may write. A standby lags behind, and a phone that
            # reads there misses what it was sent before.
            "target_session_attrs": "primary",
            # For TLS, timeouts and so on, by libpq's names.
            **parameters,
        },
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


def reserve(env: Env, *, may_be_plain: bool = False) -> dict[str, Any]:
    """The settings of connections for what must not wait until others are free.

    DATABASE_URL_RESERVE is for role `reserve`, which PostgreSQL still lets in when every other
    connection is taken, and which acts as `app` from then on. Without it, only the pool is
    separate.
    """
    role = "reserve" if env.str("DATABASE_URL_RESERVE", "") else "app"
    settings = database(env, role, may_be_plain=may_be_plain)
    settings["OPTIONS"]["pool"]["max_size"] = RESERVE
    return settings
