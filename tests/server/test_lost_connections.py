"""PostgreSQL restarts while nobody asks for anything, and who asks next does not notice."""

import asyncio
import json

import httpx
import pytest

from recovery.live.queries import make_pool
from tests.cast import FakePhone, make_user
from tests.databases import end_sessions
from tools.local.stack import Stack

AT_ONCE = 8
REFRESH = "/api/v1/sessions/refresh"


@pytest.fixture
def phone(served: Stack) -> FakePhone:
    return FakePhone(make_user(email="someone@example.org"), registered=True)


async def test_who_asks_after_a_restart_of_postgresql_is_served(
    served: Stack, phone: FakePhone
) -> None:
    pull = json.dumps({"client_id": phone.client_id, "schema": 1, "cursor": {}})
    headers = phone.bearer | {"Content-Type": "application/json"}
    unknown = json.dumps({"refresh_token": "hrr_unknown"})

    async with httpx.AsyncClient(base_url=served.web, timeout=60) as http:

        async def statuses() -> set[int]:
            pulls = [
                http.post("/api/v1/sync/pull", content=pull, headers=headers)
                for _ in range(AT_ONCE)
            ]
            # Signing in has connections of its own.
            reserve = http.post(REFRESH, content=unknown, headers=headers)
            replies = await asyncio.gather(*pulls, http.get("/readyz"), reserve)
            return {reply.status_code for reply in replies}

        usual = await statuses()
        assert 200 in usual
        assert max(usual) < 500
        end_sessions()
        assert await statuses() == usual


async def test_live_and_pump_take_no_connection_that_has_ended(served: Stack) -> None:
    async with make_pool() as pool:
        await pool.wait()
        end_sessions()
        async with pool.connection() as connection:
            await connection.execute("SELECT 1")
