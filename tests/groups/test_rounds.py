"""The go-round: each member adds one line of each kind, and others support it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import Invalid, NotAllowed, NotFound, Refused
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry
from recovery.groups.models import Round, RoundLine, Support
from recovery.signin.models import User
from tests.cast import NOW, Circle, act, documents


def open_round(circle: Circle, by: User | None = None, **more: Any) -> str:
    data = {"id": uuid7(), "group": circle.group, "on_date": "2026-03-02"} | more
    act(by or circle.dana, "groups.open_round", **data)
    return str(data["id"])


def add_line(current: str, user: User, text: str = "I called my sister", **more: Any) -> str:
    data = {"id": uuid7(), "round": current, "kind": "success", "text": text} | more
    act(user, "groups.add_line", **data)
    return str(data["id"])


def support(line: str, user: User, **more: Any) -> str:
    data = {"id": uuid7(), "line": line, "word": "with_you"} | more
    act(user, "groups.support_line", **data)
    return str(data["id"])


def everything(circle: Circle) -> tuple[Any, ...]:
    set_actor(circle.dana.id)
    rows = [list(m.objects.in_scope(circle.group).values()) for m in (Round, RoundLine, Support)]
    feed = sorted(FeedEntry.objects.filter(scope_id=circle.group).values_list("object_id", "seq"))
    return rows, feed


def test_every_member_sees_the_lines_and_the_support(circle: Circle) -> None:
    current = open_round(circle, topic="Triggers")
    line = add_line(current, circle.ana)
    add_line(current, circle.ben, "A hard call", kind="hard")
    support(line, circle.ben, text="Well done")
    for user in (circle.ana, circle.ben, circle.dana):
        [shown] = documents(user, "round")
        assert (shown["on_date"], shown["topic"], shown["closed_at"]) == (
            "2026-03-02",
            "Triggers",
            None,
        )
        assert [(line["kind"], line["author"]) for line in documents(user, "round_line")] == [
            ("success", circle.card(circle.ana)),
            ("hard", circle.card(circle.ben)),
        ]
        [word] = documents(user, "support")
        assert (word["line"], word["word"], word["text"]) == (line, "with_you", "Well done")
    assert documents(circle.cleo, "round") == []


def test_a_member_adds_one_line_of_each_kind(circle: Circle) -> None:
    current = open_round(circle)
    for kind in RoundLine.KINDS:
        add_line(current, circle.ana, kind=kind)
    before = everything(circle)
    with pytest.raises(Refused) as refusal:
        add_line(current, circle.ana, "and another", kind="plan")
    assert refusal.value.code == "said_already"
    assert refusal.value.current[3]["kind"] == "plan"
    assert everything(circle) == before


def test_a_line_whose_kind_cannot_be_read_takes_a_free_place(circle: Circle) -> None:
    current = open_round(circle)
    add_line(current, circle.ana)
    add_line(current, circle.ana, "and another", kind=None)
    lines = {line["text"]: line for line in documents(circle.ana, "round_line")}
    assert lines["and another"]["kind"] == "hard"
    assert lines["and another"]["unread"] == {"kind": None}


def test_a_line_for_a_closed_round_is_refused(circle: Circle) -> None:
    """The author's phone keeps the text."""
    current = open_round(circle)
    act(circle.dana, "groups.close_round", round=current)
    before = everything(circle)
    with pytest.raises(Refused) as refusal:
        add_line(current, circle.ana)
    assert refusal.value.code == "closed"
    assert everything(circle) == before


def test_a_line_written_offline_keeps_its_time(circle: Circle) -> None:
    current, written = open_round(circle), NOW - timedelta(hours=3)
    data = {"id": uuid7(), "round": current, "kind": "plan", "text": "Walk"}
    act(circle.ana, "groups.add_line", client_time=written, **data)
    [line] = documents(circle.ben, "round_line")
    assert line["written_at"] < line["received_at"]


