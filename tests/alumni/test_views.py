"""The list of campaigns."""

from __future__ import annotations

from typing import Any

from uuid_utils.compat import uuid7

from recovery.signin.models import User
from tests.cast import Circle, FakePhone, act, answer, employ


def get(user: User) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = answer(FakePhone(user).get("alumni/campaigns"))["results"]
    return rows


def test_only_the_programmes_staff_see_its_campaigns(circle: Circle, olive: User) -> None:
    opal = employ(circle.programme, "alumni_coordinator")
    data = {"id": uuid7(), "programme": circle.programme.id, "text": {"en": "a", "es": "b"}}
    act(opal, "alumni.draft_announcement", **data)
    for staff in (opal, circle.dana):
        assert [row["id"] for row in get(staff)] == [str(data["id"])]
    for other in (circle.ana, olive):
        assert get(other) == []
