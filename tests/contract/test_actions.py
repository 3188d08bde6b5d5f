"""For every action: applying its frames gives a phone what a pull would have given it (I14), and
the feed is the projection of the rows (I15). No patient waits for a writer to a scope that everyone
reads (I16).

Every move of every story is made while everyone with an account has a phone. First the move is
tried with an invalid input and by a stranger, which no phone may notice. Then it is made. Then it
is retried under the same key.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from recovery.actions import SYSTEM
from recovery.actions.perform import attempt
from recovery.actions.registry import ACTIONS
from recovery.feed import announce
from recovery.feed.documents import KINDS
from tests.contract import cases  # noqa: F401  # registration
from tests.contract.observers import Heads, Observers, differences, listening, repair
from tests.contract.story import STORIES, Move, Story, make, play
from tests.documents import is_as_described

# A pull without a change of membership is waste, except for changes in these scopes.
PULLED = ("program", "library")
# Actions of a patient that must allocate a seq in those scopes, with the reason.
WAITS = {"privacy.acknowledge_notice": "their place in the programme begins, once"}


@pytest.fixture
def observers(committed_db: None, settings: Any) -> Iterator[Observers]:
    """A request waits longer for Valkey than in production: on a busy machine an abandoned hint
    would arrive late or never."""
    settings.HINT_SECONDS = 20.0
    announce.valkey.cache_clear()
    with listening() as observers:
        yield observers
    announce.valkey.cache_clear()


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_i14_i15_i16_frames_give_phones_what_they_would_pull(
    observers: Observers, story: Story
) -> None:
    repaired: list[bool] = []

    def do(move: Move) -> dict[str, Any]:
        if not repaired:
            repair()
            repaired.append(True)
        return make_and_check(observers, move)

    assert play(story, do) == story.actions
    assert differences() == []


@pytest.mark.soak
@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_i15_the_feed_is_the_projection_after_every_move(committed_db: None, story: Story) -> None:
    def do(move: Move) -> dict[str, Any]:
        repair()
        outcome = make(move)
        assert differences() == [], move.action
        return outcome.data or {}

    assert play(story, do) == story.actions


def test_every_action_has_a_story() -> None:
    """docs/adding-an-activity.md says what to add."""
    assert {name for story in STORIES.values() for name in story.actions} == ACTIONS.keys()


def make_and_check(observers: Observers, move: Move) -> dict[str, Any]:
    observers.gather()
    before, heads = observers.contents(), observers.heads()
    check_refusals(observers, move)
    assert (observers.contents(), observers.heads()) == (before, heads)
    with shared_scopes_locked_for_patients(observers, move):
        outcome = make(move)
    assert observers.published_since(heads) == move.tells, move.action
    check_descriptions(observers, move, heads)
    assert contents_after_frames(observers, move, before) == observers.renew(), move.action
    assert (
        observers.contents()[observers.stranger.id] == before[observers.stranger.id] or move.anyone
    )
    check_retry(observers, move)
    return outcome.data or {}


def check_descriptions(observers: Observers, move: Move, before: Heads) -> None:
    """What the move published is what `GET /api/documents` says of it."""
    for tell in move.tells:
        kind = tell.partition("/")[2].removeprefix("-")
        if kind != "members":
            declared = KINDS[kind].actions
            assert move.action in declared, f"add {move.action!r} to the `actions` of {kind}"
    for entry in observers.entries_since(before):
        is_as_described(*entry)


def shared_scopes_locked_for_patients(
    observers: Observers, move: Move
) -> AbstractContextManager[None]:
    """Lock the shared scopes during a patient's move, which must not wait for them."""
    by_staff = move.actor is SYSTEM or move.actor.is_staff
    return nullcontext() if by_staff or move.action in WAITS else observers.shared_scopes_locked()


def check_refusals(observers: Observers, move: Move) -> None:
    """Try the move with an unknown field (a self-report: about nothing), and as a stranger."""
    about = getattr(ACTIONS[move.action].input, "about", ()) or ("more",)
    args = move.args() | dict.fromkeys(about, 1.5)
    wrong = attempt(move.action, data=args, call=move.call(key=uuid7()))
    assert (wrong.status, wrong.code) == ("rejected", "invalid")
    if not move.anyone:
        call = move.call(observers.stranger, key=uuid7(), session_id=uuid7())
        wrong = attempt(move.action, data=move.args(), call=call)
        assert wrong.status == "rejected", f"a stranger may {move.action}"
    assert not any(observers.listen().values())


def contents_after_frames(
    observers: Observers, move: Move, before: dict[Any, Any]
) -> dict[Any, Any]:
    """What everyone holds after handling the frames and pulling where a frame calls for it."""
    frames = observers.listen()
    if "library" in {tell.partition("/")[0] for tell in move.tells}:
        observers.beat()
    for user, phone in observers.phones.items():
        if phone.wants_pull():
            assert has_reason(frames[user], move), (move.action, frames[user])
            phone.pull()
    return observers.contents()


def has_reason(frames: list[dict[str, Any]], move: Move) -> bool:
    """Memberships changed, or the change is never sent in frames, or is too long for one."""
    pokes = [frame for frame in frames if frame["t"] == "c" and "put" not in frame]
    types = {frame["t"] for frame in frames}
    return "scopes" in types or bool(pokes) or any(t.startswith(PULLED) for t in move.tells)


def check_retry(observers: Observers, move: Move) -> None:
    """A retry under the same key returns the same answer and sends no frame."""
    heads = observers.heads()
    assert make(move).dup
    assert (observers.heads(), any(observers.listen().values())) == (heads, False)
