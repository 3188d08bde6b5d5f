"""Whether Help says that the team is there, in the programme's own time."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tools import npm
from tools.local.data_directory import CHECKOUT

DUTY = CHECKOUT / "clients/web/src/model/duty.ts"
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday"]
HOURS = [
    {"days": WEEKDAYS, "from": "13:00", "to": "18:00"},
    {"days": WEEKDAYS, "from": "08:00", "to": "12:00"},
]


def duty_at(now: str, hours: list[dict[str, Any]] = HOURS, zone: str = "America/New_York") -> Any:
    script = (
        "const [path, now, hours, zone] = process.argv.slice(1);"
        "import(path).then(({ dutyAt }) =>"
        "  console.log(JSON.stringify(dutyAt(Date.parse(now), JSON.parse(hours), zone))))"
    )
    arguments = ["-e", script, "--", str(DUTY), now, json.dumps(hours), zone]
    done = subprocess.run([npm.NODE, *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-19T13:00:00Z", {"here": True, "until": "12:00"}),
        ("2026-11-19T17:00:00Z", {"here": False, "in": 0, "weekday": 4, "at": "13:00"}),
        ("2026-11-19T22:59:00Z", {"here": True, "until": "18:00"}),
        ("2026-11-19T23:00:00Z", {"here": False, "in": 1, "weekday": 5, "at": "08:00"}),
        # Friday evening, and in London already Saturday.
        ("2026-11-21T02:00:00Z", {"here": False, "in": 3, "weekday": 1, "at": "08:00"}),
        # The hour of the clock, on both sides of the autumn change.
        ("2026-10-30T12:00:00Z", {"here": True, "until": "12:00"}),
        ("2026-11-02T12:00:00Z", {"here": False, "in": 0, "weekday": 1, "at": "08:00"}),
    ],
)
def test_the_next_hours_are_said(now: str, expected: dict[str, Any]) -> None:
    assert duty_at(now) == expected


ALL = ["sunday", *WEEKDAYS, "saturday"]


@pytest.mark.parametrize(
    ("now", "hours", "expected"),
    [
        # Past midnight, from one week into the next, and one span after another.
        ("2026-11-19T04:00:00Z", [{"days": ALL, "from": "20:00", "to": "06:00"}], "06:00"),
        ("2026-11-22T04:30:00Z", [{"days": ["saturday"], "from": "23:00", "to": "02:00"}], "02:00"),
        ("2026-11-22T06:30:00Z", [{"days": ["saturday"], "from": "23:00", "to": "02:00"}], "02:00"),
        (
            "2026-11-19T13:00:00Z",
            [
                {"days": ALL, "from": "12:00", "to": "18:00"},
                {"days": ALL, "from": "08:00", "to": "12:00"},
            ],
            "18:00",
        ),
        (
            "2026-11-19T13:00:00Z",
            [
                {"days": ALL, "from": "00:00", "to": "12:00"},
                {"days": ALL, "from": "12:00", "to": "00:00"},
            ],
            None,
        ),
    ],
)
def test_hours_may_pass_midnight_and_follow_one_another(
    now: str, hours: list[dict[str, Any]], expected: str | None
) -> None:
    assert duty_at(now, hours) == {"here": True, "until": expected}


def test_a_programme_without_hours_says_nothing() -> None:
    assert duty_at("2026-11-19T13:00:00Z", []) is None


def test_hours_once_a_week_come_again_in_a_week() -> None:
    once = [{"days": ["thursday"], "from": "08:00", "to": "09:00"}]
    assert duty_at("2026-11-19T20:00:00Z", once) == {
        "here": False,
        "in": 7,
        "weekday": 4,
        "at": "08:00",
    }
