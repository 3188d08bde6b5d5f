"""No byte committed after a revocation reaches the revoked member."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from websockets.exceptions import ConnectionClosed

from recovery.feed.context import set_actor
from recovery.signin.models import DeviceSession, User
from tests.cast import FakePhone, open_group
from tests.live.phones import (
    LivePhone,
    change,
    change_members,
    closed_with,
    receive,
    receive_until,
)
from tests.live.server import LiveServer


def of_scope(messages: list[dict[str, Any]], scope: object) -> list[dict[str, Any]]:
    return [
        m
        for m in messages
        if m.get("s") == f"group:{scope}" or f"group:{scope}" in m.get("heads", {})
    ]


def test_a_removed_member_gets_a_hint_and_nothing_more(live: LiveServer, phone: LivePhone) -> None:
    stays = LivePhone()
    group, other = open_group(stays.user, phone.user), open_group(stays.user, phone.user)
    with phone.listen(live.url) as removed, stays.listen(live.url) as line:
        change(group, stays.user)
        receive(removed, "c")
        change_members(stays.user, revoke=(group, phone.user.id))
        receive(removed, "scopes")
        change(group, stays.user)
        change(other, stays.user)
        assert of_scope(receive_until(removed, "c", s=f"group:{other}"), group) == []
        messages = receive_until(line, "c", s=f"group:{group}", to=2)
        assert [m["to"] for m in of_scope(messages, group) if m["t"] == "c"] == [1, 2]


def test_nothing_leaks_even_if_every_announcement_is_lost(
    live: LiveServer, phone: LivePhone
) -> None:
    stays = LivePhone()
    group, other = open_group(stays.user, phone.user), open_group(stays.user, phone.user)
    with phone.listen(live.url) as removed, stays.listen(live.url) as line:
        change_members(stays.user, quietly=True, revoke=(group, phone.user.id))
        for _ in range(10):
            change(group, stays.user)
        change(other, stays.user)
        assert of_scope(receive_until(removed, "c", s=f"group:{other}"), group) == []
        assert [receive(line, "c")["to"] for _ in range(10)] == list(range(1, 11))


def test_the_heartbeat_leaks_no_number(live: LiveServer, phone: LivePhone) -> None:
    stays = LivePhone()
    group = open_group(stays.user, phone.user)
    with phone.listen(live.url) as removed:
        with transaction.atomic():
            change_members(stays.user, quietly=True, revoke=(group, phone.user.id))
            change(group, stays.user)
            transaction.get_connection().run_on_commit.clear()
        messages = receive_until(removed, "scopes")
        for _ in range(3):
            messages += receive_until(removed, "h")
        assert of_scope(messages, group) == []


def test_a_new_member_does_not_get_earlier_documents(live: LiveServer, phone: LivePhone) -> None:
    """A frame committed before the grant that arrives after it is only a hint to pull."""
    host = LivePhone()
    group = open_group(host.user)
    with phone.listen(live.url) as line, host.listen(live.url):
        late: list[Any] = []
        with transaction.atomic():
            change(group, host.user)
            late = [call for _, call, _ in transaction.get_connection().run_on_commit]
            transaction.get_connection().run_on_commit.clear()
        change_members(host.user, grant=(group, phone.user.id, "member"))
        receive(line, "scopes")
        for announce in late:
            announce()
        assert set(receive(line, "c")) == {"t", "s", "from", "to"}


def test_typing_of_a_former_member_reaches_no_one(live: LiveServer, phone: LivePhone) -> None:
    stays = LivePhone()
    group = open_group(stays.user, phone.user)
    with phone.listen(live.url) as removed, stays.listen(live.url) as line:
        change_members(stays.user, quietly=True, revoke=(group, phone.user.id))
        removed.send(json.dumps({"t": "e", "s": f"group:{group}", "k": "typing"}))
        receive_until(removed, "scopes")
        change(group, stays.user)
        assert receive(line, "c")["to"] == 1


def test_a_remote_sign_out_closes_the_socket(live: LiveServer, phone: LivePhone) -> None:
    with phone.listen(live.url) as line:
        LivePhone(phone.user).sign_out(phone.tokens["session"])
        assert closed_with(line) == 4401


def test_a_lost_phone_gets_the_order_to_wipe(live: LiveServer, phone: LivePhone) -> None:
    other = LivePhone(phone.user)
    with phone.listen(live.url) as line, other.listen(live.url) as kept:
        other.sign_out(phone.tokens["session"], wipe=True)
        assert closed_with(line) == 4403
        assert receive(kept, "c")


def test_the_socket_closes_although_the_announcement_was_lost(
    live: LiveServer, phone: LivePhone
) -> None:
    group = open_group(phone.user)
    with phone.listen(live.url) as line:
        end_quietly(phone.user, phone.tokens["session"])
        assert closed_with(line) == 4401
        change(group, phone.user)
        assert drained(line) == []


def test_a_closed_account_receives_nothing_more(live: LiveServer, phone: LivePhone) -> None:
    with phone.listen(live.url) as line:
        User.objects.filter(id=phone.user.id).update(is_active=False)
        assert closed_with(line) == 4401


def test_every_message_checks_the_session(live: LiveServer, phone: LivePhone) -> None:
    with phone.listen(live.url) as line:
        end_quietly(phone.user, phone.tokens["session"])
        line.send(json.dumps({"t": "e", "s": "group:x", "k": "typing"}))
        assert closed_with(line) == 4401


def test_the_socket_ends_with_its_token_unless_a_fresh_one_comes(
    live: LiveServer, phone: LivePhone
) -> None:
    expire(phone, timedelta(seconds=2))
    renewed = LivePhone(phone.user)
    expire(renewed, timedelta(seconds=2))
    with phone.listen(live.url) as line, renewed.listen(live.url) as other:
        expire(renewed, timedelta(minutes=15))
        other.send(json.dumps({"t": "token", "token": renewed.tokens["access_token"]}))
        assert receive_until(other, "token")[-1]["token_expires_in"] > 800
        assert closed_with(line) == 4401
        assert receive(other, "h")


def test_a_token_of_another_session_renews_nothing(live: LiveServer, phone: LivePhone) -> None:
    other = FakePhone(phone.user)
    with phone.listen(live.url) as line:
        line.send(json.dumps({"t": "token", "token": other.tokens["access_token"]}))
        assert closed_with(line) == 4401


def test_an_invalid_token_renews_nothing(live: LiveServer, phone: LivePhone) -> None:
    with phone.listen(live.url) as line:
        line.send(json.dumps({"t": "token"}))
        assert closed_with(line) == 4401


def expire(phone: LivePhone, after: timedelta) -> None:
    with transaction.atomic():
        set_actor(phone.user.id)
        mine = DeviceSession.objects.in_scope(phone.user.id).filter(id=phone.tokens["session"])
        mine.update(access_expires_at=timezone.now() + after)


def end_quietly(user: User, session: str) -> None:
    """End the session like a sign-out whose announcement is lost."""
    with transaction.atomic():
        set_actor(user.id)
        mine = DeviceSession.objects.in_scope(user.id).filter(id=session)
        mine.update(revoked_at=timezone.now(), revoked_why="revoked")


def drained(line: Any) -> list[Any]:
    messages = []
    try:
        while True:
            messages.append(line.recv(timeout=1))
    except ConnectionClosed:
        return messages