def test_support_may_come_late_but_only_once_and_not_from_the_author(circle: Circle) -> None:
    current = open_round(circle)
    line = add_line(current, circle.ana)
    act(circle.dana, "groups.close_round", round=current)
    support(line, circle.ben)
    before = everything(circle)
    for user, code in ((circle.ben, "supported_already"), (circle.ana, "own_line")):
        with pytest.raises(Refused) as refusal:
            support(line, user)
        assert refusal.value.code == code
    assert everything(circle) == before


def test_opening_a_round_closes_the_one_still_open(circle: Circle) -> None:
    first, second = open_round(circle), open_round(circle, on_date="2026-03-04")
    ended = {row["id"]: row["closed_at"] is not None for row in documents(circle.ana, "round")}
    assert ended == {first: True, second: False}


def test_a_round_can_be_closed_once(circle: Circle) -> None:
    current = open_round(circle)
    act(circle.dana, "groups.close_round", round=current)
    before = everything(circle)
    with pytest.raises(Refused) as refusal:
        act(circle.dana, "groups.close_round", round=current)
    assert refusal.value.code == "closed"
    assert everything(circle) == before


def test_members_can_neither_open_nor_close_rounds(circle: Circle) -> None:
    current = open_round(circle)
    before = everything(circle)
    with pytest.raises(NotAllowed):
        open_round(circle, by=circle.ana)
    with pytest.raises(NotAllowed):
        act(circle.ana, "groups.close_round", round=current)
    assert everything(circle) == before


def test_strangers_cannot_find_a_round(circle: Circle, olive: User) -> None:
    current = open_round(circle)
    line = add_line(current, circle.ana)
    before = everything(circle)
    for stranger in (olive, circle.cleo):
        for attempt in (
            lambda who: open_round(circle, by=who),
            lambda who: act(who, "groups.close_round", round=current),
            lambda who: add_line(current, who),
            lambda who: support(line, who),
        ):
            with pytest.raises(NotFound):
                attempt(stranger)
    assert everything(circle) == before


@pytest.mark.parametrize("wrong", [{"text": ""}, {"text": "x" * 501}, {"text": "\u2800\u200b"}])
def test_an_invalid_line_is_refused(circle: Circle, wrong: dict[str, Any]) -> None:
    current = open_round(circle)
    before = everything(circle)
    with pytest.raises(Invalid):
        add_line(current, circle.ana, **{"text": "x"} | wrong)
    assert everything(circle) == before


def test_a_kind_that_only_a_newer_app_knows_costs_no_line(circle: Circle) -> None:
    add_line(open_round(circle), circle.ana, kind="boast")
    [shown] = documents(circle.ben, "round_line")
    assert (shown["text"], shown["kind"]) == ("I called my sister", "boast")
    assert shown["unread"] == {"kind": "boast"}


@pytest.mark.parametrize(
    ("wrong", "word"),
    [({"word": "like"}, "like"), ({"word": 7}, "with_you"), ({"id": "x"}, "me_too")],
)
def test_nothing_wrong_costs_the_words_of_support(
    circle: Circle, wrong: dict[str, Any], word: str
) -> None:
    line = add_line(open_round(circle), circle.ana)
    support(line, circle.ben, **{"word": "me_too", "text": " Yes!\n"} | wrong)
    [shown] = documents(circle.ana, "support")
    assert (shown["text"], shown["word"], shown["unread"]) == (" Yes!\n", word, wrong)


def test_a_member_who_joins_during_a_round_can_add_a_line(circle: Circle) -> None:
    current = open_round(circle)
    add_line(current, circle.ana)
    circle.bring_in("cleo")
    add_line(current, circle.cleo, "Glad to be here")
    assert [row["id"] for row in documents(circle.cleo, "round")] == [current]
    assert [line["text"] for line in documents(circle.cleo, "round_line")] == ["Glad to be here"]
    assert len(documents(circle.ana, "round_line")) == 2


def test_a_retry_of_a_line_with_the_same_key_changes_nothing(circle: Circle) -> None:
    key, current = uuid7(), open_round(circle)
    data = {"id": uuid7(), "round": current, "kind": "plan", "text": "Walk"}
    act(circle.ana, "groups.add_line", key=key, **data)
    before = everything(circle)
    assert act(circle.ana, "groups.add_line", key=key, **data).dup
    assert everything(circle) == before
