"""The judge is judged: the reference phone passes every story, and no wrong client does."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from tests.altered import altered
from tests.conform.wrong_clients import WRONG
from tools.conform import rules
from tools.conform.control import STORIES
from tools.conform.rules import Rule
from tools.docs.pages import DOCS
from tools.local.data_directory import CHECKOUT

LONGEST = 300.0  # seconds for one client
RIGHT_SAMPLE = ("captive_portal", "swept", "too_large", "frame_lost")
WRONG_SAMPLE = (
    "keeps newer seqs in a reset",
    "halves one mutation for ever",
    "goes on sending after 410",
    "retries in a hot loop",
)


def play(control: str, *stories: str, wrong: str = "") -> list[dict[str, Any]]:
    """The verdicts on the reference phone, or on one with a rule altered."""
    options = ["--wrong", wrong] if wrong else []
    done = subprocess.run(
        [sys.executable, "-m", "tests.conform.phone_process", control, *options, *stories],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def failed(answer: dict[str, Any]) -> bool:
    """Whether the judge failed the client, in words: what, which rule, and where it is written."""
    return answer["verdict"] == "fail" and all(answer[k] for k in ("differs", "rule", "where"))


def test_the_reference_phone_passes_some_stories(control: str) -> None:
    answers = play(control, *RIGHT_SAMPLE)
    assert [answer["verdict"] for answer in answers] == ["pass"] * len(RIGHT_SAMPLE), answers


@pytest.mark.parametrize("wrong", WRONG_SAMPLE)
def test_some_wrong_clients_fail(control: str, wrong: str) -> None:
    [answer] = play(control, WRONG[wrong].story, wrong=wrong)
    assert failed(answer), answer


@pytest.mark.soak
@pytest.mark.parametrize("story", STORIES)
def test_the_reference_phone_passes(control: str, story: str) -> None:
    [answer] = play(control, story)
    assert answer["verdict"] == "pass", answer


@pytest.mark.soak
@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_client_fails(control: str, wrong: str) -> None:
    [answer] = play(control, WRONG[wrong].story, wrong=wrong)
    assert failed(answer), answer


def test_the_control_api_says_what_is_wrong_with_a_call(control: str) -> None:
    with httpx.Client(base_url=control, timeout=LONGEST) as http:
        assert http.get("/conform/stories").json().keys() == STORIES.keys()
        assert http.post("/conform/stories/nowhere").status_code == 404
        assert http.post("/conform/stories/small_pages").json()["verdict"] == "go on"
        lacking = http.post("/conform/state", json={"busy": False})
        assert (lacking.status_code, "entries" in lacking.json()["title"]) == (400, True)


def test_every_rule_names_a_section_of_the_protocol() -> None:
    page = (DOCS / "protocol.md").read_text(encoding="utf-8")
    headings = [line.lstrip("#").strip() for line in page.splitlines() if line.startswith("#")]
    stated = {rule.section for rule in vars(rules).values() if isinstance(rule, Rule)}
    assert {s for s in stated if not any(each.startswith(s) for each in headings)} == set()


def test_every_rule_is_judged_by_a_story() -> None:
    source = "".join(path.read_text() for path in (CHECKOUT / "tools" / "conform").glob("*.py"))
    names = [name for name, rule in vars(rules).items() if isinstance(rule, Rule)]
    assert [name for name in names if f"rules.{name}" not in source] == []


def test_what_wrong_clients_alter_is_there() -> None:
    """Most of them play in the soak only."""
    for wrong in WRONG.values():
        with ExitStack() as stack:
            for alteration in wrong.alterations:
                stack.enter_context(altered(alteration))


def test_every_wrong_client_names_a_story() -> None:
    assert {wrong.story for wrong in WRONG.values()} <= STORIES.keys()
