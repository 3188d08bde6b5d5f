"""What a person reports about themselves arrives, whatever else is wrong in what the phone sent.

For every action whose input is a SelfReport, the fields that the app fills in are broken in turn
and together, and fields of a newer app are added. The words and ratings must be in the document,
and what could not be read beside them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ValidationError
from uuid_utils.compat import uuid7

from foundation.problems import NotFound
from recovery.actions import ActionInput, Refused, SelfReport
from recovery.actions.fields import Code, Link, MailAddress, Name, Text, TimeZone
from recovery.actions.perform import attempt
from recovery.actions.receipts import Outcome
from recovery.actions.registry import ACTIONS, Action, action
from recovery.actions.rules import anyone_signed_in, only_system
from recovery.actions.self_reports import CLOCK_FIELDS
from recovery.feed.models import FeedEntry
from tests.architecture.input_fields import fields
from tests.cast import act, documents, in_care
from tests.contract import cases  # noqa: F401  # registration
from tests.contract.story import STORIES, Move, make

REPORTS = {name: action for name, action in ACTIONS.items() if issubclass(action.input, SelfReport)}
# Inputs with texts in which nothing may be overlooked, and why.
STRICT = {
    "alumni.accept_connection": "a signature",
    "alumni.change_announcement": "staff",
    "alumni.draft_announcement": "staff",
    "alumni.request_connection": "a signature",
    "care.admit_patient": "staff",
    "care.answer_correction_request": "staff",
    "care.cancel_session": "staff",
    "care.change_level": "staff",
    "care.change_series": "staff",
    "care.change_session": "staff",
    "care.correct_person": "staff",
    "care.create_series": "staff",
    "care.end_episode": "staff",
    "care.link_records": "staff",
    "care.make_alumnus": "staff",
    "care.readmit": "staff",
    "care.record_attendance": "staff",
    "care.reopen_episode": "staff",
    "care.undo_admission": "staff",
    "care.unlink_records": "staff",
    "groups.join": "a signature",
    "groups.open_round": "staff",
    "people.confirm_address": "a code",
    "people.correct_staff": "staff",
    "people.invite_staff": "staff",
    "people.register_push": "of a device",
    "practice.assign_exercise": "staff",
    "practice.review_attempt": "staff",
    "privacy.acknowledge_notice": "a signature",
}
# Other words under the id of what was said before.
SAID_BESIDE: dict[str, dict[str, Any]] = {
    "alumni.post_message": {"text": "Another thing."},
    "care.request_correction": {"wanted": "Another thing."},
    "groups.add_line": {"text": "Another thing.", "kind": "hard"},
    "groups.post_message": {"text": "Another thing."},
    "practice.record_attempt": {"before": 9},
}
NOT_WORDS = (Code, Link, MailAddress, Name, TimeZone)
ALMOST = """
7.0|GMT+05:30|Etc/Unknown|US/Pacific-New|2026-03-02|1970-01-01|2026-03-02T14:29:00|newer|night|0|-1
0001-01-01T00:00:00+14:00|2026-11-29T04:13:00Z|٢٠٢٦-٠٣-٠٢|018f0000-0000-7000-8000-000000000009||\0
""".replace("\n", "|").split("|")
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=()), max_size=20)
    | st.sampled_from(ALMOST),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


def moves_of(name: str) -> Iterator[Move]:
    """The scenes in which the action is due, with everything before it done."""
    for story in STORIES.values():
        if name not in story.actions:
            continue
        scene, answer = story.tell(), None
        try:
            while True:
                move = next(scene) if answer is None else scene.send(answer)
                if move.action == name:
                    yield move
                answer = make(move).data or {}
        except StopIteration:
            continue


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def report(move: Move, args: dict[str, Any], **call: Any) -> tuple[Outcome, dict[str, Any]]:
    """Send it. The outcome, and the document of the row that it became."""
    outcome = attempt(move.action, data=args, call=move.call(key=uuid7(), **call))
    assert outcome.status == "applied", (outcome.code, outcome.problem)
    ids = [value for name, value in (outcome.data or {}).items() if isinstance(value, str)]
    entry = FeedEntry.objects.get(object_id=ids[0])
    return outcome, json.loads(entry.doc)


def check(action_: Action, move: Move, args: dict[str, Any], broken: set[str], **call: Any) -> None:
    original = move.args()
    outcome, document = report(move, args, **call)
    unread = document.get("unread", {})
    assert sorted(unread.keys() - set(CLOCK_FIELDS)) == (outcome.data or {}).get("unread", [])
    for name in action_.input.own:
        if name in original:
            assert document[name] == original[name], name
    for name in broken:
        assert name in unread or readable(action_, name, args[name]), name


def readable(action_: Action, name: str, value: Any) -> bool:
    """Whether the field takes the value by itself; a row that is not there, it does not."""
    field = action_.input().fields.get(name)
    if field is None:
        return False
    try:
        field.run_validation(value)
    except NotFound:
        return False
    except (ValidationError, AttributeError, KeyError):  # a Ref has no actor here
        return False
    return True


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_words_and_ratings_survive_every_other_field(committed_db: None, name: str) -> None:
    action_, move = ACTIONS[name], next(moves_of(name))
    names = st.sampled_from([*action_.input.by_app, "newer_field", "x" * 300])

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(names, JUNK, max_size=4))
    def survive(broken: dict[str, Any]) -> None:
        with undone():
            check(action_, move, move.args() | broken, set(broken))

    survive()


@pytest.mark.parametrize("name", sorted(REPORTS.keys() - {"care.report_arrival"}))
def test_words_and_ratings_survive_a_wrong_clock(committed_db: None, name: str) -> None:
    move = next(moves_of(name))
    for years in (-56, 100):
        clock: datetime = move.now + timedelta(days=365 * years)
        with undone():
            outcome, document = report(move, move.args(), client_time=clock)
            assert "unread" not in (outcome.data or {})
            assert document["unread"]["client_time"] == clock.isoformat()


@pytest.mark.parametrize(("name", "other"), SAID_BESIDE.items(), ids=SAID_BESIDE)
def test_an_id_that_is_taken_costs_no_words(
    committed_db: None, name: str, other: dict[str, Any]
) -> None:
    move = next(moves_of(name))
    with undone():
        report(move, move.args())
        again = attempt(name, data=move.args(), call=move.call(key=uuid7()))
        assert again.status == "rejected"
        outcome, document = report(move, move.args() | other)
        assert other.items() <= document.items()
        assert document["unread"]["id"] == move.args()["id"]
        assert "id" in (outcome.data or {})["unread"]


def test_an_id_of_a_stranger_costs_no_words(db: None) -> None:
    ana, ben = in_care(), in_care()
    attempted = {"id": uuid7(), "before": 8, "after": 2}
    for care in (ana, ben):
        act(care.patient, "practice.record_attempt", record=care.record.id, **attempted)
        [document] = documents(care.patient, "attempt")
        assert (document["before"], document["after"]) == (8, 2)


@pytest.mark.parametrize("id_", ["local-17", None])
def test_a_row_that_the_mutation_has_made_is_not_made_again(db: None, id_: str | None) -> None:
    key, attempted = uuid7(), {"id": id_, "before": 8, "after": 2}
    ana, ben = in_care(), in_care()
    act(ana.patient, "practice.record_attempt", key=key, record=ana.record.id, **attempted)
    with pytest.raises(Refused) as refusal:
        act(ben.patient, "practice.record_attempt", key=key, record=ben.record.id, **attempted)
    assert refusal.value.code == "conflict"
    assert documents(ben.patient, "attempt") == []


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_a_report_about_nothing_is_refused(committed_db: None, name: str) -> None:
    move = next(moves_of(name))
    for about in ACTIONS[name].input.about:
        args = move.args() | {about: str(uuid7())}
        with undone():
            assert attempt(name, data=args, call=move.call(key=uuid7())).status == "rejected"


def test_an_input_with_words_is_a_self_report_or_says_why_not() -> None:
    strict = {
        name
        for name, action_ in ACTIONS.items()
        if name not in REPORTS and action_.allow is not only_system
        for field in fields(action_.input())
        if isinstance(field, Text) and not isinstance(field, NOT_WORDS)
    }
    assert {name for name in strict if not name.startswith(INTERNAL)} == STRICT.keys()


INTERNAL = ("people.sign_in",)


def test_an_action_whose_input_leaves_a_field_undeclared_is_not_registered() -> None:
    class Diary(SelfReport):
        own = ("text",)
        text = Text()
        mood = Text(required=False)

    with pytest.raises(RuntimeError, match="'mood' is none of about, own and by_app"):

        @action("practice.keep_diary", input=Diary, allow=anyone_signed_in)
        def keep_diary(call: Any, *, text: str, mood: str = "") -> None:
            """Never registered."""


def test_only_reports_are_tolerant() -> None:
    assert not issubclass(ActionInput, SelfReport)
