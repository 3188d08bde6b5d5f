"""What staff come to the console for, with a keyboard alone, at a desk and on a phone's width; and
what becomes of it where the network, the session or a second finger comes between."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from uuid_utils.compat import uuid7

from recovery.alumni.models import Campaign
from recovery.care.models import Appointment, Attendance
from recovery.people.models import StaffMember
from recovery.practice.models import Assignment, AttemptReview
from recovery.signin.models import DeviceSession, User
from tests.cast import act, content, employ, exercise, hire
from tests.cast.programme import NORTHLIGHT
from tests.clients.ana import Ana, admitted, confirm_notice, join_group, make_group
from tests.console.conftest import OpenDesk
from tests.console.way_in import set_up_second_step, sign_in_again
from tests.roles import as_role, set_scene
from tests.screens.keyboard import Keyboard

WIDTHS = (360, 1280)
at_both_widths = pytest.mark.parametrize("width", WIDTHS)
COMMENT = "You stayed with it for nine minutes."
LOCAL = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def ana(ana: Ana) -> Ana:
    """Dana, who cares for her, is one of the staff that the programme shows."""
    with transaction.atomic(), set_scene():
        facts = {"role": "counsellor", "given_name": "Dana", "family_name": "Reed"}
        StaffMember.objects.create(scope_id=NORTHLIGHT, user_id=ana.dana.id, **facts)
    return ana


def named(page: Page, role: Any, name: str) -> Any:
    return page.get_by_role(role, name=re.compile(rf"^\W*{re.escape(name)}"))


def menu(page: Page, keys: Keyboard, name: str) -> None:
    """Go to a page as the menu names it, which is behind a button on a small screen."""
    link = page.locator(".side").get_by_role("link", name=name)
    if not link.is_visible():
        keys.use(page.get_by_role("button", name="Menu"))
    keys.use(link)


def outcome(page: Page) -> Any:
    return page.locator("#said, #outcome").filter(has_text=re.compile(r"\w"))


def shared(ana: Ana) -> str:
    """Something that Ana did and shared."""
    exercise("urge-surfing")
    id_, tool = str(uuid7()), content("urge-surfing")["id"]
    now = timezone.now()
    data = {"id": id_, "record": ana.record, "exercise": tool, "version": 1, "started_at": now}
    act(ana.user, "practice.record_attempt", now=now, **data)
    return id_


def comments() -> list[str]:
    with as_role("jobs"):
        return list(AttemptReview.objects.values_list("comment", flat=True))


@at_both_widths
def test_a_counselor_finds_the_person_to_contact_and_opens_them(
    open_desk: OpenDesk, ana: Ana, width: int
) -> None:
    urge = ana.check_in(mood=2, craving_now=6, craving_worst=9)
    act(ana.user, "practice.record_check_in", now=timezone.now(), **urge)
    admitted(ana.dana, ana.stack, given_name="Ben", email="ben@example.org")
    page = open_desk(width=width)
    keys = Keyboard(page)
    menu(page, keys, "Caseload")
    expect(page.get_by_role("heading", name="Contact today")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Urge 9")
    keys.use(row.get_by_role("link", name="Ana Reyes"))
    expect(page.get_by_role("heading", level=1, name="Ana Reyes")).to_be_visible()
    expect(page.get_by_text("Urge 9 today.")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Contact today")).to_be_visible()


def evening_of(ana: Ana, number: int) -> str:
    """The session, going on now, of a group with this number of Dana's people."""
    begins = datetime.now(LOCAL) - timedelta(minutes=30)
    people = [ana] + [
        admitted(ana.dana, ana.stack, given_name=f"Person{at:02}", email=f"p{at}@example.org")
        for at in range(1, number)
    ]
    confirm_notice(*people)
    group = make_group(ana)
    for at, each in enumerate(people):
        join_group(each, group, alias=f"Bird{at}")
    series = {
        "kind": "group",
        "title": "Evening group",
        "rule": "FREQ=WEEKLY",
        "first_date": begins.date(),
        "times": [f"{begins:%H:%M}"],
        "minutes": 180,
    }
    act(ana.dana, "care.create_series", now=timezone.now(), scope=f"group:{group}", **series)
    with as_role("jobs"):
        return str(Appointment.objects.filter(scope_id=group).earliest("starts_at").id)


