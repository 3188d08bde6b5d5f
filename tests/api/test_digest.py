"""The server's digest equals what the phone computes from its pulled documents."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.api.sync.clients import Registration, register
from recovery.feed.digest import digests
from tests.api.digests import DIGEST, own_digest, server_digest
from tests.architecture import statements
from tests.cast import (
    Circle,
    FakePhone,
    act,
    answer,
    cursor_after,
    make_circle,
    make_user,
    mutation,
)

pytestmark = pytest.mark.django_db


def caller(user: Any) -> FakePhone:
    phone = FakePhone(user)
    phone.register()
    return phone


def say(circle: Circle, user: Any, text: str) -> str:
    message = str(uuid7())
    act(user, "groups.post_message", id=message, group=circle.group, text=text)
    return message


def test_a_digest_equals_that_of_a_first_pull() -> None:
    circle = make_circle()
    say(circle, circle.ana, "good morning")
    for user in (circle.ana, circle.ben, circle.dana, circle.cleo):
        phone = caller(user)
        assert server_digest(phone) == own_digest(phone)
    assert f"group:{circle.group}" not in server_digest(caller(circle.cleo))


def test_deleted_and_earlier_messages_do_not_count() -> None:
    circle = make_circle()
    say(circle, circle.ana, "before")
    late = caller(circle.bring_in("cleo"))
    group = f"group:{circle.group}"
    before = server_digest(late)[group]
    assert server_digest(late) == own_digest(late)
    assert before["count"] < server_digest(caller(circle.dana))[group]["count"]
    say(circle, circle.ana, "after")
    assert server_digest(late)[group]["count"] == before["count"] + 1
    assert server_digest(late) == own_digest(late)


def test_an_edit_changes_the_digest_but_not_the_count() -> None:
    phone = caller(make_user())
    mine = f"person:{phone.user.id}"
    other = FakePhone(phone.user)
    before = server_digest(phone)[mine]
    answer(phone.push(mutation(1, "people.revoke_session", {"session": other.tokens["session"]})))
    after = server_digest(phone)[mine]
    assert after["count"] == before["count"]
    assert after["xor"] != before["xor"]
    assert after["head"] == before["head"] + 1


def test_a_removed_member_gets_no_digest_of_the_group() -> None:
    circle = make_circle()
    phone = caller(circle.ana)
    group = f"group:{circle.group}"
    assert group in server_digest(phone)
    act(circle.ana, "groups.leave", group=circle.group)
    assert group not in server_digest(phone)
    assert server_digest(phone, only=[group]) == {}


def test_a_digest_can_be_limited_to_some_scopes() -> None:
    circle = make_circle()
    phone = caller(circle.ana)
    group = f"group:{circle.group}"
    assert list(server_digest(phone, only=[group, "nonsense", "group:", "library:\ud800"])) == [
        group
    ]
    assert server_digest(phone, only=[]) == {}
    # The client sends what differed for the log only.
    assert server_digest(phone, only=[], differed=[group, "nonsense", "\ud800"]) == {}


def test_another_persons_phone_is_unknown() -> None:
    stranger = FakePhone(make_user())
    body = {"client_id": caller(make_user()).client_id}
    assert answer(stranger.post(DIGEST, body), 404)["code"] == "client_unknown"


def test_an_empty_scope_has_a_digest() -> None:
    user = make_user()
    install = Registration("x", "android", "1.0.0", schema=1)
    client = register(user, install, timezone.now())["client_id"]
    current = digests(user.id, uuid.UUID(client), 1, unseen=[], only=None)
    assert current is not None
    nothing = {"scope": f"person:{user.id}", "head": 0, "grant": "1.1", "count": 0, "xor": "0" * 16}
    assert current.scopes == [nothing]


def test_an_outdated_app_must_upgrade() -> None:
    phone = caller(make_user())
    refused = phone.post(DIGEST, {"client_id": phone.client_id, "schema": 0})
    assert answer(refused, 426)["code"] == "upgrade_required"


def test_it_is_two_statements_for_every_caller() -> None:
    phone = caller(make_user())
    with statements.counted() as seen:
        server_digest(phone)
    assert [text.split("(")[0] for text in seen] == [
        "SELECT * FROM session_by_access_token",
        "SELECT * FROM scope_digests",
    ]


def test_the_phone_compares_only_at_the_same_head() -> None:
    """If the head moves after the digest, the phone pulls first and compares later."""
    phone = caller(make_user())
    first = phone.pull()
    FakePhone(phone.user)
    assert server_digest(phone)[f"person:{phone.user.id}"]["head"] > first["scopes"][0]["head"]
    assert phone.pull(cursor_after(first))["scopes"][0]["reset"] is None
