"""The hours ring: attendance, level of care and the start of a new week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from foundation.problems import Invalid, NotAllowed, NotFound
from recovery.actions import Refused
from recovery.care.models import (
    Appointment,
    ArrivalReport,
    Attendance,
    AttendanceVersion,
    CareTeamMember,
    EpisodeChapter,
    WeekOfHours,
)
from recovery.feed.models import FeedEntry, Membership
from recovery.feed.rebuild import differences
from recovery.signin.models import User
from tests.architecture.statements import counted
from tests.at_once import at_once
from tests.care.wall_time import TIME_ZONE, local
from tests.cast import (
    EVENING_GROUP,
    NORTHLIGHT,
    NOW,
    act,
    admit,
    employ,
    load_programme,
    make_user,
    open_group,
    preset,
    run_daily,
    run_jobs,
)
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")


@dataclass
class Scene:
    """Ana in the evening group, and her clinician, who leads it."""

    clinician: User
    ana: User
    record: UUID
    group: str

    def session(self, day: str, group: str | None = None) -> str:
        with as_role("jobs"):
            scope = UUID((group or self.group).removeprefix("group:"))
            return str(Appointment.objects.in_scope(scope).get(local_date=day).id)

    def record_attendance(
        self, day: str, *, now: datetime | None = None, **facts: Any
    ) -> dict[str, Any]:
        details = {"status": "present"} | facts
        return act(
            self.clinician,
            "care.record_attendance",
            now=now or local(f"{day}T21:00"),
            record=str(self.record),
            appointment=self.session(day),
            **details,
        ).data

    def week(self, start: str) -> tuple[str, int, int]:
        """Level, target and credited minutes."""
        with as_role("jobs"):
            rows = WeekOfHours.objects.in_scope(self.record).select_related("level")
            row = rows.get(week_start=start)
            return (row.level.code, row.minutes_target, row.minutes_done)

    def change_level(self, level: str, now: datetime, **facts: Any) -> dict[str, Any]:
        data = {"record": str(self.record), "level": level, "reason": "steady"} | facts
        return act(self.clinician, "care.change_level", now=now, **data).data


@pytest.fixture
def scene() -> Scene:
    load_programme()
    clinician = employ(role="clinician")
    ana, record = admit(clinician)
    group = f"group:{open_group(clinician, ana)}"
    act(clinician, "care.create_series", scope=group, **EVENING_GROUP)
    return Scene(clinician, ana, record, group)


def ring(scene: Scene, start: str) -> str:
    with as_role("jobs"):
        entries = FeedEntry.objects.filter(scope_id=scene.record, kind="week_of_hours")
        return next(entry.doc for entry in entries if f'"week_start":"{start}"' in entry.doc)


def test_a_whole_session_is_credited_and_the_ring_advances(scene: Scene) -> None:
    assert scene.record_attendance("2026-03-02")["credited_minutes"] == 180
    assert scene.week("2026-03-02") == ("iop", 540, 180)
    assert '"minutes_done":180' in ring(scene, "2026-03-02")
    assert '"minutes_left":360' in ring(scene, "2026-03-02")


def test_the_actual_times_are_credited(scene: Scene) -> None:
    arrived, left = local("2026-03-02T18:20"), local("2026-03-02T20:00")
    times: Any = {"arrived_at": arrived.isoformat(), "left_at": left.isoformat()}
    attendance = scene.record_attendance("2026-03-02", **times)
    assert attendance["credited_minutes"] == 100
    assert scene.week("2026-03-02")[2] == 100


def test_an_absence_credits_nothing_and_cannot_have_times(scene: Scene) -> None:
    assert scene.record_attendance("2026-03-02", status="absent")["credited_minutes"] == 0
    with pytest.raises(Invalid):
        scene.record_attendance(
            "2026-03-03", status="absent", arrived_at=local("2026-03-03T18:00").isoformat()
        )
    assert scene.week("2026-03-02")[2] == 0


def test_a_correction_updates_the_ring_and_keeps_the_earlier_version(scene: Scene) -> None:
    scene.record_attendance("2026-03-02")
    other = employ(role="counsellor")
    act(scene.clinician, "care.assign_team_member", record=str(scene.record), user=str(other.id))
    later = local("2026-03-03T09:00")
    left = local("2026-03-02T19:00").isoformat()
    scene.record_attendance("2026-03-02", now=later, left_at=left, reason="Left early")
    assert scene.week("2026-03-02")[2] == 60
    with as_role("jobs"):
        versions = AttendanceVersion.objects.filter(scope_id=scene.record).order_by("version")
        assert [(v.version, v.credited_minutes, v.reason) for v in versions] == [
            (1, 180, ""),
            (2, 60, "Left early"),
        ]
        assert Attendance.objects.get(scope_id=scene.record).version == 2


def test_recording_the_same_again_adds_no_version(scene: Scene) -> None:
    scene.record_attendance("2026-03-02")
    scene.record_attendance("2026-03-02")
    with as_role("jobs"):
        assert AttendanceVersion.objects.filter(scope_id=scene.record).count() == 1


def test_no_role_can_change_a_version(scene: Scene) -> None:
    scene.record_attendance("2026-03-02")
    for role in ("app", "jobs"):
        with as_role(role), pytest.raises(Exception, match=r"permission denied"):
            AttendanceVersion.objects.filter(scope_id=scene.record).update(credited_minutes=999)


def test_a_new_week_starts_at_the_programme_s_midnight(scene: Scene) -> None:
    scene.record_attendance("2026-03-08")  # Sunday: still the first week
    run_daily(local("2026-03-08T23:45"))
    with as_role("jobs"):
        assert WeekOfHours.objects.in_scope(scene.record).count() == 1
    run_daily(local("2026-03-09T00:00"))
    run_daily(local("2026-03-09T00:15"))
    with as_role("jobs"):
        assert WeekOfHours.objects.in_scope(scene.record).count() == 2
    assert scene.week("2026-03-02") == ("iop", 540, 180)
    assert scene.week("2026-03-09") == ("iop", 540, 0)
    assert '"minutes_left":540' in ring(scene, "2026-03-09")


def test_a_session_counts_in_the_week_in_which_it_starts(scene: Scene) -> None:
    group = f"group:{open_group(scene.clinician, scene.ana)}"
    late = EVENING_GROUP | {"times": ["23:00"], "minutes": 120, "first_date": "2026-03-08"}
    act(scene.clinician, "care.create_series", scope=group, **late)
    act(
        scene.clinician,
        "care.record_attendance",
        now=local("2026-03-09T01:00"),
        record=str(scene.record),
        appointment=scene.session("2026-03-08", group),
        status="present",
    )
    assert scene.week("2026-03-02")[2] == 120


def test_a_moved_session_counts_in_the_week_it_moved_to(scene: Scene) -> None:
    scene.record_attendance("2026-03-08", now=local("2026-03-08T17:30"))
    assert scene.week("2026-03-02")[2] == 180
    moved: Any = {"series": _series(scene), "local_date": "2026-03-08", "new_date": "2026-03-09"}
    act(scene.clinician, "care.change_session", now=local("2026-03-08T17:40"), **moved)
    after = local("2026-03-09T21:00")
    scene.record_attendance("2026-03-08", now=after, left_at=local("2026-03-09T20:00").isoformat())
    assert scene.week("2026-03-02")[2] == 0
    assert scene.week("2026-03-09")[2] == 120


def test_attendance_moves_with_its_session_to_another_week(scene: Scene) -> None:
    act(scene.clinician, "care.change_session", series=_series(scene), local_date="2026-03-08",
        new_time="08:00")  # fmt: skip
    scene.record_attendance("2026-03-08", now=local("2026-03-08T07:30"))
    assert scene.week("2026-03-02")[2] == 180
    act(scene.clinician, "care.change_session", series=_series(scene), local_date="2026-03-08",
        new_date="2026-03-10", now=local("2026-03-08T07:40"))  # fmt: skip
    # The same facts again: they are now about a session of the next week.
    scene.record_attendance("2026-03-08", now=local("2026-03-10T12:00"))
    assert scene.week("2026-03-02")[2] == 0
    assert scene.week("2026-03-09")[2] == 180
    scene.record_attendance("2026-03-08", now=local("2026-03-10T12:05"))
    with as_role("jobs"):
        assert AttendanceVersion.objects.filter(scope_id=scene.record).count() == 2


def test_a_level_change_sets_new_targets_but_not_for_past_weeks(scene: Scene) -> None:
    scene.record_attendance("2026-03-02")
    run_daily(local("2026-03-09T08:00"))
    scene.change_level("outpatient", local("2026-03-11T10:00"), from_date="2026-03-11")
    assert scene.week("2026-03-02") == ("iop", 540, 180)
    assert scene.week("2026-03-09") == ("outpatient", 120, 0)
    # A correction in a past week changes the minutes done, not the target.
    left = local("2026-03-02T19:00").isoformat()
    scene.record_attendance("2026-03-02", now=local("2026-03-12T10:00"), left_at=left)
    assert scene.week("2026-03-02") == ("iop", 540, 60)


def test_a_level_from_next_week_on_leaves_this_week_alone(scene: Scene) -> None:
    scene.change_level("outpatient", NOW, from_date="2026-03-09")
    assert scene.week("2026-03-02") == ("iop", 540, 0)
    run_daily(local("2026-03-09T08:00"))
    assert scene.week("2026-03-09") == ("outpatient", 120, 0)


def test_a_level_changed_before_care_begins_applies_from_the_first_day(scene: Scene) -> None:
    _, scene.record = admit(scene.clinician, starts_on="2026-03-10", email="cy@example.org")
    scene.change_level("outpatient", NOW)
    run_daily(local("2026-03-10T08:00"))
    assert scene.week("2026-03-09") == ("outpatient", 120, 0)


def test_an_alumnus_does_not_return_to_care_at_a_level_planned_before(scene: Scene) -> None:
    scene.change_level("outpatient", NOW, from_date="2026-03-16")
    act(scene.clinician, "care.make_alumnus", record=str(scene.record), reason="Ready")
    run_daily(local("2026-03-16T08:00"))
    assert scene.week("2026-03-16")[0] == "alumni"
    # Nor does one who comes back before that day become an alumnus again on it.
    scene.change_level("iop", local("2026-03-17T08:00"), from_date="2026-03-17")
    assert scene.week("2026-03-16")[0] == "iop"


def test_hours_agreed_with_the_patient_override_the_level_s(scene: Scene) -> None:
    scene.change_level("iop", NOW, hours_per_week=15)
    assert scene.week("2026-03-02") == ("iop", 900, 0)


def test_a_programme_s_new_hours_leave_past_weeks_alone(scene: Scene) -> None:
    run_daily(local("2026-03-09T08:00"))
    admin = employ(role="admin")
    levels = preset()["levels"]
    levels[0]["hours_per_week"]["min"] = 5
    act(admin, "care.change_settings", programme=NORTHLIGHT, settings={"levels": levels})
    scene.record_attendance("2026-03-02", now=local("2026-03-09T09:00"))
    scene.record_attendance("2026-03-09")
    with as_role("jobs"):
        rows = WeekOfHours.objects.in_scope(scene.record).order_by("week_start")
        assert [row.minutes_min for row in rows] == [540, 300]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"level": "php"}, "no_such_level"),
        ({"level": "alumni"}, "use_make_alumnus"),
        ({"from_date": "2026-03-01"}, "date_out_of_range"),
        ({"from_date": "2026-06-01"}, "date_out_of_range"),
        ({"hours_per_week": 3}, "hours_out_of_range"),
        ({"hours_per_week": 30}, "hours_out_of_range"),
        ({"decided_by": "018f0000-0000-7000-8000-000000000001"}, "not_staff"),
    ],
)
def test_a_refused_level_change_adds_no_chapter(
    scene: Scene, facts: dict[str, Any], code: str
) -> None:
    level = facts.pop("level", "iop")
    with pytest.raises(Refused) as refusal:
        scene.change_level(level, NOW, **facts)
    assert refusal.value.code == code
    with as_role("jobs"):
        assert EpisodeChapter.objects.in_scope(scene.record).count() == 1
    assert scene.week("2026-03-02") == ("iop", 540, 0)


def test_chapters_are_added_and_never_rewritten(scene: Scene) -> None:
    scene.change_level("outpatient", NOW)
    with as_role("jobs"):
        chapters = EpisodeChapter.objects.in_scope(scene.record).order_by("recorded_at", "id")
        assert [c.reason for c in chapters] == ["admission", "steady"]
        with pytest.raises(Exception, match="permission denied"):
            chapters.update(reason="other")


def test_patients_and_case_managers_cannot_change_the_level(scene: Scene) -> None:
    manager = employ(role="case_manager")
    act(scene.clinician, "care.assign_team_member", record=str(scene.record), user=str(manager.id))
    for actor in (scene.ana, manager):
        steps: Any = [("care.change_level", {"level": "outpatient"}), ("care.make_alumnus", {})]
        for name, more in steps:
            with pytest.raises(NotAllowed):
                act(actor, name, record=str(scene.record), reason="x", **more)
    with as_role("jobs"):
        assert EpisodeChapter.objects.in_scope(scene.record).count() == 1


def reports(scene: Scene) -> list[tuple[str, datetime]]:
    with as_role("jobs"):
        rows = ArrivalReport.objects.filter(scope_id=scene.record)
        return [(row.state, row.said_at.astimezone(ZoneInfo(TIME_ZONE))) for row in rows]


def test_staff_confirm_or_decline_a_reported_arrival(scene: Scene) -> None:
    here = local("2026-03-02T17:50")
    for _ in range(2):
        act(scene.ana, "care.report_arrival", now=here, appointment=scene.session("2026-03-02"))
    assert reports(scene) == [("waiting", here)]
    assert scene.week("2026-03-02")[2] == 0
    scene.record_attendance("2026-03-02")
    assert reports(scene) == [("confirmed", here)]
    scene.record_attendance("2026-03-02", status="absent")
    assert reports(scene) == [("declined", here)]


def test_an_arrival_reported_offline_counts_at_its_own_time(scene: Scene) -> None:
    scene.record_attendance("2026-03-02")
    here = local("2026-03-02T18:05")
    times = {"now": local("2026-03-04T12:00"), "client_time": here}
    session = scene.session("2026-03-02")
    act(scene.ana, "care.report_arrival", appointment=session, **times)
    assert reports(scene) == [("confirmed", here)]


@pytest.mark.parametrize("_", range(3))
def test_an_arrival_reported_while_staff_record_it_is_confirmed(scene: Scene, _: int) -> None:
    here, session = local("2026-03-02T17:50"), scene.session("2026-03-02")
    attendance = {"record": scene.record, "appointment": session, "status": "present"}
    answers = at_once(
        lambda: act(scene.ana, "care.report_arrival", now=here, appointment=session),
        lambda: act(scene.ana, "care.report_arrival", now=here, appointment=session),
        lambda: act(scene.clinician, "care.record_attendance", now=here, **attendance),
    )
    assert [answer.status for answer in answers] == ["applied"] * 3
    assert reports(scene) == [("confirmed", here)]


@pytest.mark.parametrize("at", ["2026-03-02T16:59", "2026-03-02T21:01"])
def test_an_arrival_too_early_or_too_late_is_refused(scene: Scene, at: str) -> None:
    with pytest.raises(Refused) as refusal:
        act(
            scene.ana, "care.report_arrival", now=local(at), appointment=scene.session("2026-03-02")
        )
    assert refusal.value.code == "not_now"
    assert reports(scene) == []


def test_only_the_patient_reports_an_arrival(scene: Scene) -> None:
    session, here = scene.session("2026-03-02"), local("2026-03-02T18:00")
    with pytest.raises(NotFound):
        act(make_user(), "care.report_arrival", now=here, appointment=session)
    with pytest.raises(Refused):
        act(scene.clinician, "care.report_arrival", now=here, appointment=session)
    assert reports(scene) == []


def test_attendance_is_refused_for_a_foreign_cancelled_or_future_session(scene: Scene) -> None:
    series = {"scope": f"group:{open_group(scene.clinician)}", **EVENING_GROUP}
    act(scene.clinician, "care.create_series", **series)
    foreign = scene.session("2026-03-02", series["scope"])
    record = str(scene.record)
    act(scene.clinician, "care.cancel_session", series=_series(scene), local_date="2026-03-03")
    for appointment, now, code in (
        (foreign, "2026-03-02T21:00", "not_theirs"),
        (scene.session("2026-03-03"), "2026-03-03T21:00", "cancelled"),
        (scene.session("2026-03-04"), "2026-03-04T16:00", "not_begun"),
    ):
        with pytest.raises(Refused) as refusal:
            act(
                scene.clinician,
                "care.record_attendance",
                now=local(now),
                record=record,
                appointment=appointment,
                status="present",
            )
        assert refusal.value.code == code
    with pytest.raises(NotAllowed):
        act(
            scene.ana,
            "care.record_attendance",
            record=record,
            appointment=scene.session("2026-03-02"),
            status="present",
        )
    with as_role("jobs"):
        assert not Attendance.objects.filter(scope_id=scene.record).exists()


def _series(scene: Scene) -> str:
    with as_role("jobs"):
        return str(Appointment.objects.get(id=scene.session("2026-03-03")).series_id)


def test_other_members_of_the_group_see_the_session_but_no_attendance(scene: Scene) -> None:
    scene.record_attendance("2026-03-02")
    ben, _ = admit(scene.clinician, given_name="Ben", email="ben@example.org")
    with as_role("jobs"):
        assert not Attendance.objects.visible_to(ben).exists()
        assert Attendance.objects.visible_to(scene.ana).exists()


def test_attendance_takes_as_many_statements_for_a_later_session(scene: Scene) -> None:
    def statements(day: str) -> int:
        with counted() as queries:
            scene.record_attendance(day)
        return len([text for text in queries if "recovery_" in text or "_action" in text])

    first = statements("2026-03-02")
    for day in range(3, 8):
        scene.record_attendance(f"2026-03-0{day}")
    assert statements("2026-03-08") == first <= 24


def test_an_alumnus_keeps_the_record_and_only_the_named_staff_stay(scene: Scene) -> None:
    scene.record_attendance("2026-03-02")
    coordinator, counsellor = employ(role="alumni_coordinator"), employ(role="counsellor")
    for user in (coordinator, counsellor):
        act(scene.clinician, "care.assign_team_member", record=str(scene.record), user=str(user.id))
    act(
        scene.clinician,
        "care.make_alumnus",
        record=str(scene.record),
        reason="Ready",
        stays=[str(coordinator.id)],
    )
    with as_role("jobs"):
        roles = dict(
            Membership.objects.filter(scope_id=scene.record, held=False).values_list(
                "user_id", "role"
            )
        )
        assert roles == {scene.ana.id: "patient", coordinator.id: "alumni_coordinator"}
        membership = Membership.objects.get(scope_id=NORTHLIGHT, user_id=scene.ana.id)
        assert (membership.role, membership.held) == ("alumnus", False)
        assert CareTeamMember.objects.filter(scope_id=scene.record, until=None).count() == 1
        assert Attendance.objects.visible_to(scene.ana).count() == 1
    assert scene.week("2026-03-02") == ("alumni", 0, 180)


def test_an_alumnus_who_comes_back_is_a_patient_again(scene: Scene) -> None:
    act(scene.clinician, "care.make_alumnus", record=str(scene.record), reason="Ready")
    with pytest.raises(Refused, match="already"):
        act(scene.clinician, "care.make_alumnus", record=str(scene.record), reason="Ready")
    scene.change_level("iop", NOW + timedelta(minutes=1))
    with as_role("jobs"):
        membership = Membership.objects.get(scope_id=NORTHLIGHT, user_id=scene.ana.id)
        assert membership.role == "patient"
    assert scene.week("2026-03-02") == ("iop", 540, 0)


def test_an_alumnus_who_has_not_acknowledged_the_notice_stays_held(scene: Scene) -> None:
    data = {"programme": NORTHLIGHT, "given_name": "Cy", "family_name": "X", "by_email": False}
    data |= {"date_of_birth": "1980-01-01", "email": "cy@example.org", "level": "iop"}
    admission = act(scene.clinician, "care.admit_patient", **data).data
    act(scene.clinician, "care.make_alumnus", record=admission["record"], reason="Moved on")
    with as_role("jobs"):
        membership = Membership.objects.get(scope_id=NORTHLIGHT, user_id=admission["user"])
        assert (membership.role, membership.held) == ("alumnus", True)


def test_only_members_of_the_care_team_can_stay(scene: Scene) -> None:
    outsider = employ(role="clinician")
    with pytest.raises(Refused) as refusal:
        act(
            scene.clinician,
            "care.make_alumnus",
            record=str(scene.record),
            reason="x",
            stays=[str(outsider.id)],
        )
    assert refusal.value.code == "not_on_team"
    with as_role("jobs"):
        assert Membership.objects.get(scope_id=NORTHLIGHT, user_id=scene.ana.id).role == "patient"
        assert EpisodeChapter.objects.in_scope(scene.record).count() == 1


def test_a_user_s_preferences_default_to_the_programme_s(scene: Scene) -> None:
    run_jobs()
    act(scene.ana, "care.set_reminder_preferences", lead_minutes=[30])
    with as_role("jobs"):
        doc = FeedEntry.objects.get(scope_id=scene.ana.id, kind="reminder_preferences").doc
    assert '"time_zone":"America/Los_Angeles"' in doc
    assert '"quiet_start":"21:30:00"' in doc


def test_the_feed_matches_the_rows_after_every_action(scene: Scene) -> None:
    here = local("2026-03-02T18:00")
    act(scene.ana, "care.report_arrival", now=here, appointment=scene.session("2026-03-02"))
    scene.record_attendance("2026-03-02")
    scene.record_attendance("2026-03-02", status="absent")
    act(scene.ana, "care.set_reminder_preferences", lead_minutes=[30])
    act(scene.clinician, "care.cancel_session", series=_series(scene), local_date="2026-03-04")
    run_jobs()
    act(scene.clinician, "care.make_alumnus", record=str(scene.record), reason="Ready")
    run_daily(local("2026-03-09T08:00"))
    run_jobs(local("2026-03-09T08:00"))
    with as_role("jobs"):
        assert [f"{d.kind}/{d.object_id}" for d in differences()] == []
