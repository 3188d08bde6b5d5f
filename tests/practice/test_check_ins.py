"""The daily check-in: partial answers, two phones, signatures, and who may see it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from foundation.problems import Invalid, NotAllowed, NotFound, Refused
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.practice.models import CheckIn, CheckInVersion
from tests.cast import NOW, Care, act, bodies, count, in_care
from tests.practice.days import TODAY, day
from tests.roles import set_scene

pytestmark = pytest.mark.django_db


def only_check_in(ana: Care) -> CheckIn:
    set_actor(ana.patient.id)
    return CheckIn.objects.in_scope(ana.record.id).get()


@pytest.fixture
def ana() -> Care:
    return in_care()


def test_a_complete_check_in_reaches_the_care_team(ana: Care):
    answers: dict[str, Any] = {
        "success": "I called my sister.",
        "success_shared": True,
        "mood": 4,
        "craving_now": 2,
        "craving_worst": 6,
        "sleep_hours": 6.5,
        "sleep_quality": 3,
        "halt": ["hungry", "tired"],
        "medication": "taken",
        "used": False,
        "used_what": "",
        "plan": "Walk after work",
        "gap_reason": None,
    }
    outcome = act(
        ana.patient,
        "practice.record_check_in",
        **day(ana.record.id, time_zone="America/Los_Angeles", **answers),
    )
    assert outcome.at == [[f"care:{ana.record.id}", 1]]
    assert bodies(ana.counsellor, "check_in") == [
        answers
        | {
            "local_date": "2026-03-02",
            "slot": "day",
            "time_zone": "America/Los_Angeles",
            "recorded_at": "2026-03-02T15:00:00Z",
            "received_at": "2026-03-02T15:00:00Z",
            "signed_by": None,
            "signed_at": None,
        }
    ]


def test_one_answer_is_enough_and_the_others_are_null(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, craving_now=0))
    (document,) = bodies(ana.patient, "check_in")
    assert document["craving_now"] == 0
    assert [document[name] for name in ("mood", "used", "halt", "success", "medication")] == [
        None
    ] * 5


def test_recorded_at_is_the_phones_time_and_received_at_the_servers(ana: Care):
    written = NOW - timedelta(hours=9)
    act(ana.patient, "practice.record_check_in", client_time=written, **day(ana.record.id, mood=3))
    row = only_check_in(ana)
    assert (row.recorded_at, row.received_at) == (written, NOW)


def test_a_retry_returns_the_same_answer_and_changes_nothing(ana: Care):
    key, data = uuid7(), day(ana.record.id, mood=3)
    first = act(ana.patient, "practice.record_check_in", key=key, **data)
    second = act(ana.patient, "practice.record_check_in", key=key, **data)
    assert (first.data, first.at) == (second.data, second.at)
    assert (first.dup, second.dup) == (False, True)
    assert only_check_in(ana).revision == 1


def test_two_phones_can_fill_in_the_same_day(ana: Care):
    later = NOW + timedelta(minutes=5)
    one = act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=2, plan="Rest"))
    other = act(
        ana.patient, "practice.record_check_in", now=later, **day(ana.record.id, craving_now=7)
    )
    assert one.data == other.data
    row = only_check_in(ana)
    assert (row.mood, row.plan, row.craving_now, row.revision) == (2, "Rest", 7, 2)


def test_the_last_push_wins_and_the_replaced_answers_are_kept(ana: Care):
    later = NOW + timedelta(hours=3)
    first = {"mood": 2, "success": "Slept well", "sleep_hours": 8, "time_zone": "America/Denver"}
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, **first))
    act(
        ana.patient,
        "practice.record_check_in",
        now=later,
        client_time=NOW - timedelta(days=1),
        **day(ana.record.id, mood=5),
    )
    row = only_check_in(ana)
    assert (row.mood, row.success, row.time_zone) == (5, "Slept well", "America/Denver")
    assert (row.recorded_at, row.received_at) == (NOW - timedelta(days=1), later)
    version = CheckInVersion.objects.in_scope(ana.record.id).get()
    assert version.revision == 1
    assert version.answers["mood"] == 2
    assert version.answers["success"] == "Slept well"
    assert version.answers["sleep_hours"] == "8.0"
    assert (version.recorded_at, version.replaced_at) == (NOW, later)


@pytest.mark.parametrize(("known", "unseen"), [(1, ["mood"]), (2, [])])
def test_a_phone_learns_which_answers_it_replaced_without_having_seen_them(
    ana: Care, known: int, unseen: list[str]
):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, plan="Rest"))
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=2))
    base = {f"check_in/{CheckIn.id_of(ana.record.id, TODAY, 'day')}": known}
    newer = day(ana.record.id, mood=5, craving_now=1)
    answer = act(ana.patient, "practice.record_check_in", base=base, **newer)
    assert (answer.data or {})["replaced_unseen"] == unseen


@pytest.mark.parametrize(
    ("known", "newer"),
    [({"craving_now": 0}, {"craving_now": 7}), ({"used": False}, {"used": True})],
)
def test_no_craving_and_no_use_are_answers_that_can_be_replaced_unseen(
    ana: Care, known: dict[str, Any], newer: dict[str, Any]
):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, **known))
    base = {f"check_in/{CheckIn.id_of(ana.record.id, TODAY, 'day')}": 0}
    answer = act(ana.patient, "practice.record_check_in", base=base, **day(ana.record.id, **newer))
    assert (answer.data or {})["replaced_unseen"] == list(newer)


def test_repeating_the_same_answers_changes_nothing(ana: Care):
    answers: dict[str, Any] = {
        "mood": 2,
        "sleep_hours": "7.5",
        "halt": ["lonely"],
        "success_shared": False,
    }
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, **answers))
    again = act(ana.patient, "practice.record_check_in", **day(ana.record.id, **answers))
    assert (again.at, only_check_in(ana).revision) == ([], 1)


def test_null_clears_an_answer(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, used=True, mood=2))
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, used=None))
    row = only_check_in(ana)
    assert (row.used, row.mood) == (None, 2)


def test_ticked_options_are_deduplicated_and_sorted(ana: Care):
    ticked = ["tired", "hungry", "tired"]
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, halt=ticked))
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, halt=["hungry", "tired"]))
    row = only_check_in(ana)
    assert (row.halt, row.revision) == (["hungry", "tired"], 1)


def test_ticking_nothing_is_an_answer(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, halt=[]))
    assert bodies(ana.patient, "check_in")[0]["halt"] == []


def test_each_day_and_slot_has_its_own_row(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=2))
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, slot="evening", mood=3))
    act(
        ana.patient,
        "practice.record_check_in",
        **day(ana.record.id, TODAY - timedelta(days=1), mood=4),
    )
    assert count(ana.patient, CheckIn) == 3


def test_the_reason_for_a_gap_can_be_added_later(ana: Care):
    silent = TODAY - timedelta(days=20)
    act(
        ana.patient, "practice.record_check_in", **day(ana.record.id, silent, gap_reason="No phone")
    )
    row = only_check_in(ana)
    assert (row.gap_reason, row.used) == ("No phone", None)


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"mood": 0}, "mood"),
        ({"mood": 6}, "mood"),
        ({"mood": "good"}, "mood"),
        ({"craving_now": 11}, "craving_now"),
        ({"craving_worst": -1}, "craving_worst"),
        ({"sleep_hours": 24.5}, "sleep_hours"),
        ({"sleep_hours": "NaN"}, "sleep_hours"),
        ({"sleep_quality": 6}, "sleep_quality"),
        ({"halt": ["bored"]}, "halt"),
        ({"medication": "some"}, "medication"),
        ({"used": "perhaps"}, "used"),
        ({"success": "x" * 1001}, "success"),
        ({"success": "nul \0"}, "success"),
        ({"mood": 3, "time_zone": "Mars/Base"}, "time_zone"),
        ({"mood": 3, "time_zone": "../etc"}, "time_zone"),
        ({"mood": 3, "id": "0192d7a0-0000-7000-8000-000000000000"}, "id"),
        ({"mood": 3, "local_date": "2026-03-06"}, "local_date"),
        ({"mood": 3, "local_date": "2025-11-01"}, "local_date"),
        ({"mood": 3, "slot": "noon"}, "slot"),
        ({"mood": 3, "signed_by": "0192d7a0-0000-7000-8000-000000000000"}, "signed_by"),
    ],
)
def test_what_cannot_be_read_is_kept_beside_the_rest(
    ana: Care, answers: dict[str, Any], field: str
):
    data = day(ana.record.id) | {"plan": "  Rest.\n", "craving_now": 2} | answers
    outcome = act(ana.patient, "practice.record_check_in", **data)
    # The phone made the id from what it sent as day and slot.
    assert {*outcome.data["unread"], "id"} == {field, "id"}
    [shown] = bodies(ana.counsellor, "check_in")
    sent = str(answers[field]).replace("\0", "\ufffd")
    assert (shown["plan"], str(shown["unread"][field])) == ("  Rest.\n", sent)
    assert shown["craving_now"] == (None if field == "craving_now" else 2)
    if field not in ("success", "craving_now"):
        assert shown.get(field) in (None, answers[field], shown.get("time_zone") and "")


@pytest.mark.parametrize("answers", [{}, {"time_zone": "Mars/Base"}, {"slot": "noon"}])
def test_a_check_in_without_any_answer_is_refused(ana: Care, answers: dict[str, Any]):
    with pytest.raises(Invalid) as refusal:
        act(ana.patient, "practice.record_check_in", **day(ana.record.id) | answers)
    assert refusal.value.errors == {"non_field_errors": ["Please give at least one answer."]}
    assert count(ana.patient, CheckIn) == 0


@pytest.mark.parametrize(
    "zone", ["GMT+05:30", "Etc/Unknown", "US/Pacific-New", "right/America/Los_Angeles", "localtime"]
)
def test_a_check_in_is_kept_whatever_its_time_zone(ana: Care, zone: str):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=3, time_zone=zone))
    [shown] = bodies(ana.counsellor, "check_in")
    assert (shown["mood"], shown["time_zone"], shown["unread"]) == (3, "", {"time_zone": zone})


def test_an_empty_time_zone_is_an_unknown_one(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=3, time_zone=""))
    assert [shown["mood"] for shown in bodies(ana.counsellor, "check_in")] == [3]


@pytest.mark.parametrize(
    ("sent", "read"), [("7", 7.0), (7, 7.0), ("7.0", 7.0), (7.3000000000000004, 7.3)]
)
def test_a_phones_way_of_writing_hours_does_not_matter(ana: Care, sent: Any, read: float):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, sleep_hours=sent))
    [shown] = bodies(ana.patient, "check_in")
    assert (shown["sleep_hours"], "unread" in shown) == (read, False)


def test_hours_that_are_more_exact_are_rounded_and_kept(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, sleep_hours=7.25))
    [shown] = bodies(ana.patient, "check_in")
    assert (shown["sleep_hours"], shown["unread"]) == (7.3, {"sleep_hours": 7.25})


def test_of_what_was_ticked_the_known_is_kept(ana: Care):
    ticked = ["tired", "bored", "hungry"]
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, halt=ticked))
    [shown] = bodies(ana.patient, "check_in")
    assert (shown["halt"], shown["unread"]) == (["hungry", "tired"], {"halt": ticked})


def test_a_day_by_a_wrong_clock_stands_by_itself(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=3))
    long_ago = date(1970, 1, 1)
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, long_ago, mood=5))
    shown = {each["local_date"]: each for each in bodies(ana.counsellor, "check_in")}
    assert {day: each["mood"] for day, each in shown.items()} == {"2026-03-02": 3, "1970-01-01": 5}
    assert shown["1970-01-01"]["unread"] == {"local_date": "1970-01-01"}


def test_an_answer_that_is_given_again_is_no_longer_unread(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=9, time_zone="?"))
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=4))
    [shown] = bodies(ana.patient, "check_in")
    assert (shown["mood"], shown["unread"]) == (4, {"time_zone": "?"})


@pytest.mark.parametrize("who", ["counsellor", "clinician", "case_manager"])
def test_only_the_patient_checks_in(ana: Care, who: str):
    with pytest.raises(NotAllowed):
        act(getattr(ana, who), "practice.record_check_in", **day(ana.record.id, mood=3))
    assert count(ana.patient, CheckIn) == 0


def test_to_a_stranger_a_record_looks_like_one_that_does_not_exist(ana: Care):
    ben = in_care()
    for record_id in (ana.record.id, uuid7()):
        with pytest.raises(NotFound):
            act(ben.patient, "practice.record_check_in", **day(record_id, mood=3))
    assert count(ana.patient, CheckIn) == 0


def test_a_patient_removed_from_the_record_can_no_longer_write(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=3))
    with collecting(), set_scene():
        scopes.revoke(ana.record.id, ana.patient.id)
    with pytest.raises(NotFound):
        act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=4))
    set_actor(ana.clinician.id)
    assert CheckIn.objects.in_scope(ana.record.id).get().mood == 3


def test_a_signed_day_is_locked_and_the_refusal_includes_it(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=3))
    act(ana.clinician, "practice.sign_check_in", check_in=only_check_in(ana).id)
    with pytest.raises(Refused) as refusal:
        act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=1))
    assert refusal.value.code == "locked"
    kind, id_, _, shown = refusal.value.current
    assert (kind, id_, shown["mood"]) == ("check_in", str(only_check_in(ana).id), 3)
    assert (only_check_in(ana).mood, count(ana.patient, CheckInVersion)) == (3, 0)


def test_a_signature_shows_its_author_and_time(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=3))
    act(ana.counsellor, "practice.sign_check_in", check_in=only_check_in(ana).id)
    (document,) = bodies(ana.patient, "check_in")
    assert document["signed_by"] == str(ana.counsellor.id)
    assert document["signed_at"] == "2026-03-02T15:00:00Z"


@pytest.mark.parametrize("who", ["patient", "case_manager"])
def test_only_the_care_team_signs(ana: Care, who: str):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=3))
    with pytest.raises(NotAllowed):
        act(getattr(ana, who), "practice.sign_check_in", check_in=only_check_in(ana).id)
    assert only_check_in(ana).signed_at is None


def test_another_programmes_clinician_cannot_find_the_check_in(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=3))
    with pytest.raises(NotFound):
        act(in_care().clinician, "practice.sign_check_in", check_in=only_check_in(ana).id)
    assert only_check_in(ana).signed_at is None


def test_a_day_is_signed_once(ana: Care):
    act(ana.patient, "practice.record_check_in", **day(ana.record.id, mood=3))
    act(ana.counsellor, "practice.sign_check_in", check_in=only_check_in(ana).id)
    with pytest.raises(Refused, match="already been signed"):
        act(ana.clinician, "practice.sign_check_in", check_in=only_check_in(ana).id)
    assert only_check_in(ana).signed_by == ana.counsellor.id
