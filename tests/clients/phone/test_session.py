"""Signing in, refreshing, remote wipe, signing out."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from clients.phone import Phone
from clients.phone.errors import (
    InsecureHome,
    Locked,
    Problem,
    SignedOut,
    Unreachable,
    UnsentWork,
    Wiped,
)
from clients.phone.signin import CODE_CONFIRM, CODE_REQUEST
from tests.clients.phone.pages import AT, ME, TOKENS, message, page, part, registration
from tests.clients.phone.scripted import (
    CLIENTS,
    PULL,
    PUSH,
    RECEIPT,
    REFRESH,
    TICKET,
    QuickClock,
    Says,
    Server,
)

EXPIRED = Says(401, {"code": "token_expired"})
ENROLMENT, SIGN_OUT = "/api/v1/enrolment", "/api/v1/sessions/sign-out"
WIPE = Says(410, {"code": "wipe", "action": "wipe", "receipt": "r-1"})
FRESH = {"access_token": "hra_2", "refresh_token": "hrr_2", "access_expires_at": "…"}


def expired_for(token: str, server: Server, otherwise):
    """Refuse one expired access token, as a server does."""
    return lambda _: EXPIRED if server.received[-1].token == token else otherwise


@pytest.fixture
async def stored(server: Server, clock: QuickClock, tmp_path: Path) -> AsyncIterator[Phone]:
    """A phone on disk with a document and an unsent mutation."""
    async with Phone(server.url, tmp_path / "phone.db", clock=clock) as phone:
        phone.session.begin("ana", TOKENS)
        server.will(PULL, page(part(ME, 1, [message("a", 1)], reset="sweep")))
        await phone.sync()
        phone.do("x", {"text": "unsent"})
        yield phone


@pytest.fixture
async def new_home(server: Server) -> AsyncIterator[Server]:
    """A second server. The first one answers every request with a redirect to it."""
    home = Server()
    home.url = await home.start()
    moved = Says(421, {"code": "home_moved", "url": home.url})
    for path in (ENROLMENT, CODE_REQUEST, CODE_CONFIRM, RECEIPT, SIGN_OUT, REFRESH):
        server.always(path, moved)
    yield home
    await home.stop()
    assert home.surprises == []


def is_empty(phone: Phone) -> bool:
    tables = "document", "mutation", "overlay", "scope", "lane", "meta"
    return not any(phone.store.all(f"SELECT * FROM {table}") for table in tables)  # noqa: S608


async def test_an_expired_token_is_refreshed_and_the_request_repeated(phone, server):
    server.always(PULL, expired_for("hra_1", server, page()))
    server.will(REFRESH, FRESH)
    await phone.sync()
    assert server.bodies(REFRESH)[0]["refresh_token"] == "hrr_1"
    assert [h.token for h in server.received if h.path == PULL] == ["hra_1", "hra_2"]


async def test_many_requests_at_once_refresh_once(phone, server):
    server.always(TICKET, expired_for("hra_1", server, {"ticket": "t"}))
    server.will(REFRESH, FRESH)
    answers = await asyncio.gather(*[phone.session.call(TICKET, {}) for _ in range(6)])
    assert answers == [{"ticket": "t"}] * 6
    assert len(server.bodies(REFRESH)) == 1


@pytest.mark.parametrize("lost", ["answer", "request"])
async def test_a_lost_refresh_is_repeated_with_the_same_token(phone, server, lost):
    server.always(TICKET, expired_for("hra_1", server, {"ticket": "t"}))
    server.always(REFRESH, FRESH)
    phone.network.plan(lost, REFRESH)
    await phone.session.call(TICKET, {})
    tokens_sent = [body["refresh_token"] for body in server.bodies(REFRESH)]
    assert tokens_sent == ["hrr_1"] * (2 if lost == "answer" else 1)
    assert phone.keystore.get("refresh_token") == "hrr_2"


async def test_each_repetition_has_a_new_signature(phone, server):
    server.always(TICKET, expired_for("hra_1", server, {"ticket": "t"}))
    server.always(REFRESH, FRESH)
    phone.lose_next_answer(REFRESH)
    await phone.session.call(TICKET, {})
    first, second = [body["proof"]["nonce"] for body in server.bodies(REFRESH)]
    assert first != second


async def test_a_signature_with_the_wrong_time_is_repeated_with_the_right_one(phone, server):
    server.always(TICKET, expired_for("hra_1", server, {"ticket": "t"}))
    date = {"Date": "Mon, 02 Mar 2026 14:00:00 GMT"}
    server.will(REFRESH, Says(401, {"code": "proof_required"}, date), FRESH)
    await phone.session.call(TICKET, {})
    first, second = [body["proof"]["time"] for body in server.bodies(REFRESH)]
    assert (first, second) == ("2026-03-02T12:00:00.000Z", "2026-03-02T14:00:00.000Z")


async def test_a_signature_that_is_never_accepted_does_not_sign_out(phone, server):
    server.always(TICKET, EXPIRED)
    server.always(REFRESH, Says(401, {"code": "proof_required"}))
    with pytest.raises(Problem):
        await phone.session.call(TICKET, {})
    assert phone.session.is_signed_in


async def test_a_refresh_that_never_succeeds_changes_nothing(phone, server):
    server.always(TICKET, EXPIRED)
    for _ in range(3):
        phone.lose_next_request(REFRESH)
    with pytest.raises(Unreachable):
        await phone.session.call(TICKET, {})
    assert phone.keystore.get("refresh_token") == "hrr_1"


async def test_a_refused_refresh_signs_out_but_keeps_unsent_mutations(stored, server):
    server.always(PUSH, EXPIRED)
    server.will(REFRESH, Says(401, {"code": "not_signed_in"}))
    with pytest.raises(SignedOut):
        await stored.sync()
    with pytest.raises(Locked):
        stored.documents()
    assert [m.args for m in stored.outbox()] == [{"text": "unsent"}]


async def test_the_same_person_signing_in_again_finds_everything(stored):
    stored.keystore.put(access_token=None, refresh_token=None)
    stored.session.begin("ana", FRESH)
    assert [d.id for d in stored.documents()] == ["a"]
    assert len(stored.outbox()) == 1


async def test_another_person_signing_in_finds_nothing(stored):
    stored.session.begin("ben", FRESH)
    assert stored.documents() == []
    assert stored.outbox() == []


async def test_a_refused_fresh_token_means_signed_out(phone, server):
    server.always(PULL, EXPIRED)
    server.will(REFRESH, FRESH)
    with pytest.raises(SignedOut):
        await phone.sync()


async def test_a_wipe_empties_the_phone_before_it_is_acknowledged(stored, server):
    seen = []
    server.will(PUSH, WIPE)
    server.will(RECEIPT, lambda _: seen.append(is_empty(stored)) or {})
    with pytest.raises(Wiped):
        await stored.sync()
    assert server.bodies(RECEIPT) == [{"receipt": "r-1"}]
    assert seen == [True]
    assert stored.keystore.get("data_key") is None
    assert stored.keystore.get("refresh_token") is None


async def test_a_wiped_phone_shows_and_accepts_nothing(stored, server):
    server.will(PUSH, WIPE)
    server.will(RECEIPT, {})
    with pytest.raises(Wiped):
        await stored.sync()
    for attempt in (stored.documents, lambda: stored.do("x", {})):
        with pytest.raises(Wiped):
            attempt()
    with pytest.raises(Wiped):
        await stored.sync()
    assert is_empty(stored)


async def test_a_wipe_removes_even_scope_names_from_the_disk(stored, server, tmp_path):
    server.will(PUSH, WIPE)
    server.will(RECEIPT, {})

    def on_disk() -> bool:
        return any(b"person:ana" in path.read_bytes() for path in tmp_path.iterdir())

    assert on_disk()
    with pytest.raises(Wiped):
        await stored.sync()
    assert not on_disk()


async def test_a_lost_wipe_receipt_is_sent_at_the_next_start(stored, server, clock, tmp_path):
    server.will(PUSH, WIPE)
    stored.lose_next_request(RECEIPT)
    with pytest.raises(Wiped):
        await stored.sync()
    assert server.bodies(RECEIPT) == []
    server.will(RECEIPT, {})
    async with Phone(server.url, tmp_path / "phone.db", clock=clock) as again:
        with pytest.raises(Wiped):
            await again.sync()
        with pytest.raises(Wiped):
            await again.sync()
    assert server.bodies(RECEIPT) == [{"receipt": "r-1"}]


async def test_a_refresh_may_return_the_order_to_wipe(stored, server):
    server.will(PUSH, EXPIRED)
    server.will(REFRESH, WIPE)
    server.will(RECEIPT, {})
    with pytest.raises(Wiped):
        await stored.sync()
    assert is_empty(stored)


async def test_a_wiped_phone_can_be_enrolled_again_as_a_new_install(stored, server):
    install = stored.keystore.get("install")
    server.will(PUSH, WIPE)
    server.will(RECEIPT, {})
    with pytest.raises(Wiped):
        await stored.sync()
    server.will("/api/v1/enrolment", {"user": "ben", **FRESH})
    await stored.enrol("CODE", "1990-01-02")
    assert stored.documents() == []
    assert stored.keystore.get("install") != install
    request_body = server.bodies("/api/v1/enrolment")[0]
    assert (request_body["code"], request_body["date_of_birth"]) == ("CODE", "1990-01-02")
    assert request_body["install"] == stored.keystore.get("install")


async def test_an_e_mailed_code_signs_in(phone, server):
    ceremony = {"meta": {"is_authenticated": False, "session_token": "st"}}
    server.will("/auth/app/v1/auth/code/request", Says(401, ceremony))
    done = {"data": {"user": {"id": "ana"}}, "meta": FRESH}
    server.will("/auth/app/v1/auth/code/confirm", done)
    await phone.request_code("ana@example.org")
    assert await phone.confirm_code("ABC123") == "ana"
    assert server.bodies("/auth/app/v1/auth/code/confirm")[0]["code"] == "ABC123"
    assert phone.keystore.get("access_token") == "hra_2"


async def test_signing_out_refuses_to_lose_unsent_mutations(stored):
    with pytest.raises(UnsentWork):
        await stored.sign_out()
    assert len(stored.outbox()) == 1
    assert stored.session.is_signed_in


async def test_signing_out_deletes_everything(stored, server):
    install = stored.keystore.get("install")
    server.will("/api/v1/sessions/sign-out", {})
    await stored.sign_out(even_if_unsent=True)
    assert is_empty(stored)
    assert not stored.session.is_signed_in
    assert stored.keystore.get("install") != install


async def test_a_move_from_https_to_http_is_ignored(phone):
    phone.keystore.put(home="https://clinic.example")
    with pytest.raises(InsecureHome):
        phone.session.move("http://elsewhere.example")
    assert phone.session.home == "https://clinic.example"


async def test_the_cache_locks_when_the_lease_expires_and_a_pull_unlocks_it(stored, server, clock):
    lease_end = AT + timedelta(days=30)
    clock.at = lease_end - timedelta(seconds=1)
    assert stored.documents()
    clock.at = lease_end
    with pytest.raises(Locked):
        stored.documents()
    clock.at = AT
    with pytest.raises(Locked):  # turning the clock back does not help
        stored.documents()
    stored.do("x", {"text": "even now"})
    server.always(PULL, page(lease="2026-05-01T12:00:00Z"))
    server.will(PUSH, {"lmid": {"main": 2}, "results": []})
    await stored.sync()
    assert [d.id for d in stored.documents()] == ["a"]


async def test_signing_in_follows_a_moved_home(phone, server, new_home):
    new_home.will(ENROLMENT, {"user": "ben", **FRESH})
    assert await phone.enrol("CODE", "1990-01-02") == "ben"
    assert (server.paths(), new_home.paths()) == ([ENROLMENT], [ENROLMENT])
    assert phone.session.home == new_home.url


async def test_a_code_is_requested_and_confirmed_at_the_new_home(phone, server, new_home):
    new_home.will(CODE_REQUEST, Says(401, {"meta": {"session_token": "t"}}))
    new_home.will(CODE_CONFIRM, {"data": {"user": {"id": "ben"}}, "meta": FRESH})
    await phone.request_code("ben@example.org")
    assert await phone.confirm_code("123456") == "ben"
    assert (server.paths(), new_home.paths()) == ([CODE_REQUEST], [CODE_REQUEST, CODE_CONFIRM])


async def test_a_wipe_is_acknowledged_at_the_new_home(stored, server, new_home):
    server.will(PULL, WIPE)
    new_home.will(RECEIPT, {})
    with pytest.raises(Wiped):
        await stored.session.call(PULL, {})
    assert new_home.bodies(RECEIPT) == [{"receipt": "r-1"}]


async def test_signing_out_follows_a_moved_home(phone, server, new_home):
    new_home.will(SIGN_OUT, {})
    await phone.sign_out()
    assert new_home.paths() == [SIGN_OUT]
    assert not phone.session.is_signed_in


async def test_a_refresh_redirected_to_a_new_home_still_registers_there(phone, server, new_home):
    server.always(PULL, EXPIRED)
    new_home.will(CLIENTS, registration("cl_9"))
    await phone.sync()
    assert new_home.paths()[:2] == [CLIENTS, PULL]
    assert new_home.bodies(PULL)[0]["client_id"] == "cl_9"


async def test_homes_that_redirect_in_a_loop_are_followed_once(phone, server, new_home):
    new_home.will(ENROLMENT, Says(421, {"code": "home_moved", "url": server.url}))
    with pytest.raises(Problem) as raised:
        await phone.enrol("CODE", "1990-01-02")
    assert raised.value.status == 421
    assert (server.paths(), new_home.paths()) == ([ENROLMENT], [ENROLMENT])
