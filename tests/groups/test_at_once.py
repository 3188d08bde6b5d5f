"""Concurrent actions in a group."""

from __future__ import annotations

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import Refused
from tests.at_once import at_once
from tests.cast import (
    Circle,
    act,
    documents,
    invite,
    joining,
    make_circle,
    make_patient,
    scopes_of,
    seq,
)


@pytest.fixture
def circle(committed_db: None) -> Circle:
    return make_circle()


def test_the_last_free_place_is_taken_once(circle: Circle) -> None:
    """The group takes three members and has two; two more are invited."""
    circle.records["elm"] = make_patient(circle.programme, circle.dana)
    rivals = [circle.cleo, circle.elm]
    waiting = [invite(circle.dana, circle.group, circle.records[n]) for n in ("cleo", "elm")]
    answers = at_once(
        *(
            lambda who=who, it=it: act(who, "groups.join", **joining(it, who.id.hex[-8:]))
            for who, it in zip(rivals, waiting, strict=True)
        )
    )
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert [refusal.code for refusal in refused] == ["full"]
    assert len([user for user in rivals if "group" in scopes_of(user)]) == 1
    assert len(documents(circle.ana, "member_card")) == 4


def test_two_phones_that_edit_at_once_do_not_overwrite_each_other(circle: Circle) -> None:
    message = str(uuid7())
    act(circle.ana, "groups.post_message", id=message, group=circle.group, text="old")
    ana = circle.ana
    base = {f"message/{message}": seq(ana, circle.group, "message", message)}
    answers = at_once(
        *(
            lambda text=text: act(ana, "groups.edit_message", base=base, message=message, text=text)
            for text in ("phone", "tablet")
        )
    )
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert [refusal.code for refusal in refused] == ["conflict"]
    assert documents(circle.ben, "message")[0]["text"] in ("phone", "tablet")


def test_leaving_and_being_removed_at_once_ends_the_membership_once(circle: Circle) -> None:
    ana, dana, card = circle.ana, circle.dana, circle.card(circle.ana)
    answers = at_once(
        lambda: act(ana, "groups.leave", group=circle.group),
        lambda: act(dana, "groups.remove_member", card=card),
    )
    assert any(not isinstance(answer, Exception) for answer in answers)
    [consent] = documents(ana, "consent")
    assert consent["state"] in ("revoked", "expired")
    assert "group" not in scopes_of(ana)


def test_two_concurrent_lines_of_a_kind_are_one(circle: Circle) -> None:
    current, ana = str(uuid7()), circle.ana
    data = {"id": current, "group": circle.group, "on_date": "2026-03-02"}
    act(circle.dana, "groups.open_round", **data)
    line = {"round": current, "kind": "plan", "text": "Walk"}
    answers = at_once(*(lambda: act(ana, "groups.add_line", id=uuid7(), **line) for _ in range(2)))
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 1
    assert len(documents(circle.ben, "round_line")) == 1


@pytest.mark.parametrize("_", range(3))
def test_an_invitation_is_accepted_or_withdrawn_but_never_both(circle: Circle, _: int) -> None:
    cleo, record = circle.cleo, circle.records["cleo"]
    coming = joining(invite(circle.dana, circle.group, record), "Cleo")
    whom = {"group": circle.group, "record": record.id}
    answers = at_once(
        lambda: act(cleo, "groups.join", **coming),
        lambda: act(circle.dana, "groups.withdraw_invitation", **whom),
    )
    refused = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert refused in (["answered"], ["no_invitation"])
    [invitation] = documents(cleo, "group_invitation")
    assert invitation["state"] == ("joined" if "group" in scopes_of(cleo) else "withdrawn")
