"""Reading another person's rows is audited once. An empty page or one's own rows are not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from uuid_utils.compat import uuid7

from recovery.actions.models import AuditEvent
from recovery.actions.views import VisibleRows
from recovery.care.models import CareRecord
from recovery.feed.context import set_actor
from recovery.practice.models import CheckIn
from recovery.signin.models import User
from tests.cast import NOW, Circle, FakePhone, act, answer, cursor_after, in_care, make_user
from tests.roles import set_scene

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


def all_reads() -> list[tuple[str, str, str, list[list[str]]]]:
    """Every read event: actor, action, scope, and the objects seen."""
    with transaction.atomic(), set_scene():
        events = AuditEvent.objects.filter(outcome="read").order_by("id")
        return [(str(e.actor_id), e.action, str(e.scope_id), e.objects_touched) for e in events]


def seen_of_people(pulled: dict[str, Any]) -> dict[str, set[tuple[str, str]]]:
    """(kind, id) of each document, by the id of its scope; only what is about people."""
    return {
        scope["scope"].partition(":")[2]: {(kind, id_) for kind, id_, *_ in scope["put"]}
        for scope in pulled["scopes"]
        if scope["scope"].startswith(("care:", "group:")) and scope["put"]
    }


def traced() -> dict[str, set[tuple[str, str]]]:
    """The same, of the events; each scope once."""
    events = all_reads()
    assert len({scope for _, _, scope, _ in events}) == len(events)
    return {scope: {(kind, id_) for kind, id_, _ in seen} for _, _, scope, seen in events}


def test_a_pull_of_staff_is_audited_once_in_each_record_and_group(circle: Circle) -> None:
    for name in ("ana", "ben"):
        check_in(circle.records[name], getattr(circle, name))
    phone = FakePhone(circle.dana, registered=True, methods=["passkey"])
    pulled = phone.pull()
    assert len(seen_of_people(pulled)) == 3
    assert traced() == seen_of_people(pulled)
    assert {(actor, action) for actor, action, _, _ in all_reads()} == {
        (str(circle.dana.id), "read by sync")
    }


def test_a_pull_that_brings_nothing_is_not_audited(circle: Circle) -> None:
    check_in(circle.records["ana"], circle.ana)
    phone = FakePhone(circle.dana, registered=True, methods=["passkey"])
    cursor = cursor_after(phone.pull())
    before = all_reads()
    assert before
    assert seen_of_people(phone.pull(cursor)) == {}
    unknown = {"client_id": str(uuid7()), "schema": 1, "cursor": {}}
    assert phone.post("sync/pull", unknown).status_code == 404
    assert all_reads() == before


def test_a_pull_that_comes_with_a_push_is_audited_too(circle: Circle) -> None:
    check_in(circle.records["ana"], circle.ana)
    phone = FakePhone(circle.dana, registered=True, methods=["passkey"])
    pulled = answer(phone.push(pull={"cursor": {}}))["pull"]
    assert traced() == seen_of_people(pulled)


def test_patients_leave_no_trace_by_pulling(circle: Circle) -> None:
    """Their own record is theirs. Peers have consented to being read in the group."""
    check_in(circle.records["ana"], circle.ana)
    assert seen_of_people(FakePhone(circle.ana, registered=True).pull())
    assert all_reads() == []


# Every route that answers with anything is one of these. A new one has to be sorted in.
TRACED = {
    "sync.pull": "above",
    "sync.push": "above: the pull that comes with it",
    "sync.history": "tests/feed/test_history.py",
    "blobs.read": "tests/blobs/test_reading.py",
    "people.list_unattended": "tests/people/test_handover.py",
}
OWN = {
    "sync.register": "the caller's phone",
    "sync.digest": "numbers and hashes",
    "blobs.declare": "the caller's upload",
    "blobs.take_piece": "the caller's upload",
    "sessions.list": "the caller's devices",
    "sessions.refresh": "the caller's tokens",
    "sessions.revoke": "nothing",
    "sessions.sign_out": "nothing",
    "sessions.wipe_receipt": "nothing",
    "account": "how the caller signs in",
    "enrolment": "the caller's tokens",
    "push": "the installation's key",
    "live.ticket": "the caller's ticket",
}


def operations() -> dict[str, str]:
    """The URL of each operation of the API but actions, which are audited themselves."""
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return {
        operation["operationId"]: path
        for path, verbs in paths.items()
        for operation in verbs.values()
        if isinstance(operation, dict) and "/actions/" not in path
    }


def is_list(path: str) -> bool:
    """Lists are audited where their rows are read, in recovery/actions/views.py."""
    uuid = "018f0000-0000-7000-8000-000000000001"
    view = resolve(re.sub(r"\{\w+\}", uuid, path)).func
    return issubclass(getattr(view, "cls", object), VisibleRows)


def test_every_route_that_shows_people_is_audited() -> None:
    plain = {name for name, path in operations().items() if not is_list(path)}
    api = {name for name in plain if not operations()[name].startswith("/auth/")}
    assert api - TRACED.keys() - OWN.keys() == set()
    for view in VisibleRows.__subclasses__():
        assert view.paginate_queryset is VisibleRows.paginate_queryset, view
        assert view.list is VisibleRows.list, view
