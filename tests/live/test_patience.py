"""Each role's timeouts, as PostgreSQL reports them."""

from __future__ import annotations

import psycopg
import pytest
from django.conf import settings
from environs import Env

from server.database import database

ASKED = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
PATIENCE = {
    "app": ["5s", "2s", "30s"],
    "jobs": ["10s", "2s", "30s"],
    "pump": ["10s", "2s", "30s"],
    "owner": ["5min", "2s", "30s"],
}


@pytest.mark.usefixtures("django_db_setup")
@pytest.mark.parametrize("role", PATIENCE)
def test_every_role_has_timeouts(role: str) -> None:
    config = database(Env(), role)
    address = {name.lower(): config[name] for name in ("USER", "PASSWORD", "HOST", "PORT")}
    with psycopg.connect(
        dbname=settings.DATABASES["default"]["NAME"],
        options=config["OPTIONS"]["options"],
        **{name: value for name, value in address.items() if value},
    ) as connection:
        shown = [connection.execute(f"SHOW {name}".encode()).fetchone() for name in ASKED]
    assert [row[0] for row in shown] == PATIENCE[role]
