"""The TypeScript phone in a play (tests/sync/handset.py): its database is SQLite in memory, and the
play controls its network, its alarms and its death."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from clients.phone.clock import format_time
from clients.phone.errors import Problem
from tests.clients.js.drive import Drive, Event, Refused
from tests.sync.handset import AT, MOST_TASKS, Crash, Fates, Image, NoRoom
from tests.sync.house import Person
from tests.sync.play import Stage

HOME = "http://testserver"
NEVER = "2100-01-01T00:00:00Z"


@dataclass
class NodeLetter:
    """A request in flight, like `tests.sync.handset.Letter`."""

    number: int
    path: str
    body: dict[str, Any]
    answer: Any = None
    served: int = 0


class NodeHandset:
    """`slow`: its storage takes until something else happens on the phone."""

    def __init__(
        self,
        drive: Drive,
        person: Person,
        loop: asyncio.AbstractEventLoop,
        *,
        slow: bool = False,
    ) -> None:
        self.drive, self.person, self.loop, self.slow = drive, person, loop, slow
        self.schema = 1
        self.socket: Any = None
        self.frames: list[str] = []
        self.hasty = False
        self.on_page: Callable[[dict[str, Any]], None] = lambda page: None
        self.queued: set[str] = set()
        self.digests: list[str] = []
        self.page = 500
        self.events: list[Event] = []
        self._at_page: Any = None  # what it held when it had applied a page
        self._forget_the_app()
        self.name = drive.phone(self.events.append)
        self._ask(
            "open",
            home=HOME,
            app=self._app(),
            now=format_time(AT),
            chance=0.5,
            cipher="quick",
            watched=True,
            slow=slow,
        )
        tokens = {
            "access_token": "a",
            "access_expires_at": NEVER,
            "refresh_token": "r",
            "session": "s",
        }
        self._ask("sign_in", user=str(person.id), tokens=tokens)
        self.write_out()

    def _app(self) -> dict[str, Any]:
        return {"platform": "web", "version": f"1.{self.schema}", "schema": self.schema}

    def _forget_the_app(self) -> None:
        self.letters: list[NodeLetter] = []
        self.running: set[int] = set()
        self.events.clear()

    def _ask(self, do: str, **args: Any) -> Any:
        """Raises Crash if the app has died of it."""
        try:
            return self.drive.ask(do, self.name, **args)
        finally:
            while self.events:
                self._happened(self.events.pop(0))

    def _happened(self, event: Event) -> None:
        assert "fails" not in event, event["fails"]
        if "request" in event:
            self._sent(event)
        elif "backoff" in event:  # takes no time
            self.drive.ask("resume", self.name, backoff=event["backoff"])
        elif "ended" in event:
            self.running.discard(event["ended"])
            assert event["outcome"] != "BrokenAnswer", "I12: a broken answer"
        elif "page" in event:
            self._at_page = event["holds"]
            self.on_page(event["page"])
            self._at_page = None
        elif "dies" in event:
            raise Crash

    def _sent(self, event: Event) -> None:
        body = json.loads(event["body"])
        for part in (body, body.get("pull", {})):
            if "limit" in part:
                part["limit"] = self.page
        self.digests += body.get("differed") or []
        self.letters.append(NodeLetter(event["request"], urlsplit(event["url"]).path, body))

    # The user

    def do(self, uuid: str, action: str, args: dict[str, Any], lane: str) -> None:
        mutation = {
            "uuid": uuid,
            "action": action,
            "args": args,
            "urgent": lane == "urgent",
            "v": 1,
        }
        with suppress(Refused):  # no room
            self._ask("act", mutation=mutation)
        self.write_out()
        if uuid not in self.fates().waiting:
            raise NoRoom

    def dismiss(self, uuid: str) -> bool:
        with suppress(Refused):
            self._ask("dismiss", uuid=uuid)
        self.write_out()
        return uuid not in self.fates().not_sent

    def take_back(self, uuid: str) -> bool:
        with suppress(Refused):
            self._ask("take_back", uuid=uuid)
        self.write_out()
        return not any(uuid in fate for fate in self.fates())

    # The app

    def start(self, what: str, page: int) -> None:
        self.page = page
        if len(self.running) < MOST_TASKS:
            run = self.drive.ask(
                "run", self.name, what="push urgent" if what == "urgent" else "sync"
            )
            self.running.add(run)
            self._ask("now")

    def awake(self) -> bool:
        return bool(self._ask("wants_sync"))

    def has_cause(self) -> bool:
        return bool(self._ask("now")["has_cause"])

    def receive(self, text: str) -> None:
        if text:
            self._ask("frame", frame=json.loads(text))

    def closed(self, code: int) -> None:
        if self._ask("reaction", code=code)["do"] == "pull":
            self._ask("ask")

    def ring(self) -> None:
        self._ask("ring")

    def answer(self, letter: NodeLetter) -> None:
        self.letters.remove(letter)
        if isinstance(letter.answer, Problem):
            problem = letter.answer
            self._ask("answer", request=letter.number, status=problem.status, body=problem.body)
        else:
            body = json.loads(letter.answer)
            self._ask("answer", request=letter.number, status=200, body=body)

    def lose(self, letter: NodeLetter) -> None:
        self.letters.remove(letter)
        self._ask("lose", request=letter.number)

    # Failures

    def restart(self) -> None:
        self._forget_the_app()
        self._ask("restart", changes={"app": self._app()})

    def die_before(self, step: int) -> None:
        """One commit here is several statements of the reference phone. A slow phone dies between
        other steps only."""
        if not self.slow:
            self._ask("die", writes=(step + 1) // 2, after=step % 2 == 0)

    def fill(self, commits: int) -> None:
        self._ask("fill", commits=commits)

    def live_on(self) -> None:
        self._ask("die", writes=0, after=False)
        self._ask("fill", commits=0)

    def image(self) -> Image:
        return Image(self._ask("image"), frozenset(self.queued))

    def restore(self, image: Image) -> None:
        """Restore the database. The keystore stays as it is."""
        self.queued = set(image.queued)
        self._forget_the_app()
        self._ask("restore", image=image.database)

    def give_key(self, other: NodeHandset) -> None:
        """Another phone can open this one's data, once it has that."""
        other._ask("give_key", other=self.name)

    def close(self) -> None:
        self.drive.forget(self.name)

    # What it holds

    def client_id(self) -> str:
        return str(self._ask("now")["client_id"])

    def fates(self) -> Fates:
        now = self._ask("now")
        return Fates(now["waiting"], now["sent"], now["not_sent"])

    def differing(self) -> list[str]:
        return self.digests

    def holds(self) -> dict[str, dict[str, tuple[int | None, str]]]:
        held = self._at_page if self._at_page is not None else self._ask("holds")
        return {
            scope: {key: (seq, word) for key, (seq, word) in rows.items()}
            for scope, rows in held.items()
        }

    def write_out(self) -> None:
        """A slow phone writes one commit for each thing that happens on it."""
        while self.slow and self._ask("tick"):
            pass

    def verify(self) -> None:
        """What is on its disk is what it has in memory, as soon as it is written."""
        self._ask("verify")


def mixed(stage: Stage, drive: Drive, *, slow: bool = False) -> Stage:
    """The same house, where two of the three phones are TypeScript ones. Ana has one of each."""
    return Stage(
        stage.ground,
        stage.house,
        dict.fromkeys(("ana1", "ben1"), partial(NodeHandset, drive, slow=slow)),
    )
