"""Signing in and asking for help have threads and connections of their own: they are served while
everyone else waits."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection
from environs import Env

from server import web
from server.database import RESERVE, reserve
from tests.cast import FakePhone, make_user, mutation
from tests.signin.ceremony import DEVICE

WHO = "SELECT session_user::text, current_user::text"
PUSH, REFRESH = "/api/v1/sync/push", "/api/v1/sessions/refresh"


async def ask(path: str, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
    """The answer of the ASGI application to a POST of JSON."""
    sent: list[dict[str, Any]] = []
    content = json.dumps(body).encode()
    lines = {"content-type": "application/json", "content-length": str(len(content))} | headers
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "http_version": "1.1",
        "scheme": "http",
        "client": ("127.0.0.1", 9),
        "headers": [(k.lower().encode(), v.encode()) for k, v in lines.items()],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    await web.application(scope, receive, send)
    return sent[0]["status"], json.loads(b"".join(part.get("body", b"") for part in sent[1:]))


@asynccontextmanager
async def everyone_waits() -> AsyncIterator[None]:
    """Every thread for requests is busy, and no more of this network may wait for one."""
    go, room = threading.Event(), web.requests.threads + web.requests.queue
    here = partial(web.requests.run, go.wait, network="127.0.0.1/32")
    calls = [asyncio.create_task(here()) for _ in range(room)]
    await asyncio.sleep(0)
    try:
        yield
    finally:
        go.set()
        await asyncio.gather(*calls, return_exceptions=True)


@pytest.fixture
def phone(committed_db: None) -> FakePhone:
    return FakePhone(make_user(email="ana@example.org"), registered=True)


def check_in(phone: FakePhone, lane: str) -> dict[str, Any]:
    moved = mutation(1, "groups.mark_read", {"group": str(phone.user.id), "seq": 1})
    return {"client_id": phone.client_id, "schema": 1, "lane": lane, "mutations": [moved]}


async def test_who_signs_in_or_asks_for_help_is_served_while_everyone_waits(
    phone: FakePhone,
) -> None:
    refresh = {"refresh_token": phone.tokens["refresh_token"]}
    enrolment = {"code": "7QMX-2RTA-9WPF", "install": "i" * 16, "device": DEVICE}
    async with everyone_waits():
        status, problem = await ask(PUSH, check_in(phone, "main"), **phone.bearer)
        assert (status, problem["code"]) == (503, "maintenance")
        status, pushed = await ask(PUSH, check_in(phone, "urgent"), **phone.bearer)
        assert (status, pushed["lmid"]) == (200, {"urgent": 1})
        path = "/api/v1/actions/practice.record_check_in"
        status, problem = await ask(path, {}, **phone.bearer)
        assert (status, problem["code"]) == (400, "idempotency_key_required")
        status, _ = await ask("/auth/app/v1/auth/code/request", {"email": "ana@example.org"})
        assert status == 401, "the code is on its way"
        assert (await ask("/api/v1/enrolment", enrolment))[0] == 404
        assert (await ask(REFRESH, refresh))[0] == 200


@pytest.mark.parametrize("lane", ["sign_in", "urgent"])
async def test_a_thread_of_the_reserve_has_connections_of_its_own_and_the_rights_of_app(
    committed_db: None, lane: str
) -> None:
    def who() -> tuple[Any, ...]:
        with connection.cursor() as cursor:
            cursor.execute(WHO)
            row: tuple[Any, ...] = cursor.fetchone()
        connection.close()
        return row

    assert await getattr(web, lane).run(who) == ("reserve", "app")
    assert await web.requests.run(who) == ("app", "app")


def test_without_a_url_of_its_own_the_reserve_is_a_pool_of_app(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert reserve(Env())["USER"] == "reserve"
    monkeypatch.delenv("DATABASE_URL_RESERVE")
    settings = reserve(Env())
    assert (settings["USER"], settings["OPTIONS"]["pool"]["max_size"]) == ("app", RESERVE)
