"""While PostgreSQL can write nothing, a patient's phone still reads, and what it pushes waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.cast import FakePhone, answer, make_user, mutation
from tests.servers import owner_url

pytestmark = pytest.mark.usefixtures("committed_db")
FULL = (
    "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END'"
)
TRIGGER = "CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {} EXECUTE FUNCTION full_disk()"
# As if the phone came after hours, with tokens that it has just got: a pull notes both.
LONG_AGO = (
    "UPDATE recovery_syncclient SET last_seen = last_seen - interval '2 hours'",
    "UPDATE recovery_devicesession SET arrived = false",
)
TABLES = ("recovery_devicesession", "recovery_syncclient", "recovery_receipt")


@contextmanager
def full_disk() -> Iterator[None]:
    """PostgreSQL refuses each write to TABLES with the error of a full disk."""
    url = owner_url(settings.DATABASES["default"]["NAME"])
    with psycopg.connect(url, autocommit=True) as owner:
        for statement in (*LONG_AGO, FULL, *(TRIGGER.format(table) for table in TABLES)):
            owner.execute(statement.encode())
        try:
            yield
        finally:
            connection.close()
            owner.execute("DROP FUNCTION full_disk CASCADE")


def test_a_pull_leaves_out_what_it_would_note() -> None:
    phone = FakePhone(make_user(), registered=True)
    with full_disk():
        assert phone.pull()["scopes"]
    assert phone.pull()["scopes"]


def test_a_push_is_taken_once_there_is_room() -> None:
    phone = FakePhone(make_user(), registered=True)
    other = FakePhone(phone.user)
    write = mutation(1, "people.revoke_session", {"session": other.tokens["session"]})
    with full_disk():
        # More often than a mutation that is to blame itself would be tried.
        stops = [answer(phone.push(write))["stopped"] for _ in range(6)]
    assert {(stop["code"], stop["retry_after_ms"]) for stop in stops} == {("busy", 2000)}
    assert answer(phone.push(write))["results"][0]["status"] == "applied"
