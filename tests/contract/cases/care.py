"""Programmes, people in care, the timetable, attendance, hours and reminders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM
from recovery.signin.models import User
from tests.cast import (
    ADMISSION,
    EVENING_GROUP,
    NOW,
    act,
    admit,
    employ,
    load_programme,
    open_group,
    preset,
    sign_in,
)
from tests.contract.story import Move, Scene, story

# Unique to this process: all tests share one Valkey, whose channels are named by scope id.
HOME = str(uuid7())
NORTHLIGHT = preset() | {"id": HOME}
CEDAR = preset("cedar-bridge") | {"id": str(uuid7())}
TEAM, WEEK, CHAPTER = "care/care_team_member", "care/week_of_hours", "care/episode_chapter"
RECORD, REPORT, ATTENDANCE = "care/care_record", "care/arrival_report", "care/attendance"
EPISODE, REQUEST = "care/episode", "care/correction_request"
WEDNESDAYS = EVENING_GROUP | {"rule": "FREQ=WEEKLY;BYDAY=WE", "first_date": "2026-03-04"}
# 18:00 in Los Angeles.
BEGINS = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)


def in_care() -> tuple[User, User, UUID]:
    """A counsellor, the patient whom they admitted, and the record."""
    load_programme(NORTHLIGHT)
    counsellor = employ(HOME)
    patient, record = admit(counsellor, programme=HOME)
    return counsellor, patient, record


@story("care.load_programme", "care.change_settings")
def a_programme_is_loaded_and_changed() -> Scene:
    first, other = {"preset": NORTHLIGHT}, {"preset": CEDAR}
    opened = {"program/programme", "program/members", "staff/members"}
    yield Move("care.load_programme", SYSTEM, first, tells=opened)
    admin = employ(HOME, "admin")
    same = "the same file changes nothing"
    yield Move("care.load_programme", SYSTEM, first, because=same)
    yield Move("care.load_programme", SYSTEM, other, tells=opened)
    card = {"program/programme"}
    renamed = {"programme": HOME, "settings": {"name": "Northlight"}}
    yield Move("care.change_settings", admin, renamed, tells=card)
    reset = first | {"reset": True}
    yield Move("care.load_programme", SYSTEM, reset, tells=card)


@story("care.admit_patient", "care.assign_team_member", "care.end_team_member")
def a_patient_is_admitted_and_gets_a_team() -> Scene:
    load_programme(NORTHLIGHT)
    counsellor, colleague = employ(HOME), employ(HOME, "clinician")
    admitted = yield Move("care.admit_patient", counsellor, ADMISSION | {"programme": HOME}, tells={
        "person/person", "person/notice_request", "person/members", "library/members",
        RECORD, TEAM, "care/episode", CHAPTER, WEEK, "care/members", "program/members",
    })  # fmt: skip
    joins = {"record": admitted["record"], "user": colleague.id}
    tells = {TEAM, "care/members"}
    member = yield Move("care.assign_team_member", counsellor, joins, tells=tells)
    leaves = member | {"record": admitted["record"]}
    yield Move("care.end_team_member", counsellor, leaves, tells=tells)


@story("care.change_level", "care.make_alumnus", "care.begin_level", "care.turn_week")
def a_patient_steps_down_leaves_and_returns() -> Scene:
    counsellor, _, record = in_care()
    clinician = employ(HOME, "clinician")
    act(counsellor, "care.assign_team_member", record=str(record), user=str(clinician.id))
    which = {"record": record, "reason": "Going well"}
    steps = {CHAPTER, WEEK, "care/level_change"}
    down = which | {"level": "outpatient"}
    yield Move("care.change_level", clinician, down, tells=steps)
    again = "the same change a second time"
    yield Move("care.change_level", clinician, down, because=again)
    ends = steps | {RECORD, TEAM, "program/members", "care/members"}
    yield Move("care.make_alumnus", clinician, which, tells=ends)
    planned = which | {"level": "iop", "from_date": "2026-03-16"}
    yield Move("care.change_level", clinician, planned, tells=steps)
    begins = {RECORD, "program/members"}
    then = datetime(2026, 3, 16, 8, 0, tzinfo=UTC)
    yield Move("care.begin_level", SYSTEM, {"record": record}, tells=begins, now=then)
    once = "they are a patient already"
    yield Move("care.begin_level", SYSTEM, {"record": record}, because=once, now=then)
    yield Move("care.make_alumnus", clinician, which, tells=steps | begins)
    back = which | {"level": "iop"}
    yield Move("care.change_level", clinician, back, tells=steps | begins)
    next_week = NOW + timedelta(days=7)
    yield Move("care.turn_week", SYSTEM, {"record": record}, tells={WEEK}, now=next_week)


@story("care.end_episode", "care.reopen_episode", "care.readmit")
def an_episode_ends_by_mistake_and_then_ends() -> Scene:
    counsellor, _, record = in_care()
    clinician = employ(HOME, "clinician")
    act(counsellor, "care.assign_team_member", record=str(record), user=str(clinician.id))
    which = {"record": record}
    ends = which | {"reason": "left", "follows": "nothing"}
    over = {EPISODE, RECORD, TEAM, WEEK, "program/members", "care/members"}
    yield Move("care.end_episode", counsellor, ends, tells=over)
    mistake = which | {"reason": "The wrong person"}
    yield Move("care.reopen_episode", counsellor, mistake, tells=over)
    yield Move("care.end_episode", clinician, ends, tells=over)
    back = which | {"level": "iop", "reason": "Asked to come back"}
    returns = {EPISODE, RECORD, CHAPTER, WEEK, "program/members"}
    yield Move("care.readmit", clinician, back, tells=returns, now=NOW + timedelta(days=7))


@story("care.end_episode")
def a_patient_dies() -> Scene:
    counsellor, patient, record = in_care()
    sign_in(patient)
    died = {"record": record, "reason": "died", "follows": "nothing"}
    yield Move("care.end_episode", counsellor, died, tells={
        EPISODE, RECORD, WEEK, "person/device_session", "program/members"})  # fmt: skip


@story("care.undo_admission")
def a_patient_is_admitted_by_mistake() -> Scene:
    load_programme(NORTHLIGHT)
    counsellor = employ(HOME)
    admitted = act(counsellor, "care.admit_patient", **ADMISSION | {"programme": HOME}).data
    undo = {"record": admitted["record"], "reason": "The wrong person"}
    yield Move("care.undo_admission", counsellor, undo, tells={
        "care/-care_record", EPISODE, TEAM, WEEK, "care/members", "program/members"})  # fmt: skip


@story("care.link_records", "care.unlink_records")
def a_patient_was_admitted_twice() -> Scene:
    counsellor, _, record = in_care()
    clinician = employ(HOME, "clinician")
    _, other = admit(counsellor, programme=HOME, email="again@example.org")
    for each in (record, other):
        joins = {"record": str(each), "user": str(clinician.id)}
        act(counsellor, "care.assign_team_member", **joins)
    both = {"record": record, "other": other, "reason": "One passport"}
    waits = "a second colleague must say so"
    yield Move("care.link_records", counsellor, both, because=waits)
    changes = {RECORD, EPISODE, WEEK, "care/members"}
    yield Move("care.link_records", clinician, both, tells=changes)
    yield Move("care.unlink_records", clinician, both, tells=changes)


@story("care.correct_person", "care.request_correction", "care.answer_correction_request")
def a_record_is_corrected() -> Scene:
    counsellor, patient, record = in_care()
    correction = {"care/record_correction", RECORD, "person/person"}
    name = {
        "record": record,
        "changes": {"given_name": "Anna"},
        "expected": {"given_name": "Ana"},
    }
    yield Move("care.correct_person", counsellor, name, tells=correction)
    same = {"record": record, "changes": {"given_name": "Anna"}, "expected": {}}
    already = "the record says so already"
    yield Move("care.correct_person", counsellor, same, because=already)
    asks = {"id": uuid7(), "record": record, "field": "phone", "wanted": "555-0142"}
    request = yield Move("care.request_correction", patient, asks, tells={REQUEST})
    phone = {
        "record": record,
        "changes": {"phone": "555-0142", "locale": "es"},
        "expected": {"phone": "", "locale": "en"},
        "request": request["correction_request"],
    }
    tells = correction | {REQUEST, "library/members"}
    yield Move("care.correct_person", counsellor, phone, tells=tells)
    other = asks | {"id": uuid7(), "wanted": "555-0143"}
    request = yield Move("care.request_correction", patient, other, tells={REQUEST})
    no = {"request": request["correction_request"], "accepted": False, "reason": "Not in use"}
    yield Move("care.answer_correction_request", counsellor, no, tells={REQUEST})


@story("care.create_series", "care.change_series", "care.end_series", "care.extend_series",
       "care.show_timetable", "care.follow_time_zones")  # fmt: skip
def a_group_has_a_timetable() -> Scene:
    counsellor, patient, _ = in_care()
    name = f"group:{open_group(counsellor, patient, home=HOME)}"
    sessions, both = {"group/appointment"}, {"group/appointment", "group/session_series"}
    created = yield Move("care.create_series", counsellor, WEDNESDAYS | {"scope": name}, tells=both)
    of = {"scope_id": name.partition(":")[2]}
    which, later = of | {"series": created["series"]}, NOW + timedelta(days=7)
    yield Move("care.extend_series", SYSTEM, which, tells=sessions, now=later)
    already = "the sessions of the next four weeks exist"
    yield Move("care.extend_series", SYSTEM, which, because=already, now=later)
    yield Move("care.show_timetable", SYSTEM, of, tells=both)
    at_home = "the sessions are at their local times"
    yield Move("care.follow_time_zones", SYSTEM, which, because=at_home)
    longer = {"series": created["series"], "from_date": "2026-03-10", "minutes": 120}
    yield Move("care.change_series", counsellor, longer, tells=both)
    over = {"series": created["series"], "from_date": "2026-03-18"}
    yield Move("care.end_series", counsellor, over, tells=both)


@story("care.create_series", "care.cancel_session", "care.restore_session", "care.change_session")
def one_session_is_different() -> Scene:
    counsellor, _, record = in_care()
    own, tells = WEDNESDAYS | {"scope": f"care:{record}"}, {"care/appointment"}
    series = {"care/appointment", "care/session_series"}
    created = yield Move("care.create_series", counsellor, own, tells=series)
    which = {"series": created["series"], "local_date": "2026-03-11"}
    off = which | {"reason": "Holiday"}
    yield Move("care.cancel_session", counsellor, off, tells=tells)
    yield Move("care.restore_session", counsellor, which, tells=tells)
    moved = which | {"new_time": "17:00"}
    yield Move("care.change_session", counsellor, moved, tells=tells)
    ahead = which | {"local_date": "2026-05-06"}
    unmade = "the session is too far ahead to exist; it will be created cancelled"
    yield Move("care.cancel_session", counsellor, ahead, because=unmade)


@story("care.report_arrival", "care.record_attendance")
def a_patient_comes_to_a_session() -> Scene:
    counsellor, patient, record = in_care()
    own = WEDNESDAYS | {"scope": f"care:{record}"}
    series = UUID(act(counsellor, "care.create_series", **own).data["series"])
    which = {"appointment": _session(series)}
    here: dict[str, Any] = {"now": BEGINS}
    yield Move("care.report_arrival", patient, which, tells={REPORT}, **here)
    yield Move("care.report_arrival", patient, which, because="the first report counts", **here)
    came = which | {"record": record, "status": "present"}
    counted = {ATTENDANCE, WEEK, REPORT}
    yield Move("care.record_attendance", counsellor, came, tells=counted, **here)
    late = came | {"arrived_at": BEGINS + timedelta(minutes=30), "reason": "Looked it up"}
    yield Move("care.record_attendance", counsellor, late, tells=counted, **here)


@story("care.plan_reminders", "care.set_reminder_preferences")
def a_patient_is_reminded() -> Scene:
    counsellor, patient, record = in_care()
    act(counsellor, "care.create_series", **WEDNESDAYS | {"scope": f"care:{record}"})
    who = {"user": patient.id}
    yield Move("care.plan_reminders", SYSTEM, who, tells={"person/reminder"})
    planned = "the reminders are already as planned"
    yield Move("care.plan_reminders", SYSTEM, who, because=planned)
    none = {"lead_minutes": []}
    tells = {"person/reminder_preferences"}
    yield Move("care.set_reminder_preferences", patient, none, tells=tells, anyone=True)
    yield Move("care.plan_reminders", SYSTEM, who, tells={"person/-reminder"})


def _session(series: UUID) -> UUID:
    """The id of the first Wednesday's session."""
    return uuid5(series, "2026-03-04/0")
