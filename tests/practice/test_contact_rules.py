"""Who needs contact today, and why: each rule says its sentence when it should, and not before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from recovery.practice.models import CheckIn
from recovery.practice.rules.contact import (
    Hours,
    Known,
    Missed,
    day_in_words,
    in_hours,
    reasons,
    strongest_urge,
)

FRIDAY = date(2026, 3, 6)
SUNDAY = date(2026, 3, 8)


def days_ago(days: int) -> date:
    return FRIDAY - timedelta(days=days)


def sentences(**known: Any) -> list[str]:
    usual = {"today": FRIDAY, "in_care_since": days_ago(30), "checked_in_on": FRIDAY}
    return [reason.sentence for reason in reasons(Known(**usual | known))]


def test_someone_of_whom_all_is_known_needs_no_contact() -> None:
    assert sentences() == []


def test_a_missed_session_without_a_word_since() -> None:
    missed = Missed("Evening group", days_ago(1))
    assert sentences(missed=missed) == ["Missed Evening group yesterday, no word since."]


@pytest.mark.parametrize(
    ("days", "expected"),
    [(3, []), (4, ["No check-in for 4 days."]), (9, ["No check-in for 9 days."])],
)
def test_silence_is_a_reason_from_the_fourth_day(days: int, expected: list[str]) -> None:
    assert sentences(checked_in_on=days_ago(days)) == expected


def test_silence_from_the_beginning_counts_from_the_first_day() -> None:
    assert sentences(checked_in_on=None, in_care_since=days_ago(3)) == []
    expected = ["No check-in yet, 5 days into care."]
    assert sentences(checked_in_on=None, in_care_since=days_ago(5)) == expected


def test_nobody_out_of_care_is_expected_to_check_in() -> None:
    assert sentences(checked_in_on=days_ago(90), in_care_since=None) == []


@pytest.mark.parametrize(
    ("today", "missing", "expected"),
    [
        (date(2026, 3, 5), 180, []),
        (FRIDAY, 180, ["3 h of 9 h are missing. The week ends on Sunday."]),
        (SUNDAY, 90, ["1.5 h of 9 h are missing. The week ends today."]),
        (FRIDAY, 0, []),
    ],
)
def test_missing_hours_are_a_reason_in_the_last_days_of_the_week(
    today: date, missing: int, expected: list[str]
) -> None:
    hours = Hours(target=540, missing=missing, last_day=SUNDAY)
    assert sentences(today=today, hours=hours) == expected


def test_one_strong_urge_and_several() -> None:
    assert sentences(urges=((days_ago(2), 6),)) == []
    assert sentences(urges=((days_ago(2), 7),)) == ["Urge 7 on Wednesday."]
    several = ((days_ago(4), 7), (days_ago(2), 9), (days_ago(1), 3))
    assert sentences(urges=several) == ["Urge 7 or more on 2 of the last 7 days, up to 9."]


def test_an_exercise_that_waits_and_several() -> None:
    one = ["An exercise waits for review, sent on Tuesday."]
    assert sentences(reviews=(days_ago(3),)) == one
    two = ["2 exercises wait for review, the first sent on Tuesday."]
    assert sentences(reviews=(FRIDAY, days_ago(3))) == two


def test_the_longest_wait_comes_first() -> None:
    expected = sentences(
        missed=Missed("Talk", days_ago(1)), reviews=(days_ago(5),), urges=((FRIDAY, 8),)
    )
    assert expected == [
        "An exercise waits for review, sent on Sunday.",
        "Missed Talk yesterday, no word since.",
        "Urge 8 today.",
    ]


def test_no_answer_is_no_urge_and_nought_is_one() -> None:
    assert strongest_urge(CheckIn()) is None
    assert strongest_urge(CheckIn(craving_now=0)) == 0
    assert strongest_urge(CheckIn(craving_now=2, craving_worst=8)) == 8


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, "today"),
        (-1, "yesterday"),
        (1, "tomorrow"),
        (-6, "on Saturday"),
        (-7, "on Friday, February 27"),
        (9, "on Sunday, March 15"),
    ],
)
def test_days_as_people_say_them(days: int, expected: str) -> None:
    assert day_in_words(FRIDAY + timedelta(days=days), FRIDAY) == expected


def test_hours_as_people_say_them() -> None:
    assert [in_hours(minutes) for minutes in (0, 90, 540)] == ["0", "1.5", "9"]
