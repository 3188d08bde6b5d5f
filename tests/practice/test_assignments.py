"""Counsellors assign exercises."""

from __future__ import annotations

from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import Invalid, NotAllowed, NotFound, Refused
from recovery.practice.models import Assignment, ExerciseVersion
from tests.cast import Care, act, bodies, content, count, exercise, in_care

pytestmark = pytest.mark.django_db
SURFING = content("urge-surfing")["id"]


@pytest.fixture
def ana() -> Care:
    return in_care()


@pytest.fixture(autouse=True)
def surfing(db: None) -> ExerciseVersion:
    return exercise("urge-surfing")


def assignment_data(ana: Care, **more: Any) -> dict[str, Any]:
    return {"id": uuid7(), "record": ana.record.id, "exercise": SURFING} | more


@pytest.mark.parametrize("who", ["counsellor", "clinician"])
def test_the_care_team_assigns_and_the_patients_phones_show_it(ana: Care, who: str):
    author = getattr(ana, who)
    act(
        author,
        "practice.assign_exercise",
        **assignment_data(ana, due_on="2026-03-09", note="Try it on the bus."),
    )
    assert bodies(ana.patient, "assignment") == [
        {
            "exercise": SURFING,
            "due_on": "2026-03-09",
            "note": "Try it on the bus.",
            "assigned_by": str(author.id),
            "assigned_at": "2026-03-02T15:00:00Z",
            "withdrawn_at": None,
        }
    ]


def test_only_the_patients_phones_are_woken(ana: Care):
    act(ana.counsellor, "practice.assign_exercise", **assignment_data(ana))
    assert ana.intents() == [("practice.assigned", "patient")]


def test_due_date_and_note_are_optional(ana: Care):
    act(ana.counsellor, "practice.assign_exercise", **assignment_data(ana))
    (assignment,) = bodies(ana.patient, "assignment")
    assert (assignment["due_on"], assignment["note"]) == (None, "")


def test_a_retry_with_the_same_key_assigns_once(ana: Care):
    key, data = uuid7(), assignment_data(ana)
    act(ana.counsellor, "practice.assign_exercise", key=key, **data)
    assert act(ana.counsellor, "practice.assign_exercise", key=key, **data).dup
    assert count(ana.patient, Assignment) == 1


@pytest.mark.parametrize("who", ["patient", "case_manager"])
def test_other_members_of_the_record_cannot_assign(ana: Care, who: str):
    with pytest.raises(NotAllowed):
        act(getattr(ana, who), "practice.assign_exercise", **assignment_data(ana))
    assert count(ana.patient, Assignment) == 0


def test_another_programmes_clinician_cannot_find_the_record(ana: Care):
    with pytest.raises(NotFound):
        act(in_care().clinician, "practice.assign_exercise", **assignment_data(ana))
    assert count(ana.patient, Assignment) == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"exercise": "0192d7a0-0000-7000-8000-000000000000"}, "exercise"),
        ({"due_on": "2026-02-28"}, "due_on"),
        ({"due_on": "soon"}, "due_on"),
        ({"note": "x" * 1001}, "note"),
        ({"answer": 1}, "answer"),
    ],
)
def test_an_invalid_field_is_reported_by_name(ana: Care, change: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refusal:
        act(ana.counsellor, "practice.assign_exercise", **assignment_data(ana, **change))
    assert list(refusal.value.errors) == [field]
    assert count(ana.patient, Assignment) == 0


def test_an_assignment_may_be_due_yesterday_which_is_still_today_somewhere(ana: Care):
    act(ana.counsellor, "practice.assign_exercise", **assignment_data(ana, due_on="2026-03-01"))
    assert count(ana.patient, Assignment) == 1


def test_a_withdrawn_exercise_cannot_be_assigned(ana: Care):
    exercise("urge-surfing", version=2, withdrawn=True)
    with pytest.raises(Invalid, match="not valid"):
        act(ana.counsellor, "practice.assign_exercise", **assignment_data(ana))
    assert count(ana.patient, Assignment) == 0


def test_an_assignment_can_be_withdrawn_once(ana: Care):
    data = assignment_data(ana)
    act(ana.counsellor, "practice.assign_exercise", **data)
    act(ana.clinician, "practice.withdraw_assignment", assignment=data["id"])
    (withdrawn,) = bodies(ana.patient, "assignment")
    assert withdrawn["withdrawn_at"] == "2026-03-02T15:00:00Z"
    with pytest.raises(Refused, match="already been taken back"):
        act(ana.counsellor, "practice.withdraw_assignment", assignment=data["id"])


@pytest.mark.parametrize("who", ["patient", "case_manager"])
def test_others_cannot_withdraw_an_assignment(ana: Care, who: str):
    data = assignment_data(ana)
    act(ana.counsellor, "practice.assign_exercise", **data)
    with pytest.raises(NotAllowed):
        act(getattr(ana, who), "practice.withdraw_assignment", assignment=data["id"])
    assert bodies(ana.patient, "assignment")[0]["withdrawn_at"] is None


def test_to_strangers_an_assignment_looks_like_one_that_does_not_exist(ana: Care):
    data = assignment_data(ana)
    act(ana.counsellor, "practice.assign_exercise", **data)
    for assignment_id in (data["id"], uuid7()):
        with pytest.raises(NotFound):
            act(in_care().counsellor, "practice.withdraw_assignment", assignment=assignment_id)
    assert bodies(ana.patient, "assignment")[0]["withdrawn_at"] is None
