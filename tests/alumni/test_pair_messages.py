"""Messages within a pair follow the rules of groups."""

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
from tests.cast import Circle, act, documents


@pytest.fixture
def pair(circle: Circle) -> str:
    return connect(circle)


def post(pair: str, author: User, text: str = "hello", **more: Any) -> str:
    data = {"id": uuid7(), "pair": pair, "text": text} | more
    act(author, "alumni.post_message", **data)
    return str(data["id"])


def texts(user: User) -> list[str]:
    return [message["text"] for message in documents(user, "message")]


def messages(circle: Circle) -> list[Any]:
    set_actor(circle.ana.id)
    return list(Message.objects.visible_to(circle.ana).order_by("id").values())


def test_only_the_two_read_a_message(circle: Circle, pair: str) -> None:
    post(pair, circle.ana, "proud of you")
    assert texts(circle.ana) == texts(circle.ben) == ["proud of you"]
    assert texts(circle.dana) == texts(circle.cleo) == []
    set_actor(circle.ana.id)
    intents = Intent.objects.filter(scope_id=pair)
    assert [(intent.type, intent.except_user) for intent in intents] == [
        ("alumni.message", circle.ana.id)
    ]


def test_only_the_two_write_messages(circle: Circle, pair: str, olive: User) -> None:
    before = messages(circle)
    for stranger in (circle.dana, circle.cleo, olive):
        with pytest.raises(NotFound):
            post(pair, stranger)
    assert messages(circle) == before


def test_editing_and_withdrawing_follow_the_rules_of_groups(circle: Circle, pair: str) -> None:
    message = post(pair, circle.ana, "first")
    set_actor(circle.ana.id)
    entry = FeedEntry.objects.get(scope_id=pair, kind="message", object_id=message)
    data = {"message": message, "text": "second"}
    with pytest.raises(Refused) as refusal:
        act(circle.ana, "alumni.edit_message", **data)
    assert refusal.value.code == "base_required"
    act(circle.ana, "alumni.edit_message", base={f"message/{message}": entry.seq}, **data)
    assert texts(circle.ben) == ["second"]
    act(circle.ana, "alumni.withdraw_message", message=message)
    assert texts(circle.ben) == [""]


def test_only_the_author_edits_or_withdraws_a_message(
    circle: Circle, pair: str, olive: User
) -> None:
    message = post(pair, circle.ana)
    before = messages(circle)
    for other, error in ((circle.ben, NotAllowed), (olive, NotFound)):
        with pytest.raises(error):
            act(other, "alumni.edit_message", message=message, text="x")
        with pytest.raises(error):
            act(other, "alumni.withdraw_message", message=message)
    assert messages(circle) == before


@pytest.mark.parametrize("name", ["edit_message", "withdraw_message"])
def test_messages_are_edited_only_through_their_own_domain(
    circle: Circle, pair: str, name: str
) -> None:
    data = {"id": uuid7(), "group": circle.group, "text": "in the group"}
    act(circle.ana, "groups.post_message", **data)
    here, there = post(pair, circle.ana), data["id"]
    before = messages(circle)
    for domain, message in (("alumni", there), ("groups", here)):
        change = {"message": message} | ({"text": "x"} if name == "edit_message" else {})
        with pytest.raises(NotFound):
            act(circle.ana, f"{domain}.{name}", **change)
    assert messages(circle) == before


def test_a_read_marker_is_private(circle: Circle, pair: str) -> None:
    act(circle.ana, "alumni.mark_read", pair=pair, seq=4)
    assert [(m["scope"], m["seq"]) for m in documents(circle.ana, "read_marker")] == [(pair, 4)]
    assert documents(circle.ben, "read_marker") == []


def test_a_retry_with_the_same_key_changes_nothing(circle: Circle, pair: str) -> None:
    key, data = uuid7(), {"id": uuid7(), "pair": pair, "text": "once"}
    act(circle.ana, "alumni.post_message", key=key, **data)
    assert act(circle.ana, "alumni.post_message", key=key, **data).dup
    assert texts(circle.ben) == ["once"]