def test_twelve_people_are_marked_with_fewer_than_twelve_keys(
    open_desk: OpenDesk, ana: Ana
) -> None:
    session = evening_of(ana, 12)
    page = open_desk(f"/sessions/{session}/roster")
    pressed = 0

    def press(key: str, times: int = 1) -> None:
        nonlocal pressed
        for _ in range(times):
            page.keyboard.press(key)
            pressed += 1

    press("k")
    last = page.locator("tr:focus")
    expect(last).to_have_count(1)
    press("Tab", 5)  # their page, then the answers
    expect(named(page, "button", "Not here").last).to_be_focused()
    press("Enter")
    expect(page.get_by_role("status").filter(has_text="1 of 12 marked.")).to_be_visible()
    press("Tab")
    expect(page.get_by_role("button", name="Mark the other 11: here")).to_be_focused()
    press("Enter")
    expect(page.get_by_role("status").filter(has_text="12 of 12 marked.")).to_be_visible()
    assert pressed < 12
    with as_role("jobs"):
        marks = list(Attendance.objects.values_list("status", flat=True))
    assert sorted(marks) == ["absent", *["present"] * 11]


@pytest.mark.soak
@at_both_widths
def test_a_counselor_assigns_a_tool(open_desk: OpenDesk, ana: Ana, width: int) -> None:
    exercise("box-breathing")
    page = open_desk(width=width)
    keys = Keyboard(page)
    menu(page, keys, "Assign")
    keys.use(named(page, "link", "Box breathing"))
    keys.pick(page.get_by_label("Ana Reyes"))
    keys.write(page.get_by_label("Your line"), "Two rounds before bed.")
    keys.use(page.get_by_role("button", name="Assign"))
    expect(outcome(page).first).to_contain_text("Ana")
    with as_role("jobs"):
        [row] = Assignment.objects.all()
    assert (row.scope_id, row.note) == (ana.record, "Two rounds before bed.")


@pytest.mark.soak
@at_both_widths
def test_a_counselor_answers_what_was_shared(open_desk: OpenDesk, ana: Ana, width: int) -> None:
    shared(ana)
    page = open_desk(width=width)
    keys = Keyboard(page)
    menu(page, keys, "Review")
    keys.use(named(page, "link", "Read"))
    keys.write(page.get_by_label("To Ana"), COMMENT)
    keys.use(page.get_by_role("button", name="Send"))
    expect(page.get_by_text("Nothing else waits for you.")).to_be_visible()
    assert comments() == [COMMENT]


@pytest.mark.soak
@at_both_widths
def test_a_coordinator_writes_in_two_languages_sends_and_stops(
    open_desk: OpenDesk, ana: Ana, width: int
) -> None:
    opal = hire(employ(NORTHLIGHT, "admin"), NORTHLIGHT, "alumni_coordinator", ("Opal", "Reed"))
    act(ana.dana, "care.make_alumnus", now=timezone.now(), record=ana.record, reason="Finished.")
    page = open_desk(user=opal, width=width)
    keys = Keyboard(page)
    menu(page, keys, "Announcements")
    keys.use(named(page, "link", "Write to alumni"))
    keys.write(page.get_by_label("English"), "Supper on Saturday")
    keys.write(page.get_by_label("Español"), "Cena el sábado")
    keys.use(page.get_by_role("button", name="Save and check"))
    previews = page.locator(".preview")
    expect(previews.filter(has_text="Supper on Saturday")).to_be_visible()
    expect(previews.filter(has_text="Cena el sábado")).to_be_visible()
    keys.use(page.get_by_role("button", name="Send it now"))
    # No worker runs here, so it waits to go out.
    keys.use(page.get_by_role("button", name="Stop now"))
    expect(page.get_by_text("Stopped. Nobody else gets it.")).to_be_visible()
    with as_role("jobs"):
        [row] = Campaign.objects.all()
    assert row.state == "stopped"


@pytest.mark.soak
@at_both_widths
def test_an_administrator_invites_in_under_a_minute_and_prints_the_code(
    open_desk: OpenDesk, ana: Ana, width: int
) -> None:
    page = open_desk(user=hire(employ(NORTHLIGHT, "admin"), NORTHLIGHT, "admin"), width=width)
    keys = Keyboard(page)
    begins = time.monotonic()
    menu(page, keys, "People and roles")
    keys.write(page.get_by_label("Given name"), "Noah")
    keys.write(page.get_by_label("Family name"), "Brandt")
    keys.reach(page.get_by_label("Date of birth"))
    page.keyboard.type("03211994")
    keys.use(page.get_by_role("button", name="Make the code"))
    code = page.locator(".new-code .large-code").first
    expect(code).to_be_visible()
    assert time.monotonic() - begins < 60
    made = code.inner_text()
    keys.reach(page.locator("[data-print]"))
    page.emulate_media(media="print")
    expect(page.locator(".code-sheet").get_by_text(made).first).to_be_visible()
    expect(page.get_by_role("heading", name="People and roles")).to_be_hidden()


