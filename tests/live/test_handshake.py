"""Who may open a socket, and the close code for everyone else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.db import transaction
from django.utils import timezone
from uuid_utils.compat import uuid7
from websockets.exceptions import InvalidStatus

from foundation.valkey import valkey
from recovery.feed.context import set_actor
from recovery.feed.models import SyncClient
from recovery.limits.limit import Use
from recovery.live.allowances import SOCKET
from recovery.signin.allowances import STRANGER
from tests.cast import FakePhone, answer, make_user, open_group
from tests.live.phones import PROTOCOL, LivePhone, closed_with, receive
from tests.live.server import ORIGIN, LiveServer, serving

NO_TOKEN: dict[str, Any] = {"additional_headers": {}}


def ticket_of(phone: LivePhone) -> str:
    return str(answer(phone.post("/api/v1/live/ticket"))["ticket"])


def test_hello_is_answered_with_the_heads_of_every_scope(
    live: LiveServer, phone: LivePhone
) -> None:
    group = open_group(phone.user)
    with phone.listen(live.url) as line:
        assert line.subprotocol == PROTOCOL
        person = f"person:{phone.user.id}"
        assert phone.heads == {person: phone.heads[person], f"group:{group}": 0}
        assert phone.heads[person] >= 1
        assert phone.server_hello["hb"] == 0.5
        assert phone.server_hello["epoch"] == phone.pull()["epoch"]
        assert 880 < phone.server_hello["token_expires_in"] <= 900


def test_a_held_membership_is_no_membership(live: LiveServer, phone: LivePhone) -> None:
    open_group(make_user())
    with phone.listen(live.url):
        assert list(phone.heads) == [f"person:{phone.user.id}"]


@pytest.mark.parametrize(
    "first",
    [
        "{",
        "[]",
        "null",
        '"hello"',
        "[" * 3000,
        '{"t":"hello"}',
        '{"t":"hello","client_id":7}',
        '{"t":"hello","client_id":"nobody"}',
        '{"t":"toString"}',
        '{"t":["hello"]}',
        '{"t":"token","token":"hra_x"}',
        '{"t":"hello","client_id":"018f0000-0000-7000-8000-000000000001"}',
        "x" * 10_000,
        b"\x00\xff",
    ],
)
def test_a_first_message_other_than_hello_is_refused(
    live: LiveServer, phone: LivePhone, first: str | bytes
) -> None:
    with phone.open_socket(live.url) as line:
        line.send(first)
        assert closed_with(line) == 4400


def test_no_hello_closes_the_socket(live: LiveServer, phone: LivePhone) -> None:
    with phone.open_socket(live.url) as line:
        assert closed_with(line) == 4408


def test_a_handshake_without_the_subprotocol_is_refused(live: LiveServer, phone: LivePhone) -> None:
    for offered in (None, ["recovery.sync.v0"]):
        with phone.open_socket(live.url, subprotocols=offered) as line:
            assert closed_with(line) == 4406


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer hra_" + "x" * 43, "Basic eDp5", "Bearer"])
def test_an_invalid_token_is_refused(live: LiveServer, phone: LivePhone, token: str) -> None:
    with phone.open_socket(live.url, additional_headers={"Authorization": token}) as line:
        line.send(phone.hello())
        assert closed_with(line) == 4401


def test_the_stored_form_of_a_token_is_refused(live: LiveServer, phone: LivePhone) -> None:
    stored = phone.tokens["access_token"].encode().hex()
    with phone.open_socket(
        live.url, additional_headers={"Authorization": f"Bearer {stored}"}
    ) as line:
        line.send(phone.hello())
        assert closed_with(line) == 4401


def test_a_cookie_is_no_credential(live: LiveServer, phone: LivePhone) -> None:
    cookie = {"Cookie": f"sessionid={phone.tokens['access_token']}", "Origin": ORIGIN}
    with phone.open_socket(live.url, additional_headers=cookie) as line:
        line.send(phone.hello())
        assert closed_with(line) == 4401


@pytest.mark.parametrize(
    "origin", ["https://evil.example.org", "null", "", ORIGIN + ".evil.org", ORIGIN.upper()]
)
def test_pages_of_other_origins_are_refused(
    live: LiveServer, phone: LivePhone, origin: str
) -> None:
    bearer = {"Authorization": f"Bearer {phone.tokens['access_token']}", "Origin": origin}
    with pytest.raises(InvalidStatus) as refused:
        phone.open_socket(live.url, additional_headers=bearer)
    assert refused.value.response.status_code == 403


def test_our_own_page_connects_with_a_ticket(live: LiveServer, phone: LivePhone) -> None:
    with phone.open_socket(live.url, additional_headers={"Origin": ORIGIN}) as line:
        line.send(phone.hello(ticket=ticket_of(phone)))
        assert receive(line, "hello")["heads"]


def test_a_ticket_works_once(live: LiveServer, phone: LivePhone) -> None:
    ticket = ticket_of(phone)
    with (
        phone.open_socket(live.url, **NO_TOKEN) as first,
        phone.open_socket(live.url, **NO_TOKEN) as second,
    ):
        first.send(phone.hello(ticket=ticket))
        receive(first, "hello")
        second.send(phone.hello(ticket=ticket))
        assert closed_with(second) == 4401


def test_a_ticket_ends_after_thirty_seconds(live: LiveServer, phone: LivePhone) -> None:
    """Valkey counts them. Here it learns that they are over."""
    before = set(valkey().scan_iter("ticket.*"))
    ticket = ticket_of(phone)
    [key] = set(valkey().scan_iter("ticket.*")) - before
    assert 0 < valkey().pttl(key) <= 30_000
    assert valkey().pexpireat(key, 1)
    with phone.open_socket(live.url, **NO_TOKEN) as line:
        line.send(phone.hello(ticket=ticket))
        assert closed_with(line) == 4401


def test_a_ticket_does_not_outlive_its_session(live: LiveServer, phone: LivePhone) -> None:
    ticket = ticket_of(phone)
    LivePhone(phone.user).sign_out(phone.tokens["session"])
    with phone.open_socket(live.url, **NO_TOKEN) as line:
        line.send(phone.hello(ticket=ticket))
        assert closed_with(line) == 4401


def test_a_ticket_does_not_open_another_persons_phone(live: LiveServer, phone: LivePhone) -> None:
    other = LivePhone()
    with phone.open_socket(live.url, **NO_TOKEN) as line:
        line.send(phone.hello(ticket=ticket_of(other)))
        assert closed_with(line) == 4400


def test_a_wrong_ticket_beside_a_good_token_is_refused(live: LiveServer, phone: LivePhone) -> None:
    for ticket in ("", "x" * 43, ticket_of(phone) + "x"):
        with phone.open_socket(live.url) as line:
            line.send(phone.hello(ticket=ticket))
            assert closed_with(line) == 4401


def test_a_ticket_needs_a_token_and_post(phone: LivePhone) -> None:
    refused = phone.post("/api/v1/live/ticket", Authorization="Bearer nonsense")
    assert answer(refused, 401)["code"] == "not_signed_in"
    assert phone.http.get("/api/v1/live/ticket").status_code == 405
    assert answer(phone.post("/api/v1/live/ticket"))["expires_in"] == 30


def test_another_users_phone_is_unknown(live: LiveServer, phone: LivePhone) -> None:
    other = LivePhone()
    phone.client_id = other.client_id
    with phone.open_socket(live.url) as line:
        line.send(phone.hello())
        assert closed_with(line) == 4400


def test_a_revoked_phone_gets_the_order_to_wipe(live: LiveServer, phone: LivePhone) -> None:
    with transaction.atomic():
        set_actor(phone.user.id)
        mine = SyncClient.objects.in_scope(phone.user.id)
        mine.filter(id=phone.client_id).update(revoked_at=timezone.now())
    with phone.open_socket(live.url) as line:
        line.send(phone.hello())
        assert closed_with(line) == 4403


def test_an_outdated_app_must_upgrade(live: LiveServer, phone: LivePhone) -> None:
    with transaction.atomic():
        set_actor(phone.user.id)
        SyncClient.objects.in_scope(phone.user.id).filter(id=phone.client_id).update(schema=0)
    with phone.open_socket(live.url) as line:
        line.send(phone.hello())
        assert closed_with(line) == 4426


def test_staff_without_a_second_factor_are_refused(live: LiveServer) -> None:
    counsellor = LivePhone(make_user(is_staff=True))
    with counsellor.listen(live.url):
        pass
    # The same person, signed in by an e-mailed code alone.
    weak = FakePhone(counsellor.user, methods=["email_code"])
    counsellor.tokens = weak.tokens
    with counsellor.open_socket(live.url) as line:
        line.send(counsellor.hello())
        assert closed_with(line) == 4401


def test_a_newer_socket_of_the_same_phone_replaces_the_older(
    live: LiveServer, phone: LivePhone
) -> None:
    with phone.listen(live.url) as elder, phone.listen(live.url) as newer:
        assert closed_with(elder) == 4409
        assert receive(newer, "h")


def test_two_phones_of_one_person_do_not_disturb_each_other(
    live: LiveServer, phone: LivePhone
) -> None:
    other = LivePhone(phone.user)
    with phone.listen(live.url) as line, other.listen(live.url) as another:
        assert receive(line, "h")
        assert receive(another, "h")


def test_other_paths_do_not_exist(live: LiveServer, phone: LivePhone) -> None:
    with pytest.raises(InvalidStatus) as refused:
        phone.open_socket(live.url + "/elsewhere")
    assert refused.value.response.status_code == 403
    with pytest.raises(HTTPError) as missing:
        urlopen(live.http + "/api/v1/actions")  # noqa: S310  # our own loopback address
    assert missing.value.code == 404


def test_a_second_hello_is_a_bad_message(live: LiveServer, phone: LivePhone) -> None:
    with phone.listen(live.url) as line:
        line.send(json.dumps({"t": "hello", "client_id": str(uuid7())}))
        assert closed_with(line) == 4400


def test_a_device_that_reconnects_too_often_must_wait(live: LiveServer, phone: LivePhone) -> None:
    use = SOCKET.uses(phone.tokens["session"], phone.user.id)[0]
    valkey().set(use.key, use.limit.allowed, px=30_000)
    with phone.open_socket(live.url) as line:
        line.send(phone.hello())
        assert closed_with(line) == 4429
    valkey().delete(use.key)
    with phone.listen(live.url):
        assert phone.heads


def test_a_moved_home_makes_its_sockets_pull(committed_db: None, tmp_path: Path) -> None:
    """The pull then gets a 421 with the new address."""
    phone = LivePhone()
    with serving(tmp_path / "live.log", HOME_MOVED_TO="https://new.example.org") as server:
        with phone.open_socket(server.url) as line:
            assert closed_with(line) == 4410


def test_bad_tokens_count_for_their_network_and_bar_no_true_one(
    live: LiveServer, phone: LivePhone
) -> None:
    key = Use(STRANGER, network="127.0.0.1/32").key
    before = valkey().get(key)
    bad = {"additional_headers": {"Authorization": f"Bearer hra_{'A' * 43}"}}

    def refused() -> int:
        with phone.open_socket(live.url, **bad) as line:
            line.send(phone.hello())
            return closed_with(line)

    try:
        valkey().set(key, STRANGER.allowed - 1, px=60_000)
        assert [refused(), refused()] == [4401, 4429]
        with phone.listen(live.url):
            assert phone.heads
    finally:
        valkey().set(key, before or 0, px=60_000)


def test_a_ticket_that_is_no_text_is_refused(live: LiveServer, phone: LivePhone) -> None:
    with phone.open_socket(live.url, **NO_TOKEN) as line:
        line.send(phone.hello(ticket="\ud800\0"))
        assert closed_with(line) == 4401
