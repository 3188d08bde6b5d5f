"""The roster: facilitators see accounts and aliases, everyone else sees nothing."""

from __future__ import annotations

from typing import Any

from recovery.signin.models import User
from tests.cast import Circle, FakePhone, act, answer


def get(user: User, path: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = answer(FakePhone(user).get(f"groups/{path}"))["results"]
    return rows


def test_the_facilitator_sees_whose_alias_it_is(circle: Circle) -> None:
    rows = {row["alias"]: row for row in get(circle.dana, "members")}
    assert set(rows) == {"Ana", "Ben", "Dana"}
    assert rows["Ana"]["user"] == str(circle.ana.id)
    assert rows["Ana"]["group"] == str(circle.group)
    assert (rows["Ana"]["role"], rows["Dana"]["role"]) == ("member", "facilitator")


def test_former_members_stay_on_the_roster(circle: Circle) -> None:
    act(circle.ana, "groups.leave", group=circle.group)
    rows = {row["alias"]: row["left_at"] for row in get(circle.dana, "members")}
    assert rows["Ana"]
    assert rows["Ben"] is None


def test_members_and_strangers_have_no_roster(circle: Circle, olive: User) -> None:
    for user in (circle.ana, circle.cleo, olive):
        assert get(user, "members") == get(user, "groups") == []
        assert get(user, f"members?scope=group:{circle.group}") == []


def test_facilitators_see_the_groups_they_lead(circle: Circle) -> None:
    [group] = get(circle.dana, "groups")
    assert (group["id"], group["name"]) == (str(circle.group), "Tuesday evening")


def test_the_roster_requires_signing_in(circle: Circle) -> None:
    caller = FakePhone(circle.dana)
    answer(caller.http.get("/api/v1/groups/members"), 401)
