"""What a phone wrote offline is applied once and in order; a refusal does not block the rest."""

from __future__ import annotations

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from recovery.signin.models import User
from tests.cast import Circle, FakePhone, act, answer, cursor_after, documents, mutation


@pytest.fixture
def phone(circle: Circle) -> FakePhone:
    """Ana's phone."""
    return FakePhone(circle.ana, registered=True)


def texts(user: User, kind: str = "message") -> list[str]:
    return [row["text"] for row in documents(user, kind)]


def message(number: int, circle: Circle, text: str) -> dict[str, Any]:
    data = {"id": str(uuid7()), "group": str(circle.group), "text": text}
    return mutation(number, "groups.post_message", data)


def test_a_queue_is_applied_in_order_and_once(circle: Circle, phone: FakePhone) -> None:
    queue = [message(n, circle, text) for n, text in enumerate(("one", "two", "three"), start=1)]
    first = answer(phone.push(*queue))
    assert [result["status"] for result in first["results"]] == ["applied"] * 3
    again = answer(phone.push(*queue))
    assert [result["dup"] for result in again["results"]] == [True] * 3
    assert texts(circle.ben) == ["one", "two", "three"]


def test_a_line_for_a_closed_round_is_refused_and_the_queue_continues(
    circle: Circle, phone: FakePhone
) -> None:
    current = str(uuid7())
    opened = {"id": current, "group": circle.group, "on_date": "2026-03-02"}
    act(circle.dana, "groups.open_round", **opened)
    act(circle.dana, "groups.close_round", round=current)
    line = {"id": str(uuid7()), "round": current, "kind": "plan", "text": "Walk"}
    queue = [mutation(1, "groups.add_line", line), message(2, circle, "sorry I was late")]
    refused, taken = answer(phone.push(*queue))["results"]
    assert (refused["status"], refused["code"]) == ("rejected", "closed")
    assert refused["current"][:2] == ["round", current]
    assert taken["status"] == "applied"
    assert texts(circle.ben, "round_line") == []
    assert texts(circle.ben) == ["sorry I was late"]


def test_messages_queued_by_a_removed_member_reach_nobody(circle: Circle, phone: FakePhone) -> None:
    """K4: sync does not bypass permissions."""
    act(circle.dana, "groups.remove_member", card=circle.card(circle.ana))
    [result] = answer(phone.push(message(1, circle, "still here")))["results"]
    assert (result["status"], result["code"]) == ("rejected", "not_found")
    assert texts(circle.ben) == []


def test_a_removed_members_phone_drops_the_group_at_its_next_pull(
    circle: Circle, phone: FakePhone
) -> None:
    cursor = cursor_after(phone.pull())
    act(circle.dana, "groups.remove_member", card=circle.card(circle.ana))
    later = phone.pull(cursor)
    assert [dropped["scope"] for dropped in later["drop"]] == [f"group:{circle.group}"]
