"""A new member sees messages from joining on. Editing an older message does not reveal it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from recovery.feed.models import FeedEntry
from recovery.feed.rebuild import repair
from tests.cast import NOW, Circle, ReferencePhone, act
from tests.feed.circle import edit, frames_of, new_message, open_circle, say
from tests.roles import as_role

HOUR = timedelta(hours=1)


@pytest.fixture
def circle(db: None) -> Circle:
    return open_circle()


def test_the_edit_of_an_earlier_message_stays_hidden_from_a_new_member(circle: Circle) -> None:
    old = say(circle, circle.ana, "only for those who were here")
    late = ReferencePhone(circle.bring_in("cleo"), pulled=True)
    edit(circle, circle.ana, old, "still only for them")
    say(circle, circle.ana, "welcome")
    late.pull()
    elder = ReferencePhone(circle.ben, pulled=True)
    assert late.messages(circle.group) == ["welcome"]
    assert elder.messages(circle.group) == ["still only for them", "welcome"]
    assert ReferencePhone(late.user, pulled=True).messages(circle.group) == ["welcome"]


def test_a_second_phone_of_the_new_member_does_not_see_it_either(circle: Circle) -> None:
    old = say(circle, circle.ana, "before")
    cleo = circle.bring_in("cleo")
    edit(circle, circle.ana, old, "before, edited")
    phone = ReferencePhone(cleo, pulled=True)
    assert phone.messages(circle.group) == []


def test_its_withdrawal_stays_hidden_too(circle: Circle) -> None:
    old = say(circle, circle.ana, "before")
    phone = ReferencePhone(circle.bring_in("cleo"), pulled=True)
    act(circle.ana, "groups.withdraw_message", message=old)
    scopes = phone.pull_page()["scopes"]
    assert [(s["put"], s["del"]) for s in scopes if s["scope"].startswith("group")] == [([], [])]


def test_earlier_members_and_their_changes_are_shown_to_a_new_member(
    circle: Circle,
) -> None:
    """Cards and the group document describe the present. Only messages have a past to hide."""
    phone = ReferencePhone(circle.bring_in("cleo"), pulled=True)
    before = phone.seqs(f"group:{circle.group}", "member_card")
    assert circle.card(circle.ana) in before
    act(circle.ana, "groups.leave", group=circle.group)
    phone.pull()
    after = phone.seqs(f"group:{circle.group}", "member_card")
    card = circle.card(circle.ana)
    assert (after[card] or 0) > (before[card] or 0)


def test_a_returning_member_sees_only_messages_from_then_on(circle: Circle) -> None:
    ana = circle.ana
    own = say(circle, circle.ben, "while ana was here")
    act(ana, "groups.leave", group=circle.group)
    circle.bring_in("ana", "Ana again")
    edit(circle, circle.ben, own, "edited")
    phone = ReferencePhone(ana, pulled=True)
    assert phone.messages(circle.group) == []


@pytest.mark.usefixtures("committed_db")
def test_a_rebuilt_feed_still_hides_earlier_messages_from_later_members() -> None:
    """After a partial restore the seq at which Cleo joined is lost; the time is still known."""
    circle = open_circle()
    act(circle.ana, "groups.post_message", now=NOW, **new_message(circle, "before"))
    cleo = circle.bring_in("cleo", now=NOW + HOUR)
    act(circle.ana, "groups.post_message", now=NOW + 2 * HOUR, **new_message(circle, "after"))
    with as_role("owner"):
        FeedEntry.objects.filter(scope_id=circle.group, kind="message").delete()
    with as_role("jobs"):
        assert repair(NOW + 3 * HOUR) >= 2
    late = ReferencePhone(cleo, pulled=True)
    elder = ReferencePhone(circle.ben, pulled=True)
    assert late.messages(circle.group) == ["after"]
    assert sorted(elder.messages(circle.group)) == ["after", "before"]


@pytest.mark.usefixtures("committed_db")
def test_a_frame_about_a_message_older_than_a_member_has_no_documents() -> None:
    """All sockets get the same bytes, so every phone pulls. The pull knows who may see what."""
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
def test_frames_have_documents_again_once_the_new_member_has_left() -> None:
    circle = open_circle()
    old = say(circle, circle.ana, "before")
    cleo = circle.bring_in("cleo")
    act(cleo, "groups.leave", group=circle.group)
    [frame] = frames_of(circle, lambda: edit(circle, circle.ana, old, "for all here"))
    assert "put" in frame
