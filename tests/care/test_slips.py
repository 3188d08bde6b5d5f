"""A year with a wrong digit is refused where it is typed, with what is allowed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import Invalid
from recovery.care.models import Appointment, Attendance, SessionSeries
from recovery.practice.models import Assignment
from recovery.signin.models import User
from tests.cast import EVENING_GROUP, act, admit
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")


def create(staff: User, record: Any, **changes: Any) -> Any:
    series = EVENING_GROUP | {"scope": f"care:{record}"} | changes
    return act(staff, "care.create_series", **series)


@pytest.mark.parametrize("first_date", ["2062-03-02", "0206-03-02", "2027-03-04"])
def test_a_series_begins_within_a_year(clinician: User, first_date: str) -> None:
    _, record = admit(clinician)
    with pytest.raises(Invalid) as refusal:
        create(clinician, record, first_date=first_date)
    [sentence] = refusal.value.errors["first_date"]
    assert first_date in sentence
    with as_role("jobs"):
        assert SessionSeries.objects.count() == 0


@pytest.mark.parametrize("field", ["arrived_at", "left_at"])
@pytest.mark.parametrize("years", [-1, 1])
def test_arrival_is_near_the_session(clinician: User, field: str, years: int) -> None:
    _, record = admit(clinician)
    create(clinician, record)
    with as_role("jobs"):
        session = Appointment.objects.earliest("starts_at")
    typed = session.starts_at.replace(year=session.starts_at.year + years)
    came = {"record": str(record), "appointment": str(session.id), "status": "present"}
    with pytest.raises(Invalid) as refusal:
        act(clinician, "care.record_attendance", now=session.ends_at, **came, **{field: typed})
    [sentence] = refusal.value.errors[field]
    assert f"{typed:%Y-%m-%d}" in sentence
    with as_role("jobs"):
        assert Attendance.objects.count() == 0
    near = {field: session.starts_at + timedelta(hours=1)}
    act(clinician, "care.record_attendance", now=session.ends_at, **came, **near)


def test_an_exercise_is_due_within_a_year(clinician: User) -> None:
    _, record = admit(clinician)
    data = {"id": uuid7(), "record": record, "exercise": uuid7(), "due_on": "2062-03-02"}
    with pytest.raises(Invalid) as refusal:
        act(clinician, "practice.assign_exercise", **data)
    assert "2062-03-02" in refusal.value.errors["due_on"][0]
    with as_role("jobs"):
        assert Assignment.objects.count() == 0
