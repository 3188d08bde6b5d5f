"""Administrators who change each other, and staff who have not enrolled yet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from foundation.problems import NotAllowed
from recovery.feed import scopes
from recovery.feed.context import set_actor
from recovery.feed.models import Membership
from recovery.signin.models import User
from tests.at_once import at_once
from tests.cast import NORTHLIGHT, act, act_as_system, employ, load_programme

pytestmark = pytest.mark.usefixtures("committed_db")


def hire(role: str, *, enrolled: bool) -> User:
    names = {"given_name": "Lee", "family_name": "Moss", "email": "lee@example.org"}
    data = {"programme": NORTHLIGHT, "role": role, "by_email": False} | names
    user = User.objects.get(id=act_as_system("people.invite_staff", **data).data["user"])
    if enrolled:
        act(user, "people.accept_invitation", by_email=False)
    return user


def roles(*users: User) -> list[str | None]:
    current = []
    for user in users:
        with transaction.atomic():
            set_actor(user.id)
            current.append(scopes.role_of(scopes.scope_id(f"staff:{NORTHLIGHT}"), user.id))
    return current


CHANGES: list[dict[str, Any]] = [
    {"name": "people.change_role", "role": "counsellor"},
    {"name": "people.end_staff"},
]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_two_administrators_who_demote_each_other_leave_one(change: Any) -> None:
    load_programme()
    two = [hire("admin", enrolled=True) for _ in range(2)]
    name, how = change["name"], {k: v for k, v in change.items() if k != "name"}
    answers = at_once(
        *(
            lambda who=who, whom=whom: act(
                who, name, programme=NORTHLIGHT, user=str(whom.id), **how
            )
            for who, whom in (two, reversed(two))
        )
    )
    assert [type(answer) for answer in answers].count(NotAllowed) == 1
    assert roles(*two).count("admin") == 1


def test_changing_a_role_does_not_admit_staff_who_have_not_enrolled() -> None:
    load_programme()
    admin, lee = employ(role="admin"), hire("counsellor", enrolled=False)
    act(admin, "people.change_role", programme=NORTHLIGHT, user=str(lee.id), role="clinician")
    with transaction.atomic():
        set_actor(lee.id)
        assert not Membership.objects.filter(scope_id=UUID(NORTHLIGHT), held=False).exists()
    assert roles(lee) == [None]
    act(lee, "people.accept_invitation", by_email=False)
    assert roles(lee) == ["clinician"]
