"""Messages arrive once, only their author edits them, and withdrawn text leaves the feed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from foundation.problems import Invalid, NotAllowed, NotFound, Refused
from notifications.models import Intent
from recovery.actions.self_reports import Partly
from recovery.blobs.actions import Attachments
from recovery.conversations.models import Message, MessageVersion
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry
from recovery.signin.models import User
from tests.cast import NOW, Circle, act, documents, seq


def post(circle: Circle, author: User, text: str = "hello", **more: Any) -> str:
    data = {"id": uuid7(), "group": circle.group, "text": text} | more
    act(author, "groups.post_message", **data)
    return str(data["id"])


def edit(circle: Circle, author: User, message: str, text: str, base: int | None = None) -> Any:
    known = {
        f"message/{message}": seq(circle.dana, circle.group, "message", message)
        if base is None
        else base
    }
    return act(author, "groups.edit_message", base=known, message=message, text=text)


def everything(circle: Circle) -> tuple[Any, ...]:
    set_actor(circle.dana.id)
    messages = list(Message.objects.in_scope(circle.group).order_by("id").values())
    versions = list(MessageVersion.objects.in_scope(circle.group).values())
    feed = sorted(FeedEntry.objects.filter(scope_id=circle.group).values_list("object_id", "seq"))
    return messages, versions, feed, Intent.objects.filter(scope_id=circle.group).count()


def test_every_member_sees_a_message_under_its_authors_card(circle: Circle) -> None:
    post(circle, circle.ana, "I made it to the meeting")
    for user in (circle.ana, circle.ben, circle.dana):
        [message] = documents(user, "message")
        assert message["text"] == "I made it to the meeting"
        assert message["author"] == circle.card(circle.ana)
        assert message["reply_to"] is None
    assert documents(circle.cleo, "message") == []


def test_every_member_but_the_author_is_notified(circle: Circle) -> None:
    set_actor(circle.dana.id)
    Intent.objects.filter(scope_id=circle.group).delete()
    post(circle, circle.ana)
    set_actor(circle.dana.id)
    intent = Intent.objects.get(scope_id=circle.group)
    assert (intent.type, intent.push_class) == ("groups.message", "sync")
    assert intent.except_user == circle.ana.id


def test_a_reply_refers_to_its_message(circle: Circle) -> None:
    first = post(circle, circle.ana)
    post(circle, circle.ben, "me too", reply_to=first)
    assert [m["reply_to"] for m in documents(circle.ana, "message")] == [None, first]


def test_a_message_costs_five_statements(circle: Circle) -> None:
    """Begin, the group, the message, the intent, the end. Authentication adds a sixth before."""
    ana, data = circle.ana, {"id": uuid7(), "group": circle.group, "text": "hello"}
    with CaptureQueriesContext(connection) as statements:
        act(ana, "groups.post_message", **data)
    written = [s["sql"] for s in statements if "SAVEPOINT" not in s["sql"]]
    assert len(written) == 5, "\n".join(written)


def test_a_retry_with_the_same_key_changes_nothing(circle: Circle) -> None:
    key, data = uuid7(), {"id": uuid7(), "group": circle.group, "text": "once"}
    act(circle.ana, "groups.post_message", key=key, **data)
    before = everything(circle)
    assert act(circle.ana, "groups.post_message", key=key, **data).dup
    assert everything(circle) == before


def test_the_same_message_with_another_key_is_a_conflict(circle: Circle) -> None:
    message = post(circle, circle.ana)
    before = everything(circle)
    with pytest.raises(Refused) as refusal:
        post(circle, circle.ana, id=message)
    assert refusal.value.code == "conflict"
    assert everything(circle) == before


@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_what_was_taken_back_is_not_said_again(circle: Circle, is_withdrawn: bool) -> None:
    message = post(circle, circle.ana, "in anger")
    if is_withdrawn:
        act(circle.ana, "groups.withdraw_message", message=message)
    else:
        edit(circle, circle.ana, message, "calmer")
    with pytest.raises(Refused) as refusal:
        post(circle, circle.ana, "in anger", id=message)
    assert refusal.value.code == "conflict"
    assert "in anger" not in [shown["text"] for shown in documents(circle.ben, "message")]


def test_strangers_cannot_find_the_group(circle: Circle, olive: User) -> None:
    before = everything(circle)
    for stranger in (olive, circle.cleo):
        with pytest.raises(NotFound):
            post(circle, stranger)
    assert everything(circle) == before


WRONG: list[dict[str, Any]] = [
    {"text": ""},
    {"text": " "},
    {"text": "x" * 4001},
    {"text": "\u200b\u2800\u3164\n"},
    {"text": "\u202e\ufe0f\U000e0041"},
    {"text": None},
    {"text": ["x"]},
]


@pytest.mark.parametrize("wrong", WRONG)
def test_an_invalid_message_is_refused(circle: Circle, wrong: dict[str, Any]) -> None:
    before = everything(circle)
    with pytest.raises(Invalid):
        post(circle, circle.ana, **{"text": "x"} | wrong)
    assert everything(circle) == before


@pytest.mark.parametrize(
    "text", ["    indented\n", "\u200bfirst", "Tab\there ", "👩\u200d🌾", "a\r\nb"]
)
def test_a_message_stays_as_it_was_written(circle: Circle, text: str) -> None:
    post(circle, circle.ana, text)
    for reader in (circle.ana, circle.ben):
        assert [shown["text"] for shown in documents(reader, "message")] == [text]


@pytest.mark.parametrize(
    ("more", "unread"),
    [
        ({"id": "7"}, {"id": "7"}),
        ({"loud": True}, {"loud": None}),
        ({"reply_to": "0192d7a0-0000-7000-8000-000000000000"}, ...),
        ({"attachments": "none"}, ...),
        ({"attachments": ["x"]}, ...),
    ],
)
def test_the_words_of_a_message_arrive_whatever_else_is_wrong(
    circle: Circle, more: dict[str, Any], unread: Any
) -> None:
    post(circle, circle.ana, "Hello", **more)
    [shown] = documents(circle.ben, "message")
    assert (shown["text"], shown["reply_to"], shown["attachments"]) == ("Hello", None, [])
    assert shown["unread"] == (more if unread is ... else unread)


def test_of_too_many_files_the_first_are_attached() -> None:
    files = [f"{n:064x}" for n in range(6)]
    with pytest.raises(Partly) as partly:
        Attachments().run_validation(files)
    assert partly.value.value == [bytes.fromhex(each) for each in files[:4]]


def test_a_reply_must_be_in_the_group_of_its_message(circle: Circle) -> None:
    """Even if the author is in both groups."""
    other = {"id": uuid7(), "programme": circle.programme.id, "name": "Other", "alias": "Dana"}
    act(circle.dana, "groups.create", **other)
    elsewhere = post(circle, circle.dana, group=other["id"])
    for author in (circle.dana, circle.ana):
        post(circle, author, "Yes", reply_to=elsewhere)
    shown = documents(circle.ben, "message")
    assert [(each["text"], each["reply_to"]) for each in shown] == [("Yes", None)] * 2
    assert [each["unread"] for each in shown] == [{"reply_to": elsewhere}] * 2


# Editing


def test_the_author_can_edit_and_earlier_text_is_kept(circle: Circle) -> None:
    message = post(circle, circle.ana, "first")
    edit(circle, circle.ana, message, "second")
    [shown] = documents(circle.ben, "message")
    assert (shown["text"], shown["edited_at"]) == ("second", NOW.isoformat().replace("+00:00", "Z"))
    kept = MessageVersion.objects.in_scope(circle.group)
    assert [version.text for version in kept] == ["first"]
    assert "first" not in FeedEntry.objects.get(object_id=message, scope_id=circle.group).doc


@pytest.mark.parametrize("base", [0, 10_000])
def test_an_edit_of_another_version_is_a_conflict(circle: Circle, base: int) -> None:
    message = post(circle, circle.ana, "first")
    before = everything(circle)
    with pytest.raises(Refused) as refusal:
        edit(circle, circle.ana, message, "second", base=base)
    assert refusal.value.code == "conflict"
    assert refusal.value.current[1] == message
    assert refusal.value.current[3]["text"] == "first"
    assert everything(circle) == before


def test_an_edit_must_name_the_version_it_edits(circle: Circle) -> None:
    message = post(circle, circle.ana, "first")
    before = everything(circle)
    with pytest.raises(Refused):
        act(circle.ana, "groups.edit_message", message=message, text="second")
    assert everything(circle) == before


def test_the_authors_two_phones_do_not_overwrite_each_other(circle: Circle) -> None:
    message = post(circle, circle.ana, "first")
    base = seq(circle.dana, circle.group, "message", message)
    edit(circle, circle.ana, message, "from the phone", base)
    with pytest.raises(Refused):
        edit(circle, circle.ana, message, "from the tablet", base)
    assert documents(circle.ana, "message")[0]["text"] == "from the phone"


def test_only_the_author_edits_or_withdraws(circle: Circle, olive: User) -> None:
    message = post(circle, circle.ana, "first")
    before = everything(circle)
    for other, error in ((circle.ben, NotAllowed), (circle.dana, NotAllowed), (olive, NotFound)):
        with pytest.raises(error):
            edit(circle, other, message, "second")
        with pytest.raises(error):
            act(other, "groups.withdraw_message", message=message)
    assert everything(circle) == before


# Withdrawing


def test_withdrawn_text_is_removed_from_every_phone(circle: Circle) -> None:
    message = post(circle, circle.ana, "canary")
    act(circle.ana, "groups.withdraw_message", message=message)
    [shown] = documents(circle.ben, "message")
    assert (shown["text"], bool(shown["withdrawn_at"])) == ("", True)
    docs = FeedEntry.objects.filter(scope_id=circle.group).values_list("doc", flat=True)
    assert not any("canary" in doc for doc in docs)


def test_a_withdrawn_message_cannot_be_edited_or_withdrawn_again(circle: Circle) -> None:
    message = post(circle, circle.ana)
    act(circle.ana, "groups.withdraw_message", message=message)
    before = everything(circle)
    with pytest.raises(Refused) as refusal:
        act(circle.ana, "groups.withdraw_message", message=message)
    assert refusal.value.code == "withdrawn"
    with pytest.raises(Refused) as refusal:
        edit(circle, circle.ana, message, "back again")
    assert refusal.value.code == "withdrawn"
    assert everything(circle) == before


# Reading


def markers(user: User) -> list[tuple[str, int]]:
    return [(marker["scope"], marker["seq"]) for marker in documents(user, "read_marker")]


def test_a_read_marker_only_advances_and_is_private(circle: Circle) -> None:
    for far in (7, 3, 9, 9):
        act(circle.ana, "groups.mark_read", group=circle.group, seq=far)
    assert markers(circle.ana) == [(str(circle.group), 9)]
    assert markers(circle.ben) == markers(circle.dana) == []


def test_only_members_mark_a_group_as_read(circle: Circle, olive: User) -> None:
    with pytest.raises(NotFound):
        act(olive, "groups.mark_read", group=circle.group, seq=1)
    with pytest.raises(Invalid):
        act(circle.ana, "groups.mark_read", group=circle.group, seq=-1)
    assert markers(olive) == markers(circle.ana) == []
