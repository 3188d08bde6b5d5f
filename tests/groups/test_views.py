"""The roster: who leads a group sees accounts and aliases, everybody else sees nothing."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from recovery.signin.models import User
from tests.api.http import Caller, answer
from tests.factories.peers import Circle, act


def get(user: User, path: str) -> list[dict[str, Any]]:
    caller = Caller(user, now=timezone.now())
    token = {"Authorization": f"Bearer {caller.tokens['access_token']}"}
    found = answer(caller.http.get(f"/api/v1/groups/{path}", headers=token))
    rows: list[dict[str, Any]] = found["results"]
    return rows


def test_the_facilitator_knows_whose_alias_it_is(circle: Circle) -> None:
    rows = {row["alias"]: row for row in get(circle.dana, "members")}
    assert set(rows) == {"Ash", "Birch", "Dana"}
    assert rows["Ash"]["user"] == str(circle.ash.id)
    assert rows["Ash"]["group"] == str(circle.group)
    assert (rows["Ash"]["role"], rows["Dana"]["role"]) == ("member", "facilitator")


def test_who_has_left_stays_on_the_roster(circle: Circle) -> None:
    act(circle.ash, "groups.leave", {"group": circle.group})
    rows = {row["alias"]: row["left_at"] for row in get(circle.dana, "members")}
    assert rows["Ash"]
    assert rows["Birch"] is None


def test_members_and_strangers_have_no_roster(circle: Circle, olive: User) -> None:
    for user in (circle.ash, circle.cedar, olive):
        assert get(user, "members") == get(user, "groups") == []
        assert get(user, f"members?scope={circle.group}") == []


def test_the_groups_that_one_leads(circle: Circle) -> None:
    [group] = get(circle.dana, "groups")
    assert (group["id"], group["name"]) == (str(circle.group), "Tuesday evening")


def test_nobody_reads_without_signing_in(circle: Circle) -> None:
    caller = Caller(circle.dana, now=timezone.now())
    answer(caller.http.get("/api/v1/groups/members"), 401)
