"""Older messages are fetched while the user scrolls up, and are not stored."""

import pytest

from clients.phone.errors import Locked, Offline, Problem
from tests.clients.phone.pages import GROUP, message
from tests.clients.phone.scripted import HISTORY, Says


async def test_pages_are_requested_in_turn_and_not_stored(phone, server):
    await phone.sync()
    place = ["2026-01-05T18:02:11+00:00", "a"]
    server.will(
        HISTORY,
        {"scope": GROUP, "entries": [message("b", 7), message("a", 3)], "next": place},
        {"scope": GROUP, "entries": [], "next": None},
    )
    first = await phone.older(GROUP)
    assert [(d.id, d.seq, d["text"]) for d in first.documents] == [
        ("b", 7, "hello"),
        ("a", 3, "hello"),
    ]
    assert await phone.older(GROUP, before=first.next) == ([], None)
    first_request = {"scope": GROUP, "kind": "message", "schema": 1}
    assert server.bodies(HISTORY) == [
        {**first_request, "before": None},
        {**first_request, "before": place},
    ]
    assert phone.documents() == []


async def test_it_requires_the_network_and_membership(phone, server):
    server.will(HISTORY, Says(404, {"code": "not_found"}))
    with pytest.raises(Problem, match="not_found"):
        await phone.older(GROUP)
    await phone.offline()
    with pytest.raises(Offline):
        await phone.older(GROUP)


async def test_a_locked_phone_shows_no_history(phone, server):
    await phone.sync()
    phone.keystore.put(refresh_token=None)
    with pytest.raises(Locked):
        await phone.older(GROUP)
    assert server.bodies(HISTORY) == []
