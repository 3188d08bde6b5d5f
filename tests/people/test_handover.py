"""Ending a role names a successor for what nobody else looks after, and closes every place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from foundation.problems import Invalid, NotAllowed, NotFound
from recovery.actions import Refused
from recovery.actions.models import AuditEvent
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.rebuild import differences
from recovery.signin.models import User
from tests.at_once import at_once
from tests.cast import (
    ADMISSION,
    EVENING_GROUP,
    NORTHLIGHT,
    FakePhone,
    act,
    admit,
    answer,
    documents,
    employ,
    exercise,
    hire,
    load_programme,
    make_programme,
    scopes_of,
)
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")


@dataclass
class House:
    """Fay administers; Noor alone cares for Ana and leads a group; Lee is a colleague."""

    fay: User
    noor: User
    lee: User
    ana: User
    record: UUID
    group: UUID

    def end(self, **options: Any) -> Any:
        return act(self.fay, "people.end_staff", programme=NORTHLIGHT, user=self.noor.id, **options)

    def team(self) -> dict[str, bool]:
        """The care team as Ana sees it: whether each is on it now."""
        members = documents(self.ana, "care_team_member", self.record)
        return {member["user_id"]: member["until"] is None for member in members}

    def leads(self, user: User) -> bool:
        with as_role("jobs"):
            return scopes.role_of(self.group, user.id) == "facilitator"


@pytest.fixture
def house() -> House:
    load_programme()
    fay = employ(role="admin")
    noor = hire(fay, NORTHLIGHT)
    lee = hire(fay, NORTHLIGHT, "clinician", ("Lee", "Moss"))
    ana, record = admit(noor)
    group = uuid7()
    act(noor, "groups.create", id=group, programme=NORTHLIGHT, name="Tuesday", alias="Noor")
    return House(fay, noor, lee, ana, record, group)


def state(house: House) -> Any:
    with as_role("jobs"):
        active = User.objects.get(id=house.noor.id).is_active
    return active, house.team(), house.leads(house.noor), scopes_of(house.noor)


def test_the_last_member_of_staff_needs_a_successor(house: House) -> None:
    series = act(house.noor, "care.create_series", scope=f"care:{house.record}", **EVENING_GROUP)
    before = state(house)
    with pytest.raises(Refused) as refusal:
        house.end()
    assert refusal.value.code == "needs_successor"
    left = {(row["scope"], row["kind"], row["id"]) for row in refusal.value.about or []}
    assert left == {
        (f"care:{house.record}", "record", str(house.record)),
        (f"care:{house.record}", "series", series.data["series"]),
        (f"group:{house.group}", "group", str(house.group)),
    }
    assert state(house) == before


def test_a_successor_takes_over_everything(house: House) -> None:
    taken = house.end(successor=house.lee.id).data["taken_over"]
    assert {row["scope"] for row in taken} == {f"care:{house.record}", f"group:{house.group}"}
    assert house.team() == {str(house.noor.id): False, str(house.lee.id): True}
    assert house.leads(house.lee)
    cards = documents(house.lee, "member_card", house.group)
    assert {(card["alias"], card["left_at"] is None) for card in cards} == {
        ("", False),
        ("Lee", True),
    }
    assert scopes_of(house.noor) == ["library", "person"]
    act(house.lee, "care.change_level", record=house.record, level="outpatient", reason="Steady")


def test_each_record_and_group_can_have_its_own_successor(house: House) -> None:
    kim = hire(house.fay, NORTHLIGHT, "case_manager", ("Noor", "Kim"))
    house.end(successor=house.lee.id, successors={str(house.group): kim.id})
    assert house.team() == {str(house.noor.id): False, str(house.lee.id): True}
    assert house.leads(kim)
    assert not house.leads(house.lee)


@pytest.mark.parametrize("who", ["nobody", "patient", "leaver", "gone"])
def test_a_successor_is_another_current_member_of_staff(house: House, who: str) -> None:
    gone = hire(house.fay, NORTHLIGHT)
    act(house.fay, "people.end_staff", programme=NORTHLIGHT, user=gone.id)
    named = {"nobody": uuid7(), "patient": house.ana.id, "leaver": house.noor.id, "gone": gone.id}
    before = state(house)
    with pytest.raises(Refused) as refusal:
        house.end(successor=named[who])
    assert refusal.value.code in ("not_staff", "needs_successor")
    assert state(house) == before


def test_a_successor_named_for_something_else_is_refused(house: House) -> None:
    before = state(house)
    with pytest.raises(Invalid):
        house.end(successor=house.lee.id, successors={str(uuid7()): house.lee.id})
    assert state(house) == before


@pytest.mark.parametrize("role", ["counsellor", "clinician"])
def test_nobody_succeeds_who_keeps_their_place(house: House, role: str) -> None:
    """Else an administrator alone could enter any record or group."""
    before = state(house)
    with pytest.raises(Invalid) as refused:
        act(
            house.fay,
            "people.change_role",
            programme=NORTHLIGHT,
            user=house.noor.id,
            role=role,
            successors={str(house.record): str(house.fay.id)},
        )
    assert "keeps their place" in str(refused.value.members)
    assert state(house) == before


def test_nothing_is_asked_while_a_colleague_stays(house: House) -> None:
    act(house.noor, "care.assign_team_member", record=house.record, user=house.lee.id)
    add = {"group": house.group, "colleague": house.lee.id, "alias": "Lee"}
    act(house.noor, "groups.add_facilitator", **add)
    house.end()
    assert house.team() == {str(house.noor.id): False, str(house.lee.id): True}
    ghosts = [c for c in documents(house.lee, "member_card", house.group) if not c["left_at"]]
    assert [card["alias"] for card in ghosts] == ["Lee"]


def waiting_attempt(house: House) -> None:
    with as_role("jobs"):
        version = exercise()
    details = {"exercise": version.exercise_id, "version": 1, "started_at": "2026-03-02T14:00:00Z"}
    act(house.ana, "practice.record_attempt", id=uuid7(), record=house.record, **details)


def test_reviews_need_someone_who_may_review(house: House) -> None:
    waiting_attempt(house)
    kim = hire(house.fay, NORTHLIGHT, "case_manager", ("Kim", "Oda"))
    act(house.noor, "care.assign_team_member", record=house.record, user=kim.id)
    change = {"programme": NORTHLIGHT, "user": house.noor.id, "role": "case_manager"}
    with pytest.raises(Refused) as refusal:
        act(house.fay, "people.change_role", **change)
    assert [row["kind"] for row in refusal.value.about or []] == ["reviews"]
    with pytest.raises(Refused) as unsuitable:
        act(house.fay, "people.change_role", **change, successor=house.fay.id)
    assert unsuitable.value.code == "unsuitable_successor"
    act(house.fay, "people.change_role", **change, successor=house.lee.id)
    roles = {m["user_id"]: m["role"] for m in documents(house.ana, "care_team_member")}
    assert roles == {
        str(house.noor.id): "case_manager",
        str(kim.id): "case_manager",
        str(house.lee.id): "clinician",
    }


def test_leaving_a_team_or_a_group_can_name_a_successor(house: House) -> None:
    [member] = documents(house.noor, "care_team_member")
    leave = {"record": house.record, "member": member["id"]}
    with pytest.raises(Refused) as last:
        act(house.noor, "care.end_team_member", **leave)
    with pytest.raises(Refused) as leading:
        act(house.noor, "groups.step_back", group=house.group)
    assert (last.value.code, leading.value.code) == ("last_member", "last_to_lead")
    assert last.value.about
    assert leading.value.about
    assert house.team() == {str(house.noor.id): True}
    act(house.noor, "care.end_team_member", **leave, successor=house.lee.id)
    act(house.noor, "groups.step_back", group=house.group, successor=house.lee.id)
    assert house.team() == {str(house.noor.id): False, str(house.lee.id): True}
    assert house.leads(house.lee)
    assert not house.leads(house.noor)


def gone_without_handover(house: House) -> None:
    """What earlier versions left: memberships ended, while the documents still name Noor."""
    with transaction.atomic(), collecting():
        set_actor(house.fay.id)
        scopes.change_staff_places(UUID(NORTHLIGHT), house.noor.id, None)


def unattended(user: User) -> Any:
    return answer(FakePhone(user).get(f"people/unattended?programme={NORTHLIGHT}"))


def test_an_administrator_sees_and_fills_what_nobody_is_in(house: House) -> None:
    waiting_attempt(house)
    act(house.noor, "care.create_series", scope=f"care:{house.record}", **EVENING_GROUP)
    assert unattended(house.fay) == {"results": [], "more": False}
    gone_without_handover(house)
    rows = unattended(house.fay)["results"]
    assert {
        (row["kind"], row["id"], row["name"], row["needs"], row["waiting"]) for row in rows
    } == {
        ("record", str(house.record), "Ana Reyes", "cares", 0),
        ("series", str(house.record), "Ana Reyes", "keeps_timetable", 1),
        ("reviews", str(house.record), "Ana Reyes", "treats", 1),
        ("group", str(house.group), "Tuesday", "moderates", 0),
    }
    act(house.fay, "care.assign_team_member", record=house.record, user=house.lee.id)
    lead = {"group": house.group, "colleague": house.lee.id, "alias": "Noor"}
    act(house.fay, "groups.add_facilitator", **lead)
    assert unattended(house.fay)["results"] == []
    assert house.team() == {str(house.noor.id): False, str(house.lee.id): True}
    assert house.leads(house.lee)
    assert "care" not in scopes_of(house.fay)
    with as_role("jobs"):
        assert list(differences()) == []


def test_a_person_with_one_name_is_in_the_list_by_that_name(house: House) -> None:
    names = {"name_text": "Wayan", "given_name": "", "family_name": ""}
    _, record = admit(house.noor, **names)
    gone_without_handover(house)
    shown = {row["id"]: row["name"] for row in unattended(house.fay)["results"]}
    assert (shown[str(record)], shown[str(house.record)]) == ("Wayan", "Ana Reyes")


def test_a_record_that_was_opened_by_mistake_needs_nobody(house: House) -> None:
    by_mistake = ADMISSION | {"separate": True}
    record = (act(house.noor, "care.admit_patient", **by_mistake).data or {})["record"]
    act(house.noor, "care.undo_admission", record=record, reason="The wrong Ana.")
    assert unattended(house.fay)["results"] == []
    with pytest.raises(NotAllowed):
        act(house.fay, "care.assign_team_member", record=record, user=house.lee.id)
    assert "care" not in scopes_of(house.lee)


def test_every_record_and_group_that_is_shown_is_audited(house: House) -> None:
    gone_without_handover(house)
    unattended(house.fay)
    with as_role("jobs"):
        for scope in (house.record, house.group):
            reads = AuditEvent.objects.in_scope(scope).filter(outcome="read")
            assert [event.actor_id for event in reads] == [house.fay.id]


def test_only_administrators_of_the_programme_see_the_list(house: House) -> None:
    gone_without_handover(house)
    other = employ(make_programme(), "admin")
    for user in (house.lee, house.ana, other):
        phone = FakePhone(user)
        assert phone.get(f"people/unattended?programme={NORTHLIGHT}").status_code == 404
    with as_role("jobs"):
        reads = AuditEvent.objects.in_scope(house.record).filter(outcome="read")
        assert not reads.exists()


def test_nobody_else_can_fill_a_place(house: House) -> None:
    lead = {"group": house.group, "colleague": house.lee.id, "alias": "Lee"}
    care = {"record": house.record, "user": house.lee.id}
    # Someone is there: the record and the group are theirs.
    with pytest.raises(NotFound):
        act(house.fay, "care.assign_team_member", **care)
    with pytest.raises(NotFound):
        act(house.fay, "groups.add_facilitator", **lead)
    gone_without_handover(house)
    other = employ(make_programme(), "admin")
    before = house.team()
    for user in (house.lee, other):
        with pytest.raises(NotFound):
            act(user, "care.assign_team_member", **care)
        with pytest.raises(NotFound):
            act(user, "groups.add_facilitator", **lead)
    for stranger in (other.id, house.ana.id, uuid7()):
        with pytest.raises(Refused, match="staff"):
            act(house.fay, "care.assign_team_member", **care | {"user": stranger})
    assert house.team() == before
    assert not house.leads(house.lee)


def test_an_administrator_adds_who_may_review_where_nobody_may(house: House) -> None:
    kim = hire(house.fay, NORTHLIGHT, "case_manager", ("Kim", "Oda"))
    act(house.noor, "care.assign_team_member", record=house.record, user=kim.id)
    act(house.fay, "people.end_staff", programme=NORTHLIGHT, user=house.noor.id,
        successors={str(house.group): house.lee.id})  # fmt: skip
    waiting_attempt(house)
    [row] = unattended(house.fay)["results"]
    assert (row["kind"], row["id"], row["waiting"]) == ("reviews", str(house.record), 1)
    # Someone cares already, so only a person who reviews can be put in.
    with pytest.raises(NotAllowed):
        act(house.fay, "care.assign_team_member", record=house.record, user=house.fay.id)
    act(house.fay, "care.assign_team_member", record=house.record, user=house.lee.id)
    assert unattended(house.fay)["results"] == []


def test_of_two_places_ended_at_once_one_needs_a_successor(house: House) -> None:
    act(house.noor, "care.assign_team_member", record=house.record, user=house.lee.id)
    add = {"group": house.group, "colleague": house.lee.id, "alias": "Lee"}
    act(house.noor, "groups.add_facilitator", **add)
    members = {m["user_id"]: m["id"] for m in documents(house.noor, "care_team_member")}
    leave = {"record": house.record, "member": members[str(house.lee.id)]}
    answers = at_once(house.end, lambda: act(house.lee, "care.end_team_member", **leave))
    assert sum(isinstance(each, Refused) for each in answers) == 1
    assert list(house.team().values()).count(True) == 1


def test_nobody_is_put_on_a_team_while_their_account_ends(house: House) -> None:
    assign = {"record": house.record, "user": house.lee.id}
    leave = {"programme": NORTHLIGHT, "user": house.lee.id}
    at_once(
        lambda: act(house.noor, "care.assign_team_member", **assign),
        lambda: act(house.fay, "people.end_staff", **leave),
    )
    # Whichever was first: no open row names Lee, and no membership is left.
    assert not house.team().get(str(house.lee.id), False)
    with as_role("jobs"):
        assert scopes.role_of(house.record, house.lee.id) is None
