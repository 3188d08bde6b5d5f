"""Hypothesis chooses the steps of a play. A failing play is printed as a list of steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.sync.handset import Handset
from tests.sync.play import PEOPLE, SCOPES, Play, Stage, first_line, shortened

STEPS = 12  # of a play, at most
ANY = st.integers(0, 3)  # an index into those that fit
SCOPE = st.sampled_from(SCOPES)
SHARED = st.sampled_from(SCOPES[1:])
PAGE = st.sampled_from([1, 2, 3, 500])
CHANGE = st.tuples(SCOPE, st.sampled_from("abc"), st.sampled_from([True, True, False]))
CHANGES = st.lists(CHANGE, min_size=1, max_size=3, unique_by=lambda change: change[:2])
FATE = st.sampled_from(["applied", "applied", "applied", "refused"])
LANE = st.sampled_from(["main", "main", "urgent"])
DEATH = st.sampled_from([0, 0, 0, 0, 1, 2, 3, 5, 8, 13])
LOST_HINTS = st.sampled_from(["none", "none", "all", "user", "scope"])
READ = st.sampled_from(["once", "again", "lost"])
OPENINGS = st.sampled_from(["", "synced", "live", "live"])
Fit = Callable[[Handset], object]


def _anything(phone: Handset) -> object:
    return True


def _waits(phone: Handset) -> object:
    return phone.letters


def _is_live(phone: Handset) -> object:
    return phone.socket


def _is_new(phone: Handset) -> object:
    return not phone.socket and phone.client_id()


def _has_frames(phone: Handset) -> object:
    return phone.frames


def some(fit: Fit) -> Any:
    """A precondition: at least one phone fits."""
    return precondition(lambda machine: any(map(fit, machine.play.phones.values())))


class Machine(RuleBasedStateMachine):
    stage: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self.play = Play(self.stage)

    def on(self, which: int, fit: Fit, step: str, *arguments: Any) -> None:
        """Play a step on one of the phones that fit."""
        phones = [name for name, phone in self.play.phones.items() if fit(phone)]
        self.play.step(step, phones[which % len(phones)], *arguments)

    @initialize(changes=CHANGES, openings=st.tuples(OPENINGS, OPENINGS, OPENINGS))
    def begin(self, changes: list[Any], openings: tuple[str, ...]) -> None:
        """Most plays begin with documents, and with phones that have synced them."""
        self.play.step("write", "ana", *changes)
        for phone, opening in zip(list(self.play.phones), openings, strict=True):
            if opening:
                self.play.step("sync", phone, 500)
            if opening == "live":
                self.play.step("connect", phone)
                self.play.step("read_all", phone)

    # The server

    @rule(who=st.sampled_from(PEOPLE), changes=CHANGES)
    def write(self, who: str, changes: list[Any]) -> None:
        self.play.step("write", who, *changes)

    @rule(several=st.lists(CHANGES, min_size=2, max_size=3))
    def chatter(self, several: list[list[Any]]) -> None:
        """Enough commits in a row for their frames to arrive out of order."""
        for changes in several:
            self.play.step("write", "ana", *changes)

    @rule(who=st.sampled_from(["ana", "ben", "ben"]), scope=SHARED)
    def let_out(self, who: str, scope: str) -> None:
        self.play.step("let_out", who, scope)

    @rule(who=st.sampled_from(["ana", "ben", "ben"]), scope=SHARED, from_now=st.booleans())
    def let_in(self, who: str, scope: str, from_now: bool) -> None:
        self.play.step("let_in", who, scope, from_now)

    @precondition(lambda self: self.play.words > 6)
    @rule(scope=SHARED)
    def shut(self, scope: str) -> None:
        self.play.step("shut", scope)

    @rule(scope=SCOPE, most=st.sampled_from([1, 100]))
    def collect(self, scope: str, most: int) -> None:
        self.play.step("collect", scope, most)

    @precondition(lambda self: not self.play.kept)
    @rule()
    def back_up(self) -> None:
        self.play.step("back_up")

    @precondition(lambda self: self.play.kept)
    @rule()
    def restore(self) -> None:
        self.play.step("restore")

    # Phones and their requests

    @rule(which=ANY, fate=FATE, lane=LANE, changes=CHANGES)
    def do(self, which: int, fate: str, lane: str, changes: list[Any]) -> None:
        self.on(which, _anything, "do", fate, lane, *changes)

    @rule(which=ANY, dies_at=DEATH, fate=FATE, lane=LANE, changes=CHANGES)
    def do_and_die(
        self, which: int, dies_at: int, fate: str, lane: str, changes: list[Any]
    ) -> None:
        self.on(which, _anything, "do_and_die", dies_at, fate, lane, *changes)

    @rule(which=ANY)
    def dismiss(self, which: int) -> None:
        self.on(which, _anything, "dismiss")

    @rule(which=ANY, act=ANY)
    def take_back(self, which: int, act: int) -> None:
        self.on(which, _anything, "take_back", act)

    @rule(which=ANY, commits=st.sampled_from([1, 2]))
    def fill(self, which: int, commits: int) -> None:
        self.on(which, _anything, "fill", commits)

    @rule(which=ANY, page=PAGE)
    def sync(self, which: int, page: int) -> None:
        self.on(which, _anything, "sync", page)

    @rule(which=ANY, what=st.sampled_from(["all", "all", "urgent"]), page=PAGE)
    def start(self, which: int, what: str, page: int) -> None:
        self.on(which, _anything, "start", what, page)

    @some(_waits)
    @rule(which=ANY, letter=ANY)
    def serve(self, which: int, letter: int) -> None:
        self.on(which, _waits, "serve", letter)

    @some(_waits)
    @rule(which=ANY, letter=ANY, dies_at=DEATH)
    def deliver(self, which: int, letter: int, dies_at: int) -> None:
        self.on(which, _waits, "deliver", letter, dies_at)

    @some(_waits)
    @rule(which=ANY, letter=ANY)
    def lose(self, which: int, letter: int) -> None:
        self.on(which, _waits, "lose", letter)

    @rule(which=ANY)
    def crash(self, which: int) -> None:
        self.on(which, _anything, "crash")

    # Live

    @some(_is_new)
    @rule(which=ANY)
    def connect(self, which: int) -> None:
        self.on(which, _is_new, "connect")

    @some(_is_live)
    @rule(which=ANY)
    def hang_up(self, which: int) -> None:
        self.on(which, _is_live, "hang_up")

    @some(_is_live)
    @rule(lost=LOST_HINTS)
    def hints(self, lost: str) -> None:
        self.play.step("hints", lost)

    @some(_is_live)
    @rule()
    def beat(self) -> None:
        self.play.step("beat")

    @some(_has_frames)
    @rule(which=ANY, frame=ANY, how=READ)
    def read(self, which: int, frame: int, how: str) -> None:
        self.on(which, _has_frames, "read", frame, how)

    @some(_is_live)
    @rule(which=ANY)
    def read_all(self, which: int) -> None:
        self.play.step("hints", "none")
        self.on(which, _is_live, "read_all")

    @some(lambda phone: phone.has_cause())
    @rule(which=ANY, page=PAGE)
    def wake(self, which: int, page: int) -> None:
        self.on(which, _anything, "ring")
        self.on(which, _anything, "wake", page)

    # Copies

    @rule(which=ANY)
    def photograph(self, which: int) -> None:
        self.on(which, lambda phone: phone is not self.play.phones.get("clone"), "photograph")

    @precondition(lambda self: self.play.images)
    @rule(which=ANY, how=st.sampled_from(["roll_back", "clone"]))
    def copy(self, which: int, how: str) -> None:
        images = sorted(self.play.images)
        self.play.step(how, images[which % len(images)])

    @rule(which=ANY)
    def upgrade(self, which: int) -> None:
        self.on(which, _anything, "upgrade")

    def teardown(self) -> None:
        try:
            self.play.end()
        finally:
            self.play.close()


def search(stage: Stage, *, examples: int, steps: int, number: int) -> int:
    """Play `examples` plays of at most `steps` steps. The same number gives the same plays. Returns
    how many were played. A failure is shortened and printed as a list for plays.py."""
    last: Play | None = None
    played = 0

    class RecordingMachine(Machine):
        def __init__(self) -> None:
            nonlocal last, played
            super().__init__()
            last = self.play
            played += 1

    RecordingMachine.stage = stage
    try:
        run_state_machine_as_test(
            seed(number)(RecordingMachine), settings=_settings(examples, steps)
        )
    except Exception as failure:
        assert last
        short = shortened(stage, last.steps, first_line(failure))
        raise AssertionError(f"{failure}\nseed {number} fails with:\n{short}") from failure
    return played


def _settings(examples: int, steps: int) -> settings:
    """Without shrinking by Hypothesis: `shortened` is faster and gets as far."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
