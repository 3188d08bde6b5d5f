"""Lists for staff screens over HTTP: contents, paging and access."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from recovery.practice.models import CheckIn
from recovery.signin.models import User
from tests.cast import NOW, Care, FakePhone, act, answer, content, exercise, in_care

pytestmark = pytest.mark.django_db
SURFING = content("urge-surfing")["id"]
LISTS = ("assignments", "attempts", "check-ins")


@pytest.fixture
def ana() -> Care:
    exercise("urge-surfing")
    return in_care()


def get(reader: User, path: str) -> Any:
    return FakePhone(reader).get(f"practice/{path}")


def read(reader: User, path: str, status: int = 200) -> Any:
    return answer(get(reader, path), status)


def assign(ana: Care) -> str:
    data = {"id": str(uuid7()), "record": ana.record.id, "exercise": SURFING}
    act(ana.counsellor, "practice.assign_exercise", **data)
    return str(data["id"])


def attempt(ana: Care, minutes: int = 0) -> str:
    done = {
        "id": str(uuid7()),
        "record": ana.record.id,
        "exercise": SURFING,
        "version": 1,
        "started_at": NOW,
        "before": 7,
    }
    act(ana.patient, "practice.record_attempt", now=NOW + timedelta(minutes=minutes), **done)
    return str(done["id"])


def review(ana: Care, attempt_id: str) -> None:
    data = {"id": uuid7(), "attempt": attempt_id, "comment": "Good"}
    act(ana.counsellor, "practice.review_attempt", **data)


def check_in(ana: Care, back: int = 0, **answers: Any) -> str:
    day = (NOW - timedelta(days=back)).date()
    row_id = CheckIn.id_of(ana.record.id, day, "day")
    data = {"id": row_id, "record": ana.record.id, "local_date": day, "slot": "day"}
    act(ana.patient, "practice.record_check_in", **data | answers)
    return str(row_id)


def one_of_each(ana: Care) -> None:
    assign(ana)
    review(ana, attempt(ana))
    check_in(ana, mood=2)
    check_in(ana, mood=3)


def test_assignments_are_listed(ana: Care):
    assigned = assign(ana)
    (row,) = read(ana.counsellor, "assignments")["results"]
    assert (row["id"], row["record"], row["exercise"]) == (assigned, str(ana.record.id), SURFING)


def test_attempts_come_newest_first_with_their_review(ana: Care):
    first, second = attempt(ana), attempt(ana, minutes=5)
    review(ana, first)
    rows = read(ana.clinician, "attempts")["results"]
    assert [(row["id"], [r["comment"] for r in row["reviews"]]) for row in rows] == [
        (second, []),
        (first, ["Good"]),
    ]


@pytest.mark.parametrize(("reviewed", "expected"), [("true", [0]), ("false", [1])])
def test_attempts_can_be_filtered_by_review(ana: Care, reviewed: str, expected: list[int]):
    done = [attempt(ana), attempt(ana, minutes=5)]
    review(ana, done[0])
    rows = read(ana.counsellor, f"attempts?reviewed={reviewed}")["results"]
    assert [row["id"] for row in rows] == [done[n] for n in expected]


def test_check_ins_show_their_earlier_versions(ana: Care):
    check_in(ana, mood=2)
    check_in(ana, mood=5, back=1)
    check_in(ana, mood=4)
    today, yesterday = read(ana.clinician, "check-ins")["results"]
    assert (today["mood"], [v["answers"]["mood"] for v in today["versions"]]) == (4, [2])
    assert (yesterday["mood"], yesterday["versions"]) == (5, [])


@pytest.mark.parametrize("path", LISTS)
def test_another_programmes_staff_get_an_empty_list(ana: Care, path: str):
    one_of_each(ana)
    stranger = in_care().clinician
    assert len(read(ana.clinician, path)["results"]) == 1
    assert read(stranger, path)["results"] == []
    assert read(stranger, f"{path}?scope=care:{ana.record.id}")["results"] == []
    assert read(stranger, f"{path}?scope=care:{uuid7()}")["results"] == []


@pytest.mark.parametrize("path", LISTS)
def test_a_list_can_be_limited_to_one_record(ana: Care, path: str):
    both = ana.counsellor
    ben = in_care(counsellor=both)
    one_of_each(ana)
    one_of_each(ben)
    assert len(read(both, path)["results"]) == 2
    (row,) = read(both, f"{path}?scope=care:{ben.record.id}")["results"]
    assert row["record"] == str(ben.record.id)


def test_pages_have_no_gaps_or_duplicates(ana: Care):
    done = [attempt(ana) for _ in range(5)]
    page = read(ana.counsellor, "attempts?limit=2")
    seen = page["results"]
    while page["next"]:
        page = read(ana.counsellor, f"attempts?{urlsplit(page['next']).query}")
        seen += page["results"]
    assert sorted(row["id"] for row in seen) == sorted(done)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "position", ["p=nowhere", "p=2026-99-99", "p=\0", "p=\ud7ff", "o=x", "o=-1"]
)
def test_a_forged_cursor_is_never_a_5xx(ana: Care, path: str, position: str):
    one_of_each(ana)
    cursor = quote(b64encode(position.encode()))
    assert get(ana.counsellor, f"{path}?cursor={cursor}").status_code in (200, 400, 404)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", ["scope=1", "scope=%00", "cursor=cD1ub3doZXJl"])
def test_an_invalid_query_is_a_400_or_404_problem(ana: Care, path: str, query: str):
    one_of_each(ana)
    response = get(ana.counsellor, f"{path}?{query}")
    assert response.status_code in (400, 404)
    assert response.headers["Content-Type"] == "application/problem+json"


def test_reviewed_must_be_a_boolean(ana: Care):
    problem = read(ana.counsellor, "attempts?reviewed=perhaps", status=400)
    assert list(problem["errors"]) == ["reviewed"]


@pytest.mark.parametrize("path", LISTS)
def test_lists_require_signing_in(ana: Care, path: str):
    response = FakePhone(ana.counsellor).http.get(f"/api/v1/practice/{path}")
    assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("path", LISTS)
def test_three_rows_cost_no_more_than_one(ana: Care, path: str):
    clinician = FakePhone(ana.clinician)

    def statements(rows: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            page = answer(clinician.get(f"practice/{path}"))
        assert len(page["results"]) == rows
        return len(queries)

    one_of_each(ana)
    one = statements(rows=1)
    for back in (1, 2):
        assign(ana)
        review(ana, attempt(ana))
        check_in(ana, mood=2, back=back)
        check_in(ana, mood=3, back=back)
    assert statements(rows=3) == one
