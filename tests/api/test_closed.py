"""An installation that has moved or is temporarily closed says so and does nothing."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings as installed
from django.core.exceptions import MiddlewareNotUsed
from django.db import connections
from psycopg import sql

from clients.phone import Phone
from clients.phone.errors import Unreachable
from recovery.api.closed import Closed
from recovery.feed.models import SyncClient
from tests.cast import FakePhone, answer, make_user
from tests.clients.ana import BORN, Ana, ana, moods  # noqa: F401  # a fixture
from tests.databases import end_sessions
from tests.servers import owner_url
from tools.local import data_directory, stack
from tools.local.stack import Stack

NEW = "https://new.example.org"
PATHS = ("sync/clients", "sync/pull", "sync/push", "sync/digest", "sync/history")


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*PATHS, "sessions/refresh", "actions/people.sign_out"])
def test_a_moved_home_names_its_new_address_and_does_nothing(settings: Any, path: str) -> None:
    settings.HOME_MOVED_TO = NEW
    caller = FakePhone(make_user())
    body = {"install": "x", "platform": "android", "app": "1", "schema": 1}
    payload = answer(caller.post(f"/api/v1/{path}", body), 421)
    assert (payload["code"], payload["url"]) == ("home_moved", NEW)
    assert not SyncClient.objects.in_scope(caller.user.id).exists()
    assert caller.http.get("/healthz").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_a_closed_home_says_when_to_retry(settings: Any, path: str) -> None:
    settings.MAINTENANCE = 120
    response = FakePhone(make_user()).post(f"/api/v1/{path}", {})
    assert answer(response, 503)["code"] == "maintenance"
    assert response["Retry-After"] == "120"


def test_an_open_home_answers_normally() -> None:
    with pytest.raises(MiddlewareNotUsed):
        Closed(lambda request: None)  # type: ignore[arg-type, return-value]


WEB: dict[str, Any] = {"names": ("web",), "migrate": False, "data": False}


@pytest.fixture
def house(committed_db: None) -> Iterator[Stack]:
    """A stack of one process, which is enough to move."""
    with (
        data_directory.temporary() as held,
        stack.running(held, environ=os.environ, **WEB) as running,
    ):
        yield running


@contextmanager
def moved(house: Stack) -> Iterator[Stack]:
    """A copy of the house in a new epoch. The old one redirects to it."""
    for name in list(house.running):
        house.stop(name)
    with (
        _copied(installed.DATABASES["default"]["NAME"]) as name,
        data_directory.temporary() as held,
    ):
        environment = os.environ | {
            key: urlsplit(url)._replace(path=f"/{name}").geturl()
            for key, url in os.environ.items()
            if key.startswith("DATABASE_URL")
        }
        with stack.running(held, environ=environment, **WEB) as new:
            house.variables["HOME_MOVED_TO"] = new.web
            house.start("web")
            house.wait_until_ready()
            yield new


@contextmanager
def _copied(database: str) -> Iterator[str]:
    name = sql.Identifier(f"{database}_moved")
    connections.close_all()
    connections["default"].close_pool()
    with psycopg.connect(owner_url("postgres"), autocommit=True) as owner:
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        with _closed(owner, database):
            end_sessions()
            _wait_until_left_alone(owner, database)
            copy = "CREATE DATABASE {} TEMPLATE {}"
            owner.execute(sql.SQL(copy).format(name, sql.Identifier(database)))
        with _inside(f"{database}_moved") as inside:
            inside.execute("INSERT INTO recovery_syncepoch (id, counter) VALUES (1, 2)")
        try:
            yield f"{database}_moved"
        finally:
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@contextmanager
def _closed(owner: psycopg.Connection, database: str) -> Iterator[None]:
    """Nobody comes in: processes that are there for many tests would come back at once."""
    allow = "ALTER DATABASE {} ALLOW_CONNECTIONS {}"
    for_it = sql.Identifier(database)
    owner.execute(sql.SQL(allow).format(for_it, sql.Literal(False)))
    try:
        yield
    finally:
        owner.execute(sql.SQL(allow).format(for_it, sql.Literal(True)))


def _wait_until_left_alone(owner: psycopg.Connection, database: str) -> None:
    """PostgreSQL copies a database only without connections, and web needs a moment to stop."""
    others, deadline = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s", monotonic() + 60
    while owner.execute(others, [database]).fetchone() != (0,) and monotonic() < deadline:
        sleep(0.2)


def _inside(database: str) -> psycopg.Connection:
    return psycopg.connect(owner_url(database), autocommit=True)


def check_ins(database: str) -> tuple[int, list[int]]:
    """The number of recorded check-ins and their current moods."""
    recorded = "SELECT count(*) FROM recovery_auditevent WHERE action = %s AND outcome = %s"
    with _inside(database) as inside:
        times = inside.execute(recorded, ["practice.record_check_in", "applied"]).fetchone()
        moods = inside.execute("SELECT mood FROM recovery_checkin").fetchall()
    return times[0], [mood for (mood,) in moods]


def test_a_phone_follows_a_moved_home_without_duplicates(ana: Ana) -> None:  # noqa: F811
    """The answer to its last push is lost, the house moves, and the phone records more offline."""
    here = installed.DATABASES["default"]["NAME"]

    async def before(phone: Phone) -> str:
        await phone.enrol(ana.code, BORN)
        await phone.sync()
        done = phone.do("practice.record_check_in", ana.check_in(mood=4))
        phone.lose_next_answer("/sync/push")
        with pytest.raises(Unreachable):
            await phone.syncing._push_batch("main", [])
        return done

    async def after(phone: Phone, new: Stack, done: str) -> None:
        again = phone.do("practice.record_check_in", ana.check_in(mood=2))
        await phone.sync()
        assert phone.session.home == new.web
        assert (phone.state(done), phone.state(again)) == ("sent", "sent")
        assert moods(phone) == [(2, False)]
        assert phone.outbox() == phone.not_sent() == []

    phone = ana.phone()
    with asyncio.Runner() as runner:
        done = runner.run(before(phone))
        first = phone.answers.outbox.client_id()
        with moved(ana.stack) as new:
            runner.run(after(phone, new, done))
            assert check_ins(f"{here}_moved") == (2, [2])
            assert check_ins(here) == (1, [4])
        assert phone.answers.outbox.client_id() != first
        runner.run(phone.close())
