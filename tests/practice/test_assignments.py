"""A counsellor asks for an exercise."""

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


def asked(ana: Care, **more: Any) -> dict[str, Any]:
    return {"id": uuid7(), "record": ana.record.id, "exercise": SURFING} | more


@pytest.mark.parametrize("who", ["counsellor", "clinician"])
def test_the_care_team_asks_and_the_patients_phones_know(ana: Care, who: str):
    asker = getattr(ana, who)
    act(
        asker,
        "practice.assign_exercise",
        **asked(ana, due_on="2026-03-09", note="Try it on the bus."),
    )
    assert bodies(ana.patient, "assignment") == [
        {
            "exercise": SURFING,
            "due_on": "2026-03-09",
            "note": "Try it on the bus.",
            "assigned_by": str(asker.id),
            "assigned_at": "2026-03-02T15:00:00Z",
            "withdrawn_at": None,
        }
    ]


def test_only_the_patients_phones_are_woken(ana: Care):
    act(ana.counsellor, "practice.assign_exercise", **asked(ana))
    assert ana.intents() == [("practice.assigned", "patient")]


def test_neither_day_nor_note_is_needed(ana: Care):
    act(ana.counsellor, "practice.assign_exercise", **asked(ana))
    (told,) = bodies(ana.patient, "assignment")
    assert (told["due_on"], told["note"]) == (None, "")


def test_asking_twice_with_one_key_asks_once(ana: Care):
    key, data = uuid7(), asked(ana)
    act(ana.counsellor, "practice.assign_exercise", key=key, **data)
    assert act(ana.counsellor, "practice.assign_exercise", key=key, **data).dup
    assert count(ana.patient, Assignment) == 1


@pytest.mark.parametrize("who", ["patient", "case_manager"])
def test_others_in_the_record_cannot_ask(ana: Care, who: str):
    with pytest.raises(NotAllowed):
        act(getattr(ana, who), "practice.assign_exercise", **asked(ana))
    assert count(ana.patient, Assignment) == 0


def test_another_programmes_clinician_finds_no_such_record(ana: Care):
    with pytest.raises(NotFound):
        act(in_care().clinician, "practice.assign_exercise", **asked(ana))
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
def test_what_does_not_fit_is_refused_by_name(ana: Care, change: dict[str, Any], field: str):
    with pytest.raises(Invalid) as refusal:
        act(ana.counsellor, "practice.assign_exercise", **asked(ana, **change))
    assert list(refusal.value.errors) == [field]
    assert count(ana.patient, Assignment) == 0


def test_yesterday_is_still_today_somewhere(ana: Care):
    act(ana.counsellor, "practice.assign_exercise", **asked(ana, due_on="2026-03-01"))
    assert count(ana.patient, Assignment) == 1


def test_a_withdrawn_exercise_is_no_longer_given(ana: Care):
    exercise("urge-surfing", version=2, withdrawn=True)
    with pytest.raises(Invalid, match="not valid"):
        act(ana.counsellor, "practice.assign_exercise", **asked(ana))
    assert count(ana.patient, Assignment) == 0


def test_an_assignment_can_be_taken_back(ana: Care):
    data = asked(ana)
    act(ana.counsellor, "practice.assign_exercise", **data)
    act(ana.clinician, "practice.withdraw_assignment", assignment=data["id"])
    (told,) = bodies(ana.patient, "assignment")
    assert told["withdrawn_at"] == "2026-03-02T15:00:00Z"
    with pytest.raises(Refused, match="already been taken back"):
        act(ana.counsellor, "practice.withdraw_assignment", assignment=data["id"])


@pytest.mark.parametrize("who", ["patient", "case_manager"])
def test_others_cannot_take_it_back(ana: Care, who: str):
    data = asked(ana)
    act(ana.counsellor, "practice.assign_exercise", **data)
    with pytest.raises(NotAllowed):
        act(getattr(ana, who), "practice.withdraw_assignment", assignment=data["id"])
    assert bodies(ana.patient, "assignment")[0]["withdrawn_at"] is None


def test_strangers_cannot_tell_an_assignment_from_none(ana: Care):
    data = asked(ana)
    act(ana.counsellor, "practice.assign_exercise", **data)
    for assignment_id in (data["id"], uuid7()):
        with pytest.raises(NotFound):
            act(in_care().counsellor, "practice.withdraw_assignment", assignment=assignment_id)
    assert bodies(ana.patient, "assignment")[0]["withdrawn_at"] is None
