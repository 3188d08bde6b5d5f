"""Two records of one person are linked: everything is readable from both, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from foundation.problems import NotAllowed, NotFound
from recovery.actions import Refused
from recovery.care.models import (
    Appointment,
    CareRecord,
    Episode,
    RecordLink,
    Reminder,
    WeekOfHours,
)
from recovery.feed.models import FeedEntry
from recovery.feed.rebuild import differences
from recovery.practice.models import CheckIn
from recovery.signin.models import User
from tests.cast import (
    EVENING_GROUP,
    NOW,
    ReferencePhone,
    act,
    admit,
    documents,
    employ,
    load_programme,
    run_jobs,
)
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
SHARED = ("check_in", "correction_request", "episode", "care_record", "week_of_hours")


class Double:
    """Ana, admitted twice, and two who decide on the care of both records."""

    def __init__(self, clinician: User) -> None:
        self.one, self.two = clinician, employ(role="counsellor")
        self.ana, self.record = admit(clinician, starts_on="2026-02-23")
        self.again, self.other = admit(clinician, given_name="Anna", email="anna@example.org")
        for record in (self.record, self.other):
            act(self.one, "care.assign_team_member", record=str(record), user=str(self.two.id))

    def say(self, staff: User, action: str = "care.link_records", **facts: Any) -> Any:
        which = {"record": str(self.record), "other": str(self.other), "reason": "One passport."}
        return (act(staff, action, **which | facts).data or {}).get("state")

    def link(self) -> None:
        assert [self.say(self.one), self.say(self.two)] == ["waiting", "linked"]


def seen(user: User) -> Counter[str]:
    """What the user's phone has of both records, by kind."""
    return Counter({kind: len(documents(user, kind)) for kind in SHARED})


def test_both_accounts_are_reminded(clinician: User) -> None:
    double = Double(clinician)
    double.link()
    series = EVENING_GROUP | {"scope": f"care:{double.record}"}
    act(clinician, "care.create_series", **series)
    run_jobs()
    with as_role("jobs"):
        one, two = (
            set(
                Reminder.objects.in_scope(user.id)
                .filter(state="planned")
                .values_list("appointment_id", "lead_minutes")
            )
            for user in (double.ana, double.again)
        )
    assert one == two != set()


def test_a_second_colleague_must_say_so(clinician: User) -> None:
    double = Double(clinician)
    assert [double.say(double.one), double.say(double.one)] == ["waiting", "waiting"]
    assert [e["record"] for e in documents(double.ana, "episode")] == [str(double.record)]
    assert double.say(double.two) == "linked"
    with as_role("jobs"):
        assert list(RecordLink.objects.order_by("id").values_list("step", flat=True)) == [
            "asked",
            "linked",
        ]


def test_what_one_has_said_is_forgotten_after_two_weeks(clinician: User) -> None:
    double = Double(clinician)
    double.say(double.one)
    assert double.say(double.two, now=NOW + timedelta(days=15)) == "waiting"
    assert len(documents(double.ana, "care_record")) == 1


def test_both_accounts_and_both_teams_see_both(clinician: User) -> None:
    double = Double(clinician)
    third = employ(role="case_manager")
    act(double.one, "care.assign_team_member", record=str(double.other), user=str(third.id))
    double.link()
    for user in (double.ana, double.again, double.one, double.two, third):
        records = {r["id"]: r["replaced_by"] for r in documents(user, "care_record")}
        assert records == {str(double.record): None, str(double.other): str(double.record)}


def test_one_episode_goes_on_with_its_sessions(clinician: User) -> None:
    double = Double(clinician)
    for record in (double.record, double.other):
        own = EVENING_GROUP | {"kind": "individual", "scope": f"care:{record}"}
        act(double.one, "care.create_series", **own)
    double.link()
    with as_role("jobs"):
        booked = Counter(
            Appointment.objects.filter(status="booked").values_list("scope_id", flat=True)
        )
        assert booked[double.other] == 1  # today's
        assert booked[double.record] > 20
        ended = Episode.objects.get(scope_id=double.other)
        assert (ended.end_reason, str(ended.ended_on)) == ("replaced", "2026-03-02")
        assert Episode.objects.get(scope_id=double.record).ended_on is None


def test_hours_count_together(clinician: User) -> None:
    double = Double(clinician)
    own = EVENING_GROUP | {"kind": "individual", "scope": f"care:{double.other}"}
    act(double.one, "care.create_series", **own)
    double.link()
    with as_role("jobs"):
        session = Appointment.objects.filter(scope_id=double.other).earliest("starts_at")
    came = {"record": str(double.other), "appointment": str(session.id), "status": "present"}
    act(double.one, "care.record_attendance", now=session.starts_at, **came)
    with as_role("jobs"):
        week = WeekOfHours.objects.get(scope_id=double.record, week_start="2026-03-02")
        assert week.minutes_done == 180


