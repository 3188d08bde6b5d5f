"""The live socket over a real websocket: hello, frames, every close code, reconnecting."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from clients.phone import Phone
from tests.clients.phone.pages import GROUP, TOKENS, message, page, part, registration
from tests.clients.phone.scripted import (
    CLIENTS,
    LIVE,
    PULL,
    PUSH,
    REFRESH,
    TICKET,
    Says,
    Server,
    Socket,
    WoundClock,
)


@pytest.fixture
def clock() -> WoundClock:
    return WoundClock()


@pytest.fixture
async def phone(phone: Phone, server: Server) -> AsyncIterator[Phone]:
    """The signed-in phone with its app open."""
    server.will(PULL, page(part(GROUP, 5, [message("a", 5)], reset="sweep")))
    async with phone.connected():
        yield phone


async def opened(server: Server, phone: Phone) -> Socket:
    """The phone's next socket, after hello and the pull that follows."""
    socket = await server.socket()
    pulls = len(server.bodies(PULL))
    await socket.hello()
    await phone.wait_for(lambda: phone.live.is_open and len(server.bodies(PULL)) > pulls)
    await phone.wait_for(lambda: not phone.syncing.pulls_in_flight)
    return socket


def frame(start: int, to: int, *put: list) -> dict:
    return {"t": "c", "s": GROUP, "from": start, "to": to, "put": list(put), "del": []}


def ids(phone: Phone) -> list[str]:
    return [d.id for d in phone.documents("message", GROUP)]


async def test_hello_carries_the_client_id_and_the_header_the_token(phone, server):
    socket = await server.socket()
    assert await socket.hello() == {"t": "hello", "client_id": "cl_1"}
    assert socket.headers["Authorization"] == "Bearer hra_1"
    assert socket.headers["Sec-WebSocket-Protocol"] == "recovery.sync.v1"
    assert socket.ws.ws_protocol == "recovery.sync.v1"


async def test_hello_may_carry_a_ticket_instead(server, clock):
    server.will(TICKET, {"ticket": "t-1", "expires_in": 30})
    async with Phone(server.url, clock=clock) as phone:
        phone.session.begin("ana", TOKENS)
        phone.live.use_ticket = True
        async with phone.connected():
            socket = await server.socket()
            hello = await socket.hello()
    assert hello == {"t": "hello", "client_id": "cl_1", "ticket": "t-1"}
    assert "Authorization" not in socket.headers


async def test_the_phone_pulls_after_hello(phone, server):
    await opened(server, phone)
    assert ids(phone) == ["a"]


async def test_a_frame_shows_without_a_request(phone, server):
    socket = await opened(server, phone)
    requests = len(server.received)
    await socket.send(frame(5, 6, message("b", 6)))
    await phone.wait_for(lambda: ids(phone) == ["a", "b"])
    assert len(server.received) == requests


@pytest.mark.parametrize(
    "news",
    [
        {"t": "h", "heads": {GROUP: 6}},
        {"t": "scopes"},
        {"t": "resync", "why": "overflow"},
        {"t": "c", "s": GROUP, "from": 5, "to": 6},
        {"t": "c", "s": "pair:new", "from": 0, "to": 1, "put": [], "del": []},
    ],
    ids=["heads", "scopes", "resync", "poke", "unknown scope"],
)
async def test_changes_without_documents_are_pulled(phone, server, news):
    socket = await opened(server, phone)
    server.will(PULL, page(part(GROUP, 6, [message("b", 6)])))
    await socket.send(news)
    await phone.wait_for(lambda: ids(phone) == ["a", "b"])


async def test_a_gap_is_pulled_after_half_a_second(phone, server, clock):
    socket = await opened(server, phone)
    server.will(PULL, page(part(GROUP, 7, [message("b", 6), message("c", 7)])))
    await socket.send(frame(6, 7, message("c", 7)))
    await phone.wait_for(lambda: phone.live.frames.held)
    requests = len(server.bodies(PULL))
    await clock.wind(0.4)
    assert len(server.bodies(PULL)) == requests
    await clock.wind(0.2)
    await phone.wait_for(lambda: ids(phone) == ["a", "b", "c"])


async def test_swapped_frames_are_reordered(phone, server):
    socket = await opened(server, phone)
    kept: list = []

    def swap(frame):
        kept.append(frame)
        return kept[::-1] if len(kept) == 2 else []

    phone.network.on_frame = swap
    requests = len(server.received)
    await socket.send(frame(5, 6, message("b", 6)))
    await socket.send(frame(6, 7, message("c", 7)))
    await phone.wait_for(lambda: ids(phone) == ["a", "b", "c"])
    assert len(server.received) == requests


async def test_short_lived_news_expires(phone, server, clock):
    socket = await opened(server, phone)
    await socket.send({"t": "e", "s": GROUP, "k": "typing", "d": {"user": "ben"}, "ttl": 6})
    await phone.wait_for(lambda: phone.ephemerals(GROUP))
    await clock.wind(5.9)
    assert [e.data for e in phone.ephemerals(GROUP)] == [{"user": "ben"}]
    await clock.wind(0.2)
    assert phone.ephemerals(GROUP) == []


