"""Django's database settings, by role."""

from typing import Any
from urllib.parse import unquote, urlsplit

from environs import Env

# A request that waits longer gets a 503 or 409 and is retried, so that nothing hangs. Only the
# owner has minutes: a migration may build an index.
LOCK_MS, IDLE_MS = 2_000, 30_000
STATEMENT_MS = {"app": 5_000, "jobs": 10_000, "pump": 10_000, "owner": 300_000}
# The pool doubles its wait before each attempt to reconnect. After this many seconds it gives up
# and the next request starts over, so it is back soon after PostgreSQL is, even after hours.
RECONNECT_SECONDS = 2


def database(env: Env, role: str) -> dict[str, Any]:
    """Django's connection settings for `role`.

    DATABASE_URL is for `app`. The other roles use DATABASE_URL_<ROLE> or, if that is not set,
    DATABASE_URL with the user name replaced.
    """
    url = env.str("DATABASE_URL")
    own = env.str(f"DATABASE_URL_{role.upper()}", "") if role != "app" else url
    parts = urlsplit(own or url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise SystemExit("DATABASE_URL must begin with postgresql://")
    return {
        "ENGINE": "foundation.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or "") if own else role,
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
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
        },
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
