"""The state that a running installation is in."""

from __future__ import annotations

import os

import psycopg


def settle() -> None:
    """Vacuum and statistics, which PostgreSQL sees to itself about once a minute: without them it
    takes every table for a small one, and the first index that will do."""
    with psycopg.connect(os.environ["DATABASE_URL_OWNER"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
