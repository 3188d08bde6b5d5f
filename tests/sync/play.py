"""A play: people, phones and a server, and the steps of which every example is made.

A step is a method; its arguments are plain words and numbers, so that an example can be written
down as a list (`PLAYS` in examples.py) and played again. Every step checks what must always hold.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from functools import partial
from typing import Any

from clients.phone.errors import Problem
from tests.sync.actions import LET_IN, LET_OUT, WRITE, committed
from tests.sync.ground import Ground, World
from tests.sync.handset import Crash, Handset, Letter
from tests.sync.house import House, Person
from tests.sync.truth import Rows, Truth

PEOPLE = ("ana", "ben", "dana")
PHONES = {"ana1": "ana", "ana2": "ana", "ben1": "ben"}
SCOPES = ("ana", "group", "program")
MOST_PAGES = 40
Step = tuple[Any, ...]


class Stage:
    """What plays share: database, server, event loop."""

    def __init__(self, ground: Ground, house: House) -> None:
        self.ground = ground
        self.house = house

    def play(self, steps: Iterable[Step]) -> Play:
        """Every step of an example, and the end that every play has."""
        play = Play(self)
        try:
            for name, *arguments in steps:
                play.step(name, *arguments)
            play.end()
        finally:
            play.close()
        return play


def shortened(stage: Stage, steps: list[Step], failure: str) -> list[Step]:
    """A failing example without the steps that it fails without, in the same way."""
    position = 0
    while position < len(steps):
        fewer = steps[:position] + steps[position + 1 :]
        if how_it_fails(stage, fewer) == failure:
            steps = fewer
        else:
            position += 1
    return steps


def how_it_fails(stage: Stage, steps: list[Step]) -> str | None:
    """None: it does not."""
    try:
        stage.play(steps)
    except Exception as failure:  # noqa: BLE001  # a step that makes no sense without another, too
        return first_line(failure)
    return None


def first_line(failure: Exception) -> str:
    return str(failure).partition("\n")[0]


class Play:
    def __init__(self, stage: Stage) -> None:
        self.ground, self.house = stage.ground, stage.house
        self.world: World = self.ground.world()
        self.people = {name: Person(getattr(self.world, name)) for name in PEOPLE}
        own = {person.id: [person.id] for person in self.people.values()}
        shared = {id_: list(own) for id_ in (self.world.group, self.world.program)}
        self.truth = Truth(own | shared)
        self.channels = {str(id_) for id_ in self.world}
        self.air: list[tuple[str, bytes]] = []  # from Valkey to the live tier
        self.house.hub.epoch = ""
        self.kept: Any = None  # the operator's backup
        self.images: dict[str, Any] = {}  # and the phones'
        self.restored = False  # phones will hand in again what is forgotten
        self.leaks: list[AssertionError] = []
        self.words = 0
        self.steps: list[Step] = []
        committed.clear()
        self.phones = {name: self._phone(owner) for name, owner in PHONES.items()}

    def _phone(self, owner: str) -> Handset:
        phone = Handset(self.people[owner], self.house.loop)
        phone.on_page = partial(self._equals_the_snapshot, phone)
        return phone

    def step(self, name: str, *arguments: Any) -> None:
        self.steps.append((name, *arguments))
        getattr(self, name)(*arguments)
        self.nothing_leaked()

    def nothing_leaked(self) -> None:
        """Frames are looked at where they leave; that is too deep down to fail there."""
        if self.leaks:
            raise self.leaks[0]

    def close(self) -> None:
        for phone in self.phones.values():
            if phone.socket:
                self.house.disconnect(phone.socket)
            phone.restart()
            phone.store.close()

    # The server, as people use it without a phone's queue

    def write(self, who: str, *changes: Any) -> None:
        """`changes`: [scope, object, put or delete] each, all in one transaction."""
        self._act(who, WRITE, self._written(changes))

    def _written(self, changes: Iterable[Any], fate: str = "applied") -> dict[str, Any]:
        return {"changes": [self._change(*change) for change in changes], "fate": fate}

    def _change(self, scope: str, key: str, put: bool) -> list[Any]:
        self.words += 1
        place = getattr(self.world, scope)
        return [str(place), str(uuid.uuid5(place, key)), f"w{self.words}" if put else None]

    def let_in(self, who: str, scope: str, from_now: bool) -> None:
        """Join, rejoin, or another role; perhaps with the history from now on only."""
        self._move(LET_IN, who, scope, from_now=from_now)

    def let_out(self, who: str, scope: str) -> None:
        self._move(LET_OUT, who, scope)

    def _move(self, action: str, who: str, scope: str, **more: Any) -> None:
        """Nobody comes or goes once it is closed."""
        id_ = getattr(self.world, scope)
        if self.truth.now.scopes[id_].is_open:
            self._act("dana", action, {"scope": id_, "user": self.people[who].id} | more)

    def _act(self, who: str, action: str, data: dict[str, Any]) -> None:
        self.house.act(self.people[who], action, data)
        self.truth.learn(committed)

    def shut(self, scope: str) -> None:
        """The scope is closed for everybody."""
        self.ground.close(getattr(self.world, scope))
        self.truth.now.scopes[getattr(self.world, scope)].is_open = False

    def collect(self, scope: str, most: int) -> None:
        """Tombstones are collected: at most so many, the oldest."""
        self.ground.collect(getattr(self.world, scope), most)

    def back_up(self) -> None:
        self.kept = self.ground.back_up(self.world), self.truth.back_up()

    def restore(self) -> None:
        """The last backup runs again, in another epoch, and the live tier begins anew."""
        if self.kept:
            rows, truth = self.kept
            self.ground.restore(self.world, rows)
            self.truth.now = truth
            self.kept = rows, self.truth.back_up()
            self.restored = True
            self.air.clear()
            self.house.valkey.heard(self.channels)
            self.house.hub.epoch = ""
            for name in self.phones:
                self.hang_up(name)

    # Phones and their requests

    def do(self, phone: str, fate: str, lane: str, *changes: Any) -> None:
        """The owner does something on the phone: queued."""
        handset = self.phones[phone]
        key = handset.do(WRITE, self._written(changes, fate), lane)
        handset.queued.add(key)
        self.truth.queued(f"{phone} {lane}", key)

    def sync(self, phone: str, page: int) -> None:
        """A whole sync without any trouble, pages of this size."""
        self.start(phone, "all", page)
        self.calm(phone)

    def calm(self, phone: str) -> None:
        """Everything that is on its way arrives, and what follows from it too."""
        handset = self.phones[phone]
        for _ in range(MOST_PAGES):
            if not handset.post.letters:
                return
            letter = handset.post.letters[0]
            self._serve(handset, letter)
            handset.answer(letter)
        raise AssertionError("I12: paging does not end")

    def start(self, phone: str, what: str, page: int) -> None:
        """A sync begins; its request waits to be sent. `what`: all or urgent."""
        handset = self.phones[phone]
        handset.post.page = page
        if len(handset.tasks) < 2:
            sync = handset.sync
            handset.start(sync.push("urgent") if what == "urgent" else sync.run())

    def serve(self, phone: str, which: int) -> None:
        """A request reaches the server; twice, where the network doubles it."""
        if letter := self._letter(phone, which):
            self._serve(self.phones[phone], letter)

    def deliver(self, phone: str, which: int, dies_at: int = 0) -> None:
        """The answer reaches the phone, which dies ahead of its n-th statement (0: never)."""
        letter = self._letter(phone, which)
        if letter is None:
            return
        if letter.answer is None:
            self._serve(self.phones[phone], letter)
        self._or_die(phone, dies_at, partial(self.phones[phone].answer, letter))

    def lose(self, phone: str, which: int) -> None:
        """Request or answer is lost; the phone tries again at once."""
        if letter := self._letter(phone, which):
            self.phones[phone].lose(letter)

    def _letter(self, phone: str, which: int) -> Letter | None:
        letters = self.phones[phone].post.letters
        return letters[which % len(letters)] if letters else None

    def _or_die(self, phone: str, at: int, work: Any) -> None:
        handset = self.phones[phone]
        if at:
            handset.die_ahead_of(at)
        try:
            work()
        except Crash:
            self.crash(phone)
        handset.store.before_step = lambda _: None

    def crash(self, phone: str) -> None:
        """The app is killed; its socket with it."""
        self.hang_up(phone)
        self.phones[phone].restart()

    # What the server answers, and what must hold of it

    def _serve(self, handset: Handset, letter: Letter) -> None:
        try:
            answer = self.house.ask(handset.person, letter.path, letter.body)
        except Problem as problem:
            self.truth.learn(committed)
            letter.answer = problem
            return
        self.truth.learn(committed)
        self.truth.no_leak(handset.person.id, json.dumps(answer))
        if "mutations" in letter.body:
            self._took(letter.body, answer)
        for page in (answer, answer.get("pull")):
            if page and "has_more" in page:
                self._paged(handset, letter.body, page)
        letter.answer = json.dumps(answer)

    def _took(self, body: dict[str, Any], answer: dict[str, Any]) -> None:
        """The results of a push: remembered, and as they were before."""
        by_id = {mutation["id"]: mutation["uuid"] for mutation in body["mutations"]}
        for result in answer["results"]:
            key = by_id[result["id"]]
            turn = body["client_id"], body["lane"], result["id"]
            first = self.truth.now.taken.setdefault(turn, key)
            assert first == key, "I7: one id was taken for two mutations"
            self.truth.same_result(key, result, acked=True)
            applied = key in self.truth.now.done
            assert applied == (result["status"] == "applied"), "I5: the result says otherwise"

    def _paged(self, handset: Handset, body: dict[str, Any], page: dict[str, Any]) -> None:
        """I7 and I9, and for the phone what the server holds in this very snapshot."""
        self._lmid_is_right(body, page)
        asked = body.get("pull", body)["cursor"]
        self._purges_are_told(handset.person, asked, page)
        visible = self.truth.visible_to(handset.person.id)
        page["truth"] = {str(scope): rows for scope, rows in visible.items()}

    def _lmid_is_right(self, body: dict[str, Any], page: dict[str, Any]) -> None:
        taken = self.truth.now.taken
        for lane in ("main", "urgent"):
            turns = [key for key in taken if key[:2] == (body["client_id"], lane)]
            assert page["lmid"].get(lane, 0) == max((turn[2] for turn in turns), default=0), (
                "I7: lmid and data differ"
            )

    def _purges_are_told(self, person: Person, asked: dict[str, Any], page: dict[str, Any]) -> None:
        dropped = {gone["scope"] for gone in page["drop"]}
        parts = {part["scope"]: part for part in page["scopes"]}
        for name, (_, _, grant) in asked.get("scopes", {}).items():
            scope = self.truth.now.scopes[uuid.UUID(name.partition(":")[2])]
            if scope.visible_to(person.id) is None:
                assert name in dropped, "I9: not dropped"
            elif name in parts and asked["epoch"] == page["epoch"] and grant:
                told, now = grant.partition(".")[0], scope.places[person.id].grant
                resets = parts[name]["reset"] == "purge"
                assert resets == (told != str(now)), "I9: purged without need, or not purged"

    def _equals_the_snapshot(self, handset: Handset, page: dict[str, Any]) -> None:
        """I2: a phone that has read to the end holds what the server held when it answered.
        I9: what was purged is gone before that."""
        if page["has_more"]:
            self._has_purged(handset, page)
            return
        expected = {scope: _rows(rows) for scope, rows in page["truth"].items() if rows}
        found = {name.partition(":")[2]: rows for name, rows in handset.holds().items()}
        assert found == expected, "I2: the phone differs from the snapshot"

    def _has_purged(self, handset: Handset, page: dict[str, Any]) -> None:
        for part in page["scopes"]:
            if part["reset"] == "purge":
                told = {key: seq for _, key, seq, _ in part["put"]}
                rows = handset.answers.cache.read(scope=part["scope"])
                assert {row.id: row.seq for row in rows} == told, "I9: not purged"

    # Live

    def connect(self, phone: str) -> None:
        """A socket is opened, if the phone is registered; its hello is not read yet."""
        handset = self.phones[phone]
        client_id = handset.answers.outbox.client_id()
        if client_id and not handset.socket:
            self._listen_in()
            handset.socket = self.house.connect(
                handset.person, client_id, partial(self._hear, phone)
            )

    def _hear(self, phone: str, frame: str) -> None:
        try:
            self.truth.no_leak(self.phones[phone].person.id, frame)
        except AssertionError as leak:
            self.leaks.append(leak)
        self.phones[phone].frames.append(frame)

    def hang_up(self, phone: str) -> None:
        """The network is gone; what was not read yet is lost."""
        handset = self.phones[phone]
        if handset.socket:
            self.house.disconnect(handset.socket)
        handset.socket, handset.frames, handset.hasty = None, [], False

    def _listen_in(self) -> None:
        """What was published reaches the wire; nobody there to hear it: gone."""
        heard = self.house.valkey.heard(self.channels)
        if any(handset.socket for handset in self.phones.values()):
            self.air += heard

    def hints(self, lost: str) -> None:
        """Valkey's messages reach the live tier; `lost`: none, all, scope or user."""
        self._listen_in()
        air, self.air = self.air, []
        for channel, payload in air:
            if lost not in ("all", channel.partition(".")[0]):
                self.house.hear(channel, payload)

    def beat(self) -> None:
        self.house.beat()

    def read(self, phone: str, which: int, how: str) -> None:
        """A phone reads a frame: in order, as another one first, again later, or never."""
        handset = self.phones[phone]
        if not handset.frames:
            return
        which %= len(handset.frames)
        handset.hasty |= how == "lost" or which > 0
        frame = handset.frames[which] if how == "again" else handset.frames.pop(which)
        if how == "lost":
            return
        self._receive(phone, frame)

    def read_all(self, phone: str) -> None:
        """In order and whole, as TCP brings it."""
        while self.phones[phone].frames:
            self._receive(phone, self.phones[phone].frames.pop(0))

    def _receive(self, phone: str, frame: str) -> None:
        handset = self.phones[phone]
        if frame:
            handset.receive(frame)
        else:
            handset.closed(int(handset.socket.queue.code))
            self.hang_up(phone)

    def ring(self, phone: str) -> None:
        self.phones[phone].ring()

    def wake(self, phone: str, page: int) -> None:
        """The phone syncs if anything has asked for it and still needs it."""
        if self.phones[phone].awake():
            self.sync(phone, page)

    # Copies

    def photograph(self, phone: str) -> None:
        """A backup of the phone's database."""
        self.images[phone] = self.phones[phone].image()

    def roll_back(self, phone: str) -> None:
        """The same phone with its database as it was."""
        if phone in self.images:
            self.hang_up(phone)
            self.phones[phone].restore(self.images[phone])

    def clone(self, phone: str) -> None:
        """Another phone begins with the backup of this one: a new install, the same data key."""
        if phone in self.images and "clone" not in self.phones:
            other = self._phone(PHONES[phone])
            other.keystore.put(data_key=self.phones[phone].keystore.get("data_key"))
            other.restore(self.images[phone])
            self.phones["clone"] = other

    def upgrade(self, phone: str) -> None:
        """A newer app begins with a check of its digests; it may read another schema."""
        self.phones[phone].schema += 1
        self.crash(phone)

    # The end

    def end(self) -> None:
        """I1: the network calms down, and what is queued is handed in. Then a phone with a good
        socket pulls only where frames and one heartbeat tell it to; any other syncs once."""
        for name, handset in self.phones.items():
            self.calm(name)
            if handset.answers.outbox.pending() or self.restored:
                self.sync(name, 3)
        self.hints("none")
        if any(handset.socket for handset in self.phones.values()):
            self.beat()
        for name, handset in self.phones.items():
            if handset.answers.outbox.client_id():
                self._come_to_rest(name, handset)
                self._is_at_rest(handset)
        self.nothing_leaked()
        self._server_agrees()

    def _come_to_rest(self, name: str, handset: Handset) -> None:
        self.read_all(name)  # the last may be that the socket is closed
        lived = handset.socket and not handset.hasty
        handset.ring()
        if lived:
            self.wake(name, 3)
        else:
            self.sync(name, 3)

    def _is_at_rest(self, handset: Handset) -> None:
        visible = self.truth.visible_to(handset.person.id)
        expected = {str(scope): rows for scope, rows in visible.items() if rows}
        found = {name.partition(":")[2]: rows for name, rows in handset.holds().items()}
        assert found == expected, "I1: not converged"
        assert handset.sync.checks.found == [], "I2: a digest differed"
        self._outbox_is_settled(handset)

    def _outbox_is_settled(self, handset: Handset) -> None:
        """I5: nothing is lost: what left the outbox has taken effect, or was refused."""
        outbox = handset.answers.outbox
        assert outbox.pending() == [], "I5: still pending"
        kept = {mutation.uuid for mutation in (*outbox.sent(), *outbox.not_sent())}
        assert handset.queued == kept, "I10: the outbox has lost something"
        for mutation in outbox.sent():
            assert mutation.uuid in self.truth.now.done, "I5: sent, but never applied"
        for mutation in outbox.not_sent():
            assert mutation.uuid not in self.truth.now.done, "I5: refused, but applied"
            assert mutation.uuid in self.truth.refused, "I5: refused by nobody"

    def _server_agrees(self) -> None:
        """The database itself holds what the model says."""
        for scope_id, (seq, rows) in self.ground.rows(self.world).items():
            scope = self.truth.now.scopes[scope_id]
            live = {key: number for key, (number, word) in scope.rows.items() if word is not None}
            assert (seq, rows) == (scope.seq, live), "the model differs from the database"


def _rows(told: dict[str, list[Any]]) -> Rows:
    return {key: (number, word) for key, (number, word) in told.items()}
