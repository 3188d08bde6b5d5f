"""Whoever joins sees what is said from then on; an edit of something older does not show it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.feed import announce
from recovery.feed.models import FeedEntry
from recovery.feed.rebuild import repair
from tests.factories import peers
from tests.factories.peers import act
from tests.factories.people import NOW
from tests.feed.reader import Reader
from tests.groups.test_messages import seq
from tests.roles import as_role

HOUR = timedelta(hours=1)


def worded(circle: peers.Circle, text: str) -> dict[str, Any]:
    return {"id": str(uuid7()), "group": circle.group, "text": text}


def say(circle: peers.Circle, user: Any, text: str) -> str:
    data = worded(circle, text)
    act(user, "groups.post_message", data)
    return str(data["id"])


def edit(circle: peers.Circle, user: Any, message: str, text: str) -> None:
    with transaction.atomic():
        base = {f"message/{message}": seq(circle, message)}
    act(user, "groups.edit_message", {"message": message, "text": text}, base=base)


def messages(phone: Reader, circle: peers.Circle) -> list[str]:
    return [d["text"] for d in phone.answers.cache.read("message", f"group:{circle.group}")]


def open_circle() -> peers.Circle:
    return peers.make_circle(group={"size": {"min": 2, "max": 9}})


@pytest.fixture
def circle(db: None) -> peers.Circle:
    return open_circle()


def test_an_edit_of_what_was_said_before_one_came_stays_unseen(circle: peers.Circle) -> None:
    old = say(circle, circle.ash, "only for those who were here")
    late, elder = Reader(circle.bring_in("cedar")), Reader(circle.birch)
    late.read()
    edit(circle, circle.ash, old, "still only for them")
    say(circle, circle.ash, "welcome")
    late.read()
    elder.read()
    assert messages(late, circle) == ["welcome"]
    assert messages(elder, circle) == ["still only for them", "welcome"]
    assert messages(Reader(late.user), circle) == []


def test_a_new_phone_of_theirs_sees_it_no_more_than_the_old_one(circle: peers.Circle) -> None:
    old = say(circle, circle.ash, "before")
    cedar = circle.bring_in("cedar")
    edit(circle, circle.ash, old, "before, edited")
    phone = Reader(cedar)
    phone.read()
    assert messages(phone, circle) == []


def test_its_withdrawal_stays_unseen_too(circle: peers.Circle) -> None:
    old = say(circle, circle.ash, "before")
    phone = Reader(circle.bring_in("cedar"))
    phone.read()
    act(circle.ash, "groups.withdraw_message", {"message": old})
    told = phone.page()["scopes"]
    assert [(s["put"], s["del"]) for s in told if s["scope"].startswith("group")] == [([], [])]


def test_who_was_here_before_is_shown_and_so_is_what_changes_about_them(
    circle: peers.Circle,
) -> None:
    """Cards and the group are what is, not what was said."""
    phone = Reader(circle.bring_in("cedar"))
    phone.read()
    before = phone.holds(f"group:{circle.group}", "member_card")
    assert circle.card(circle.ash) in before
    act(circle.ash, "groups.leave", {"group": circle.group})
    phone.read()
    after = phone.holds(f"group:{circle.group}", "member_card")
    card = circle.card(circle.ash)
    assert (after[card] or 0) > (before[card] or 0)


def test_whoever_comes_back_sees_only_what_is_said_from_then_on(circle: peers.Circle) -> None:
    ash = circle.ash
    own = say(circle, circle.birch, "while ash was here")
    act(ash, "groups.leave", {"group": circle.group})
    circle.bring_in("ash", "Ash again")
    edit(circle, circle.birch, own, "edited")
    phone = Reader(ash)
    phone.read()
    assert messages(phone, circle) == []


@pytest.mark.usefixtures("committed_db")
def test_a_feed_that_is_made_anew_remembers_who_came_later() -> None:
    """After a restore that went half-way: nobody knows the number any more, but the time."""
    circle = open_circle()
    act(circle.ash, "groups.post_message", worded(circle, "before"), NOW)
    cedar = circle.bring_in("cedar", now=NOW + HOUR)
    act(circle.ash, "groups.post_message", worded(circle, "after"), NOW + 2 * HOUR)
    with as_role("owner"):
        FeedEntry.objects.filter(scope_id=circle.group, kind="message").delete()
    with as_role("jobs"):
        assert repair(NOW + 3 * HOUR) >= 2
    late, elder = Reader(cedar), Reader(circle.birch)
    late.read()
    elder.read()
    assert messages(late, circle) == ["after"]
    assert sorted(messages(elder, circle)) == ["after", "before"]


def frames_of(circle: peers.Circle, doing: Callable[[], Any]) -> list[dict[str, Any]]:
    """The frames that the group's sockets would be sent for what is done meanwhile."""
    with announce.valkey().pubsub() as line:
        line.subscribe(f"scope.{circle.group}")
        assert line.get_message(timeout=5)["type"] == "subscribe"
        doing()
        heard = []
        while message := line.get_message(timeout=0.2):
            heard.append(json.loads(message["data"].decode().split(" ", 4)[4]))
        return heard


@pytest.mark.usefixtures("committed_db")
def test_a_frame_with_something_older_than_a_member_has_no_documents() -> None:
    """Everybody is sent the same bytes; so everybody pulls, which knows who may see it."""
    circle = open_circle()
    old = say(circle, circle.ash, "before")
    [frame] = frames_of(circle, lambda: edit(circle, circle.ash, old, "for all here"))
    assert frame["put"][0][3]["text"] == "for all here"
    circle.bring_in("cedar")
    [frame] = frames_of(circle, lambda: edit(circle, circle.ash, old, "not for Cedar"))
    assert set(frame) == {"t", "s", "from", "to"}
    withdraw = {"message": old}
    [frame] = frames_of(circle, lambda: act(circle.ash, "groups.withdraw_message", withdraw))
    assert set(frame) == {"t", "s", "from", "to"}
    [frame] = frames_of(circle, lambda: say(circle, circle.ash, "for all"))
    assert frame["put"][0][3]["text"] == "for all"


@pytest.mark.usefixtures("committed_db")
def test_once_the_newcomer_has_gone_it_is_for_all_again() -> None:
    circle = open_circle()
    old = say(circle, circle.ash, "before")
    cedar = circle.bring_in("cedar")
    act(cedar, "groups.leave", {"group": circle.group})
    [frame] = frames_of(circle, lambda: edit(circle, circle.ash, old, "for all here"))
    assert "put" in frame
