"""A series at the console: its rule in words, a new one, its change from a date on, its end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
import time_machine

from recovery.care.models import Appointment, SessionSeries
from recovery.care.rules.timetable import problem_with_rule
from recovery.console.rule_words import ONCE, in_words, rule_of, weekly
from recovery.signin.models import User
from tests.cast import NOW, Circle, ConsoleBrowser, act, make_patient
from tests.console.planning import (
    TALK,
    everything,
    form_of,
    make_series,
    pushes,
    rows,
    send,
    session_on,
    words,
)
from tests.console.scenes import at_work, cost, reads_in

MONDAY = date(2026, 3, 2)  # NOW
NEW: dict[str, Any] = {
    "kind": "group",
    "title": "Morning group",
    "day": ["0", "2"],
    "every": "1",
    "times": ["09:00", ""],
    "minutes": "90",
    "first_date": "2026-03-03",
    "place": "Room 3",
    "video_link": "",
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def dana(circle: Circle) -> ConsoleBrowser:
    return at_work(circle.dana, circle.programme)


@pytest.mark.parametrize(
    ("rule", "times", "sentence"),
    [
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", ["17:30"], "Every Monday to Friday at 5:30 PM"),
        (
            "FREQ=WEEKLY;BYDAY=TH,MO,TU",
            ["18:00"],
            "Every Monday, Tuesday and Thursday at 6:00 PM",
        ),
        ("FREQ=WEEKLY;BYDAY=SA,SU", ["09:30"], "Every Saturday and Sunday at 9:30 AM"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", ["09:00"], "Every day at 9:00 AM"),
        ("FREQ=WEEKLY", ["12:00"], "Every Monday at 12:00 PM"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", ["09:00"], "Every 2 weeks on Tuesday at 9:00 AM"),
        ("FREQ=DAILY", ["09:00", "17:30"], "Every day at 9:00 AM and 5:30 PM"),
        ("FREQ=DAILY;INTERVAL=3", ["09:00"], "Every 3 days at 9:00 AM"),
        (ONCE, ["09:00"], "Once, on Monday, March 2 at 9:00 AM"),
        ("FREQ=DAILY;COUNT=5", ["09:00"], "Every day, 5 times at 9:00 AM"),
        (
            "FREQ=WEEKLY;BYDAY=MO;UNTIL=20260401",
            ["09:00"],
            "Every Monday, until Wednesday, April 1 at 9:00 AM",
        ),
        ("FREQ=MONTHLY", ["09:00"], "Every month on day 2 at 9:00 AM"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=1,-1",
            ["09:00"],
            "Every month on day 1 and the last day at 9:00 AM",
        ),
        ("FREQ=MONTHLY;BYDAY=2TU", ["09:00"], "Every month on the second Tuesday at 9:00 AM"),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR",
            ["09:00"],
            "Every 3 months on the last Friday at 9:00 AM",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-5",
            ["09:00"],
            "By the rule FREQ=MONTHLY;BYMONTHDAY=-5 at 9:00 AM",
        ),
    ],
)
def test_a_rule_is_said_in_words(rule: str, times: list[str], sentence: str) -> None:
    assert problem_with_rule(rule, MONDAY) is None
    assert in_words(SessionSeries(rule=rule, first_date=MONDAY, times=times)) == sentence


@pytest.mark.parametrize("every", [1, 2, 12])
@pytest.mark.parametrize("days", [[0], [1, 4], list(range(7))])
def test_ticked_weekdays_make_a_rule_that_ticks_them_again(days: list[int], every: int) -> None:
    rule = rule_of(days, every)
    assert problem_with_rule(rule, MONDAY) is None
    assert weekly(rule, MONDAY) == (days, every)


def test_rules_that_weekdays_do_not_say_tick_none() -> None:
    assert weekly("FREQ=DAILY", MONDAY) == (list(range(7)), 1)
    assert weekly("FREQ=WEEKLY", MONDAY) == ([0], 1)
    for rule in (ONCE, "FREQ=DAILY;INTERVAL=2", "FREQ=MONTHLY;BYDAY=MO", "FREQ=WEEKLY;COUNT=3"):
        assert weekly(rule, MONDAY) is None


@pytest.mark.django_db
def test_a_series_for_a_group_is_made_from_ticks(circle: Circle, dana: ConsoleBrowser) -> None:
    new = NEW | {"scope": f"group:{circle.group}"}
    answer = dana.do("/series/new", "create", **new)
    assert answer.status_code == 303
    [row] = rows(circle.dana, SessionSeries)
    assert answer["Location"] == f"/series/{row['id']}?new"
    assert (row["rule"], row["times"], row["minutes"], row["place"]) == (
        "FREQ=WEEKLY;BYDAY=MO,WE",
        ["09:00"],
        90,
        "Room 3",
    )
    page = words(dana.reads(answer["Location"]))
    assert "It is on the timetable. A notice goes to 2 people." in page
    assert "Every Monday and Wednesday at 9:00 AM" in page
    assert "Wed, Mar 4, 9:00 AM" in page
    assert pushes(circle.dana, circle.group) == 1


@pytest.mark.django_db
def test_a_browser_with_the_script_is_sent_to_the_new_series(
    circle: Circle, dana: ConsoleBrowser
) -> None:
    new = NEW | {"scope": f"group:{circle.group}"}
    dana.http.defaults["HTTP_HX_REQUEST"] = "true"
    answer = dana.do("/series/new", "create", **new)
    assert (answer.status_code, answer["HX-Redirect"][:8]) == (200, "/series/")


@pytest.mark.django_db
def test_a_single_session_for_a_person(circle: Circle, dana: ConsoleBrowser) -> None:
    scope = f"care:{circle.records['ana'].id}"
    assert f'value="{scope}" selected' in dana.reads(f"/series/new?who={scope}")
    new = NEW | {"scope": scope, "kind": "individual", "every": "once", "day": []}
    answer = dana.do("/series/new", "create", **new)
    assert answer.status_code == 303
    page = words(dana.reads(answer["Location"]))
    assert "Once, on Tuesday, March 3 at 9:00 AM" in page
    assert "A notice goes to Canary Goldsworthy." in page
    assert "This is a single session. Change or cancel it on its own page." in page
    assert len(rows(circle.dana, Appointment)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"day": []}, "Tick at least one day."),
        ({"day": ["9", "x"]}, "Tick at least one day."),
        ({"times": ["09:00", "09:00"]}, "Give each time only once, in order."),
        ({"times": []}, "This list may not be empty."),
        ({"minutes": "4"}, "Ensure this value is greater than or equal to 5."),
        ({"minutes": ""}, "A valid integer is required."),
        ({"title": "  "}, "This field may not be blank."),
        ({"kind": "party"}, "&quot;party&quot; is not a valid choice."),
        ({"first_date": "2025-01-01"}, "A series can begin from 2026-01-30 to 2027-03-03."),
        ({"first_date": "soon"}, "Date has wrong format."),
        ({"video_link": "room two"}, "Enter a valid URL."),
    ],
)
def test_a_new_series_that_is_refused_makes_nothing_and_keeps_what_was_typed(
    circle: Circle, dana: ConsoleBrowser, typed: dict[str, Any], sentence: str
) -> None:
    new = NEW | {"scope": f"group:{circle.group}"} | typed
    answer = dana.do("/series/new", "create", **new)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert rows(circle.dana, SessionSeries) == []
    assert 'value="Room 3"' in page
    assert f'value="{new["scope"]}" selected' in page
    assert page.count("checked") == len(set(new["day"]) & {"0", "2"})


@pytest.mark.django_db
def test_nobody_plans_for_a_group_or_person_whom_they_do_not_see(
    circle: Circle, dana: ConsoleBrowser, olive: User
) -> None:
    ana = circle.records["ana"].id
    assert f"care:{ana}" in dana.reads("/series/new")
    other = at_work(olive, circle.programme)
    assert f"care:{ana}" not in other.reads("/series/new")
    assert "There is nobody to plan for yet." in other.reads("/series/new")
    for scope in (
        f"group:{circle.group}",
        f"care:{ana}",
        f"program:{circle.programme.id}",
        "",
        "x",
    ):
        assert other.do("/series/new", "create", **NEW | {"scope": scope}).status_code == 422
    assert rows(circle.dana, SessionSeries) == []
    assert [page for who, page in reads_in(ana, circle.ana)] == ["read new_series"]


@pytest.mark.django_db
def test_a_series_changes_from_a_date_on(circle: Circle, dana: ConsoleBrowser) -> None:
    series = make_series(circle)
    typed = {"from_date": "2026-03-09", "times": ["18:00"], "day": ["0", "1"], "place": "Room 4"}
    answer = change(dana, series, **typed)
    page = words(answer.content.decode())
    assert answer.status_code == 200
    assert "Changed. A notice goes to 2 people." in page
    assert "Every Monday and Tuesday at 6:00 PM" in page
    sessions = rows(circle.dana, Appointment, status="booked", local_date__lte=date(2026, 3, 17))
    on = [(str(row["local_date"]), row["place"]) for row in sessions]
    assert sorted(on) == [
        *((f"2026-03-0{day}", "Room 2") for day in range(2, 7)),
        *((f"2026-03-{day}", "Room 4") for day in ("09", "10", "16", "17")),
    ]


def change(browser: ConsoleBrowser, series: UUID, **typed: Any) -> Any:
    path = f"/series/{series}"
    fields: dict[str, Any] = form_of(browser.reads(path), "change")
    fields |= {"day": ["0", "1", "2", "3", "4"], "every": "1", "times": ["17:30"]} | typed
    return browser.do(path, "change", **fields)


@pytest.mark.django_db
def test_what_stays_as_it_is_starts_no_new_rule(circle: Circle, dana: ConsoleBrowser) -> None:
    series = make_series(circle, rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")
    typed = {"from_date": "2026-03-10", "day": ["0"], "every": "2", "place": "Room 4"}
    assert change(dana, series, **typed).status_code == 200
    [row] = rows(circle.dana, SessionSeries)
    assert (row["first_date"], row["place"]) == (date(2026, 3, 2), "Room 4")


@pytest.mark.django_db
def test_a_rule_of_its_own_kind_keeps_its_days(circle: Circle, dana: ConsoleBrowser) -> None:
    series = make_series(circle, rule="FREQ=MONTHLY;BYDAY=2TU")
    page = dana.reads(f"/series/{series}")
    assert "Its days follow a rule of their own." in page
    assert 'name="day"' not in page
    assert change(dana, series, from_date="2026-03-09", place="Room 4").status_code == 200
    [row] = rows(circle.dana, SessionSeries)
    assert (row["rule"], row["place"]) == ("FREQ=MONTHLY;BYDAY=2TU", "Room 4")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Nothing is different, so nothing was changed."),
        ({"place": "Room 4", "from_date": "2026-03-02"}, "A series can change tomorrow"),
        ({"place": "Room 4", "from_date": "2026-09-02"}, "A series can change tomorrow"),
        ({"place": "Room 4", "from_date": ""}, "Date has wrong format."),
        ({"day": []}, "Tick at least one day."),
        ({"times": ["", ""]}, "This list may not be empty."),
    ],
)
def test_a_change_that_is_refused_changes_nothing(
    circle: Circle, dana: ConsoleBrowser, typed: dict[str, Any], sentence: str
) -> None:
    series = make_series(circle)
    before = everything(circle.dana)
    answer = change(dana, series, **typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert everything(circle.dana) == before


@pytest.mark.django_db
def test_a_series_ends(circle: Circle, dana: ConsoleBrowser) -> None:
    series = make_series(circle)
    path = f"/series/{series}"
    page = words(send(dana, path, "end", end_date="2026-03-05").content.decode())
    assert "The series ends. A notice goes to 2 people." in page
    assert "No sessions from Thursday, March 5, 2026 on" in page
    booked = rows(circle.dana, Appointment, status="booked")
    assert max(row["local_date"] for row in booked) == date(2026, 3, 4)
    before = everything(circle.dana)
    for day, sentence in (
        ("2026-03-09", "The series ends before this date."),
        ("2026-03-02", "A series can change tomorrow at the earliest"),
    ):
        answer = send(dana, path, "end", end_date=day)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert everything(circle.dana) == before


@pytest.mark.django_db
def test_a_series_that_has_ended_can_only_be_read(
    circle: Circle, dana: ConsoleBrowser, clock: Any
) -> None:
    series = make_series(circle)
    act(circle.dana, "care.end_series", series=series, from_date="2026-03-03")
    page = dana.reads(f"/series/{series}")
    assert "This series has ended. It can no longer be changed." in page
    assert "End this series" not in page


@pytest.mark.django_db
def test_the_page_of_a_series_shows_what_is_different(circle: Circle, dana: ConsoleBrowser) -> None:
    series = make_series(circle)
    act(circle.dana, "care.cancel_session", series=series, local_date="2026-03-03")
    page = dana.reads(f"/series/{series}")
    assert f'href="/sessions/{session_on("2026-03-03", series)}"' in page
    assert "Tue, Mar 3, 5:30 PM Room 2 Canceled" in words(page)


@pytest.mark.django_db
def test_pages_cost_the_same_for_much_and_for_little(circle: Circle, dana: ConsoleBrowser) -> None:
    once = make_series(circle, rule=ONCE)
    often = make_series(circle, times=["08:00", "12:00"])
    few = cost(dana, f"/series/{once}"), cost(dana, "/series/new")
    for _ in range(3):
        record = make_patient(circle.programme, circle.dana)
        make_series(circle, f"care:{record.id}", **TALK)
    assert (cost(dana, f"/series/{often}"), cost(dana, "/series/new")) == few
