"""What the front sees of one client, and the bounds that every request is judged by."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tools.conform import rules
from tools.conform.http import Request, Response
from tools.conform.rules import Broken, Rule

MOST_TRIES = 8
HOT, HOT_SECONDS = 10, 1.0  # more equal requests than this in this time are a hot loop
EARLY = 0.02  # seconds by which timers may be early
TRANSIENT = (0, 408, 429, 500, 503, 507)  # 0: no answer


@dataclass
class Act:
    """A mutation that the story had the owner queue. `shows`: scope, kind, id and fields of the
    document that it changes on the screen at once."""

    uuid: str
    action: str
    args: dict[str, Any]
    lane: str = "main"
    shows: dict[str, Any] | None = None


@dataclass
class Asked:
    """One request. `status` is 0 as long as there is no answer."""

    at: float
    name: str
    lane: str
    json: dict[str, Any] = field(repr=False)
    token: str = ""
    status: int = 0


@dataclass
class Watch:
    """`broken` is the first rule that a request broke."""

    acts: dict[str, Act] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)  # uuids that must not be pushed again
    requests: list[Asked] = field(default_factory=list)
    broken: Broken | None = None
    session: str = ""
    _tokens: set[str] = field(default_factory=set)
    _delivered: dict[tuple[str, str], int] = field(default_factory=dict)
    _not_before: dict[str, float] = field(default_factory=dict)
    _failures: Counter[str] = field(default_factory=Counter)
    _refreshing: int = 0
    _wiped: bool = False
    _too_old: bool = False

    @property
    def last_at(self) -> float:
        return self.requests[-1].at if self.requests else 0.0

    def breaks(self, rule: Rule, seen: str) -> None:
        self.broken = self.broken or Broken(rule, seen)

    def triggered(self) -> None:
        """The owner did something, so the client may try again."""
        self._failures.clear()

    def delivered(self, client: str, lane: str) -> int:
        """The last mutation whose result the client may have."""
        return self._delivered.get((client, lane), 0)

    def of(self, name: str) -> list[Asked]:
        return [each for each in self.requests if each.name == name]

    def is_about(self, request: Request) -> bool:
        """False for what the phone of an earlier story still sends."""
        token = _token(request)
        return not token or token in self._tokens

    # Each request

    def asked(self, name: str, request: Request) -> Asked:
        body = request.json
        seen = Asked(time.monotonic(), name, str(body.get("lane", "main")), body, _token(request))
        self._check_pace(seen, request)
        self._check_end(seen)
        if name == "refresh":
            self._refreshing += 1
            if self._refreshing > 1:
                self.breaks(rules.REFRESH, "two refreshes were under way at the same time")
        if name in ("push", "pull"):
            self._check_ack(body)
        if name == "push":
            self._check_push(seen)
        self.requests.append(seen)
        return seen

    def _check_pace(self, seen: Asked, request: Request) -> None:
        what = _operation(seen)
        early = self._not_before.get(what, 0.0) - seen.at
        if early > EARLY:
            self.breaks(rules.RETRY_AFTER, f"{what} came {early:.2f} s before the server wanted it")
        if self._failures[what] >= MOST_TRIES:
            self.breaks(rules.BACK_OFF, f"{what} was tried more than {MOST_TRIES} times in a row")
        recent = [r for r in self.requests[-50:] if seen.at - r.at < HOT_SECONDS]
        if sum((r.name, r.json) == (seen.name, seen.json) for r in recent) >= HOT and seen.json:
            self.breaks(rules.BACK_OFF, f"{what} was sent {HOT + 1} times within a second")

    def _check_end(self, seen: Asked) -> None:
        if self._wiped and seen.name != "receipt":
            self.breaks(rules.WIPE, f"{seen.name} was sent after 410")

    def _check_ack(self, body: dict[str, Any]) -> None:
        for lane, acked in (body.get("ack") or {}).items():
            most = self.delivered(str(body.get("client_id")), lane)
            if acked > most:
                self.breaks(
                    rules.ACK, f"`ack` of lane {lane} is {acked}, but no answer went beyond {most}"
                )

    def _check_push(self, seen: Asked) -> None:
        if seen.lane == "urgent" and seen.json.get("pull"):
            self.breaks(rules.URGENT, "the lane `urgent` was pushed with a pull")
        if self._too_old and seen.json.get("pull"):
            self.breaks(rules.TOO_OLD, "a push asked for a pull after 426")
        for mutation in seen.json.get("mutations", []):
            self._check_mutation(mutation, seen.lane)

    def _check_mutation(self, mutation: dict[str, Any], lane: str) -> None:
        uuid, content = mutation.get("uuid"), (mutation.get("action"), mutation.get("args"))
        act = self.acts.get(str(uuid))
        if uuid in self.closed:
            self.breaks(rules.SET_ASIDE, f"{uuid} was pushed again")
        if act and content != (act.action, act.args):
            self.breaks(rules.UUID, f"{uuid} was pushed with another action or other arguments")
        if act and lane != act.lane:
            self.breaks(rules.URGENT, f"{uuid} was queued in `{act.lane}` and pushed in `{lane}`")
        if not act and content in [(each.action, each.args) for each in self.acts.values()]:
            self.breaks(rules.UUID, f"an act was pushed under another uuid, {uuid}")

    # Each answer

    def answered(self, seen: Asked, response: Response | None) -> None:
        """The front is about to send this answer; None: it is lost."""
        if seen.name == "refresh":
            self._refreshing -= 1
        if response is None or response.cut:
            self._failures[_operation(seen)] += 1
            return
        seen.status, body = response.status, response.json
        self._learn_tokens(body)
        self._count(seen, response, body)
        if response.status == 410:
            self._wiped = True
        if response.status == 426:
            self._too_old = True
        for part in (body, body.get("pull") or {}):
            for lane, number in (part.get("lmid") or {}).items():
                key = str(seen.json.get("client_id")), lane
                self._delivered[key] = max(number, self._delivered.get(key, 0))

    def _count(self, seen: Asked, response: Response, body: dict[str, Any]) -> None:
        what = _operation(seen)
        wait = response.headers.get("retry-after", "")
        stopped = body.get("stopped") or {}
        seconds = float(wait) if wait.isdigit() else stopped.get("retry_after_ms", 0) / 1000
        if seconds:
            self._not_before[what] = time.monotonic() + seconds
        failed = seen.status in TRANSIENT or (stopped and not body.get("results"))
        self._failures[what] = self._failures[what] + 1 if failed else 0

    def _learn_tokens(self, body: dict[str, Any]) -> None:
        meta = body.get("meta")
        for part in (body, meta if isinstance(meta, dict) else {}):
            if "access_token" in part:
                self._tokens.add(part["access_token"])
                self.session = part.get("session", self.session)


def _token(request: Request) -> str:
    return request.headers.get("authorization", "").removeprefix("Bearer ")


def _operation(seen: Asked) -> str:
    """What is retried as one: a lane's push is not the other lane's."""
    return f"{seen.name} of lane {seen.lane}" if seen.name == "push" else seen.name
