"""Brings a freshly seeded database into the state of a running one."""

from __future__ import annotations

import os

import psycopg


def vacuum_analyze() -> None:
    """Do what autovacuum does about once a minute. Without statistics the planner assumes that
    every table is small and picks poor indexes."""
    with psycopg.connect(os.environ["DATABASE_URL_OWNER"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
