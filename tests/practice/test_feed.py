"""The feed matches the rows, and a phone's queue is applied through it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.feed.documents import KINDS
from recovery.feed.models import FeedEntry
from recovery.feed.rebuild import differences
from recovery.practice.models import Attempt, CheckIn
from tests.cast import (
    NOW,
    Care,
    FakePhone,
    act,
    act_as_system,
    answer,
    bodies,
    content,
    count,
    in_care,
    mutation,
)
from tests.roles import as_role

SURFING = content("urge-surfing")["id"]
OURS = {name for name, kind in KINDS.items() if "practice" in kind.model.__module__}


@pytest.fixture
def ana(committed_db: None) -> Care:
    act_as_system("practice.publish_exercise", **(content("urge-surfing")))
    return in_care()


def day(ana: Care, date: dt.date, **answers: Any) -> dict[str, Any]:
    return {
        "id": str(CheckIn.id_of(ana.record.id, date, "day")),
        "record": str(ana.record.id),
        "local_date": str(date),
        "slot": "day",
        **answers,
    }


def attempt(ana: Care, **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "record": str(ana.record.id),
        "exercise": SURFING,
        "version": 1,
        "started_at": "2026-03-02T15:30:00.123456+01:00",
        **more,
    }


def test_every_document_matches_its_row(ana: Care):
    data = {"id": uuid7(), "record": ana.record.id, "exercise": SURFING, "due_on": "2026-03-09"}
    act(ana.counsellor, "practice.assign_exercise", **data)
    done = attempt(ana, before=8, after=3, answers={"where": ["chest"], "wave": 60, "peak": 8})
    for _ in range(3):
        act(ana.patient, "practice.record_attempt", **done | {"id": uuid7()})
    act(ana.patient, "practice.record_attempt", **done)
    act(ana.counsellor, "practice.review_attempt", id=uuid7(), attempt=done["id"])
    row = day(ana, NOW.date(), sleep_hours="7", halt=["tired", "hungry"], success="é")
    act(ana.patient, "practice.record_check_in", **row)
    act(ana.clinician, "practice.sign_check_in", check_in=row["id"])
    with as_role("jobs"):
        assert set(FeedEntry.objects.values_list("kind", flat=True)) >= OURS
        assert [each for each in differences() if each.kind in OURS] == []


@pytest.fixture
def phone(ana: Care) -> FakePhone:
    return FakePhone(ana.patient, registered=True)


def test_an_offline_day_is_applied_once_when_the_first_answer_is_lost(ana: Care, phone: FakePhone):
    today = timezone.now().date()
    queue = [
        mutation(1, "practice.record_check_in", day(ana, today, success="Slept", mood=4)),
        mutation(2, "practice.record_attempt", attempt(ana, before=8, after=3)),
        mutation(3, "practice.record_check_in", day(ana, today, plan="Walk")),
    ]
    lost = answer(phone.push(*queue))
    again = answer(phone.push(*queue))
    assert [result["status"] for result in lost["results"]] == ["applied"] * 3
    assert [result["dup"] for result in again["results"]] == [True] * 3
    assert count(ana.patient, Attempt) == 1
    (document,) = bodies(ana.counsellor, "check_in")
    assert (document["success"], document["mood"], document["plan"]) == ("Slept", 4, "Walk")


def test_the_queue_continues_after_a_locked_day_and_the_phone_gets_the_current_one(
    ana: Care, phone: FakePhone
):
    today = timezone.now().date()
    first = day(ana, today, mood=4)
    answer(phone.push(mutation(1, "practice.record_check_in", first)))
    act(ana.clinician, "practice.sign_check_in", check_in=first["id"])
    pushed = phone.push(
        mutation(2, "practice.record_check_in", day(ana, today, success="Late words")),
        mutation(3, "practice.record_attempt", attempt(ana)),
    )
    locked, applied = answer(pushed)["results"]
    assert (locked["status"], locked["code"], applied["status"]) == (
        "rejected",
        "locked",
        "applied",
    )
    kind, object_id, _, current = locked["current"]
    assert (kind, object_id, current["mood"]) == ("check_in", first["id"], 4)
    (document,) = bodies(ana.counsellor, "check_in")
    assert document["success"] is None


def test_a_check_in_takes_six_statements_and_an_edit_takes_seven(ana: Care):
    def statements(**answers: Any) -> int:
        with CaptureQueriesContext(connection) as queries:
            act(ana.patient, "practice.record_check_in", **day(ana, NOW.date(), **answers))
        return len([q for q in queries if not q["sql"].startswith(("BEGIN", "COMMIT"))])

    assert (statements(mood=2), statements(mood=3)) == (6, 7)
