"""The effect of each live frame (protocol, section 2.5), case by case."""

from collections.abc import Callable
from typing import Any

import pytest

from clients.phone.frames import HELD_AT_MOST, Frames
from tests.clients.phone.pages import (
    GROUP,
    ME,
    message,
    mutation,
    page,
    part,
    phone_memory,
    shown,
    take,
)


class FrameReceiver:
    """A phone's frames after it has read GROUP to 5, with the pulls and alarms they request."""

    def __init__(self) -> None:
        self.memory = phone_memory()
        self.pulling = False
        self.pull_conditions: list[Callable[[], bool]] = []
        self.alarms: list[tuple[float, Callable[[], None]]] = []
        self.frames = Frames(
            self.memory,
            is_pulling=lambda: self.pulling,
            ask_pull=self.pull_conditions.append,
            later=lambda seconds, call: self.alarms.append((seconds, call)),
        )
        take(self.memory, page(part(GROUP, 5, [message("a", 5)], reset="sweep")))
        self.frames.opened("e1")
        self.pull_conditions.clear()

    def receive(
        self, start: int, to: int, *put: list[Any], scope: str = GROUP, **more: Any
    ) -> None:
        rows = {"put": list(put), "del": []} if put else {}
        self.frames.changed({"t": "c", "s": scope, "from": start, "to": to, **rows, **more})

    def shows(self) -> dict[str, int | None]:
        return shown(self.memory, GROUP)

    @property
    def at(self) -> int | None:
        return self.memory.cache.read_to(GROUP)

    def wants_pull(self) -> bool:
        return any(needed() for needed in self.pull_conditions)


@pytest.fixture
def receiver() -> FrameReceiver:
    return FrameReceiver()


def test_a_frame_that_fits_is_applied(receiver):
    receiver.receive(5, 6, message("b", 6))
    assert (receiver.at, receiver.shows(), receiver.wants_pull()) == (6, {"a": 5, "b": 6}, False)
    assert receiver.memory.cache.cursor()["scopes"][GROUP] == [6, 0, "1.1"]


def test_a_frame_may_delete(receiver):
    receiver.receive(5, 6, **{"del": [["message", "a", 6]]})
    assert (receiver.at, receiver.shows()) == (6, {})


def test_a_frame_already_known_is_ignored(receiver):
    receiver.receive(4, 5, message("a", 5, "again"))
    assert (receiver.at, receiver.pull_conditions, receiver.frames.held) == (5, [], [])


def test_a_frame_that_overlaps_the_cursor_means_pull(receiver):
    receiver.receive(4, 6, message("b", 6))
    assert (receiver.at, receiver.shows(), receiver.wants_pull()) == (5, {"a": 5}, True)


def test_a_frame_from_the_future_waits_for_the_one_before_it(receiver):
    receiver.receive(6, 7, message("c", 7))
    assert (receiver.at, receiver.wants_pull()) == (5, False)
    receiver.receive(5, 6, message("b", 6))
    assert (receiver.at, receiver.shows()) == (7, {"a": 5, "b": 6, "c": 7})
    assert receiver.frames.held == []


def test_frames_in_any_order_are_applied_in_order(receiver):
    for n in (9, 7, 8, 6):
        receiver.receive(n - 1, n, message(f"m{n}", n))
    assert receiver.at == 9


def test_after_half_a_second_a_gap_means_pull(receiver):
    receiver.receive(6, 7, message("c", 7))
    ((seconds, ring),) = receiver.alarms
    assert seconds == 0.5
    ring()
    assert receiver.wants_pull()
    assert receiver.frames.held == []


def test_a_gap_filled_in_time_means_no_pull(receiver):
    receiver.receive(6, 7, message("c", 7))
    receiver.receive(5, 6, message("b", 6))
    receiver.alarms[0][1]()
    assert not receiver.wants_pull()


def test_a_second_gap_gets_an_alarm_of_its_own(receiver):
    receiver.receive(6, 7, message("c", 7))
    receiver.alarms[0][1]()
    receiver.receive(8, 9, message("d", 9))
    assert len(receiver.alarms) == 2


