"""Patients are admitted by the staff of their programme and of no other."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from foundation.problems import Invalid, NotAllowed, NotFound
from notifications.models import Letter
from recovery.actions import Refused
from recovery.actions.inputs import ActionInput
from recovery.care.actions.admission import AdmitPatient
from recovery.care.models import CareRecord, CareTeamMember, Episode, EpisodeChapter, WeekOfHours
from recovery.feed.models import FeedEntry, Membership, Scope
from recovery.people.models import Invitation, Person
from recovery.signin.models import User
from tests.cast import (
    ADMISSION,
    NORTHLIGHT,
    NOW,
    act,
    admit,
    employ,
    make_user,
    preset,
)
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")

CEDAR = preset("cedar-bridge")["id"]
ROWS = (
    CareRecord,
    CareTeamMember,
    Episode,
    EpisodeChapter,
    FeedEntry,
    Invitation,
    Letter,
    Membership,
    Person,
    Scope,
    User,
    WeekOfHours,
)


def row_counts() -> list[int]:
    with as_role("jobs"):
        return [model.objects.count() for model in ROWS]


def memberships(user_id: Any) -> set[tuple[str, str, bool]]:
    with as_role("jobs"):
        names = dict(Scope.objects.values_list("id", "name"))
        rows = Membership.objects.filter(user_id=user_id)
        return {(names[row.scope_id].split(":")[0], row.role, row.held) for row in rows}


def test_an_admission_needs_no_more_than_a_name_and_four_fields() -> None:
    assert issubclass(AdmitPatient, ActionInput)
    needed = {name for name, field in AdmitPatient().fields.items() if field.required}
    assert needed == {"programme", "date_of_birth", "email", "level"}


def test_an_admission_opens_a_record_with_memberships_held_for_the_notice(clinician: User) -> None:
    outcome = act(clinician, "care.admit_patient", **ADMISSION)
    data, once = outcome.data or {}, outcome.once or {}
    assert set(data) == {"record", "user", "invitation"}
    assert len(once["code"]) >= 8
    assert memberships(data["user"]) == {
        ("person", "self", False),
        ("library", "reader", False),
        ("care", "patient", True),
        ("program", "patient", True),
    }
    with as_role("jobs"):
        record = CareRecord.objects.get(id=data["record"])
        assert (record.given_name, record.date_of_birth) == ("Ana", date(1990, 4, 1))
        assert Episode.objects.get(scope_id=record.id).started_on == date(2026, 3, 2)
        chapter = EpisodeChapter.objects.get(scope_id=record.id)
        assert (chapter.asam_edition, chapter.asam_code, chapter.minutes_target) == (4, "2.1", 540)
        assert CareTeamMember.objects.get(scope_id=record.id).user_id == clinician.id
        assert WeekOfHours.objects.get(scope_id=record.id).minutes_target == 540


def test_the_patient_sees_the_record_only_after_the_notice(
    clinician: User,
) -> None:
    admission = act(clinician, "care.admit_patient", **ADMISSION).data
    waiting = User.objects.get(id=admission["user"])
    with as_role("jobs"):
        assert not CareRecord.objects.visible_to(waiting).exists()
    ana, record = admit(clinician, email="other@example.org")
    with as_role("jobs"):
        assert [row.id for row in CareRecord.objects.visible_to(ana)] == [record]
        kinds = set(FeedEntry.objects.filter(scope_id=record).values_list("kind", flat=True))
    assert kinds == {
        "care_record",
        "care_team_member",
        "episode",
        "episode_chapter",
        "week_of_hours",
    }


def test_before_the_notice_the_phone_has_the_names_for_it(clinician: User) -> None:
    admission = act(clinician, "care.admit_patient", **ADMISSION).data
    with as_role("jobs"):
        entry = FeedEntry.objects.get(scope_id=admission["user"], kind="notice_request")
    assert json.loads(entry.doc)["programme"] == NORTHLIGHT
    assert json.loads(entry.doc)["names"] == {
        "programme": "Northlight Day Center",
        "privacy_contact": {"en": "Privacy Officer", "es": "Responsable de Privacidad"},
        "phone": "555-0142",
        "email": "privacy@northlight.example",
    }


def test_a_code_sent_by_e_mail_is_not_shown_to_staff(clinician: User) -> None:
    outcome = act(clinician, "care.admit_patient", **ADMISSION | {"by_email": True})
    assert outcome.once is None
    with as_role("jobs"):
        assert Letter.objects.count() == 1


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        # Turns 18 on 3 March; in the programme's zone it is 2 March.
        ({"date_of_birth": "2008-03-03"}, "under_age"),
        ({"date_of_birth": "2026-01-01"}, "under_age"),
        ({"level": "sauna"}, "no_such_level"),
        ({"level": "php"}, "no_such_level"),
        ({"email": "", "by_email": True}, "no_address"),
        ({"starts_on": "2025-02-28"}, "date_out_of_range"),
        ({"starts_on": "2026-06-01"}, "date_out_of_range"),
        ({"starts_on": "9999-12-31"}, "date_out_of_range"),
        ({"starts_on": "0001-01-01"}, "date_out_of_range"),
    ],
)
def test_a_refused_admission_leaves_nothing_behind(
    clinician: User, facts: dict[str, Any], code: str
) -> None:
    before = row_counts()
    with pytest.raises(Refused) as refusal:
        act(clinician, "care.admit_patient", **ADMISSION | facts)
    assert refusal.value.code == code
    assert row_counts() == before


@pytest.mark.parametrize("first_day", ["2025-03-01", "2026-05-31"])
def test_care_may_begin_from_a_year_ago_to_three_months_ahead(
    clinician: User, first_day: str
) -> None:
    _, record = admit(clinician, starts_on=first_day)
    with as_role("jobs"):
        assert str(Episode.objects.get(scope_id=record).started_on) == first_day


def test_a_patient_who_turns_eighteen_today_is_admitted(clinician: User) -> None:
    admit(clinician, date_of_birth="2008-03-02")


def test_today_is_the_programme_s_date_not_the_server_s(clinician: User) -> None:
    # 02:00 UTC on 3 March is still 2 March in Los Angeles.
    night = NOW.replace(day=3, hour=2)
    before = row_counts()
    with pytest.raises(Refused):
        admit(clinician, now=night, date_of_birth="2008-03-03")
    assert row_counts() == before


@pytest.mark.parametrize("field", ["email", "date_of_birth", "level", "programme"])
def test_a_missing_field_is_named(clinician: User, field: str) -> None:
    before = row_counts()
    data = {name: value for name, value in ADMISSION.items() if name != field}
    with pytest.raises(Invalid) as refusal:
        act(clinician, "care.admit_patient", **data)
    assert set(refusal.value.errors) == {field}
    assert row_counts() == before


def test_only_staff_of_the_programme_who_admit_patients_may(clinician: User) -> None:
    elsewhere = employ(CEDAR, "clinician")
    coordinator, stranger = employ(role="alumni_coordinator"), make_user()
    ana, _ = admit(clinician)
    before = row_counts()
    for actor in (elsewhere, coordinator, stranger, ana):
        with pytest.raises(NotAllowed):
            act(actor, "care.admit_patient", **ADMISSION)
    assert row_counts() == before


def test_staff_outside_the_care_team_cannot_find_the_record(clinician: User) -> None:
    _, record = admit(clinician)
    elsewhere = employ(CEDAR, "clinician")
    colleague = employ(role="clinician")
    for actor in (elsewhere, colleague):
        steps: Any = (
            ("care.assign_team_member", {"user": str(actor.id)}),
            ("care.change_level", {"level": "outpatient", "reason": "x"}),
            ("care.make_alumnus", {"reason": "x"}),
        )
        for name, more in steps:
            with pytest.raises(NotFound):
                act(actor, name, record=str(record), **more)


def test_an_address_known_to_another_programme_is_admitted_as_usual(clinician: User) -> None:
    elsewhere = employ(CEDAR, "clinician")
    admit(clinician)
    admission = act(elsewhere, "care.admit_patient", **ADMISSION | {"programme": CEDAR}).data
    assert set(admission) == {"record", "user", "invitation"}


def test_only_staff_of_the_programme_can_be_assigned(clinician: User) -> None:
    ana, record = admit(clinician)
    elsewhere = employ(CEDAR, "clinician")
    before = row_counts()
    for user in (elsewhere, ana, make_user()):
        with pytest.raises(Refused) as refusal:
            act(clinician, "care.assign_team_member", record=str(record), user=str(user.id))
        assert refusal.value.code == "not_staff"
    assert row_counts()[:5] == before[:5]


def test_the_care_team_grows_and_shrinks_but_keeps_its_last_member(clinician: User) -> None:
    _, record = admit(clinician)
    counsellor = employ(role="counsellor")
    act(clinician, "care.assign_team_member", record=str(record), user=str(counsellor.id))
    with pytest.raises(Refused, match="already"):
        act(clinician, "care.assign_team_member", record=str(record), user=str(counsellor.id))
    with as_role("jobs"):
        first = CareTeamMember.objects.get(user_id=clinician.id)
        second = CareTeamMember.objects.get(user_id=counsellor.id)
        assert second.role == "counsellor"
    act(counsellor, "care.end_team_member", record=str(record), member=str(first.id))
    with pytest.raises(NotFound):
        act(clinician, "care.end_team_member", record=str(record), member=str(second.id))
    with pytest.raises(Refused) as refusal:
        act(counsellor, "care.end_team_member", record=str(record), member=str(second.id))
    assert refusal.value.code == "last_member"
    with as_role("jobs"):
        assert CareRecord.objects.visible_to(counsellor).exists()
        assert not CareRecord.objects.visible_to(clinician).exists()
