"""Two connected people write to each other, with the rules of groups."""

from __future__ import annotations

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import NotAllowed, NotFound, Refused
from notifications.models import Intent
from recovery.conversations.models import Message
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry
from recovery.signin.models import User
from tests.alumni.pairs import connect
from tests.factories.peers import Circle, act, seen


@pytest.fixture
def pair(circle: Circle) -> str:
    return connect(circle)


def post(pair: str, author: User, text: str = "hello", **more: Any) -> str:
    data = {"id": uuid7(), "pair": pair, "text": text} | more
    act(author, "alumni.post_message", data)
    return str(data["id"])


def words(user: User) -> list[str]:
    return [message["text"] for message in seen(user, "message")]


def messages(circle: Circle) -> list[Any]:
    set_actor(circle.ash.id)
    return list(Message.objects.visible_to(circle.ash).order_by("id").values())


def test_the_two_read_it_and_nobody_else(circle: Circle, pair: str) -> None:
    post(pair, circle.ash, "proud of you")
    assert words(circle.ash) == words(circle.birch) == ["proud of you"]
    assert words(circle.dana) == words(circle.cedar) == []
    set_actor(circle.ash.id)
    told = Intent.objects.filter(scope_id=pair)
    assert [(intent.type, intent.except_user) for intent in told] == [
        ("alumni.message", circle.ash.id)
    ]


def test_nobody_else_writes_there(circle: Circle, pair: str, olive: User) -> None:
    before = messages(circle)
    for stranger in (circle.dana, circle.cedar, olive):
        with pytest.raises(NotFound):
            post(pair, stranger)
    assert messages(circle) == before


def test_editing_and_withdrawing_follow_the_rules_of_groups(circle: Circle, pair: str) -> None:
    message = post(pair, circle.ash, "first")
    set_actor(circle.ash.id)
    entry = FeedEntry.objects.get(scope_id=pair, kind="message", object_id=message)
    data = {"message": message, "text": "second"}
    with pytest.raises(Refused) as refusal:
        act(circle.ash, "alumni.edit_message", data)
    assert refusal.value.code == "conflict"
    act(circle.ash, "alumni.edit_message", data, base={f"message/{message}": entry.seq})
    assert words(circle.birch) == ["second"]
    act(circle.ash, "alumni.withdraw_message", {"message": message})
    assert words(circle.birch) == [""]


def test_only_the_author_changes_a_message(circle: Circle, pair: str, olive: User) -> None:
    message = post(pair, circle.ash)
    before = messages(circle)
    for other, error in ((circle.birch, NotAllowed), (olive, NotFound)):
        with pytest.raises(error):
            act(other, "alumni.edit_message", {"message": message, "text": "x"})
        with pytest.raises(error):
            act(other, "alumni.withdraw_message", {"message": message})
    assert messages(circle) == before


@pytest.mark.parametrize("name", ["edit_message", "withdraw_message"])
def test_a_groups_messages_are_changed_as_such(circle: Circle, pair: str, name: str) -> None:
    data = {"id": uuid7(), "group": circle.group, "text": "in the group"}
    act(circle.ash, "groups.post_message", data)
    here, there = post(pair, circle.ash), data["id"]
    before = messages(circle)
    for domain, message in (("alumni", there), ("groups", here)):
        change = {"message": message} | ({"text": "x"} if name == "edit_message" else {})
        with pytest.raises(NotFound):
            act(circle.ash, f"{domain}.{name}", change)
    assert messages(circle) == before


def test_a_read_marker_is_ones_own(circle: Circle, pair: str) -> None:
    act(circle.ash, "alumni.mark_read", {"pair": pair, "seq": 4})
    assert [(m["scope"], m["seq"]) for m in seen(circle.ash, "read_marker")] == [(pair, 4)]
    assert seen(circle.birch, "read_marker") == []


def test_the_phone_may_send_it_again(circle: Circle, pair: str) -> None:
    key, data = uuid7(), {"id": uuid7(), "pair": pair, "text": "once"}
    act(circle.ash, "alumni.post_message", data, key=key)
    assert act(circle.ash, "alumni.post_message", data, key=key).dup
    assert words(circle.birch) == ["once"]
