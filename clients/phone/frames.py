"""Applies live frames to the local copy (docs/protocol.md, "Live"). A frame is only a hint: when
in doubt the phone pulls, because a pull is always right."""

from collections.abc import Callable
from typing import Any

from clients.phone.answers import Answers

Frame = dict[str, Any]
Needed = Callable[[], bool]
HELD_AT_MOST = 50
HELD_FOR = 0.5  # seconds


class Frames:
    """`is_pulling()`: whether a pull is in flight. `ask_pull(needed)`: request a pull, which is
    skipped if `needed()` is false by then. `later(seconds, call)`: a timer."""

    def __init__(
        self,
        answers: Answers,
        is_pulling: Callable[[], bool],
        ask_pull: Callable[[Needed], None],
        later: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self.answers = answers
        self.is_pulling = is_pulling
        self.ask_pull = ask_pull
        self.later = later
        self.epoch: str | None = None  # the epoch of the current socket
        self.held: list[Frame] = []
        self._alarm_is_set = False

    def opened(self, epoch: str) -> None:
        """A new socket said hello. Forget the frames of the last one and pull."""
        self.epoch = epoch
        self.held.clear()
        self.ask_pull(lambda: True)

    def heads(self, heads: dict[str, int]) -> None:
        """An `h` frame: pull if we are behind in any scope, or do not know it."""
        if any(self._behind(scope, head) for scope, head in heads.items()):
            self.ask_pull(lambda: any(self._behind(scope, head) for scope, head in heads.items()))

    def changed(self, frame: Frame) -> None:
        """A `c` frame. Applying it may fill the gap that held frames wait for."""
        if self._act(frame) == "apply":
            self.look_again()

    def look_again(self) -> None:
        """Judge held frames again, after a pull or after a gap was filled."""
        held, self.held = self.held, []
        for frame in sorted(held, key=lambda frame: int(frame["from"])):
            self._act(frame)

    def _act(self, frame: Frame) -> str:
        decision = self._judge(frame)
        if decision == "apply":
            self.answers.take_frame(frame)
        elif decision == "hold":
            self.held.append(frame)
            if len(self.held) > HELD_AT_MOST:
                self._give_up_waiting()
            elif not self._alarm_is_set:
                self._alarm_is_set = True
                self.later(HELD_FOR, self._alarm)
        elif decision == "pull":
            self._pull_for(frame)
        return decision

    def _judge(self, frame: Frame) -> str:
        cache = self.answers.cache
        cursor = cache.read_to(frame["s"])
        if cursor is None or self.epoch != cache.epoch():
            return "pull"
        if frame["to"] <= cursor:
            return "ignore"
        # A poke says that there is news, without the rows.
        if "put" not in frame and "del" not in frame:
            return "pull"
        if self.is_pulling() or frame["from"] > cursor:
            return "hold"
        fits = frame["from"] == cursor and cache.is_complete(frame["s"])
        return "apply" if fits else "pull"

    def _pull_for(self, frame: Frame) -> None:
        def needed() -> bool:
            return self._behind(frame["s"], frame["to"])

        # An announcement tells each phone to wait a different time, so that they do not all pull.
        delay = frame.get("delay_ms", 0) / 1000
        if delay:
            self.later(delay, lambda: self.ask_pull(needed))
        else:
            self.ask_pull(needed)

    def _alarm(self) -> None:
        self._alarm_is_set = False
        self._give_up_waiting()

    def _give_up_waiting(self) -> None:
        held, self.held = self.held, []
        for frame in held:
            self._pull_for(frame)

    def _behind(self, scope: str, head: int) -> bool:
        cursor = self.answers.cache.read_to(scope)
        return cursor is None or cursor < head or self.epoch != self.answers.cache.epoch()
