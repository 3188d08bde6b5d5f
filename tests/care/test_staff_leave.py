"""Access to a patient's record follows the staff member's role and ends with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction

from foundation.problems import NotAllowed, NotFound, Refused
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.people.models import StaffMember
from recovery.signin.models import User
from tests.cast import NORTHLIGHT, act, admit, employ, load_programme

PROGRAMME = UUID(NORTHLIGHT)

pytestmark = pytest.mark.usefixtures("committed_db")


@pytest.fixture
def record() -> tuple[User, User, UUID]:
    """An administrator, a clinician on the team, and the record."""
    load_programme()
    admin, clinician = employ(role="admin"), employ(role="clinician")
    with transaction.atomic():
        set_actor(admin.id)
        StaffMember(
            scope_id=PROGRAMME,
            user_id=clinician.id,
            role="clinician",
            given_name="Noor",
            family_name="Hale",
        ).save(force_insert=True)
    _, record_id = admit(clinician)
    return admin, clinician, record_id


def role_in(scope: UUID, who: User) -> str | None:
    with transaction.atomic():
        set_actor(who.id)
        return scopes.role_of(scope, who.id)


def change_level(who: User, record_id: UUID) -> Any:
    return act(who, "care.change_level", record=record_id, level="php", reason="x")


def test_a_changed_role_applies_in_every_record(record: tuple[User, User, UUID]) -> None:
    admin, clinician, record_id = record
    data = {"programme": str(PROGRAMME), "user": str(clinician.id)}
    act(admin, "people.change_role", role="alumni_coordinator", **data)
    assert role_in(record_id, clinician) == "alumni_coordinator"
    with pytest.raises(NotAllowed):
        change_level(clinician, record_id)


def test_staff_who_have_left_are_in_no_record(record: tuple[User, User, UUID]) -> None:
    admin, clinician, record_id = record
    data = {"programme": str(PROGRAMME), "user": str(clinician.id)}
    act(admin, "people.end_staff", successor=str(admin.id), **data)
    assert role_in(record_id, clinician) is None
    with pytest.raises(NotFound):
        change_level(clinician, record_id)


def test_a_record_keeps_a_member_of_the_team_who_can_open_it(
    record: tuple[User, User, UUID],
) -> None:
    admin, clinician, record_id = record
    colleague = employ(role="counsellor")
    team = {"record": record_id, "user": str(colleague.id)}
    member = act(clinician, "care.assign_team_member", **team).data["member"]
    act(admin, "people.end_staff", programme=str(PROGRAMME), user=str(clinician.id))
    with pytest.raises(Refused) as last:
        act(colleague, "care.end_team_member", record=record_id, member=member)
    stays = [str(clinician.id)]
    with pytest.raises(Refused) as gone:
        act(colleague, "care.make_alumnus", record=record_id, reason="x", stays=stays)
    assert (last.value.code, gone.value.code) == ("last_member", "not_on_team")
    assert role_in(record_id, colleague) == "counsellor"


def make_admin(user: User) -> None:
    with transaction.atomic(), collecting():
        set_actor(user.id)
        scopes.change_staff_places(PROGRAMME, user.id, "admin")


def test_only_administrators_may_call_the_function(record: tuple[User, User, UUID]) -> None:
    _, clinician, record_id = record
    with pytest.raises(DatabaseError):
        make_admin(clinician)
    assert role_in(record_id, clinician) == "clinician"