def test_no_more_than_fifty_frames_are_held(receiver):
    for n in range(HELD_AT_MOST):
        receiver.receive(n + 6, n + 7, message("c", n + 7))
    assert len(receiver.frames.held) == HELD_AT_MOST
    assert not receiver.wants_pull()
    receiver.receive(70, 71, message("c", 71))
    assert receiver.frames.held == []
    assert receiver.wants_pull()


def test_while_a_pull_is_in_flight_frames_wait(receiver):
    receiver.pulling = True
    receiver.receive(5, 6, message("b", 6))
    assert (receiver.at, receiver.wants_pull()) == (5, False)
    receiver.pulling = False
    receiver.frames.look_again()
    assert (receiver.at, receiver.shows()) == (6, {"a": 5, "b": 6})


def test_a_frame_overtaken_by_a_pull_is_dropped(receiver):
    receiver.pulling = True
    receiver.receive(5, 6, message("b", 6, "older"))
    take(receiver.memory, page(part(GROUP, 8, [message("b", 8, "newer")])))
    receiver.pulling = False
    receiver.frames.look_again()
    assert (receiver.at, receiver.shows(), receiver.frames.held) == (8, {"a": 5, "b": 8}, [])


def test_an_unknown_scope_means_pull(receiver):
    receiver.receive(0, 1, message("x", 1), scope="pair:new")
    assert receiver.wants_pull()
    assert shown(receiver.memory, "pair:new") == {}


def test_an_incomplete_scope_means_pull(receiver):
    """The phone has all rows up to the cursor, but the frame may be from before a reset."""
    reset = part(GROUP, 5, [message("a", 5)], head=9, base=9, reset="sweep")
    take(receiver.memory, page(reset, has_more=True))
    receiver.receive(5, 6, message("b", 6))
    assert (receiver.at, receiver.wants_pull()) == (5, True)


def test_a_poke_with_delay_means_pull_after_it(receiver):
    receiver.receive(5, 6, delay_ms=23000)
    assert not receiver.wants_pull()
    ((seconds, ring),) = receiver.alarms
    assert seconds == 23
    ring()
    assert receiver.wants_pull()


def test_a_poke_answered_by_a_pull_meanwhile_means_nothing(receiver):
    receiver.receive(5, 6, delay_ms=23000)
    take(receiver.memory, page(part(GROUP, 6, [message("b", 6)])))
    receiver.alarms[0][1]()
    assert not receiver.wants_pull()


def test_a_poke_without_delay_means_pull(receiver):
    receiver.receive(5, 6)
    assert receiver.wants_pull()


@pytest.mark.parametrize(
    ("heads", "pulls"),
    [({GROUP: 6}, True), ({GROUP: 5}, False), ({GROUP: 4}, False), ({"pair:new": 1}, True)],
)
def test_heads_ahead_of_the_cursor_mean_pull(receiver, heads, pulls):
    receiver.frames.heads(heads)
    assert receiver.wants_pull() == pulls


def test_a_new_socket_means_pull_and_forgets_held_frames(receiver):
    receiver.receive(6, 7, message("c", 7))
    receiver.frames.opened("e1")
    assert receiver.wants_pull()
    assert receiver.frames.held == []


def test_a_socket_of_another_epoch_is_ignored(receiver):
    receiver.frames.opened("e2")
    receiver.pull_conditions.clear()
    receiver.receive(5, 6, message("b", 6))
    assert (receiver.at, receiver.wants_pull()) == (5, True)


def test_a_frame_changes_the_document_under_a_pending_change(receiver):
    receiver.memory.overlay.projections = {"x": lambda args: (GROUP, "message", "a", args)}
    receiver.memory.queue(mutation("u", action="x", mood=1))
    receiver.receive(5, 6, message("a", 6, "edited"))
    (document,) = receiver.memory.overlay.read("message", GROUP)
    assert document.body == {"text": "edited", "mood": 1}


def test_other_scopes_are_left_alone(receiver):
    take(receiver.memory, page(part(ME, 5, [message("a", 5)], reset="sweep")))
    receiver.receive(5, 6, message("a", 6))
    assert shown(receiver.memory, ME) == {"a": 5}
    assert receiver.memory.cache.read_to(ME) == 5