def test_a_mistaken_link_ends_at_once(clinician: User) -> None:
    double = Double(clinician)
    phone = ReferencePhone(double.ana, pulled=True)
    double.link()
    phone.pull()
    assert f"care:{double.other}" in phone.answers.cache.scopes()
    double.say(double.two, "care.unlink_records")
    phone.pull()
    assert f"care:{double.other}" not in phone.answers.cache.scopes()
    for user, record in ((double.ana, double.record), (double.again, double.other)):
        assert [r["id"] for r in documents(user, "care_record")] == [str(record)]
    with as_role("jobs"):
        assert not Episode.objects.exclude(ended_on=None).exists()
    with pytest.raises(Refused) as refusal:
        double.say(double.two, "care.unlink_records")
    assert refusal.value.code == "not_linked"


def test_nobody_comes_back_into_the_record_that_is_replaced(clinician: User) -> None:
    double = Double(clinician)
    double.link()
    other = {"record": str(double.other), "reason": "She came back."}
    for action, facts in (("care.readmit", {"level": "iop"}), ("care.reopen_episode", {})):
        with pytest.raises(Refused) as refusal:
            act(clinician, action, **other | facts)
        assert refusal.value.code == "linked_already"
    double.say(double.one, "care.unlink_records")
    with as_role("jobs"):
        assert Episode.objects.filter(ended_on=None).count() == 2


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"date_of_birth": "1991-04-01"}, "differs"),
        ({"ended": True}, "keep_the_other"),
        ({"same": True}, "not_two_records"),
    ],
)
def test_what_cannot_be_linked(clinician: User, facts: dict[str, Any], code: str) -> None:
    double = Double(clinician)
    if "date_of_birth" in facts:
        born = {"changes": facts, "expected": {"date_of_birth": "1990-04-01"}}
        act(clinician, "care.correct_person", record=str(double.other), **born)
    if "ended" in facts:
        over = {"reason": "completed", "follows": "nothing", "stays": [double.one.id]}
        act(clinician, "care.end_episode", record=str(double.record), **over)
    which = {"other": str(double.record)} if "same" in facts else {}
    with pytest.raises(Refused) as refusal:
        double.say(double.one, **which)
    assert refusal.value.code == code
    with as_role("jobs"):
        assert RecordLink.objects.count() == 0


def test_only_those_who_decide_on_both_may(clinician: User) -> None:
    double = Double(clinician)
    manager, colleague = employ(role="case_manager"), employ(role="clinician")
    for record in (double.record, double.other):
        act(clinician, "care.assign_team_member", record=str(record), user=str(manager.id))
    joins = {"record": str(double.record), "user": str(colleague.id)}
    act(clinician, "care.assign_team_member", **joins)
    for staff, refusal in ((manager, NotAllowed), (colleague, NotFound), (double.ana, NotFound)):
        for action in ("care.link_records", "care.unlink_records"):
            with pytest.raises(refusal):
                double.say(staff, action)
    with as_role("jobs"):
        assert RecordLink.objects.count() == 0
        assert not CareRecord.objects.exclude(replaced_by=None).exists()


WRITES = st.lists(
    st.tuples(
        st.booleans(),  # with which account
        st.sampled_from(["check_in", "correction_request"]),
        st.integers(0, 3),  # how many days ago
    ),
    max_size=6,
)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=WRITES, after=WRITES)
def test_whatever_was_written_is_readable_from_both(
    before: list[tuple[bool, str, int]], after: list[tuple[bool, str, int]]
) -> None:
    load_programme()
    double = Double(employ(role="clinician"))
    for each in before:
        _write(double, *each)
    with as_role("jobs"):
        rows = _entries(double)
    double.link()
    with as_role("jobs"):
        assert rows <= _entries(double)
    for each in after:
        _write(double, *each)
    phones = [ReferencePhone(user, pulled=True) for user in (double.ana, double.again)]
    for scope in (f"care:{record}" for record in (double.record, double.other)):
        first, second = (phone.answers.cache.digest(scope) for phone in phones)
        assert first == second
    assert seen(double.ana) == seen(double.again)
    assert seen(double.ana)["check_in"] == seen(double.one)["check_in"]
    with as_role("jobs"):
        assert list(differences()) == []


def _write(double: Double, is_again: bool, kind: str, ago: int) -> None:
    user, record = (double.again, double.other) if is_again else (double.ana, double.record)
    if kind == "check_in":
        day = (NOW - timedelta(days=ago)).date()
        id_ = CheckIn.id_of(record, day, "day")
        data = {"id": id_, "record": record, "local_date": day, "slot": "day", "mood": ago + 1}
        act(user, "practice.record_check_in", **data)
    else:
        act(user, "care.request_correction", id=uuid7(), record=record, wanted=f"{ago} days")


def _entries(double: Double) -> set[tuple[UUID, str, UUID]]:
    entries = FeedEntry.objects.filter(scope_id__in=[double.record, double.other], deleted=False)
    return set(entries.values_list("scope_id", "kind", "object_id"))
