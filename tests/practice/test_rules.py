"""Answers, ranking, packs and conflict policies, without a database."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from recovery.people.rules import LOCALES
from recovery.practice import documents
from recovery.practice.rules.answers import read_answers
from recovery.practice.rules.exercise import fields_of
from recovery.practice.rules.ranking import Result, rank, relief
from tests.cast import content

PACKS = sorted((settings.BASE_DIR / "content" / "exercises").glob("*.yaml"))
STEPS: list[dict[str, Any]] = [
    {
        "id": "all",
        "fields": [
            {"id": "text", "type": "text"},
            {"id": "lines", "type": "list", "max": 2},
            {"id": "scale", "type": "scale"},
            {"id": "percent", "type": "percent"},
            {"id": "one", "type": "choice", "options": [{"id": "a"}, {"id": "b"}]},
            {"id": "many", "type": "choice", "many": True, "options": [{"id": "a"}, {"id": "b"}]},
            {"id": "timer", "type": "timer", "seconds": 60},
        ],
    },
    {"id": "nothing to fill in"},
]
EXERCISES = [uuid.UUID(int=number) for number in range(4)]


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_every_exercise_is_complete_in_every_language(path: Path):
    stored = content(path.stem)
    for locale in LOCALES:
        document = documents.in_locale(stored, locale)
        assert isinstance(document["title"], str)
        assert all(isinstance(field["label"], str) for field in fields_of(document["steps"]))


def test_answers_of_every_type_are_accepted():
    answers = {
        "text": " as typed ",
        "lines": ["one", "two"],
        "scale": 0,
        "percent": 100,
        "one": "b",
        "many": ["a", "b"],
        "timer": 75,
    }
    assert read_answers(STEPS, answers) == (answers, {})


@pytest.mark.parametrize(("sent", "value"), [(7.0, 7), ("7", 7), ("7.0", 7), (6.9999999999, 7)])
def test_a_phones_way_of_writing_a_number_does_not_matter(sent: Any, value: int):
    assert read_answers(STEPS, {"scale": sent}) == ({"scale": value}, {})


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("text", ["a"]),
        ("text", "x" * 4001),
        ("lines", "one"),
        ("lines", ["1", "2", "3"]),
        ("lines", [{}]),
        ("scale", 11),
        ("scale", True),
        ("scale", 7.5),
        ("percent", -1),
        ("one", "c"),
        ("one", ["a"]),
        ("many", "a"),
        ("many", ["a", "c"]),
        ("many", ["a", "b", "a"]),
        ("timer", 86_401),
        ("else", "a"),
    ],
)
def test_an_answer_that_cannot_be_read_is_put_aside(field: str, answer: Any):
    other = "many" if field == "one" else "one"
    good = ["a"] if other == "many" else "a"
    assert read_answers(STEPS, {other: good, field: answer}) == ({other: good}, {field: answer})


@pytest.mark.parametrize(("text", "kept"), [("nul \0", "nul \ufffd"), ("\ud800!", "\ufffd!")])
def test_what_cannot_be_stored_costs_no_words(text: str, kept: str):
    assert read_answers(STEPS, {"text": text}) == ({"text": kept}, {"text": text})


def test_relief_is_positive_when_things_get_better():
    assert relief("craving", 8, 3) == relief("confidence", 3, 8) == 5
    assert relief("distress", 3, 8) == -5
    assert relief("craving", 8, None) is None


def test_ranking_is_by_share_eased_then_mean_relief_then_count():
    order = [
        Result(EXERCISES[2], rated=9, eased=7, mean_relief=2.0),
        Result(EXERCISES[1], rated=5, eased=5, mean_relief=1.0),
        Result(EXERCISES[3], rated=3, eased=3, mean_relief=4.25),
        Result(EXERCISES[0], rated=9, eased=0, mean_relief=-1.0),
    ]
    assert [(item["exercise"], item["mean_relief"]) for item in rank(order)] == [
        (str(EXERCISES[3]), 4.2),
        (str(EXERCISES[1]), 1.0),
        (str(EXERCISES[2]), 2.0),
    ]


def test_two_ratings_are_not_enough_by_default():
    twice = [Result(EXERCISES[0], rated=2, eased=2, mean_relief=9.0)]
    assert rank(twice) == []
    assert [item["rated"] for item in rank(twice, minimum=2)] == [2]
