"""Group today: the brief before a session, the go-round in it, and what was said after it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from recovery.care.models import Episode, EpisodeChapter, LevelOfCare
from recovery.groups.models import Round, Support
from tests.care.wall_time import local
from tests.cast import LEGAL_NAME, NOW, ConsoleBrowser, act, make_olive
from tests.console.evening import Evening, at, desk, make_evening
from tests.console.planning import rows, session_on, words
from tests.console.scenes import cost, reads_in
from tests.roles import set_scene

pytestmark = pytest.mark.django_db

WEDNESDAY = local("2026-03-04T10:00", "America/New_York")


@pytest.fixture
def evening() -> Iterator[Evening]:
    with at():
        yield make_evening()


def reads(evening: Evening, part: str = "", now: datetime = NOW) -> str:
    browser = desk(evening.dana, now)
    with at(now):
        return words(browser.reads(f"{evening.path}?part={part}"))


def text(response: Any) -> str:
    return words(response.content.decode())


def mark(evening: Evening, name: str, series: uuid.UUID, day: str, status: str) -> None:
    data = {"record": evening.records[name].id, "appointment": session_on(day, series)}
    act(evening.dana, "care.record_attendance", now=WEDNESDAY, status=status, **data)


def share(evening: Evening, name: str, success: str, *, shared: bool = True) -> None:
    record = evening.records[name].id
    data = {"id": uuid.uuid4(), "record": record, "local_date": "2026-03-02", "slot": "day"}
    facts = {"success": success, "success_shared": shared, "mood": 3}
    act(getattr(evening, name), "practice.record_check_in", **data, **facts)


def test_the_brief_says_who_comes_and_who_came(evening: Evening) -> None:
    series = evening.plan()
    for day in ("2026-03-02", "2026-03-03"):
        mark(evening, "ben", series, day, "absent" if day.endswith("3") else "present")
        mark(evening, "ana", series, day, "present")
    mark(evening, "ana", series, "2026-03-04", "excused")
    with at(WEDNESDAY):
        evening.bring_in("elm", "Elm", now=WEDNESDAY)
    shown = reads(evening, "brief", WEDNESDAY)
    assert "Wednesday, March 4, 5:30 to 8:30 PM, Room 2." in shown
    assert "Who comes 3" in shown
    assert "Elm New. First time here." in shown
    assert "Fern Missed the session yesterday. Came 1 of the last 2 times." in shown
    assert "Wren Excused this time. Came 2 of the last 2 times." in shown
    for name in LEGAL_NAME:
        assert name not in shown


def test_the_brief_names_who_left(evening: Evening) -> None:
    evening.plan()
    leaves = WEDNESDAY - timedelta(hours=2)
    with at(leaves):
        act(evening.ben, "groups.leave", now=leaves, group=evening.group)
    shown = reads(evening, "brief", WEDNESDAY)
    assert "Fern left the group today." in shown
    assert "Who comes 1" in shown


def test_only_what_was_shared_is_in_the_brief(evening: Evening) -> None:
    share(evening, "ana", "Rang Dee on the way home.")
    share(evening, "ben", "Kept for myself.", shared=False)
    shown = reads(evening, "brief")
    assert "Wren : “ Rang Dee on the way home. ”" in shown
    assert "Kept for myself" not in shown


def test_lines_that_were_written_ahead_are_in_the_brief(evening: Evening) -> None:
    evening.plan()
    share(evening, "ana", "From the check-in.")
    round_ = evening.open_round()
    evening.say(evening.ana, round_, "success", "From the round.")
    evening.say(evening.ben, round_, "hard", "Pay on the 30th.")
    shown = reads(evening, "brief")
    assert "Wren : “ From the round. ”" in shown
    assert "From the check-in" not in shown
    assert "Brought to group Fern Pay on the 30th." in shown


def test_the_brief_holds_nothing_of_records_that_are_not_one_s_own(evening: Evening) -> None:
    series = evening.plan()
    mark(evening, "ana", series, "2026-03-02", "absent")
    share(evening, "ana", "Rang Dee on the way home.")
    facts = {"group": evening.group, "colleague": evening.eli.id, "alias": "Eli"}
    act(evening.dana, "groups.add_facilitator", **facts)
    browser = desk(evening.eli, WEDNESDAY)
    with at(WEDNESDAY):
        shown = words(browser.reads(f"{evening.path}?part=brief"))
    assert "You and Dana." in shown
    assert "Wren" in shown
    assert "Rang Dee" not in shown
    assert "Missed" not in shown
    assert "You are not on the care team of 2 of them" in shown
    assert reads_in(evening.records["ana"].id, evening.dana) == []


def test_a_planned_change_of_level_is_in_the_brief_of_the_care_team(evening: Evening) -> None:
    evening.plan()
    plan_level(evening, "ana", date(2026, 3, 9))
    plan_level(evening, "ben", date(2026, 3, 25))
    shown = reads(evening, "brief", WEDNESDAY)
    assert "Wren The level of care changes on Monday." in shown
    assert shown.count("level of care") == 1
    dana = evening.dana
    assert reads_in(evening.records["ana"].id, dana) == [(dana.id, "read group_today")]
    assert reads_in(evening.records["ben"].id, dana) == []


def plan_level(evening: Evening, name: str, day: date) -> None:
    record = evening.records[name]
    with transaction.atomic(), set_scene():
        minutes = {"minutes_min": 60, "minutes_target": 60, "minutes_max": 60}
        days = {"days_min": 1, "days_max": 1, "position": 1, "offered": True}
        level = {"programme": evening.programme, "name": {"en": "Outpatient"}, "code": name}
        op = LevelOfCare.objects.create(id=uuid.uuid4(), **level, **minutes, **days)
        mine = {"scope_id": record.id}
        start = date(2026, 3, 1)
        episode = Episode.objects.create(**mine, record=record, started_on=start)
        facts = {"level": op, "minutes_target": 60, "reason": "Steps down", "recorded_at": NOW}
        by = {"decided_by": evening.dana.id, "recorded_by": evening.dana.id}
        EpisodeChapter.objects.create(**mine, episode=episode, from_date=day, **facts, **by)


def test_a_round_is_opened_and_closed(evening: Evening) -> None:
    evening.plan()
    browser = ConsoleBrowser(evening.dana)
    path = f"{evening.path}?part=round"
    page = browser.reads(path)
    assert 'name="on_date" type="date" value="2026-03-02"' in page
    done = browser.do(path, "open_round", on_date="2026-03-02", topic="Payday")
    assert "The round is open." in text(done)
    assert "Payday . Open since Monday, 10:00 AM. 0 of 2 members have written." in text(done)
    assert "Not written yet Fern Wren" in text(done)
    [row] = rows(evening.dana, Round)
    done = browser.do(path, "close_round", round=row["id"])
    assert "The round is closed." in text(done)
    refused = browser.do(path, "close_round", round=row["id"])
    assert refused.status_code == 422
    assert "This go-round has ended." in text(refused)


def test_a_form_that_is_sent_twice_opens_one_round(evening: Evening) -> None:
    browser, key = ConsoleBrowser(evening.dana), uuid.uuid4()
    for _ in range(2):
        fields = {"on_date": "2026-03-02", "topic": ""}
        done = browser.do(f"{evening.path}?part=round", "open_round", key=key, **fields)
        assert done.status_code == 200
    assert len(rows(evening.dana, Round)) == 1


def test_a_round_needs_a_date(evening: Evening) -> None:
    fields = {"on_date": "tomorrow", "topic": "Payday"}
    refused = ConsoleBrowser(evening.dana).do(f"{evening.path}?part=round", "open_round", **fields)
    assert refused.status_code == 422
    assert 'value="Payday"' in refused.content.decode()
    assert rows(evening.dana, Round) == []


def test_lines_stand_in_the_order_in_which_they_came(evening: Evening) -> None:
    round_ = evening.open_round()
    later = NOW + timedelta(minutes=3)
    evening.say(evening.ben, round_, "plan", "Call Lee.")
    evening.say(evening.ana, round_, "success", "Walked home.", now=later)
    evening.say(evening.ben, round_, "success", "Slept.", now=later)
    shown = reads(evening, "round")
    assert "2 of 2 members have written." in shown
    assert "10:00 AM Fern Slept." in shown
    assert shown.index("Slept.") < shown.index("Plan: Call Lee.") < shown.index("Walked home.")
    assert "Everybody has written." in shown


def test_a_line_that_was_long_on_its_way_waits_at_the_side(evening: Evening) -> None:
    round_ = evening.open_round()
    arrived = NOW + timedelta(minutes=40)
    evening.say(evening.ben, round_, "success", "Here in time.", now=arrived)
    written = NOW + timedelta(minutes=10)
    facts = {"now": arrived, "client_time": written}
    evening.say(evening.ana, round_, "success", "Worked a double.", **facts)
    shown = reads(evening, "round", arrived)
    order, side = shown.split("A line came late")
    assert "Here in time." in order
    assert "Worked a double." not in order
    assert "Wren Worked a double. Written Mon, 10:10 AM, arrived 10:40 AM" in side
    assert "Everybody has written." in side


def test_a_word_of_support_is_said_once(evening: Evening) -> None:
    line = evening.say(evening.ana, evening.open_round(), "success", "Walked home.")
    browser, path = ConsoleBrowser(evening.dana), f"{evening.path}?part=round"
    assert "Say a word : Wren, Walked home." in words(browser.reads(path))
    fields = {"line": line, "name": "Wren", "word": "proud_of_you", "text": "That took courage."}
    done = browser.do(path, "support", **fields)
    assert "Said to Wren." in text(done)
    assert "Proud of you: Dana , “ That took courage. ”" in text(done)
    assert "Say a word" not in text(done)
    refused = browser.do(path, "support", **fields)
    assert refused.status_code == 422
    assert "You have already supported this line." in text(refused)
    assert len(rows(evening.dana, Support)) == 1


def test_a_word_of_a_newer_app_is_shown_as_support(evening: Evening) -> None:
    line = evening.say(evening.ana, evening.open_round(), "success", "Walked home.")
    act(evening.ben, "groups.support_line", line=line, word="hand_on_heart")
    assert "Support: Fern" in reads(evening, "round")


def test_after_the_round_its_words_stay_with_the_attendance(evening: Evening) -> None:
    series = evening.plan()
    mark(evening, "ana", series, "2026-03-02", "present")
    mark(evening, "ben", series, "2026-03-02", "excused")
    round_ = evening.open_round()
    evening.say(evening.ana, round_, "hard", "Pay on the 30th.")
    act(evening.dana, "groups.close_round", round=round_, now=NOW + timedelta(hours=10))
    shown = reads(evening, "after", NOW + timedelta(hours=11))
    assert "Payday . Closed Monday, March 2, 8:00 PM. 1 person wrote." in shown
    assert "Wren Hard: Pay on the 30th." in shown
    assert "1 here, 1 excused." in shown
    browser = desk(evening.dana)
    with at():
        page = browser.reads(f"{evening.path}?part=after")
    assert f"/sessions/{session_on('2026-03-02', series)}/roster" in page


def test_who_left_has_no_name_in_what_was_said(evening: Evening) -> None:
    round_ = evening.open_round()
    line = evening.say(evening.ana, round_, "success", "Walked home.")
    act(evening.ben, "groups.support_line", line=line, word="with_you")
    for who in (evening.ana, evening.ben):
        act(who, "groups.leave", group=evening.group)
    shown = reads(evening, "round")
    assert "Someone who left Walked home. With you: Someone who left" in shown
    assert "Wren" not in shown


@pytest.mark.parametrize(
    ("when", "part"),
    [("2026-03-02T10:00", "Who comes"), ("2026-03-02T18:00", "Open a round")],
)
def test_the_page_opens_with_what_is_needed_now(evening: Evening, when: str, part: str) -> None:
    evening.plan()
    now = local(when, "America/New_York")
    assert part in reads(evening, now=now)


def test_the_page_opens_with_the_round_and_then_with_what_was_said(evening: Evening) -> None:
    evening.plan()
    round_ = evening.open_round()
    assert "Who comes" in reads(evening)
    during = local("2026-03-02T18:00", "America/New_York")
    assert "Close the round…" in reads(evening, now=during)
    act(evening.dana, "groups.close_round", round=round_, now=during + timedelta(hours=1))
    assert "What was said" in reads(evening, now=during + timedelta(hours=2))
    assert "Who comes" in reads(evening, now=WEDNESDAY)


def test_one_read_event_for_each_person_of_whom_something_is_shown(evening: Evening) -> None:
    series = evening.plan()
    mark(evening, "ana", series, "2026-03-02", "present")
    reads(evening, "brief", WEDNESDAY)
    dana = evening.dana
    assert reads_in(evening.records["ana"].id, dana) == [(dana.id, "read group_today")]
    assert reads_in(evening.group, dana) == [(dana.id, "read group_today")]
    assert reads_in(evening.records["ben"].id, dana) == []


@pytest.mark.parametrize("part", ["brief", "round", "after"])
def test_more_people_and_lines_cost_no_more(evening: Evening, part: str) -> None:
    series = evening.plan()
    for name in ("ana", "ben"):
        mark(evening, name, series, "2026-03-02", "present")
    share(evening, "ana", "Rang Dee.")
    before = evening.open_round("Before")
    evening.say(evening.ana, before, "success", "Walked.")
    round_ = evening.open_round()
    line = evening.say(evening.ana, round_, "success", "Walked.")
    act(evening.ben, "groups.support_line", line=line, word="with_you")
    browser = desk(evening.dana, WEDNESDAY)
    with at(WEDNESDAY):
        few = cost(browser, f"{evening.path}?part={part}")
    evening.bring_in("elm", "Elm")
    share(evening, "ben", "Walked the dog.")
    for who in ("elm", "ben"):
        mark(evening, who, series, "2026-03-03", "absent")
        line = evening.say(getattr(evening, who), round_, "hard", "Pay day.")
        act(evening.ana, "groups.support_line", line=line, word="with_you")
    with at(WEDNESDAY):
        assert cost(browser, f"{evening.path}?part={part}") == few


def test_others_open_close_and_say_nothing(evening: Evening) -> None:
    round_ = evening.open_round()
    line = evening.say(evening.ana, round_, "success", "Walked home.")
    before = rows(evening.dana, Round), rows(evening.dana, Support)
    for who in (make_olive(), evening.fay, evening.eli):
        browser = ConsoleBrowser(who)
        tries = [
            browser.do(evening.path, "open_round", on_date="2026-03-02", topic=""),
            browser.do(evening.path, "close_round", round=round_),
            browser.do(evening.path, "support", line=line, word="me_too", text=""),
        ]
        assert {each.status_code for each in tries} == {404}
    assert (rows(evening.dana, Round), rows(evening.dana, Support)) == before


@pytest.mark.parametrize("words_", ["<script>x</script>", "\u202eevil", "<b>" + "x" * 490])
def test_hostile_words_are_only_text(evening: Evening, words_: str) -> None:
    round_ = evening.open_round(words_[:200])
    for kind in ("success", "hard"):
        line = evening.say(evening.ana, round_, kind, words_)
    act(evening.ben, "groups.support_line", line=line, word="me_too", text=words_[:280])
    share(evening, "ben", words_)
    browser = ConsoleBrowser(evening.dana)
    for part in ("brief", "round"):
        page = browser.reads(f"{evening.path}?part={part}")
        assert "<script>x" not in page
        assert "<b>x" not in page
    act(evening.dana, "groups.close_round", round=round_)
    page = browser.reads(f"{evening.path}?part=after")
    assert "<script>x" not in page
    assert "<b>x" not in page
