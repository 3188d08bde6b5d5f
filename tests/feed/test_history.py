"""Old messages leave the feed. Members who were there when they were sent read them by page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from foundation.problems import Refused
from recovery.actions.models import AuditEvent
from recovery.conversations.models import Message
from recovery.feed import ageing, jobs, tombstones
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry, Scope
from recovery.feed.rebuild import differences, repair
from tests.api.descriptions import as_described
from tests.at_once import at_once
from tests.cast import (
    Circle,
    FakePhone,
    ReferencePhone,
    act,
    answer,
    make_circle,
    make_olive,
    make_user,
)
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
HISTORY = "/api/v1/sync/history"
DAY = timedelta(days=1)
HISTORY_KINDS = ("message", "round_line", "support")
# In the past, so that no phone's token is older than what it reads.
LATER = timezone.now()
THEN = LATER - 200 * DAY
RECENTLY = LATER - 20 * DAY


def say(circle: Circle, user: Any, text: str, at: datetime) -> str:
    data = {"id": uuid7(), "group": circle.group, "text": text}
    act(user, "groups.post_message", now=at, **data)
    return str(data["id"])


def seq(circle: Circle, message: str) -> int:
    with transaction.atomic():
        set_actor(circle.dana.id)
        rows = FeedEntry.objects.filter(scope_id=circle.group, kind="message", object_id=message)
        return rows.values_list("seq", flat=True).first() or 0


def edit(circle: Circle, user: Any, message: str, text: str, base: int | None = None) -> None:
    known = {f"message/{message}": seq(circle, message) if base is None else base}
    data = {"message": message, "text": text}
    act(user, "groups.edit_message", now=LATER, base=known, **data)


def age(now: datetime = LATER, **options: Any) -> int:
    with as_role("jobs"):
        return ageing.age(now, **options)


def history_page(user: Any, circle: Circle, **more: Any) -> dict[str, Any]:
    phone = FakePhone(user)
    body = {"scope": f"group:{circle.group}", "kind": "message"} | more
    response = phone.post(HISTORY, body)
    assert response["Cache-Control"] == "no-store"
    return as_described(HISTORY, answer(response))


def pages(user: Any, circle: Circle, limit: int, **more: Any) -> Iterator[list[Any]]:
    page = history_page(user, circle, limit=limit, **more)
    yield page["entries"]
    while page["next"]:
        page = history_page(user, circle, limit=limit, before=page["next"], **more)
        yield page["entries"]


def read(user: Any, circle: Circle, **more: Any) -> list[str]:
    return [entry[3]["text"] for page in pages(user, circle, 50, **more) for entry in page]


def feed_is_the_rows() -> bool:
    """Only for the kinds that age: tests/cast writes the other rows without feed entries."""
    with as_role("jobs"):
        return [d for d in differences() if d.kind in HISTORY_KINDS] == []


@pytest.fixture
def circle() -> Circle:
    """Three old messages and a new one, in a group older than all of them."""
    with time_machine.travel(THEN - DAY):
        circle = make_circle(group={"size": {"min": 2, "max": 9}})
    for n, user in enumerate((circle.ana, circle.ben, circle.dana)):
        say(circle, user, f"old {n}", THEN + n * timedelta(hours=1))
    say(circle, circle.ana, "new", RECENTLY)
    return circle


def test_old_messages_leave_every_phone_and_are_read_newest_first(circle: Circle) -> None:
    phone = ReferencePhone(circle.ben, pulled=True)
    assert phone.messages(circle.group) == ["old 0", "old 1", "old 2", "new"]
    assert age() == 3
    phone.pull()
    assert phone.messages(circle.group) == ["new"]
    assert read(circle.ben, circle) == ["old 2", "old 1", "old 0"]
    assert age() == 0
    assert feed_is_the_rows()


def test_history_returns_the_same_bytes_as_the_feed(circle: Circle) -> None:
    with transaction.atomic():
        set_actor(circle.ana.id)
        rows = FeedEntry.objects.filter(scope_id=circle.group, kind="message")
        before = {str(row.object_id): row.doc for row in rows}
    age()
    phone = FakePhone(circle.ana)
    body = {"scope": f"group:{circle.group}", "kind": "message"}
    raw = phone.post(HISTORY, body).content.decode()
    entries = json.loads(raw)["entries"]
    assert len(entries) == 3
    assert all(before[id_] in raw for _, id_, _, _ in entries)


def test_a_first_sync_has_no_old_messages_once_their_tombstones_are_collected(
    circle: Circle,
) -> None:
    age()
    with as_role("jobs"):
        tombstones.collect(LATER + 91 * DAY)
    phone = ReferencePhone(circle.ana, pulled=True)
    assert phone.messages(circle.group) == ["new"]
    assert [entry[2] for entry in history_page(circle.ana, circle)["entries"]] == [0, 0, 0]


def test_pages_of_any_size_add_up_to_the_same_entries(circle: Circle) -> None:
    for n in range(4):  # two at the same moment, twice
        say(circle, circle.ana, f"older {n}", THEN - (n // 2) * DAY)
    age()
    whole = [entry for page in pages(circle.ana, circle, 50) for entry in page]
    assert len(whole) == 7
    for limit in (1, 2, 3):
        split = list(pages(circle.ana, circle, limit))
        assert [entry for page in split for entry in page] == whole
        assert all(len(page) == limit for page in split[:-1])


def test_a_cursor_stays_valid_when_more_messages_become_old(circle: Circle) -> None:
    age()
    first = history_page(circle.ana, circle, limit=1)
    age(LATER + 200 * DAY)
    rest = history_page(circle.ana, circle, limit=9, before=first["next"])
    assert [entry[3]["text"] for entry in rest["entries"]] == ["old 1", "old 0"]
    assert read(circle.ana, circle) == ["new", "old 2", "old 1", "old 0"]


def test_only_members_read_history(circle: Circle) -> None:
    age()
    for user in (circle.cleo, make_user(), make_olive()):
        phone = FakePhone(user)
        body = {"scope": f"group:{circle.group}", "kind": "message"}
        assert answer(phone.post(HISTORY, body), 404)["code"] == "not_found"
    act(circle.ben, "groups.leave", now=LATER, group=circle.group)
    former_member = FakePhone(circle.ben)
    assert answer(former_member.post(HISTORY, body), 404)["code"] == "not_found"


def test_a_later_member_reads_no_earlier_messages(circle: Circle) -> None:
    with time_machine.travel(RECENTLY + DAY):
        late = circle.bring_in("cleo")
    say(circle, circle.ana, "after Cleo came", RECENTLY + 2 * DAY)
    age(LATER + 200 * DAY)
    assert read(late, circle) == ["after Cleo came"]
    assert len(read(circle.ana, circle)) == 5


def test_an_old_message_may_be_edited_and_stays_out_of_the_feed(circle: Circle) -> None:
    age()
    phone = ReferencePhone(circle.ben, pulled=True)
    first = history_page(circle.ana, circle)["entries"][-1]
    assert first[3]["text"] == "old 0"
    with pytest.raises(Refused, match="changed meanwhile"):
        edit(circle, circle.ana, first[1], "other words", base=first[2] - 1)
    edit(circle, circle.ana, first[1], "better words", base=first[2])
    phone.pull()
    assert phone.messages(circle.group) == ["new"]
    assert ReferencePhone(circle.ana, pulled=True).messages(circle.group) == ["new"]
    assert read(circle.ben, circle)[-1] == "better words"
    assert feed_is_the_rows()


def test_an_old_message_may_be_edited_after_its_tombstone_is_collected(circle: Circle) -> None:
    age()
    with as_role("jobs"):
        tombstones.collect(LATER + 91 * DAY)
    first = history_page(circle.ana, circle)["entries"][-1]
    edit(circle, circle.ana, first[1], "once", base=first[2])
    with pytest.raises(Refused, match="changed meanwhile"):
        edit(circle, circle.ana, first[1], "twice", base=first[2])
    assert read(circle.ben, circle)[-1] == "once"
    assert feed_is_the_rows()


def test_a_withdrawn_message_is_empty_in_history_too(circle: Circle) -> None:
    age()
    old = history_page(circle.ana, circle)["entries"][-1][1]
    act(circle.ana, "groups.withdraw_message", now=LATER, message=old)
    kind, id_, _, document = history_page(circle.ben, circle)["entries"][-1]
    assert (kind, id_, document["text"]) == ("message", old, "")
    assert document["withdrawn_at"]


def test_a_deleted_message_is_not_in_history(circle: Circle) -> None:
    age()
    old = history_page(circle.ana, circle)["entries"][0][1]
    with transaction.atomic():
        set_actor(circle.ana.id)
        Message.objects.in_scope(circle.group).filter(id=old).delete()
    assert read(circle.ben, circle) == ["old 1", "old 0"]


def test_only_reads_by_staff_are_audited(circle: Circle) -> None:
    age()
    read(circle.ana, circle)
    entries = history_page(circle.dana, circle)["entries"]
    with transaction.atomic():
        set_actor(circle.dana.id)
        [event] = AuditEvent.objects.in_scope(circle.group).filter(outcome="read")
    assert (event.actor_id, event.action) == (circle.dana.id, "read message")
    assert [touched[1] for touched in event.objects_touched] == [entry[1] for entry in entries]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"scope": "nonsense"}, 404),
        ({"scope": "group:nonsense"}, 404),
        ({"scope": 7}, 400),
        ({"kind": "member_card"}, 404),
        ({"kind": "no_such_kind"}, 404),
        ({"limit": 201}, 400),
        ({"before": ["2026-01-01", "x"]}, 400),
        ({"before": ["2026-01-01T00:00:00", str(uuid7())]}, 400),
        ({"before": ["0001-01-01T00:00:00+14:00", str(uuid7())]}, 200),
        ({"before": "x"}, 400),
        ({"before": [None, None]}, 400),
        ({"schema": 0}, 426),
    ],
)
def test_invalid_requests(circle: Circle, change: Any, status: int) -> None:
    phone = FakePhone(circle.ana)
    body = {"scope": f"group:{circle.group}", "kind": "message"} | change
    answer(phone.post(HISTORY, body), status)


def test_messages_leave_in_batches_and_the_rest_waits_for_the_next_run(
    circle: Circle,
) -> None:
    for n in range(8):
        say(circle, circle.ana, f"more {n}", THEN)  # all at the same moment
    assert age(batch=2, most=1) == 9
    assert feed_is_the_rows()
    assert age(batch=2, most=1) == 2
    assert feed_is_the_rows()
    assert len(read(circle.ana, circle)) == 11


def test_the_scope_that_has_waited_longest_goes_first(circle: Circle) -> None:
    other = {"id": uuid7(), "programme": circle.programme.id, "name": "Other", "alias": "Dana"}
    act(circle.dana, "groups.create", now=THEN - DAY, **other)
    data = {"id": uuid7(), "group": other["id"], "text": "waits"}
    act(circle.dana, "groups.post_message", now=THEN, **data)
    assert age(most=1) == 3
    say(circle, circle.ana, "old by then", THEN + 30 * DAY)
    assert age(LATER + 20 * DAY, most=1) == 1
    page = history_page(circle.dana, Circle(circle.programme, circle.dana, other["id"], {}))
    assert [entry[3]["text"] for entry in page["entries"]] == ["waits"]


def test_ageing_does_not_make_a_group_look_active(circle: Circle) -> None:
    """A first sync loads the most recently active scopes first."""
    with transaction.atomic():
        set_actor(circle.ana.id)
        before = Scope.objects.get(id=circle.group).active_at
    age()
    with transaction.atomic():
        set_actor(circle.ana.id)
        assert Scope.objects.get(id=circle.group).active_at == before


def test_lines_of_old_go_rounds_leave_too(circle: Circle) -> None:
    """The go-round itself stays. Its lines are read like messages."""
    opened = {"id": uuid7(), "group": circle.group, "on_date": THEN.date(), "topic": "Sleep"}
    act(circle.dana, "groups.open_round", now=THEN, **opened)
    line = {"id": uuid7(), "round": opened["id"], "kind": "plan", "text": "a walk"}
    act(circle.ana, "groups.add_line", now=THEN, **line)
    age()
    phone = ReferencePhone(circle.ana, pulled=True)
    group = f"group:{circle.group}"
    assert list(phone.seqs(group, "round")) == [str(opened["id"])]
    assert phone.seqs(group, "round_line") == {}
    assert read(circle.ben, circle, kind="round_line") == ["a walk"]


def test_the_nightly_job_ages_the_feed(circle: Circle) -> None:
    with as_role("jobs"):
        jobs.let_go_of_history(0)
    assert feed_is_the_rows()
    phone = ReferencePhone(circle.ana, pulled=True)
    assert phone.messages(circle.group) == ["new"]


def test_a_repair_removes_entries_that_should_have_left(circle: Circle) -> None:
    """The scope counts as aged but its old entries are still in the feed."""
    with as_role("jobs"), connection.cursor() as cursor:
        cursor.execute("SELECT age_scope(%s, %s)", [circle.group, LATER - 180 * DAY])
    assert not feed_is_the_rows()
    with as_role("jobs"):
        repair(LATER)
    assert feed_is_the_rows()
    assert len(read(circle.ana, circle)) == 3


def test_a_concurrent_edit_does_not_bring_an_old_message_back(circle: Circle) -> None:
    for _ in range(6):
        id_ = say(circle, circle.ana, "raced", THEN)
        known = seq(circle, id_)

        def change(id_: str = id_, known: int = known) -> None:
            edit(circle, circle.ana, id_, "raced, edited", base=known)

        at_once(change, age, lambda: read(circle.ben, circle))
        age()
        with transaction.atomic():
            set_actor(circle.ana.id)
            assert Scope.objects.get(id=circle.group).aged_until == LATER - 180 * DAY
        assert feed_is_the_rows()
