"""Reading another person's rows is audited once. An empty page or one's own rows are not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from recovery.actions.models import AuditEvent
from recovery.care.models import CareRecord
from recovery.feed.context import set_actor
from recovery.practice.models import CheckIn
from recovery.signin.models import User
from tests.cast import NOW, Circle, FakePhone, act, answer, in_care, make_user

pytestmark = pytest.mark.django_db


def reads(record: CareRecord, patient: User) -> list[tuple[Any, ...]]:
    with transaction.atomic():
        set_actor(patient.id)
        events = AuditEvent.objects.in_scope(record.id).filter(outcome="read")
        return list(events.values_list("actor_id", "action", "objects_touched"))


def look(user: Any, path: str) -> list[Any]:
    return list(answer(FakePhone(user, methods=["passkey"]).get(path))["results"])


def check_in(record: CareRecord, patient: User) -> None:
    day = NOW.date()
    id_ = CheckIn.id_of(record.id, day, "day")
    data = {"record": record.id, "local_date": day, "slot": "day", "mood": 4}
    act(patient, "practice.record_check_in", id=id_, **data)


PATH = "/api/v1/practice/check-ins"


def test_staff_reads_are_audited_once_with_the_rows_seen() -> None:
    mine = in_care()
    check_in(mine.record, mine.patient)
    [row] = look(mine.counsellor, PATH)
    seen = [["checkin", row["id"], str(mine.record.id)]]
    assert reads(mine.record, mine.patient) == [(mine.counsellor.id, "read checkin", seen)]


def test_a_page_of_several_records_is_audited_in_each_of_them(circle: Circle) -> None:
    people = [(circle.records[name], getattr(circle, name)) for name in ("ana", "ben")]
    for record, patient in people:
        check_in(record, patient)
    assert len(look(circle.dana, PATH)) == 2
    for record, patient in people:
        [(actor, _, seen)] = reads(record, patient)
        assert actor == circle.dana.id
        assert [scope for _, _, scope in seen] == [str(record.id)]


def test_empty_pages_and_ones_own_rows_are_not_audited() -> None:
    mine = in_care()
    assert look(mine.counsellor, PATH) == []
    check_in(mine.record, mine.patient)
    assert len(look(mine.patient, PATH)) == 1
    assert look(make_user(is_staff=True), PATH) == []
    assert reads(mine.record, mine.patient) == []
