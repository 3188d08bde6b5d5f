"""A check-in from a phone's queue: whatever the push says of the clock, the answers arrive."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tests.cast import Care, FakePhone, answer, bodies, in_care, mutation
from tests.practice.days import day

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> Care:
    return in_care()


@pytest.mark.parametrize(
    ("clock", "unread"),
    [
        ({"client_time": "2026-03-02T15:00:00", "offset_ms": 0}, ["client_time"]),
        ({"client_time": "noon"}, ["client_time"]),
        ({"client_time": 1772463600}, ["client_time"]),
        ({"client_time": {"deep": [None]}}, ["client_time"]),
        ({"client_time": "1970-01-01T00:00:00Z"}, ["client_time"]),
        ({"client_time": "9999-12-31T23:59:59Z", "offset_ms": 10**9}, ["client_time", "offset_ms"]),
        ({"client_time": "2126-03-02T15:00:00Z"}, ["client_time"]),
        ({"offset_ms": "soon"}, ["offset_ms"]),
        ({"offset_ms": 10**400}, ["offset_ms"]),
        ({"offset_ms": [1]}, ["offset_ms"]),
        ({"client_time": None, "offset_ms": None}, None),
        ({}, None),
    ],
)
def test_no_clock_costs_a_check_in(
    ana: Care, clock: dict[str, Any], unread: list[str] | None
) -> None:
    phone = FakePhone(ana.patient, registered=True)
    today = day(ana.record.id, timezone.now().date())
    args = {name: str(value) for name, value in today.items()} | {"mood": 4}
    queued = mutation(1, "practice.record_check_in", args, **clock)
    [result] = answer(phone.push(queued))["results"]
    assert (result["status"], "unread" in result["data"]) == ("applied", False)
    assert sorted(result.get("ignored", {})) == (unread or [])
    [shown] = bodies(ana.counsellor, "check_in")
    assert shown["mood"] == 4
    assert sorted(shown.get("unread", {})) == (unread or [])
