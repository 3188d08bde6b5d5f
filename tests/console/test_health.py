"""Administrators see whether notifications arrive and work goes on, and nobody's name."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from notifications.models import Delivery, Letter, Pause, bucket_of
from recovery.people.rules import staff_scope
from recovery.signin.models import DeviceSession, User
from tests.cast import (
    NORTHLIGHT,
    ConsoleBrowser,
    act,
    admit,
    employ,
    make_olive,
    make_programme,
    make_user,
    sign_in,
)
from tests.console.house import House, make_house, queries_of, reads
from tests.console.planning import words
from tests.console.scenes import at_work
from tests.roles import as_role, set_scene

pytestmark = pytest.mark.usefixtures("committed_db")
PATH = "/programme/health"


@pytest.fixture
def house() -> House:
    return make_house()


def people(house: House, number: int) -> list[User]:
    """In the programme, each with the account in use."""
    return [admit(house.dana, given_name=f"P{n}")[0] for n in range(number)]


def push(user: User, state: str = "sent", reason: str = "", **facts: Any) -> None:
    now = timezone.now()
    settled = None if state == "planned" else now - timedelta(hours=1)
    row = {"push_class": "reminder", "rank": 1, "due": now, "expires": now, "settled_at": settled}
    with transaction.atomic(), set_scene():
        Delivery.objects.create(
            bucket=bucket_of(user.id), id=uuid7(), scope_id=user.id, registration_id=uuid7(),
            state=state, reason=reason, **row | facts,
        )  # fmt: skip


def letter(scope: uuid.UUID, state: str, reason: str = "") -> None:
    now = timezone.now()
    with transaction.atomic(), set_scene():
        Letter.objects.create(
            bucket=bucket_of(scope), id=uuid7(), scope_id=scope, type="people.invitation",
            mail="invitation", sealed=b"", due=now, expires=now, state=state, reason=reason,
            settled_at=now,
        )  # fmt: skip


def row_of(page: str, title: str) -> str:
    [row] = [each for each in page.split("<tr") if title in each.split("</th>")[0]]
    return words("<" + row.split("</tr>")[0].partition("</th>")[2])


def test_pushes_are_counted_by_what_became_of_them(house: House) -> None:
    for each in people(house, 6):
        push(each)
        push(each)
        push(each, "dead", "registration_gone")
        push(each, "expired", "ttl")
        push(each, "sent", push_class="sync", rank=2)
    page = house.desk("fay").reads(PATH)
    assert row_of(page, "Reminders and news") == "12 None 6 6"
    assert row_of(page, "Silent ones") == "6 None None None"
    assert "The phone no longer has the app, or was set up again. 6" in words(page)
    assert "It would have come too late to be of use. 6" in words(page)


def test_what_could_tell_of_one_person_is_hidden(house: House) -> None:
    few = people(house, 4)
    for each in few:
        for _ in range(3):
            push(each, "dead", "unregistered")
    page = house.desk("fay").reads(PATH)
    # Twelve pushes, but to four people.
    assert row_of(page, "Reminders and news") == "None None None Fewer than 5 people"
    assert "or was set up again. Fewer than 5" in words(page)
    assert "12" not in row_of(page, "Reminders and news")


def test_old_pushes_and_those_of_other_programmes_do_not_count(house: House) -> None:
    stranger = make_user()
    for each in (stranger, *people(house, 6)):
        at = timezone.now() - timedelta(days=8)
        push(each, settled_at=at if each != stranger else timezone.now())
    page = house.desk("fay").reads(PATH)
    assert "No push in these days." in page


def test_phones_whose_reminders_have_stopped(house: House) -> None:
    assert "Reminders have stopped None that is known" in words(house.desk("fay").reads(PATH))
    for number, expected in ((4, "Fewer than 5"), (1, "5")):
        for each in people(house, number):
            sign_in(each, now=timezone.now())
            with as_role("jobs"):
                rows = DeviceSession.objects.filter(scope_id=each.id)
                rows.update(pushes_stopped_at=timezone.now())
        assert f"Reminders have stopped {expected}" in words(house.desk("fay").reads(PATH))


def test_emails_that_could_not_be_delivered(house: House) -> None:
    assert "Could not be delivered" not in house.desk("fay").reads(PATH)
    letter(staff_scope(NORTHLIGHT), "dead", "smtp_550")
    page = words(house.desk("fay").reads(PATH))
    assert "Could not be delivered Fewer than 5 people Open invitations say which" in page
    assert "The mail server refused the address or the letter. Fewer than 5" in page


def test_a_worker_that_is_silent_and_what_waits_for_it_are_said(house: House) -> None:
    page = words(house.desk("fay").reads(PATH))
    assert "Worker last heard Not known: none is there" in page
    assert "Something is behind." in page
    with as_role("jobs"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
        cursor.execute("DELETE FROM procrastinate_jobs")
    page = words(house.desk("fay").reads(PATH))
    assert "Worker last heard Just now" in page
    assert "Oldest job that waits Nothing waits" in page
    assert "Something is behind." not in page
    push(people(house, 1)[0], "planned", due=timezone.now() - timedelta(minutes=20))
    late = timezone.now() - timedelta(hours=2, minutes=1)
    with as_role("jobs"), connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = %s", [late])
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, scheduled_at)"
            " VALUES ('default', 'care.plan_person', %s)",
            [late],
        )
    page = words(house.desk("fay").reads(PATH))
    for sentence in (
        "The worker was last heard 2 hours ago.",
        "A job has waited for 2 hours.",
        "A push has waited for 20 minutes.",
    ):
        assert sentence in page


def test_a_pause_says_what_is_paused_until_when_and_why(house: House) -> None:
    until = timezone.now() + timedelta(minutes=30)
    with as_role("jobs"):
        Pause.objects.create(name="fcm:ios", until=until, reason="third_party_auth_error")
    page = house.desk("fay").reads(PATH)
    assert "Pushes to iPhones are paused until" in page
    assert "refused the key of this server" in page


def test_more_of_everything_takes_no_more_queries(house: House) -> None:
    push(people(house, 1)[0])
    browser = house.desk("fay")
    browser.reads(PATH)
    few = queries_of(browser, PATH)
    for each in people(house, 5):
        push(each)
        push(each, "dead", "unregistered")
    assert queries_of(browser, PATH) == few


def test_only_administrators_come_there_and_nobody_is_read(house: House) -> None:
    push(house.ana)
    before = reads()
    for browser in (house.desk("dana"), house.desk("eli"), ConsoleBrowser(make_olive())):
        assert browser.get(PATH).status_code == 404
    # Of another programme: nothing of Northlight's.
    elsewhere = make_programme()
    olive = at_work(employ(elsewhere, "admin"), elsewhere, "admin")
    assert "No push in these days." in olive.reads(PATH)
    assert "Ana" not in house.desk("fay").reads(PATH)
    assert reads() == before


def test_a_former_administrator_finds_nothing(house: House) -> None:
    act(house.fay, "people.change_role", programme=NORTHLIGHT, user=house.eli.id, role="admin")
    browser = house.desk("eli")
    assert browser.get(PATH).status_code == 200
    act(house.fay, "people.change_role", programme=NORTHLIGHT, user=house.eli.id, role="clinician")
    assert browser.get(PATH).status_code == 404