async def test_actions_while_connected_are_sent_at_once(phone, server):
    await opened(server, phone)
    server.will(PUSH, {"lmid": {"main": 1}, "results": [{"id": 1, "status": "applied"}]})
    uuid = phone.do("x", {})
    await phone.wait_for(lambda: phone.state(uuid) == "sent")


async def test_every_quarter_of_an_hour_the_phone_pulls(phone, server, clock):
    await opened(server, phone)
    requests = len(server.bodies(PULL))
    await clock.wind(899)
    assert len(server.bodies(PULL)) == requests
    await clock.wind(2)
    await phone.wait_for(lambda: len(server.bodies(PULL)) > requests)


@pytest.mark.parametrize(
    ("code", "soonest", "latest"),
    [(4408, 0, 0), (4410, 0, 0), (4400, 30, 60), (4429, 30, 90), (1012, 0, 30), (1013, 0, 30)],
)
async def test_after_a_close_the_phone_reconnects_within_the_stated_time(
    phone, server, clock, code, soonest, latest
):
    socket = await opened(server, phone)
    await socket.close(code)
    await phone.wait_for(lambda: phone.live.closed_with == [code])
    await asyncio.sleep(0.01)
    pause = [p for p in clock.pauses() if p <= 90]
    assert soonest <= (pause or [0])[0] <= latest
    await clock.wind(latest)
    await opened(server, phone)


async def test_reauthenticate_refreshes_and_reconnects_with_the_new_token(phone, server, clock):
    socket = await opened(server, phone)
    server.will(REFRESH, {"access_token": "hra_2", "refresh_token": "hrr_2"})
    await socket.close(4401)
    await phone.wait_for(lambda: phone.keystore.get("access_token") == "hra_2")
    await clock.wind(1)
    again = await server.socket()
    assert again.headers["Authorization"] == "Bearer hra_2"


async def test_an_open_socket_sends_the_token_that_a_request_has_refreshed(phone, server):
    socket = await opened(server, phone)
    server.will(PULL, Says(401, {"code": "token_expired"}), page())
    server.will(REFRESH, {"access_token": "hra_2", "refresh_token": "hrr_2"})
    await phone.sync()
    message = await asyncio.wait_for(socket.received.get(), 5)
    assert message == {"t": "token", "token": "hra_2"}
    assert phone.live.is_open


async def test_a_refused_handshake_refreshes_the_token(phone, server, clock):
    server.refuse_sockets.append(401)
    server.will(REFRESH, {"access_token": "hra_2", "refresh_token": "hrr_2"})
    await phone.wait_for(lambda: phone.keystore.get("access_token") == "hra_2")
    await clock.wind(5)
    assert (await server.socket()).headers["Authorization"] == "Bearer hra_2"


async def test_a_revoked_client_is_wiped_and_says_so(phone, server):
    socket = await opened(server, phone)
    server.will(TICKET, Says(410, {"code": "wipe", "receipt": "r-1"}))
    server.will("/api/v1/sessions/wipe-receipt", {})
    await socket.close(4403)
    await phone.wait_for(lambda: server.bodies("/api/v1/sessions/wipe-receipt"))
    assert phone.is_wiped
    assert phone.store.all("SELECT * FROM document") == []
    assert phone.keystore.get("data_key") is None


@pytest.mark.parametrize("code", [4406, 4409, 4426])
async def test_after_a_final_close_the_phone_reconnects_only_when_its_app_opens(
    phone, server, clock, code
):
    socket = await opened(server, phone)
    await socket.close(code)
    await phone.wait_for(lambda: phone.live.closed_with == [code])
    await clock.wind(120)
    assert server.sockets.empty()
    assert phone.needs_upgrade == (code == 4426)
    phone.live.foreground()
    await opened(server, phone)


async def test_a_new_epoch_is_pulled(phone, server):
    socket = await opened(server, phone)
    server.will(CLIENTS, registration("cl_2", epoch="e2"))
    server.always(PULL, page(part(GROUP, 2, [message("z", 2)], reset="sweep"), epoch="e2"))
    await socket.close(4410)
    await phone.wait_for(lambda: ids(phone) == ["z"])


async def test_offline_drops_the_socket_and_online_brings_it_back(phone, server, clock):
    await opened(server, phone)
    await phone.offline()
    await phone.wait_for(lambda: not phone.live.is_open)
    uuid = phone.do("x", {})
    server.will(PUSH, {"lmid": {"main": 1}, "results": [{"id": 1, "status": "applied"}]})
    phone.online()
    await phone.wait_for(lambda: phone.state(uuid) == "sent")
    with contextlib.suppress(TimeoutError):
        await clock.wind(60)
    await opened(server, phone)


async def test_without_a_home_the_phone_connects_nowhere(server, clock):
    """A phone without a sign-in sends no request."""
    async with Phone(server.url, clock=clock) as phone, phone.connected():
        await phone.wait_for(lambda: phone.triggers.ended)
    assert server.received == []
    assert LIVE not in server.paths()