@pytest.mark.soak
@at_both_widths
def test_an_administrator_ends_an_access_once_a_colleague_takes_over(
    open_desk: OpenDesk, ana: Ana, width: int
) -> None:
    admin = employ(NORTHLIGHT, "admin")
    fay = hire(admin, NORTHLIGHT, "admin", ("Fay", "Stone"))
    dana = hire(admin, NORTHLIGHT, "counsellor", ("Dana", "Whitfield"))
    hire(admin, NORTHLIGHT, "counsellor", ("Eli", "Moss"))
    admitted(dana, ana.stack, given_name="Ben", email="ben@example.org")
    page = open_desk(f"/programme/staff/{dana.id}", fay, width=width)
    keys = Keyboard(page)
    keys.use(page.get_by_role("button", name="End the access of Dana Whitfield"))
    expect(page.get_by_text("Nothing is changed yet.")).to_be_visible()
    assert member(dana).left_at is None
    keys.reach(page.get_by_label("Who takes over").first)
    page.keyboard.type("Eli")
    keys.use(page.get_by_role("button", name="End the access of Dana Whitfield"))
    expect(page.get_by_text("Until ")).to_be_visible()
    assert member(dana).left_at is not None


def member(user: User) -> StaffMember:
    with as_role("jobs"):
        return StaffMember.objects.get(user_id=user.id)


@pytest.mark.soak
def test_the_back_button_leads_back_and_sends_nothing_twice(open_desk: OpenDesk, ana: Ana) -> None:
    path = f"/review/{shared(ana)}"
    page = open_desk("/review")
    page.goto(path)
    page.get_by_label("To Ana").fill(COMMENT)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Nothing else waits for you.")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(re.compile("/review$"))
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    page.go_forward()
    expect(page).to_have_url(re.compile(f"{path}$"))
    expect(page.get_by_text(COMMENT)).to_be_visible()
    assert comments() == [COMMENT]


@pytest.mark.soak
def test_without_a_socket_the_page_asks_by_itself(open_desk: OpenDesk, ana: Ana) -> None:
    page = open_desk("/review")
    page.route_web_socket(re.compile(""), lambda socket: socket.close())
    page.clock.install()
    page.reload()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    page.clock.run_for("00:00:04")
    expect(page.locator(".live:visible")).to_have_text("Not live. Checking every 30 s.")
    shared(ana)
    page.clock.run_for("00:00:31")
    expect(page.get_by_text("1 tool waits for your answer")).to_be_visible()


def lost(page: Page, *, arrives: bool) -> None:
    """The next form is lost on its way, or only its answer is."""
    left = [1]

    def lose(route: Route) -> None:
        if route.request.method != "POST" or not left:
            return route.fallback()
        left.clear()
        if arrives:
            # Only browsers know where names below localhost are.
            host = urlsplit(route.request.url).netloc
            here = route.request.url.replace("console.localhost", "127.0.0.1")
            route.fetch(url=here, headers=route.request.all_headers() | {"host": host})
        return route.abort()

    page.route("**/*", lose)


@pytest.mark.soak
@pytest.mark.parametrize("arrives", [False, True])
def test_what_the_network_loses_is_sent_once(open_desk: OpenDesk, ana: Ana, arrives: bool) -> None:
    page = open_desk(f"/review/{shared(ana)}")
    page.get_by_label("To Ana").fill(COMMENT)
    lost(page, arrives=arrives)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Not sent: no connection.")).to_be_visible()
    expect(page.get_by_label("To Ana")).to_have_value(COMMENT)
    assert comments() == ([COMMENT] if arrives else [])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Nothing else waits for you.")).to_be_visible()
    assert comments() == [COMMENT]


@pytest.mark.soak
def test_two_fingers_on_a_button_send_once(open_desk: OpenDesk, ana: Ana) -> None:
    page = open_desk(f"/review/{shared(ana)}")
    page.get_by_label("To Ana").fill(COMMENT)
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_text("Nothing else waits for you.")).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("alert")).to_have_count(0)
    assert comments() == [COMMENT]


@pytest.mark.soak
def test_nothing_that_was_typed_is_lost_with_the_session(open_desk: OpenDesk, ana: Ana) -> None:
    address = "dana@example.org"
    User.objects.filter(id=ana.dana.id).update(email=address)
    path = f"/review/{shared(ana)}"
    page = open_desk()
    on_paper = set_up_second_step(page)
    page.goto(path)
    page.get_by_label("To Ana").fill(COMMENT)
    with transaction.atomic(), set_scene():
        DeviceSession.objects.in_scope(ana.dana.id).update(revoked_at=timezone.now())
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("dialog", name="Sign in again")).to_be_visible()
    assert comments() == []
    sign_in_again(page, ana.dana, address, on_paper)
    expect(page.get_by_label("To Ana")).to_have_value(COMMENT)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Nothing else waits for you.")).to_be_visible()
    assert comments() == [COMMENT]
