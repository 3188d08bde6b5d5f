"""Hours this week: who is short before the payer's week closes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import datetime
from html import unescape
from typing import Any
from uuid import UUID

import pytest
import time_machine
from uuid_utils.compat import uuid7

from recovery.care.models import CareRecord
from recovery.signin.models import User
from tests.care.wall_time import local
from tests.cast import (
    EVENING_GROUP,
    NORTHLIGHT,
    NOW,
    ConsoleBrowser,
    acknowledge,
    act,
    admit,
    employ,
    hire,
    load_programme,
    load_wordings,
    make_olive,
    run_daily,
)
from tests.cast.groups import invite, joining
from tests.console.planning import words
from tests.console.scenes import cost, reads_in
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")

# NOW is Monday, March 2, 7:00 AM at the programme. Its intensive outpatient level has 9 hours.
TALK: dict[str, Any] = EVENING_GROUP | {
    "kind": "individual",
    "title": "Talk",
    "rule": "FREQ=WEEKLY;BYDAY=TU,TH",
    "minutes": 60,
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def noor() -> User:
    load_programme()
    load_wordings()
    return hire(employ(role="admin"), NORTHLIGHT)


def in_care(noor: User, name: str, **facts: Any) -> tuple[User, UUID]:
    address = f"{re.sub('[^a-z0-9]', '', name.lower())}@example.org"
    return admit(noor, given_name=name, family_name="Roe", email=address, **facts)


def plan(noor: User, scope: str, **facts: Any) -> UUID:
    made = act(noor, "care.create_series", scope=scope, **TALK | facts)
    return UUID((made.data or {})["series"])


def attended(noor: User, record: UUID, series: UUID, day: str, now: datetime, **facts: Any) -> None:
    session = uuid.uuid5(series, f"{day}/0")
    data = {"record": record, "appointment": session, "status": "present"} | facts
    act(noor, "care.record_attendance", now=now, **data)


def lines(user: User, path: str = "/hours") -> list[list[str]]:
    """The cells of each row of the table."""
    page = ConsoleBrowser(user).reads(path)
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    cells = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)
    return [[words(cell) for cell in cells.findall(row)] for row in body.split("<tr")[1:]]


def test_who_misses_most_comes_first_with_what_is_done_and_booked(noor: User, clock: Any) -> None:
    _, ana = in_care(noor, "Ana")
    _, ben = in_care(noor, "Ben")
    _, cleo = in_care(noor, "Cleo")
    plan(noor, f"care:{ana}")
    long = plan(noor, f"care:{ben}", rule="FREQ=DAILY", minutes=240)
    plan(noor, f"care:{cleo}", rule="FREQ=DAILY", minutes=120)
    clock.move_to(local("2026-03-05T07:00"))
    for day in ("2026-03-02", "2026-03-03", "2026-03-04"):
        attended(noor, ben, long, day, local("2026-03-05T07:00"))
    iop, unmarked = "Intensive outpatient", "without attendance yet"
    assert lines(noor) == [
        [f"Ana Roe {iop}", "9 h", f"0 h 1 h {unmarked}", "1 h", "7 h", "Plan a session : Ana Roe"],
        [f"Cleo Roe {iop}", "9 h", f"0 h 6 h {unmarked}", "8 h", "Nothing, if they come", ""],
        [f"Ben Roe {iop}", "9 h", "12 h", "16 h", "Nothing", ""],
    ]
    page = words(ConsoleBrowser(noor).reads("/hours"))
    assert "1 of 3 is short, even with what is booked." in page
    assert "The week closes on Sunday, March 8, at midnight: in 3 days." in page


def test_sessions_of_a_group_count_for_those_who_are_in_it(noor: User) -> None:
    group = uuid7()
    facts = {"programme": NORTHLIGHT, "name": "Evening circle", "alias": "Noor"}
    act(noor, "groups.create", id=group, **facts)
    ana, record = in_care(noor, "Ana")
    in_care(noor, "Ben")
    plan(noor, f"group:{group}", rule="FREQ=DAILY", minutes=90)
    assert [row[4] for row in lines(noor)] == ["9 h", "9 h"]
    join(noor, ana, group, record)
    assert [(row[0][:3], row[3]) for row in lines(noor)] == [("Ben", "0 h"), ("Ana", "10 h 30 min")]


def join(noor: User, ana: User, group: UUID, record: UUID) -> None:
    with as_role("jobs"):
        row = CareRecord.objects.get(id=record)
    acknowledge(ana)
    consent = {"consent": joining("", "")["consent"] | {"signature": "Ana Roe"}}
    act(ana, "groups.join", **joining(invite(noor, group, row), "Heron", **consent))


def test_canceled_sessions_and_those_of_other_weeks_are_not_booked(noor: User) -> None:
    _, ana = in_care(noor, "Ana")
    series = plan(noor, f"care:{ana}")
    act(noor, "care.cancel_session", series=series, local_date="2026-03-03")
    plan(noor, f"care:{ana}", title="Later", first_date="2026-03-09")
    assert [row[3] for row in lines(noor)] == ["1 h"]


def test_an_earlier_week_stays_as_it_was(noor: User, clock: Any) -> None:
    _, ana = in_care(noor, "Ana")
    series = plan(noor, f"care:{ana}", minutes=150)
    attended(noor, ana, series, "2026-03-03", local("2026-03-03T22:00"))
    attended(noor, ana, series, "2026-03-05", local("2026-03-05T22:00"), status="absent")
    clock.move_to(local("2026-03-11T09:00"))
    run_daily(local("2026-03-11T09:00"))
    assert lines(noor, "/hours?week=2026-03-04")[0][1:5] == [
        "9 h",
        "2 h 30 min",
        "0 h",
        "6 h 30 min",
    ]
    page = words(ConsoleBrowser(noor).reads("/hours?week=2026-03-04"))
    assert "The week closed on Sunday, March 8, at midnight." in page
    assert "Plan a session" not in page
    # This Tuesday's session is over, and Thursday's is still to come.
    assert lines(noor)[0][2:5] == ["0 h 2 h 30 min without attendance yet", "2 h 30 min", "4 h"]


def test_whose_care_has_ended_is_not_short(noor: User) -> None:
    _, ana = in_care(noor, "Ana")
    act(noor, "care.end_episode", record=ana, reason="moved", follows="nothing")
    assert [row[4:] for row in lines(noor)] == [["Care has ended", ""]]
    assert "Nobody is short" in ConsoleBrowser(noor).reads("/hours")


def test_levels_without_hours_have_none_to_reach(noor: User) -> None:
    in_care(noor, "Ana", level="alumni")
    assert "Nobody has hours to reach in this week." in ConsoleBrowser(noor).reads("/hours")
    assert "Nobody has hours" in ConsoleBrowser(noor).reads("/hours?week=nonsense")


def test_the_page_costs_the_same_for_one_person_and_for_many(noor: User) -> None:
    _, ana = in_care(noor, "Ana")
    plan(noor, f"care:{ana}")
    browser = ConsoleBrowser(noor)
    browser.reads("/hours")
    first = cost(browser, "/hours")
    for n in range(4):
        _, record = in_care(noor, f"Ben {n}")
        plan(noor, f"care:{record}")
    assert cost(browser, "/hours") == first


def test_each_person_shown_is_read_once_and_others_are_not_shown(noor: User) -> None:
    ana, record = in_care(noor, "Ana")
    for other in (make_olive(), hire(employ(role="admin"), NORTHLIGHT)):
        assert "Ana Roe" not in ConsoleBrowser(other).reads("/hours")
    assert reads_in(record, ana) == []
    assert "Ana Roe" in ConsoleBrowser(noor).reads("/hours")
    assert reads_in(record, ana) == [(noor.id, "read hours")]


def test_names_are_shown_as_they_are_written(noor: User) -> None:
    in_care(noor, "<b>Ana</b>")
    page = ConsoleBrowser(noor).reads("/hours")
    assert "<b>Ana</b>" not in page
    assert "<b>Ana</b> Roe" in unescape(page)
