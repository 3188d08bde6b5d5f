"""Whoever joins sees what is said from then on; an edit of something older does not show it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery.feed.models import FeedEntry
from recovery.feed.rebuild import repair
from tests.cast import NOW, Circle, act
from tests.feed.circle import edit, frames_of, messages, open_circle, say, worded
from tests.feed.reader import Reader
from tests.roles import as_role

HOUR = timedelta(hours=1)


@pytest.fixture
def circle(db: None) -> Circle:
    return open_circle()


def test_an_edit_of_what_was_said_before_one_came_stays_unseen(circle: Circle) -> None:
    old = say(circle, circle.ana, "only for those who were here")
    late, elder = Reader(circle.bring_in("cleo")), Reader(circle.ben)
    late.read()
    edit(circle, circle.ana, old, "still only for them")
    say(circle, circle.ana, "welcome")
    late.read()
    elder.read()
    assert messages(late, circle) == ["welcome"]
    assert messages(elder, circle) == ["still only for them", "welcome"]
    assert messages(Reader(late.user), circle) == []


def test_a_new_phone_of_theirs_sees_it_no_more_than_the_old_one(circle: Circle) -> None:
    old = say(circle, circle.ana, "before")
    cleo = circle.bring_in("cleo")
    edit(circle, circle.ana, old, "before, edited")
    phone = Reader(cleo)
    phone.read()
    assert messages(phone, circle) == []


def test_its_withdrawal_stays_unseen_too(circle: Circle) -> None:
    old = say(circle, circle.ana, "before")
    phone = Reader(circle.bring_in("cleo"))
    phone.read()
    act(circle.ana, "groups.withdraw_message", message=old)
    told = phone.page()["scopes"]
    assert [(s["put"], s["del"]) for s in told if s["scope"].startswith("group")] == [([], [])]


def test_who_was_here_before_is_shown_and_so_is_what_changes_about_them(
    circle: Circle,
) -> None:
    """Cards and the group are what is, not what was said."""
    phone = Reader(circle.bring_in("cleo"))
    phone.read()
    before = phone.holds(f"group:{circle.group}", "member_card")
    assert circle.card(circle.ana) in before
    act(circle.ana, "groups.leave", group=circle.group)
    phone.read()
    after = phone.holds(f"group:{circle.group}", "member_card")
    card = circle.card(circle.ana)
    assert (after[card] or 0) > (before[card] or 0)


def test_whoever_comes_back_sees_only_what_is_said_from_then_on(circle: Circle) -> None:
    ana = circle.ana
    own = say(circle, circle.ben, "while ana was here")
    act(ana, "groups.leave", group=circle.group)
    circle.bring_in("ana", "Ana again")
    edit(circle, circle.ben, own, "edited")
    phone = Reader(ana)
    phone.read()
    assert messages(phone, circle) == []


@pytest.mark.usefixtures("committed_db")
def test_a_feed_that_is_made_anew_remembers_who_came_later() -> None:
    """After a restore that went half-way: nobody knows the number any more, but the time."""
    circle = open_circle()
    act(circle.ana, "groups.post_message", now=NOW, **worded(circle, "before"))
    cleo = circle.bring_in("cleo", now=NOW + HOUR)
    act(circle.ana, "groups.post_message", now=NOW + 2 * HOUR, **worded(circle, "after"))
    with as_role("owner"):
        FeedEntry.objects.filter(scope_id=circle.group, kind="message").delete()
    with as_role("jobs"):
        assert repair(NOW + 3 * HOUR) >= 2
    late, elder = Reader(cleo), Reader(circle.ben)
    late.read()
    elder.read()
    assert messages(late, circle) == ["after"]
    assert sorted(messages(elder, circle)) == ["after", "before"]


@pytest.mark.usefixtures("committed_db")
def test_a_frame_with_something_older_than_a_member_has_no_documents() -> None:
    """Everybody is sent the same bytes; so everybody pulls, which knows who may see it."""
    circle = open_circle()
    old = say(circle, circle.ana, "before")
    [frame] = frames_of(circle, lambda: edit(circle, circle.ana, old, "for all here"))
    assert frame["put"][0][3]["text"] == "for all here"
    circle.bring_in("cleo")
    [frame] = frames_of(circle, lambda: edit(circle, circle.ana, old, "not for Cleo"))
    assert set(frame) == {"t", "s", "from", "to"}
    withdraw = {"message": old}
    [frame] = frames_of(circle, lambda: act(circle.ana, "groups.withdraw_message", **withdraw))
    assert set(frame) == {"t", "s", "from", "to"}
    [frame] = frames_of(circle, lambda: say(circle, circle.ana, "for all"))
    assert frame["put"][0][3]["text"] == "for all"


@pytest.mark.usefixtures("committed_db")
def test_once_the_newcomer_has_gone_it_is_for_all_again() -> None:
    circle = open_circle()
    old = say(circle, circle.ana, "before")
    cleo = circle.bring_in("cleo")
    act(cleo, "groups.leave", group=circle.group)
    [frame] = frames_of(circle, lambda: edit(circle, circle.ana, old, "for all here"))
    assert "put" in frame
