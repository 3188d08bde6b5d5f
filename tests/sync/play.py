"""A play: people, phones and a server, and the steps that every example is made of.

A step is a method. Its arguments are strings and numbers, so an example can be written as a list
(see plays.py) and played again. Every step checks what must always hold.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from uuid_utils.compat import uuid7

from clients.phone.errors import Problem
from tests.sync.actions import LET_IN, LET_OUT, WRITE, committed
from tests.sync.ground import Ground, World
from tests.sync.handset import Crash, Handset, Letter, NoRoom
from tests.sync.house import House, Person
from tests.sync.truth import Rows, Truth

PEOPLE = ("ana", "ben", "dana")
PHONES = {"ana1": "ana", "ana2": "ana", "ben1": "ben"}
SCOPES = ("ana", "group", "program")
MOST_PAGES = 40
Step = tuple[Any, ...]
Opens = Callable[[Person, asyncio.AbstractEventLoop], Handset]


class Stage:
    """What plays share: the database, the server and its event loop. `kinds`: which client runs on
    a phone, by its name; the reference phone if it is not named."""

    def __init__(self, ground: Ground, house: House, kinds: Mapping[str, Opens] = {}) -> None:
        self.ground = ground
        self.house = house
        self.kinds = kinds

    def play(self, steps: Iterable[Step]) -> Play:
        """Play every step of an example, then `end()`."""
        play = Play(self)
        try:
            for name, *arguments in steps:
                play.step(name, *arguments)
            play.end()
        finally:
            play.close()
        return play


def shortened(stage: Stage, steps: list[Step], failure: str) -> list[Step]:
    """A failing example reduced to the steps without which it does not fail in the same way."""
    position = 0
    while position < len(steps):
        fewer = steps[:position] + steps[position + 1 :]
        if failure_of(stage, fewer) == failure:
            steps = fewer
        else:
            position += 1
    return steps


def failure_of(stage: Stage, steps: list[Step]) -> str | None:
    """The first line of the failure, or None if the play passes."""
    try:
        stage.play(steps)
    except Exception as failure:  # noqa: BLE001  # a step may fail for want of another
        return first_line(failure)
    return None


def first_line(failure: Exception) -> str:
    return str(failure).partition("\n")[0]


class Play:
    def __init__(self, stage: Stage) -> None:
        self.ground, self.house, self.kinds = stage.ground, stage.house, stage.kinds
        self.world: World = self.ground.world()
        self.people = {name: Person(getattr(self.world, name)) for name in PEOPLE}
        own = {person.id: [person.id] for person in self.people.values()}
        shared = {id_: list(own) for id_ in (self.world.group, self.world.program)}
        self.truth = Truth(own | shared)
        self.channels = {str(id_) for id_ in self.world}
        self.air: list[tuple[str, bytes]] = []  # from Valkey to the live tier
        self.house.hub.epoch = ""
        self.kept: Any = None  # the operator's backup
        self.images: dict[str, Any] = {}  # the phones' backups
        self.restored = False  # phones will push again what the server has lost
        self.leaks: list[AssertionError] = []
        self.words = 0
        self.steps: list[Step] = []
        committed.clear()
        self.phones = {name: self._phone(name, owner) for name, owner in PHONES.items()}

    def _phone(self, kind: str, owner: str) -> Handset:
        phone = self.kinds.get(kind, Handset)(self.people[owner], self.house.loop)
        phone.on_page = partial(self._equals_the_snapshot, phone)
        return phone

    def step(self, name: str, *arguments: Any) -> None:
        self.steps.append((name, *arguments))
        getattr(self, name)(*arguments)
        self.nothing_leaked()
        self.nothing_untrue()

    def nothing_untrue(self) -> None:
        """What a phone says of its owner's work is true at every moment, and none of it is lost."""
        for handset in self.phones.values():
            handset.verify()
            fates = handset.fates()
            assert handset.queued == {*fates.waiting, *fates.sent, *fates.not_sent}, "I10: lost"
            assert self.truth.ever_done >= set(fates.sent), "I5: said to be sent, but was not"
            applied = self.truth.now.done & set(fates.not_sent)
            assert not applied, "I5: said not to be sent, but was"

    def nothing_leaked(self) -> None:
        """Frames are checked where they are sent, too deep in the stack to fail there."""
        if self.leaks:
            raise self.leaks[0]

    def close(self) -> None:
        for phone in self.phones.values():
            if phone.socket:
                self.house.disconnect(phone.socket)
            phone.close()

    # The server, used without a phone's outbox

    def write(self, who: str, *changes: Any) -> None:
        """`changes`: [scope, object, put or delete] each. All are in one transaction."""
        self._act(who, WRITE, self._written(changes))

    def _written(self, changes: Iterable[Any], fate: str = "applied") -> dict[str, Any]:
        return {"changes": [self._change(*change) for change in changes], "fate": fate}

    def _change(self, scope: str, key: str, put: bool) -> list[Any]:
        self.words += 1
        scope_id = getattr(self.world, scope)
        return [str(scope_id), str(uuid.uuid5(scope_id, key)), f"w{self.words}" if put else None]

    def let_in(self, who: str, scope: str, from_now: bool) -> None:
        """Join, rejoin or change the role. With `from_now`, earlier rows stay hidden."""
        self._move(LET_IN, who, scope, from_now=from_now)

    def let_out(self, who: str, scope: str) -> None:
        self._move(LET_OUT, who, scope)

    def _move(self, action: str, who: str, scope: str, **more: Any) -> None:
        """Does nothing if the scope is closed."""
        id_ = getattr(self.world, scope)
        if self.truth.now.scopes[id_].is_open:
            self._act("dana", action, {"scope": id_, "user": self.people[who].id} | more)

    def _act(self, who: str, action: str, data: dict[str, Any]) -> None:
        self.house.act(self.people[who], action, data)
        self.truth.learn(committed)

    def shut(self, scope: str) -> None:
        """Close the scope for everyone."""
        self.ground.close(getattr(self.world, scope))
        self.truth.now.scopes[getattr(self.world, scope)].is_open = False

    def collect(self, scope: str, most: int) -> None:
        """Collect the oldest tombstones, at most `most`."""
        self.ground.collect(getattr(self.world, scope), most)

    def back_up(self) -> None:
        self.kept = self.ground.back_up(self.world), self.truth.back_up()

    def restore(self) -> None:
        """Restore the last backup in another epoch. The live tier starts again."""
        if self.kept:
            rows, truth = self.kept
            self.ground.restore(self.world, rows)
            self.truth.now = truth
            self.kept = rows, self.truth.back_up()
            self.restored = True
            self.air.clear()
            self.house.valkey.received(self.channels)
            self.house.hub.epoch = ""
            for name in self.phones:
                self.hang_up(name)

    # Phones and their requests

    def do(self, phone: str, fate: str, lane: str, *changes: Any) -> None:
        """The user does something on the phone. It is queued."""
        self.do_and_die(phone, 0, fate, lane, *changes)

    def do_and_die(self, phone: str, at: int, fate: str, lane: str, *changes: Any) -> None:
        """The same, and the phone dies before its n-th statement (0: never). It may have kept the
        act or not."""
        handset, key = self.phones[phone], str(uuid7())
        args = self._written(changes, fate)
        try:
            died = self._or_die(phone, at, partial(handset.do, key, WRITE, args, lane))
        except NoRoom:
            return
        if not died or key in handset.fates().waiting:
            handset.queued.add(key)
            self.truth.queued(f"{phone} {lane}", key)

    def dismiss(self, phone: str) -> None:
        """The user takes the oldest refused act out of the box."""
        handset = self.phones[phone]
        for key in handset.fates().not_sent[:1]:
            if handset.dismiss(key):
                handset.queued.discard(key)

    def take_back(self, phone: str, which: int) -> None:
        """The user takes back an act that has not left the phone."""
        handset = self.phones[phone]
        waiting = handset.fates().waiting
        if waiting and handset.take_back(key := waiting[which % len(waiting)]):
            handset.queued.discard(key)
            self.truth.taken_back(key)

    def fill(self, phone: str, commits: int) -> None:
        self.phones[phone].fill(commits)

    def sync(self, phone: str, page: int) -> None:
        """A whole sync without network failures, in pages of this size."""
        self.start(phone, "all", page)
        self.calm(phone)

    def calm(self, phone: str) -> None:
        """Answer every request in flight, and those that follow from it."""
        handset = self.phones[phone]
        for _ in range(MOST_PAGES):
            handset.write_out()
            if not handset.letters:
                return
            letter = handset.letters[0]
            self._serve(handset, letter)
            handset.answer(letter)
        raise AssertionError("I12: paging does not end")

    def start(self, phone: str, what: str, page: int) -> None:
        """Begin a sync. Its request waits to be served. `what`: all or urgent."""
        self.phones[phone].start(what, page)

    def serve(self, phone: str, which: int) -> None:
        """A request reaches the server. Serving it again stands for a duplicate."""
        if letter := self._letter(phone, which):
            self._serve(self.phones[phone], letter)

    def deliver(self, phone: str, which: int, dies_at: int = 0) -> None:
        """The answer reaches the phone, which dies before its n-th statement (0: never)."""
        letter = self._letter(phone, which)
        if letter is None:
            return
        if letter.answer is None:
            self._serve(self.phones[phone], letter)
        self._or_die(phone, dies_at, partial(self.phones[phone].answer, letter))

    def lose(self, phone: str, which: int) -> None:
        """The request or its answer is lost. The phone retries at once."""
        if letter := self._letter(phone, which):
            self.phones[phone].lose(letter)

    def _letter(self, phone: str, which: int) -> Letter | None:
        letters = self.phones[phone].letters
        return letters[which % len(letters)] if letters else None

    def _or_die(self, phone: str, at: int, work: Any) -> bool:
        """Returns whether it died."""
        handset = self.phones[phone]
        if not at:
            work()
            return False
        handset.die_before(at)
        try:
            work()
        except Crash:
            self.crash(phone)
            return True
        finally:
            handset.live_on()
        return False

    def crash(self, phone: str) -> None:
        """The app is killed, and its socket with it."""
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
            self._check_results(letter.body, answer)
        for page in (answer, answer.get("pull")):
            if page and "has_more" in page:
                self._paged(handset, letter.body, page)
        letter.answer = json.dumps(answer)

    def _check_results(self, body: dict[str, Any], answer: dict[str, Any]) -> None:
        """Every result of a push is the mutation's first result and agrees with the commits."""
        by_id = {mutation["id"]: mutation["uuid"] for mutation in body["mutations"]}
        for result in answer["results"]:
            key = by_id[result["id"]]
            turn = body["client_id"], body["lane"], result["id"]
            first = self.truth.now.taken.setdefault(turn, key)
            assert first == key, "I7: one id was used for two mutations"
            self.truth.same_result(key, result, acked=True)
            applied = key in self.truth.now.done
            assert applied == (result["status"] == "applied"), "I5: the result says otherwise"

    def _paged(self, handset: Handset, body: dict[str, Any], page: dict[str, Any]) -> None:
        """Check I7 and I9, and add to the page what the model holds at this moment."""
        self._lmid_is_right(body, page)
        cursor = body.get("pull", body)["cursor"]
        self._purges_are_sent(handset.person, cursor, page)
        visible = self.truth.visible_to(handset.person.id)
        page["truth"] = {str(scope): rows for scope, rows in visible.items()}

    def _lmid_is_right(self, body: dict[str, Any], page: dict[str, Any]) -> None:
        taken = self.truth.now.taken
        for lane in ("main", "urgent"):
            turns = [key for key in taken if key[:2] == (body["client_id"], lane)]
            assert page["lmid"].get(lane, 0) == max((turn[2] for turn in turns), default=0), (
                "I7: lmid and data differ"
            )

    def _purges_are_sent(
        self, person: Person, cursor: dict[str, Any], page: dict[str, Any]
    ) -> None:
        dropped = {drop["scope"] for drop in page["drop"]}
        parts = {part["scope"]: part for part in page["scopes"]}
        for name, (_, _, grant) in cursor.get("scopes", {}).items():
            scope = self.truth.now.scopes[uuid.UUID(name.partition(":")[2])]
            if scope.visible_to(person.id) is None:
                assert name in dropped, "I9: not dropped"
            elif name in parts and cursor["epoch"] == page["epoch"] and grant:
                old_grant, now = grant.partition(".")[0], scope.memberships[person.id].grant
                resets = parts[name]["reset"] == "purge"
                assert resets == (old_grant != str(now)), "I9: purged without need, or not purged"

    def _equals_the_snapshot(self, handset: Handset, page: dict[str, Any]) -> None:
        """I2: a phone that has read to the end holds what the server held when it answered.
        I9: purged rows are removed before that."""
        if page["has_more"]:
            self._has_purged(handset, page)
            return
        expected = {scope: _rows(rows) for scope, rows in page["truth"].items() if rows}
        held = {name.partition(":")[2]: rows for name, rows in handset.holds().items()}
        assert held == expected, "I2: the phone differs from the snapshot"

    def _has_purged(self, handset: Handset, page: dict[str, Any]) -> None:
        for part in page["scopes"]:
            if part["reset"] == "purge":
                seqs = {key: seq for _, key, seq, _ in part["put"]}
                rows = handset.holds().get(part["scope"], {})
                assert {key: seq for key, (seq, _) in rows.items()} == seqs, "I9: not purged"

    # Live

    def connect(self, phone: str) -> None:
        """Open a socket if the phone is registered. Its hello is not read yet."""
        handset = self.phones[phone]
        client_id = handset.client_id()
        if client_id and not handset.socket:
            self._collect_published()
            handset.socket = self.house.connect(
                handset.person, client_id, partial(self._send_frame, phone)
            )

    def _send_frame(self, phone: str, frame: str) -> None:
        try:
            self.truth.no_leak(self.phones[phone].person.id, frame)
        except AssertionError as leak:
            self.leaks.append(leak)
        self.phones[phone].frames.append(frame)

    def hang_up(self, phone: str) -> None:
        """The connection is lost, and with it all unread frames."""
        handset = self.phones[phone]
        if handset.socket:
            self.house.disconnect(handset.socket)
        handset.socket, handset.frames, handset.hasty = None, [], False

    def _collect_published(self) -> None:
        """Collect what was published. It is dropped if no phone has a socket."""
        published = self.house.valkey.received(self.channels)
        if any(handset.socket for handset in self.phones.values()):
            self.air += published

    def hints(self, lost: str) -> None:
        """Deliver Valkey's messages to the live tier. `lost`: none, all, scope or user."""
        self._collect_published()
        air, self.air = self.air, []
        for channel, payload in air:
            if lost not in ("all", channel.partition(".")[0]):
                self.house.deliver_hint(channel, payload)

    def beat(self) -> None:
        self.house.beat()

    def read(self, phone: str, which: int, how: str) -> None:
        """A phone reads the frame at `which`. `how`: once, again (it stays unread) or lost."""
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
        """Read all frames in order, as TCP delivers them."""
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
        """Sync if a request for it is still needed."""
        if self.phones[phone].awake():
            self.sync(phone, page)

    # Copies

    def photograph(self, phone: str) -> None:
        """Back up the phone's database."""
        self.images[phone] = self.phones[phone].image()

    def roll_back(self, phone: str) -> None:
        """Restore the phone's database from its backup."""
        if phone in self.images:
            self.hang_up(phone)
            self.phones[phone].restore(self.images[phone])

    def clone(self, phone: str) -> None:
        """Start another phone from the backup of this one: a new install with the same data key."""
        if phone in self.images and "clone" not in self.phones:
            other = self._phone(phone, PHONES[phone])
            self.phones[phone].give_key(other)
            other.restore(self.images[phone])
            self.phones["clone"] = other
            self.truth.copied(other.queued)

    def upgrade(self, phone: str) -> None:
        """Restart with a newer app and schema, which starts by checking its digests."""
        self.phones[phone].schema += 1
        self.crash(phone)

    # The end

    def end(self) -> None:
        """I1: the network recovers and every outbox is pushed. Then a phone with an intact socket
        pulls only where frames and one heartbeat call for it. Every other phone syncs once."""
        for name, handset in self.phones.items():
            handset.live_on()
            self.calm(name)
            if handset.fates().waiting or self.restored:
                self.sync(name, 3)
        self.hints("none")
        if any(handset.socket for handset in self.phones.values()):
            self.beat()
        for name, handset in self.phones.items():
            if handset.client_id():
                self._settle_phone(name, handset)
                self._has_converged(handset)
        self.nothing_leaked()
        self.nothing_untrue()
        self._server_agrees()

    def _settle_phone(self, name: str, handset: Handset) -> None:
        self.read_all(name)  # the last frame may close the socket
        intact = handset.socket and not handset.hasty
        handset.ring()
        if intact:
            self.wake(name, 3)
        else:
            self.sync(name, 3)

    def _has_converged(self, handset: Handset) -> None:
        visible = self.truth.visible_to(handset.person.id)
        expected = {str(scope): rows for scope, rows in visible.items() if rows}
        held = {name.partition(":")[2]: rows for name, rows in handset.holds().items()}
        assert held == expected, "I1: not converged"
        assert handset.differing() == [], "I2: a digest differed"
        self._outbox_is_settled(handset)

    def _outbox_is_settled(self, handset: Handset) -> None:
        """I5: nothing is lost. What left the outbox was applied or refused."""
        fates = handset.fates()
        assert fates.waiting == [], "I5: still pending"
        assert handset.queued == {*fates.sent, *fates.not_sent}, (
            "I10: the outbox has lost something"
        )
        for uuid_ in fates.sent:
            assert uuid_ in self.truth.now.done, "I5: sent, but never applied"
        for uuid_ in fates.not_sent:
            assert uuid_ not in self.truth.now.done, "I5: refused, but applied"
            assert uuid_ in self.truth.refused, "I5: not refused by the server"

    def _server_agrees(self) -> None:
        """The database holds what the model holds."""
        for scope_id, (seq, rows) in self.ground.rows(self.world).items():
            scope = self.truth.now.scopes[scope_id]
            live = {key: number for key, (number, word) in scope.rows.items() if word is not None}
            assert (seq, rows) == (scope.seq, live), "the model differs from the database"


def _rows(rows: dict[str, list[Any]]) -> Rows:
    return {key: (number, word) for key, (number, word) in rows.items()}
