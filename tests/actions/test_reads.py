"""Reading another person's rows is audited once. An empty page or one's own rows are not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from recovery.actions.models import AuditEvent
from recovery.feed.context import set_actor
from recovery.practice.models import CheckIn
from tests.cast import NOW, Care, FakePhone, act, answer, in_care, make_user

pytestmark = pytest.mark.django_db


def reads(cared_for: Care) -> list[tuple[Any, ...]]:
    with transaction.atomic():
        set_actor(cared_for.patient.id)
        events = AuditEvent.objects.in_scope(cared_for.record.id).filter(outcome="read")
        return list(events.values_list("actor_id", "action", "objects_touched"))


def look(user: Any, path: str) -> list[Any]:
    return list(answer(FakePhone(user, methods=["passkey"]).get(path))["results"])


def check_in(cared_for: Care) -> None:
    day = NOW.date()
    id_ = CheckIn.id_of(cared_for.record.id, day, "day")
    data = {"record": cared_for.record.id, "local_date": day, "slot": "day", "mood": 4}
    act(cared_for.patient, "practice.record_check_in", id=id_, **data)


PATH = "/api/v1/practice/check-ins"


def test_staff_reads_are_audited_once_with_the_rows_seen() -> None:
    mine = in_care()
    check_in(mine)
    [row] = look(mine.counsellor, PATH)
    seen = [["checkin", row["id"], str(mine.record.id)]]
    assert reads(mine) == [(mine.counsellor.id, "read checkin", seen)]


def test_empty_pages_and_ones_own_rows_are_not_audited() -> None:
    mine = in_care()
    assert look(mine.counsellor, PATH) == []
    check_in(mine)
    assert len(look(mine.patient, PATH)) == 1
    assert look(make_user(is_staff=True), PATH) == []
    assert reads(mine) == []
