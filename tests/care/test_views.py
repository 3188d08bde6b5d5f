"""Staff screens: their own caseload, its hours, the day's sessions and a roster."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recovery.care.models import Appointment
from recovery.signin.models import User
from tests.care.wall_time import local
from tests.cast import (
    EVENING_GROUP,
    FakePhone,
    act,
    admit,
    answer,
    employ,
    make_user,
    open_group,
    preset,
)
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")

AFTER = local("2026-03-02T21:00")


def get(reader: User, path: str, status: int = 200) -> Any:
    return answer(FakePhone(reader).get(f"care/{path}"), status)


def rows(reader: User, path: str) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = get(reader, path)["results"]
    return results


def session(group: str, day: str = "2026-03-02") -> str:
    with as_role("jobs"):
        scope = UUID(group.removeprefix("group:"))
        return str(Appointment.objects.in_scope(scope).get(local_date=day).id)


def attend(clinician: User, record: UUID, appointment: str, **facts: Any) -> None:
    data = {"record": str(record), "appointment": appointment, "status": "present"} | facts
    act(clinician, "care.record_attendance", now=AFTER, **data)


def evening(clinician: User, *members: User) -> str:
    group = f"group:{open_group(clinician, *members)}"
    act(clinician, "care.create_series", scope=group, **EVENING_GROUP)
    return group


def test_the_caseload_is_sorted_by_name_with_this_week_s_hours(clinician: User) -> None:
    ana, record = admit(clinician)
    admit(clinician, given_name="Ben", family_name="Adler", email="ben@example.org")
    attend(clinician, record, session(evening(clinician, ana)))
    records = rows(clinician, "records")
    assert [row["family_name"] for row in records] == ["Adler", "Reyes"]
    assert [week["minutes_done"] for row in records for week in row["hours"]] == [0, 180]


def test_others_see_nothing_of_the_caseload(clinician: User) -> None:
    ana, record = admit(clinician)
    group = evening(clinician, ana)
    attend(clinician, record, session(group))
    outsiders = (employ(role="clinician"), employ(preset("cedar-bridge")["id"], "clinician"))
    for reader in (*outsiders, make_user()):
        for path in ("records", "hours", "attendance", "sessions"):
            assert rows(reader, path) == []
            assert rows(reader, f"{path}?scope=care:{record}") == []
        get(reader, f"sessions/{session(group)}/roster", 404)
        get(reader, f"sessions/{uuid4()}/roster", 404)


def test_sessions_are_listed_by_day(clinician: User) -> None:
    group = evening(clinician)
    assert len(rows(clinician, "sessions?day=2026-03-04")) == 1
    assert rows(clinician, "sessions?day=2025-03-04") == []
    (row,) = rows(clinician, f"sessions?day=2026-03-05&scope={group}")
    assert (row["title"], row["status"], row["scope"]) == ("Evening group", "booked", group)
    get(clinician, "sessions?day=someday", 400)
    for wrong in ("cellar:1", "care:", "care:7", group.removeprefix("group:"), ""):
        get(clinician, f"sessions?scope={wrong}", 400)


def test_a_roster_lists_the_reader_s_own_patients_with_arrival_and_attendance(
    clinician: User,
) -> None:
    ana, record = admit(clinician)
    colleague = employ(role="counsellor")
    ben, _ = admit(colleague, given_name="Ben", email="ben@example.org")
    admit(clinician, given_name="Cy", email="cy@example.org")  # is in no group
    appointment = session(evening(clinician, ana, ben))
    act(ana, "care.report_arrival", now=AFTER, appointment=appointment)
    (row,) = rows(clinician, f"sessions/{appointment}/roster")
    assert (row["record"], row["given_name"]) == (str(record), "Ana")
    assert [arrival["state"] for arrival in row["arrival"]] == ["waiting"]
    assert row["attendance"] == []
    attend(clinician, record, appointment)
    (row,) = rows(clinician, f"sessions/{appointment}/roster")
    assert [attended["credited_minutes"] for attended in row["attendance"]] == [180]


def test_attendance_shows_its_versions(clinician: User) -> None:
    ana, record = admit(clinician)
    appointment = session(evening(clinician, ana))
    attend(clinician, record, appointment)
    attend(clinician, record, appointment, status="absent", reason="Mixed up")
    (row,) = rows(clinician, f"attendance?scope=care:{record}")
    assert [(v["status"], v["reason"]) for v in row["versions"]] == [
        ("present", ""),
        ("absent", "Mixed up"),
    ]
    assert [week["minutes_done"] for week in rows(clinician, "hours")] == [0]


def test_a_list_costs_the_same_with_one_row_and_with_three(clinician: User) -> None:
    def cost(path: str) -> int:
        caller = FakePhone(clinician)
        with CaptureQueriesContext(connection) as queries:
            answer(caller.get(f"care/{path}"))
        return len(queries)

    people = [admit(clinician)]
    group = evening(clinician, people[0][0])
    appointment = session(group)
    attend(clinician, people[0][1], appointment)
    paths = ("records", "hours", "attendance", f"sessions/{appointment}/roster")
    first = [cost(path) for path in paths]
    for name in ("ben", "cy"):
        people.append(admit(clinician, given_name=name, email=f"{name}@example.org"))
        second = evening(clinician, people[-1][0])
        attend(clinician, people[-1][1], session(second))
    assert [cost(path) for path in paths] == first


def test_every_list_requires_signing_in(clinician: User) -> None:
    caller = FakePhone(clinician)
    for path in ("records", "hours", "sessions", "attendance", f"sessions/{uuid4()}/roster"):
        answer(caller.get(f"care/{path}", signed_in=False), 401)


@pytest.mark.parametrize("position", ["p=%00", "p=x%00y", "o=1&p=%ED%A0%80", "p=9" * 300])
@pytest.mark.parametrize("path", ["records", "hours", "sessions", "attendance"])
def test_a_forged_cursor_is_never_a_5xx(clinician: User, path: str, position: str) -> None:
    admit(clinician)
    cursor = b64encode(position.encode()).decode()
    response = FakePhone(clinician).get(f"care/{path}?cursor={cursor}")
    assert response.status_code in (200, 400, 404), response.content
