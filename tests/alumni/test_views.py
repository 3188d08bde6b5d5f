"""Campaigns on the coordinator's screen."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.signin.models import User
from tests.api.http import Caller, answer
from tests.factories.peers import Circle, act, hire


def get(user: User) -> list[dict[str, Any]]:
    caller = Caller(user, now=timezone.now())
    token = {"Authorization": f"Bearer {caller.tokens['access_token']}"}
    found = answer(caller.http.get("/api/v1/alumni/campaigns", headers=token))
    rows: list[dict[str, Any]] = found["results"]
    return rows


def test_staff_see_their_programmes_campaigns_and_nobody_else_does(
    circle: Circle, olive: User
) -> None:
    opal = hire(circle.programme, circle.dana, "alumni_coordinator")
    data = {"id": uuid7(), "programme": circle.programme.id, "text": {"en": "a", "es": "b"}}
    act(opal, "alumni.draft_announcement", data)
    for staff in (opal, circle.dana):
        assert [row["id"] for row in get(staff)] == [str(data["id"])]
    for other in (circle.ash, olive):
        assert get(other) == []
