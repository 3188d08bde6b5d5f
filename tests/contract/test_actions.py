"""For every action: what phones make of its frames is what a pull would have told them (I14), and
the feed is the projection of the rows (I15). No patient waits for who writes to everybody (I16).

Every move of every story is made among everybody who has an account. First it is tried wrongly
and by a stranger, which nobody may notice; then it is made; then it is asked for again.
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
from tests.contract import cases  # noqa: F401  # registration
from tests.contract.house import House, differences, listening, repair
from tests.contract.story import STORIES, Move, Story, make, play

# A pull that no change of membership asked for is waste, except where the protocol says so.
PULLED = ("program", "library")
# What a patient does that has to number something there, with the reason.
WAITS = {"privacy.acknowledge_notice": "their place in the programme begins, once"}


@pytest.fixture
def house(committed_db: None, settings: Any) -> Iterator[House]:
    """On a busy machine Valkey may take longer than a request waits for it; a hint that was
    given up would be heard later or never."""
    settings.HINT_SECONDS = 20.0
    announce.valkey.cache_clear()
    with listening() as house:
        yield house
    announce.valkey.cache_clear()


@pytest.mark.parametrize("told", STORIES.values(), ids=STORIES)
def test_i14_i15_i16_what_phones_hear_is_what_they_would_pull(house: House, told: Story) -> None:
    began: list[bool] = []

    def do(move: Move) -> dict[str, Any]:
        if not began:
            repair()
            began.append(True)
        return checked(house, move)

    assert play(told, do) == told.actions
    assert differences() == []


@pytest.mark.soak
@pytest.mark.parametrize("told", STORIES.values(), ids=STORIES)
def test_i15_the_feed_is_the_projection_after_every_single_move(
    committed_db: None, told: Story
) -> None:
    def do(move: Move) -> dict[str, Any]:
        repair()
        outcome = make(move)
        assert differences() == [], move.action
        return outcome.data or {}

    assert play(told, do) == told.actions


def test_every_action_has_a_story() -> None:
    """docs/adding-an-activity.md says what to add."""
    assert {name for story in STORIES.values() for name in story.actions} == ACTIONS.keys()


def checked(house: House, move: Move) -> dict[str, Any]:
    house.gather()
    before, heads = house.holds(), house.heads()
    refused(house, move)
    assert (house.holds(), house.heads()) == (before, heads)
    with held(house, move):
        outcome = make(move)
    assert house.told_since(heads) == move.tells, move.action
    assert applied(house, move, before) == house.renew(), move.action
    assert house.holds()[house.stranger.id] == before[house.stranger.id] or move.anyone
    again(house, move)
    return outcome.data or {}


def held(house: House, move: Move) -> AbstractContextManager[None]:
    """Around what a patient does: nobody may have to wait for what the whole programme reads."""
    by_staff = move.actor is SYSTEM or move.actor.is_staff
    return nullcontext() if by_staff or move.action in WAITS else house.hot_scopes_held()


def refused(house: House, move: Move) -> None:
    """With a field that it does not have, and by somebody it does not concern."""
    wrong = attempt(move.action, data=move.args() | {"more": 1}, call=move.call(key=uuid7()))
    assert (wrong.status, wrong.code) == ("rejected", "invalid")
    if not move.anyone:
        call = move.call(house.stranger, key=uuid7(), session_id=uuid7())
        wrong = attempt(move.action, data=move.args(), call=call)
        assert wrong.status == "rejected", f"a stranger may {move.action}"
    assert not any(house.listen().values())


def applied(house: House, move: Move, before: dict[Any, Any]) -> dict[Any, Any]:
    """What everybody holds once they have heard the frames and pulled where told to."""
    said = house.listen()
    if "library" in {tell.partition("/")[0] for tell in move.tells}:
        house.beat()
    for user, phone in house.phones.items():
        if phone.wants_pull():
            assert has_reason(said[user], move), (move.action, said[user])
            phone.pull()
    return house.holds()


def has_reason(said: list[dict[str, Any]], move: Move) -> bool:
    """Their memberships changed, or what changed is never sent in frames, or is too long."""
    pokes = [frame for frame in said if frame["t"] == "c" and "put" not in frame]
    told = {frame["t"] for frame in said}
    return "scopes" in told or bool(pokes) or any(t.startswith(PULLED) for t in move.tells)


def again(house: House, move: Move) -> None:
    """Asked for once more under the same key, it is the same answer and nobody hears anything."""
    heads = house.heads()
    assert make(move).dup
    assert (house.heads(), any(house.listen().values())) == (heads, False)
