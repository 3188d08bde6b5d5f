"""What a phone should hold: the same numbers that it works out from what a pull brought it."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

import pytest
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.api.sync.clients import register
from recovery.feed.digest import digests
from tests.api.http import Caller, answer, cursor_after, mutation
from tests.architecture import statements
from tests.factories import peers
from tests.factories.people import make_user

pytestmark = pytest.mark.django_db
DIGEST = "/api/v1/sync/digest"


def caller(user: Any) -> Caller:
    phone = Caller(user, now=timezone.now())
    phone.register()
    return phone


def told(phone: Caller, **more: Any) -> dict[str, dict[str, Any]]:
    asked = {"client_id": phone.client_id, "schema": 1} | more
    return {each["scope"]: each for each in answer(phone.post(DIGEST, asked))["scopes"]}


def held(phone: Caller) -> dict[str, dict[str, Any]]:
    """The same, from a first pull to the end."""
    return {scope["scope"]: _of(scope) for scope in phone.pull()["scopes"]}


def _of(scope: dict[str, Any]) -> dict[str, Any]:
    total = 0
    for kind, id_, seq, _ in scope["put"]:
        sha = hashlib.sha256(f"{kind}:{id_}:{seq}".encode()).digest()
        total ^= int.from_bytes(sha[:8], "big")
    count = len(scope["put"])
    return {"scope": scope["scope"], "head": scope["head"], "count": count, "xor": f"{total:016x}"}


def say(circle: peers.Circle, user: Any, text: str) -> str:
    message = str(uuid7())
    peers.act(user, "groups.post_message", {"id": message, "group": circle.group, "text": text})
    return message


def test_a_digest_is_that_of_what_a_first_pull_brings() -> None:
    circle = peers.make_circle()
    say(circle, circle.ash, "good morning")
    for user in (circle.ash, circle.birch, circle.dana, circle.cedar):
        phone = caller(user)
        assert told(phone) == held(phone)
    assert f"group:{circle.group}" not in told(caller(circle.cedar))


def test_it_counts_neither_what_is_gone_nor_what_was_said_before_one_came() -> None:
    circle = peers.make_circle()
    say(circle, circle.ash, "before")
    late = caller(circle.bring_in("cedar"))
    group = f"group:{circle.group}"
    before = told(late)[group]
    assert told(late) == held(late)
    assert before["count"] < told(caller(circle.dana))[group]["count"]
    say(circle, circle.ash, "after")
    assert told(late)[group]["count"] == before["count"] + 1
    assert told(late) == held(late)


def test_a_change_changes_the_digest_though_the_count_stays() -> None:
    phone = caller(make_user())
    mine = f"person:{phone.user.id}"
    other = Caller(phone.user, now=timezone.now())
    before = told(phone)[mine]
    answer(phone.push(mutation(1, "people.revoke_session", {"session": other.tokens["session"]})))
    after = told(phone)[mine]
    assert after["count"] == before["count"]
    assert after["xor"] != before["xor"]
    assert after["head"] == before["head"] + 1


def test_whoever_was_let_go_is_told_nothing_more() -> None:
    circle = peers.make_circle()
    phone = caller(circle.ash)
    group = f"group:{circle.group}"
    assert group in told(phone)
    peers.act(circle.ash, "groups.leave", {"group": circle.group})
    assert group not in told(phone)
    assert told(phone, only=[group]) == {}


def test_some_scopes_alone_may_be_asked_for() -> None:
    circle = peers.make_circle()
    phone = caller(circle.ash)
    group = f"group:{circle.group}"
    assert list(told(phone, only=[group, "nonsense", "group:", "library:\ud800"])) == [group]
    assert told(phone, only=[]) == {}
    # What differed is for the log.
    assert told(phone, only=[], differed=[group, "nonsense", "\ud800"]) == {}


def test_another_persons_phone_is_unknown() -> None:
    stranger = Caller(make_user(), now=timezone.now())
    asked = {"client_id": caller(make_user()).client_id}
    assert answer(stranger.post(DIGEST, asked), 404)["code"] == "client_unknown"


def test_an_empty_scope_has_a_digest_too() -> None:
    user = make_user()
    install = {"install": "x", "platform": "android", "app": "1.0.0", "schema": 1}
    client = register(user, install, timezone.now())["client_id"]
    _, scopes = digests(user.id, uuid.UUID(client), unseen=[], only=None) or ("", "")
    nothing = {"scope": f"person:{user.id}", "head": 0, "count": 0, "xor": "0" * 16}
    assert json.loads(scopes) == [nothing]


def test_an_app_too_old_to_read_is_told_so() -> None:
    phone = caller(make_user())
    refused = phone.post(DIGEST, {"client_id": phone.client_id, "schema": 0})
    assert answer(refused, 426)["code"] == "upgrade_required"


def test_it_is_two_statements_whoever_asks() -> None:
    phone = caller(make_user())
    with statements.counted() as seen:
        told(phone)
    assert [text.split("(")[0] for text in seen] == [
        "SELECT * FROM session_by_access_token",
        "SELECT * FROM scope_digests",
    ]


def test_the_phone_compares_only_at_the_head_it_stands_at() -> None:
    """A pull after the digest's head has moved brings the rest; nothing is compared too early."""
    phone = caller(make_user())
    first = phone.pull()
    Caller(phone.user, now=timezone.now())
    assert told(phone)[f"person:{phone.user.id}"]["head"] > first["scopes"][0]["head"]
    assert phone.pull(cursor_after(first))["scopes"][0]["reset"] is None
