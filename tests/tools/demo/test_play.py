"""The exit code of `python -m tools.demo` says whether the day went as expected."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from tools.demo.memory import Memory
from tools.demo.play import check
from tools.demo.scenario import BadScenario, Scenario
from tools.demo.session_times import tonight
from tools.demo.staff import totp
from tools.local.data_directory import CHECKOUT

DAY = CHECKOUT / "tools" / "demo" / "day.yaml"
ARRIVAL = """
title: One phone
cast:
  ben: {as: phone, name: "Ben's phone", email: ben.marsh@mail.example}
steps:
  - title: Ben comes in
    who: ben
    do:
      - enrol: {date_of_birth: "1988-02-11"}
    expect:
      - shows: {kind: care_record, given_name: Ben}
      - shows: {kind: care_record, given_name: Someone Else, within: 1}
  - title: What failed does not keep the rest from being played
    who: ben
    expect:
      - shows_nothing: {kind: inbox_item}
"""


def run(*scenario: Path, seconds: float = 400) -> subprocess.CompletedProcess[str]:
    plain = {key: value for key, value in os.environ.items() if "_URL" not in key}
    return subprocess.run(
        [sys.executable, "-m", "tools.demo", *map(str, scenario)],
        cwd=CHECKOUT,
        env=plain,
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
    )


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.soak
def test_a_wrong_expectation_fails_the_day(tmp_path: Path) -> None:
    done = run(written(tmp_path / "day.yaml", ARRIVAL))
    assert done.returncode == 1, done.stdout + done.stderr
    marks = re.findall(r"(?m)^    (\S) ", done.stdout)
    assert marks == ["·", "✓", "✗", "✓"], done.stdout
    assert "1 expectation failed" in done.stdout


@pytest.mark.soak
def test_the_shipped_day_runs_as_expected() -> None:
    done = run()
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_shipped_day_can_be_played() -> None:
    check(Scenario.read(DAY))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"who": "ben", "do": [{"fly": {}}]}, "unknown verb fly"),
        ({"who": "ben", "expect": ["shine"]}, "unknown verb shine"),
        ({"who": "nobody", "do": ["sync"]}, "unknown player 'nobody'"),
        ({"dos": []}, "unknown key dos"),
        ({"do": ["sync"]}, "unknown player ''"),
    ],
)
def test_a_typo_is_reported_before_anything_starts(
    tmp_path: Path, change: dict[str, object], problem: str
) -> None:
    content = {"title": "x", "cast": {"ben": {}}, "steps": [{"title": "s"} | change]}
    path = written(tmp_path / "day.yaml", yaml.safe_dump(content))
    with pytest.raises(BadScenario, match=problem):
        check(Scenario.read(path))


def test_a_missing_file_ends_with_a_sentence(tmp_path: Path) -> None:
    done = run(tmp_path / "none.yaml", seconds=60)
    assert done.returncode == 2
    assert "none.yaml cannot be played" in done.stderr
    assert done.stdout == ""


def test_codes_are_those_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [totp(secret, at // 30) for at in (59, 1111111109, 20000000000)] == [
        "287082",
        "081804",
        "353130",
    ]


def test_names_are_filled_in_everywhere() -> None:
    memory = Memory()
    memory.keep(group="g1", minutes=50)
    filled = memory.fill({"scope": "group:$group", "leads": ["$minutes"], "id": "$new_line"})
    assert filled == {"scope": "group:g1", "leads": [50], "id": memory.fill("$new_line")}
    with pytest.raises(KeyError):
        memory.fill("$unheard_of")


@pytest.mark.parametrize(
    ("now", "date", "time", "starts"),
    [
        ((2026, 3, 2, 12, 0, 10), "2026-03-02", "04:51", "2026-03-02T12:51:00Z"),
        ((2026, 3, 2, 12, 0, 56), "2026-03-02", "04:52", "2026-03-02T12:52:00Z"),
        ((2026, 7, 2, 6, 30, 0), "2026-07-02", "00:21", "2026-07-02T07:21:00Z"),
    ],
)
def test_tonight_is_due_at_the_next_minute(
    now: tuple[int, ...], date: str, time: str, starts: str
) -> None:
    values = tonight("America/Los_Angeles", 50, datetime(*now, tzinfo=UTC))  # type: ignore[misc]
    assert values == {"tonight_date": date, "tonight_time": time, "tonight_starts": starts}
