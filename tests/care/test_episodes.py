"""Care ends on a day, for a reason; what follows is said; and people come back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from foundation.problems import Invalid, NotAllowed, NotFound
from notifications.models import Intent, PushRegistration
from recovery.actions import Refused
from recovery.alumni.queries import alumni_of
from recovery.care.models import (
    Appointment,
    CareRecord,
    Episode,
    EpisodeEnding,
    Reminder,
    SessionSeries,
    WeekOfHours,
)
from recovery.care.rules.timetable import local_date
from recovery.feed.context import set_actor
from recovery.feed.models import Membership
from recovery.signin.models import DeviceSession, User
from tests.alumni.pairs import connect, pair_consents
from tests.cast import (
    EVENING_GROUP,
    NORTHLIGHT,
    NOW,
    act,
    admit,
    count,
    documents,
    employ,
    make_circle,
    make_device,
    preset,
    run_daily,
    run_jobs,
    scopes_of,
    sign_in,
)
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
TODAY = date(2026, 3, 2)
WEEK = timedelta(days=7)


def end(staff: User, record: Any, **facts: Any) -> dict[str, Any]:
    data = {"record": str(record), "reason": "completed", "follows": "nothing"} | facts
    return act(staff, "care.end_episode", **data).data or {}


def readmit(staff: User, record: Any, **facts: Any) -> Any:
    data = {"record": str(record), "level": "iop", "reason": "Asked to come back."} | facts
    return act(staff, "care.readmit", **data)


def reopen(staff: User, record: Any, **facts: Any) -> Any:
    return act(staff, "care.reopen_episode", record=str(record), reason="Wrong person.", **facts)


def book(staff: User, record: Any) -> str:
    """Individual sessions on every day."""
    own = EVENING_GROUP | {"kind": "individual", "scope": f"care:{record}"}
    return str(act(staff, "care.create_series", **own).data["series"])


def booked(record: Any) -> int:
    with as_role("jobs"):
        return Appointment.objects.filter(scope_id=record, status="booked").count()


def reminded(user: User) -> set[date]:
    """The days, at the programme, of the sessions that the person is reminded of."""
    run_jobs()
    with as_role("jobs"):
        rows = Reminder.objects.in_scope(user.id).filter(state="planned")
        return {local_date(row.starts_at, row.session_zone) for row in rows}


def role_in_programme(user: User) -> str:
    with as_role("jobs"):
        return Membership.objects.get(scope_id=NORTHLIGHT, user_id=user.id).role


def test_an_end_has_a_day_a_reason_and_what_follows(clinician: User) -> None:
    ana, record = admit(clinician, starts_on="2026-02-02")
    end(
        clinician,
        record,
        ended_on="2026-02-27",
        follows="referral",
        referred_to="Harbor House",
        note="Her own wish.",
    )
    [episode] = documents(ana, "episode")
    assert episode == {
        "id": episode["id"],
        "record": str(record),
        "started_on": "2026-02-02",
        "ended_on": "2026-02-27",
        "end_reason": "completed",
        "follows": "referral",
        "referred_to": "Harbor House",
    }
    assert role_in_programme(ana) == "former_patient"
    assert "care" in scopes_of(ana)  # they keep their own data
    with as_role("jobs"):
        assert EpisodeEnding.objects.get().note == "Her own wish."


def test_sessions_and_reminders_after_the_day_are_dropped(clinician: User) -> None:
    ana, record = admit(clinician)
    book(clinician, record)
    run_jobs()
    with as_role("jobs"):
        assert Reminder.objects.in_scope(ana.id).filter(state="planned").count() > 10
    end(clinician, record)
    run_jobs()
    assert booked(record) == 1  # today's, which is not over
    with as_role("jobs"):
        left = Reminder.objects.in_scope(ana.id).filter(state="planned", starts_at__gt=NOW)
        assert {row.starts_at.date() for row in left} <= {date(2026, 3, 3)}  # today's, in UTC
    run_daily(NOW + WEEK)
    run_jobs(NOW + WEEK)
    assert booked(record) == 1


def test_hours_stop(clinician: User) -> None:
    _, record = admit(clinician, starts_on="2026-02-02")
    end(clinician, record)
    run_daily(NOW + WEEK)
    with as_role("jobs"):
        weeks = list(WeekOfHours.objects.order_by("week_start").values_list("week_start"))
    assert weeks[-1] == (TODAY,)


def test_an_alumnus_stays_in_touch(clinician: User) -> None:
    ana, record = admit(clinician)
    end(clinician, record, follows="alumni")
    assert role_in_programme(ana) == "alumnus"
    with as_role("jobs"):
        assert alumni_of(UUID(NORTHLIGHT)) == [ana.id]
        assert CareRecord.objects.get().alumnus_since == TODAY


def test_an_alumnus_is_not_made_a_patient_again_by_the_clock(clinician: User) -> None:
    ana, record = admit(clinician)
    end(clinician, record, follows="alumni")
    run_daily(NOW + WEEK)
    assert role_in_programme(ana) == "alumnus"


def test_levels_that_were_planned_end_with_the_episode(clinician: User) -> None:
    _, record = admit(clinician)
    planned = {"record": str(record), "level": "outpatient", "from_date": "2026-03-16"}
    act(clinician, "care.change_level", reason="Steady", **planned)
    end(clinician, record)
    readmit(clinician, record, now=NOW + WEEK)
    group = EVENING_GROUP | {"scope": f"care:{record}"}
    act(clinician, "care.create_series", now=NOW + WEEK, **group)
    with as_role("jobs"):
        last = Appointment.objects.filter(scope_id=record, status="booked").latest("starts_at")
    # Outpatient has no group therapy, and was planned in the episode before.
    assert last.local_date > date(2026, 3, 16)


def test_a_timetable_that_has_not_begun_has_no_gap_afterwards(clinician: User) -> None:
    _, record = admit(clinician, starts_on="2026-04-20")
    series = act(
        clinician,
        "care.create_series",
        **EVENING_GROUP | {"scope": f"care:{record}", "rule": "FREQ=DAILY"},
    ).data["series"]
    end(clinician, record)
    reopen(clinician, record)
    for weeks in range(1, 9):
        run_daily(NOW + weeks * WEEK)
    with as_role("jobs"):
        rows = Appointment.objects.filter(series_id=series, status="booked")
        days = sorted(rows.values_list("local_date", flat=True))
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert days[-1] == TODAY + 12 * WEEK


@pytest.mark.parametrize(
    ("follows", "kind", "goes_on"),
    [
        ("nothing", "group", False),
        ("nothing", "support_group", False),
        ("alumni", "group", False),
        ("alumni", "support_group", True),
    ],
)
def test_after_care_only_alumni_are_reminded_of_what_alumni_have(
    follows: str, kind: str, goes_on: bool
) -> None:
    circle = make_circle(levels=preset()["levels"])
    record = circle.records["ana"]
    _in_care(circle, record)
    sessions = EVENING_GROUP | {"scope": f"group:{circle.group}", "kind": kind}
    act(circle.dana, "care.create_series", **sessions)
    before = reminded(circle.ana)
    assert len(before) > 5
    end(circle.dana, record.id, follows=follows)
    assert any(day > TODAY for day in reminded(circle.ana)) == goes_on
    assert reminded(circle.ben) == before  # for the others the group goes on
    reopen(circle.dana, record.id)
    assert reminded(circle.ana) == before


def test_the_team_gets_smaller_and_comes_back(clinician: User) -> None:
    _, record = admit(clinician)
    counsellor = employ(role="counsellor")
    act(clinician, "care.assign_team_member", record=str(record), user=str(counsellor.id))
    end(clinician, record, stays=[counsellor.id])
    assert count(clinician, CareRecord) == 0
    assert count(counsellor, CareRecord) == 1
    reopen(counsellor, record)
    assert count(clinician, CareRecord) == 1


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"ended_on": "2026-03-03"}, "date_out_of_range"),
        ({"ended_on": "2026-02-01"}, "date_out_of_range"),
        ({"ended_on": "0206-03-02"}, "date_out_of_range"),
        ({"stays": ["018f0000-0000-7000-8000-000000000009"]}, "not_on_team"),
    ],
)
def test_a_refused_end_leaves_everything_as_it_was(
    clinician: User, facts: dict[str, Any], code: str
) -> None:
    ana, record = admit(clinician, starts_on="2026-02-02")
    book(clinician, record)
    before = booked(record)
    with pytest.raises(Refused) as refusal:
        end(clinician, record, **facts)
    assert refusal.value.code == code
    assert (booked(record), role_in_programme(ana)) == (before, "patient")
    with as_role("jobs"):
        assert Episode.objects.get().ended_on is None
        assert EpisodeEnding.objects.count() == 0


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"reason": "died", "follows": "alumni"}, "follows"),
        ({"follows": "referral"}, "referred_to"),
        ({"follows": "referral", "referred_to": "\u2800"}, "referred_to"),
        ({"reason": "gone"}, "reason"),
    ],
)
def test_an_end_that_cannot_be_is_explained(
    clinician: User, facts: dict[str, Any], field: str
) -> None:
    _, record = admit(clinician)
    with pytest.raises(Invalid) as refusal:
        end(clinician, record, **facts)
    assert set(refusal.value.errors) == {field}
    with as_role("jobs"):
        assert Episode.objects.get().ended_on is None


def test_care_does_not_end_before_a_session_that_was_attended(clinician: User) -> None:
    _, record = admit(clinician, starts_on="2026-02-02")
    book(clinician, record)
    with as_role("jobs"):
        session = Appointment.objects.filter(scope_id=record).earliest("starts_at")
    evening = session.starts_at + timedelta(minutes=30)
    came = {"record": str(record), "appointment": str(session.id), "status": "present"}
    act(clinician, "care.record_attendance", now=evening, **came)
    with pytest.raises(Refused) as refusal:
        end(clinician, record, ended_on="2026-02-27")
    assert refusal.value.code == "attended_later"
    assert "2026-03-02" in refusal.value.title


def test_only_those_who_decide_end_and_reopen(clinician: User) -> None:
    ana, record = admit(clinician)
    manager = employ(role="case_manager")
    act(clinician, "care.assign_team_member", record=str(record), user=str(manager.id))
    for staff, refusal in ((manager, NotAllowed), (ana, NotAllowed), (employ(), NotFound)):
        for does in (end, readmit, reopen):
            with pytest.raises(refusal):
                does(staff, record)
    with as_role("jobs"):
        assert Episode.objects.get().ended_on is None


def test_an_end_is_taken_back_with_a_new_row(clinician: User) -> None:
    ana, record = admit(clinician)
    series = book(clinician, record)
    before = booked(record)
    end(clinician, record)
    reopen(clinician, record, now=NOW + timedelta(hours=1))
    assert (booked(record), role_in_programme(ana)) == (before, "patient")
    with as_role("jobs"):
        assert Episode.objects.get().ended_on is None
        assert SessionSeries.objects.get(id=series).ended_on is None
        first, second = EpisodeEnding.objects.order_by("recorded_at")
        assert (first.ended_on, second.ended_on, second.note) == (TODAY, None, "Wrong person.")
    run_daily(NOW + WEEK)
    with as_role("jobs"):
        assert WeekOfHours.objects.filter(week_start=TODAY + WEEK).exists()


def test_it_is_taken_back_within_two_weeks_only(clinician: User) -> None:
    _, record = admit(clinician)
    with pytest.raises(Refused) as refusal:
        reopen(clinician, record)
    assert refusal.value.code == "not_ended"
    end(clinician, record)
    with pytest.raises(Refused) as refusal:
        reopen(clinician, record, now=NOW + timedelta(days=15))
    assert refusal.value.code == "too_late"
    with as_role("jobs"):
        assert Episode.objects.get().ended_on == TODAY


def test_a_return_is_a_new_episode_with_everything_from_before(clinician: User) -> None:
    ana, record = admit(clinician, starts_on="2026-02-02")
    end(clinician, record, reason="left", ended_on="2026-02-20")
    back = NOW + 4 * WEEK
    readmit(clinician, record, now=back)
    first, second = sorted(documents(ana, "episode"), key=lambda e: e["started_on"])
    assert (first["ended_on"], first["end_reason"]) == ("2026-02-20", "left")
    assert (second["started_on"], second["ended_on"]) == ("2026-03-30", None)
    assert len(documents(ana, "episode_chapter")) == 2
    assert role_in_programme(ana) == "patient"
    with as_role("jobs"):
        week = WeekOfHours.objects.get(week_start=TODAY + 4 * WEEK)
        assert week.minutes_target == 540
        assert WeekOfHours.objects.filter(week_start=TODAY).exists()
    with pytest.raises(Refused) as refusal:
        readmit(clinician, record, now=back)
    assert refusal.value.code == "in_care"


def test_an_alumna_whose_episode_went_on_comes_back(clinician: User) -> None:
    ana, record = admit(clinician, starts_on="2026-02-02")
    act(clinician, "care.make_alumnus", record=str(record), reason="Goals reached")
    readmit(clinician, record, now=NOW + WEEK)
    first, second = sorted(documents(ana, "episode"), key=lambda e: e["started_on"])
    assert (first["ended_on"], first["end_reason"]) == ("2026-03-02", "completed")
    assert second["started_on"] == "2026-03-09"
    assert role_in_programme(ana) == "patient"


@pytest.mark.parametrize("first_day", ["2026-02-19", "2026-03-03", "0206-03-02"])
def test_a_return_is_after_the_end_and_not_ahead(clinician: User, first_day: str) -> None:
    _, record = admit(clinician, starts_on="2026-02-02")
    end(clinician, record, ended_on="2026-02-20")
    with pytest.raises(Refused) as refusal:
        readmit(clinician, record, starts_on=first_day)
    assert (refusal.value.code, first_day in refusal.value.title) == ("date_out_of_range", True)
    with as_role("jobs"):
        assert Episode.objects.count() == 1


def test_after_a_death_everything_is_quiet(clinician: User) -> None:
    ana, record = admit(clinician)
    sign_in(ana)
    make_device(ana)
    book(clinician, record)
    run_jobs()
    with as_role("jobs"):
        pushes = Intent.objects.filter(state="planned", scope_id=record).count()
    end(clinician, record, reason="died")
    run_jobs()
    run_daily(NOW + timedelta(days=1))
    run_jobs(NOW + timedelta(days=1))
    with as_role("jobs"):
        assert not User.objects.get(id=ana.id).is_active
        assert not DeviceSession.objects.filter(revoked_at=None).exists()
        assert not DeviceSession.objects.exclude(wipe_requested_at=None).exists()
        assert not Reminder.objects.in_scope(ana.id).filter(state="planned").exists()
        assert not Intent.objects.filter(state="planned", scope_id=ana.id).exists()
        assert Intent.objects.filter(state="planned", scope_id=record).count() == pushes
    with pytest.raises(Refused) as refusal:
        readmit(clinician, record)
    assert refusal.value.code == "died"
    reopen(clinician, record)
    with as_role("jobs"):
        assert User.objects.get(id=ana.id).is_active
        assert PushRegistration.objects.count() <= 1


def test_a_person_who_has_died_leaves_groups_and_pairs_silently() -> None:
    circle = make_circle()
    connect(circle)
    ana, ben = circle.ana, circle.ben
    record = circle.records["ana"]
    with as_role("jobs"):
        before = Intent.objects.count()
    # The circle's patients are in the tables without an episode of care.
    _in_care(circle, record)
    act(circle.dana, "care.end_episode", record=record.id, reason="died", follows="nothing")
    assert scopes_of(ana) == ["care", "library", "person", "program"]
    in_group = documents(ben, "member_card", circle.group)
    assert {c["alias"] for c in in_group if c["left_at"] is None} == {"Dana", "Ben"}
    assert "pair" not in scopes_of(ben)
    assert pair_consents(ben) == ["expired"]
    with as_role("jobs"):
        assert Intent.objects.count() == before


def _in_care(circle: Any, record: CareRecord) -> None:
    with transaction.atomic():
        set_actor(circle.dana.id)
        Episode(scope_id=record.id, record=record, started_on=TODAY).save(force_insert=True)


def test_groups_that_the_person_stays_in_are_named() -> None:
    circle = make_circle()
    record = circle.records["ana"]
    _in_care(circle, record)
    answer = end(circle.dana, record.id, follows="nothing")
    assert answer["groups"] == [str(circle.group)]
    assert "group" in scopes_of(circle.ana)
