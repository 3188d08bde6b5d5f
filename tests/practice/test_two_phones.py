"""Two phones of one person act concurrently, each in its own transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.feed.context import set_actor
from recovery.practice.models import CheckIn
from tests.at_once import at_once
from tests.cast import NOW, Care, act, bodies, content, exercise, in_care

DAYS = [NOW.date() - timedelta(days=back) for back in range(12)]


@pytest.fixture
def ana(committed_db: None) -> Care:
    exercise("urge-surfing")
    return in_care()


def push(ana: Care, day: date, **answers: Any) -> Callable[[], Any]:
    """Returns a call that sends a day's answers from one phone."""
    data = {
        "id": CheckIn.id_of(ana.record.id, day, "day"),
        "record": ana.record.id,
        "local_date": day,
        "slot": "day",
    }
    return lambda: act(ana.patient, "practice.record_check_in", **data | answers)


def days(ana: Care) -> list[tuple[Any, ...]]:
    with transaction.atomic():
        set_actor(ana.patient.id)
        rows = CheckIn.objects.in_scope(ana.record.id)
        return list(rows.values_list("mood", "craving_now", "revision"))


def test_a_day_started_on_two_phones_at_once_is_one_row(ana: Care):
    for day in DAYS:
        at_once(push(ana, day, mood=4), push(ana, day, craving_now=6))
    assert days(ana) == [(4, 6, 2)] * len(DAYS)


def test_a_day_continued_on_two_phones_at_once_keeps_both_answers(ana: Care):
    for day in DAYS:
        push(ana, day, plan="Rest")()
        at_once(push(ana, day, mood=4), push(ana, day, craving_now=6))
    assert days(ana) == [(4, 6, 3)] * len(DAYS)


def test_concurrent_ratings_are_all_counted(ana: Care):
    def attempt() -> Any:
        data = {
            "id": uuid7(),
            "record": ana.record.id,
            "exercise": content("urge-surfing")["id"],
            "version": 1,
            "started_at": "2026-03-02T14:30:00Z",
            "before": 8,
            "after": 5,
        }
        return act(ana.patient, "practice.record_attempt", **data)

    for done in range(1, 6):
        at_once(attempt, attempt)
        (ranking,) = bodies(ana.patient, "what_helps")
        assert [item["rated"] for item in ranking["items"]] == ([2 * done] if done > 1 else [])
