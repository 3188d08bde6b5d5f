"""Exercises and check-ins."""

from __future__ import annotations

from typing import Any

from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM
from recovery.practice.models import CheckIn
from tests.cast import NOW, WORDS, Care, act_as_system, content, in_care, open_library
from tests.contract.story import Move, Scene, story

SURFING = content("urge-surfing")
LIBRARY = {"library/exercise"}


def ana_in_care() -> Care:
    """A patient with a care team, and a published exercise."""
    act_as_system("practice.publish_exercise", **SURFING)
    return in_care()


def attempt(ana: Care, **more: Any) -> dict[str, Any]:
    done = {"exercise": SURFING["id"], "version": 1, "started_at": "2026-03-02T14:30:00Z"}
    return {"id": uuid7(), "record": ana.record.id, **done, **more}


@story("practice.publish_exercise")
def an_exercise_is_published() -> Scene:
    ana = ana_in_care()
    open_library(ana.patient)
    newer = SURFING | {"version": 2, "minutes": SURFING["minutes"] + 1}
    yield Move("practice.publish_exercise", SYSTEM, newer, tells=LIBRARY)
    same = "the same version again changes nothing"
    yield Move("practice.publish_exercise", SYSTEM, newer, because=same)


@story("practice.assign_exercise", "practice.withdraw_assignment")
def a_counsellor_assigns_an_exercise() -> Scene:
    ana = ana_in_care()
    args = {
        "id": uuid7(),
        "record": ana.record.id,
        "exercise": SURFING["id"],
        "note": WORDS,
    }
    tells = {"care/assignment"}
    yield Move("practice.assign_exercise", ana.counsellor, args, tells=tells, now=NOW)
    back = {"assignment": args["id"]}
    yield Move("practice.withdraw_assignment", ana.clinician, back, tells=tells, now=NOW)


@story("practice.record_attempt", "practice.review_attempt")
def an_exercise_is_done_and_reviewed() -> Scene:
    ana = ana_in_care()
    done, rated = attempt(ana), attempt(ana, before=8, after=3, answers={"wave": 60, "peak": 8})
    tells = {"care/attempt"}
    yield Move("practice.record_attempt", ana.patient, done, tells=tells, now=NOW)
    learnt = tells | {"person/what_helps"}
    yield Move("practice.record_attempt", ana.patient, rated, tells=learnt, now=NOW)
    review = {"id": uuid7(), "attempt": done["id"], "comment": WORDS}
    tells = {"care/attempt_review"}
    yield Move("practice.review_attempt", ana.counsellor, review, tells=tells, now=NOW)


@story("practice.record_check_in", "practice.sign_check_in")
def a_day_is_written_and_signed() -> Scene:
    ana = ana_in_care()
    id_ = CheckIn.id_of(ana.record.id, NOW.date(), "day")
    day = {"id": id_, "record": ana.record.id, "local_date": NOW.date(), "slot": "day"}
    action, tells = "practice.record_check_in", {"care/check_in"}
    yield Move(action, ana.patient, day | {"mood": 2, "success": "Slept"}, tells=tells, now=NOW)
    yield Move(action, ana.patient, day | {"mood": 4}, tells=tells, now=NOW)
    same = "the same answer again changes nothing"
    yield Move(action, ana.patient, day | {"mood": 4}, because=same, now=NOW)
    signed = {"check_in": id_}
    yield Move("practice.sign_check_in", ana.clinician, signed, tells=tells, now=NOW)
