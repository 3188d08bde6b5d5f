"""Attempts at an exercise, partial or complete, online or offline, and their reviews."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import Error, transaction
from uuid_utils.compat import uuid7

from foundation.problems import NotAllowed, NotFound, Refused
from recovery.feed.context import set_actor
from recovery.practice.models import Attempt, AttemptReview
from tests.cast import NOW, Care, act, bodies, content, count, exercise, in_care

pytestmark = pytest.mark.django_db
SURFING = content("urge-surfing")["id"]
BALANCE = content("decisional-balance")["id"]


@pytest.fixture
def ana() -> Care:
    exercise("urge-surfing")
    exercise("decisional-balance")
    return in_care()


def attempt_data(ana: Care, **more: Any) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "record": ana.record.id,
        "exercise": SURFING,
        "version": 1,
        "started_at": "2026-03-02T14:30:00Z",
    } | more


def assign(ana: Care, exercise_id: str = SURFING) -> uuid.UUID:
    assignment_id = uuid7()
    data = {"id": assignment_id, "record": ana.record.id, "exercise": exercise_id}
    act(ana.counsellor, "practice.assign_exercise", **data)
    return assignment_id


def review_data(attempt: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": uuid7(), "attempt": attempt["id"]} | more


def test_a_complete_attempt_reaches_the_care_team(ana: Care):
    answers = {"where": ["chest", "legs"], "feels_like": "Tight", "wave": 540, "peak": 8}
    assignment = assign(ana)
    data = attempt_data(
        ana,
        assignment=assignment,
        finished_at="2026-03-02T14:42:00Z",
        before=7,
        after=3,
        answers=answers,
    )
    act(ana.patient, "practice.record_attempt", client_time=NOW - timedelta(minutes=15), **data)
    assert bodies(ana.counsellor, "attempt") == [
        {
            "exercise": SURFING,
            "version": 1,
            "assignment": str(assignment),
            "started_at": "2026-03-02T14:30:00Z",
            "finished_at": "2026-03-02T14:42:00Z",
            "before": 7,
            "after": 3,
            "answers": answers,
            "recorded_at": "2026-03-02T14:45:00Z",
            "received_at": "2026-03-02T15:00:00Z",
        }
    ]


def test_a_partial_attempt_is_recorded(ana: Care):
    act(
        ana.patient,
        "practice.record_attempt",
        **attempt_data(ana, before=7, answers={"peak": None}),
    )
    (attempt,) = bodies(ana.counsellor, "attempt")
    assert (attempt["before"], attempt["after"], attempt["finished_at"], attempt["answers"]) == (
        7,
        None,
        None,
        {},
    )


def test_a_retry_returns_the_same_answer_and_changes_nothing(ana: Care):
    key, data = uuid7(), attempt_data(ana, before=7, after=3)
    first = act(ana.patient, "practice.record_attempt", key=key, **data)
    second = act(ana.patient, "practice.record_attempt", key=key, **data)
    assert (second.data, second.at, second.dup) == (first.data, first.at, True)
    assert count(ana.patient, Attempt) == 1


def test_an_attempt_is_never_overwritten(ana: Care):
    data = attempt_data(ana, before=7)
    act(ana.patient, "practice.record_attempt", **data)
    with pytest.raises(Refused):
        act(ana.patient, "practice.record_attempt", **data)
    act(ana.patient, "practice.record_attempt", **data | {"before": 1})
    shown = {attempt["before"]: attempt for attempt in bodies(ana.patient, "attempt")}
    assert shown.keys() == {7, 1}
    assert shown[1]["unread"] == {"id": str(data["id"])}
    assert Attempt.objects.in_scope(ana.record.id).get(id=data["id"]).before == 7


def test_answers_are_validated_against_the_version_attempted(ana: Care):
    steps = content("decisional-balance")["steps"]
    exercise("urge-surfing", version=2, steps=steps)
    new = {"using_good": ["Quiet"]}
    act(ana.patient, "practice.record_attempt", **attempt_data(ana, version=2, answers=new))
    act(ana.patient, "practice.record_attempt", **attempt_data(ana, version=1, answers=new))
    shown = {each["version"]: each for each in bodies(ana.patient, "attempt")}
    assert (shown[2]["answers"], "unread" in shown[2]) == (new, False)
    assert (shown[1]["answers"], shown[1]["unread"]) == ({}, {"answers": new})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"before": 11}, "before"),
        ({"after": -1}, "after"),
        ({"version": 2}, "version"),
        ({"version": 40_000}, "version"),
        ({"version": None}, "version"),
        ({"finished_at": "2026-03-02T14:29:00Z"}, "finished_at"),
        ({"started_at": "this morning"}, "started_at"),
        ({"answers": ["chest"]}, "answers"),
        ({"relief": 10}, "relief"),
        ({"assignment": "0192d7a0-0000-7000-8000-000000000000"}, "assignment"),
    ],
)
def test_what_cannot_be_read_is_kept_beside_the_rest(ana: Care, change: dict[str, Any], field: str):
    data = attempt_data(ana, before=7, after=3, answers={"feels_like": " Tight\n"}) | change
    outcome = act(ana.patient, "practice.record_attempt", **data)
    assert outcome.data["unread"] == [field]
    [shown] = bodies(ana.counsellor, "attempt")
    assert shown["unread"] == change
    kept = {"before": 7, "after": 3, "answers": {"feels_like": " Tight\n"}}
    assert {name: shown[name] for name in kept if name != field} == {
        name: value for name, value in kept.items() if name != field
    }


def test_a_finish_before_the_start_costs_no_answer(ana: Care):
    finished = "2026-03-02T14:29:59.999Z"
    data = attempt_data(ana, finished_at=finished, before=7, after=3, answers={"peak": 8})
    act(ana.patient, "practice.record_attempt", **data)
    [shown] = bodies(ana.counsellor, "attempt")
    assert (shown["before"], shown["after"], shown["answers"]) == (7, 3, {"peak": 8})
    assert (shown["finished_at"], shown["unread"]) == (None, {"finished_at": finished})


def test_an_attempt_at_an_exercise_nobody_knows_is_kept(ana: Care):
    unknown, answers = "0192d7a0-0000-7000-8000-000000000000", {"new_field": {"deep": ["Mine"]}}
    for exercise_id, shown_id in ((unknown, unknown), ("urge-surfing", str(Attempt.NO_EXERCISE))):
        data = attempt_data(ana, exercise=exercise_id, answers=answers, before=7, after=3)
        act(ana.patient, "practice.record_attempt", **data)
        shown = bodies(ana.counsellor, "attempt")[-1]
        assert (shown["exercise"], shown["answers"], shown["before"]) == (shown_id, answers, 7)
    assert bodies(ana.patient, "what_helps") == []


def test_an_assignment_of_another_exercise_is_not_this_attempts(ana: Care):
    other = assign(ana, BALANCE)
    act(ana.patient, "practice.record_attempt", **attempt_data(ana, assignment=other, before=7))
    [shown] = bodies(ana.counsellor, "attempt")
    assert (shown["before"], shown["assignment"]) == (7, None)
    assert shown["unread"] == {"assignment": str(other)}


def test_an_attempt_is_kept_though_its_assignment_has_been_withdrawn(ana: Care):
    assignment = assign(ana)
    act(ana.counsellor, "practice.withdraw_assignment", assignment=assignment)
    act(ana.patient, "practice.record_attempt", **attempt_data(ana, assignment=assignment))
    assert count(ana.counsellor, Attempt) == 1


@pytest.mark.parametrize("who", ["counsellor", "clinician", "case_manager"])
def test_only_the_patient_records_attempts(ana: Care, who: str):
    with pytest.raises(NotAllowed):
        act(getattr(ana, who), "practice.record_attempt", **attempt_data(ana))
    assert count(ana.patient, Attempt) == 0


def test_strangers_cannot_find_the_record(ana: Care):
    with pytest.raises(NotFound):
        act(in_care().patient, "practice.record_attempt", **attempt_data(ana))
    assert count(ana.patient, Attempt) == 0


def test_a_review_shows_its_author_time_and_comment(ana: Care):
    data = attempt_data(ana)
    act(ana.patient, "practice.record_attempt", **data)
    act(
        ana.counsellor,
        "practice.review_attempt",
        **review_data(data, comment="You stayed with it. Well done."),
    )
    assert bodies(ana.patient, "attempt_review") == [
        {
            "attempt": str(data["id"]),
            "comment": "You stayed with it. Well done.",
            "reviewed_by": str(ana.counsellor.id),
            "reviewed_at": "2026-03-02T15:00:00Z",
        }
    ]
    assert ana.intents() == [("practice.reviewed", "patient")]


def test_an_attempt_is_reviewed_once(ana: Care):
    data = attempt_data(ana)
    act(ana.patient, "practice.record_attempt", **data)
    act(ana.counsellor, "practice.review_attempt", **review_data(data, comment="First"))
    with pytest.raises(Refused) as refusal:
        act(ana.clinician, "practice.review_attempt", **review_data(data, comment="Second"))
    assert refusal.value.code == "reviewed"
    assert refusal.value.current[3]["comment"] == "First"
    assert [review["comment"] for review in bodies(ana.patient, "attempt_review")] == ["First"]


@pytest.mark.parametrize("who", ["patient", "case_manager"])
def test_only_the_care_team_reviews(ana: Care, who: str):
    data = attempt_data(ana)
    act(ana.patient, "practice.record_attempt", **data)
    with pytest.raises(NotAllowed):
        act(getattr(ana, who), "practice.review_attempt", **review_data(data))
    assert count(ana.patient, AttemptReview) == 0


def test_another_programmes_clinician_cannot_find_the_attempt(ana: Care):
    data = attempt_data(ana)
    act(ana.patient, "practice.record_attempt", **data)
    with pytest.raises(NotFound):
        act(in_care().clinician, "practice.review_attempt", **review_data(data))
    assert count(ana.patient, AttemptReview) == 0


def rate(ana: Care, ratings: list[tuple[int, int]], exercise_id: str = SURFING) -> None:
    for before, after in ratings:
        data = attempt_data(ana, exercise=exercise_id, before=before, after=after)
        act(ana.patient, "practice.record_attempt", **data)


def test_what_helps_is_known_from_the_third_rated_attempt_on(ana: Care):
    rate(ana, [(8, 3), (6, 6)])
    act(ana.patient, "practice.record_attempt", **attempt_data(ana, before=9))
    assert bodies(ana.patient, "what_helps") == [{"minimum_runs": 3, "items": []}]
    rate(ana, [(7, 5)])
    assert bodies(ana.patient, "what_helps") == [
        {
            "minimum_runs": 3,
            "items": [{"exercise": SURFING, "rated": 3, "eased": 2, "mean_relief": 2.3}],
        }
    ]


def test_the_programme_sets_how_many_ratings_are_needed(ana: Care):
    ben = in_care(what_helps={"minimum_runs": 1})
    rate(ben, [(8, 3)])
    (ranking,) = bodies(ben.patient, "what_helps")
    assert (ranking["minimum_runs"], len(ranking["items"])) == (1, 1)


def test_a_rise_in_confidence_is_relief_and_the_best_exercise_comes_first(ana: Care):
    rate(ana, [(8, 3), (6, 6), (6, 6)])
    rate(ana, [(2, 5), (3, 4), (5, 6)], BALANCE)
    (ranking,) = bodies(ana.patient, "what_helps")
    assert [item["exercise"] for item in ranking["items"]] == [BALANCE, SURFING]


def test_only_the_patient_sees_what_helps(ana: Care):
    rate(ana, [(8, 3), (6, 2), (7, 5)])
    for other in (ana.counsellor, ana.clinician, in_care().patient):
        assert bodies(other, "what_helps") == []


def test_a_counsellor_who_is_a_patient_elsewhere_is_ranked_on_their_own_ratings(ana: Care):
    theirs = in_care(counsellor=ana.patient)
    rate(theirs, [(8, 3), (6, 2), (7, 5)])
    rate(ana, [(8, 3)])
    (ranking,) = bodies(ana.patient, "what_helps")
    assert ranking["items"] == []


def test_the_database_refuses_to_change_an_attempt(ana: Care):
    act(ana.patient, "practice.record_attempt", **attempt_data(ana, before=7))
    set_actor(ana.patient.id)
    with pytest.raises(Error), transaction.atomic():
        Attempt.objects.in_scope(ana.record.id).update(before=0)
    assert bodies(ana.patient, "attempt")[0]["before"] == 7
