"""A story while it is played: what the owner of the phone does, what happens on the server, and the
verdict on the state that the client reports."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from uuid_utils.compat import uuid7

from tools.conform import rules, truth
from tools.conform.front import Front
from tools.conform.rules import Broken, Rule
from tools.conform.socket_front import StorySocket
from tools.conform.trouble import Gate, Trouble
from tools.conform.watch import Act, Watch

BUSY = 60.0  # seconds that a client may work on one part of a story
OPEN, OPEN_MOST = 6.0, 20.0  # seconds without a request, and in all, that an open app may take
QUIET = 1.0  # seconds without a request after which the pull on connecting is over
ABANDONED = 120.0  # seconds without a state
State = dict[str, Any]
Instruction = dict[str, Any]


class Report(NamedTuple):
    """A state, and where its answer goes."""

    state: State
    answer: asyncio.Future[dict[str, Any]]


class Stage:
    """One story for one client. `person` is what `People.story` returned."""

    def __init__(
        self, front: Front, socket: StorySocket, database: truth.Database, call: Any
    ) -> None:
        self.front, self.socket, self.database = front, socket, database
        self.call = call  # of People, by name
        self.person: dict[str, Any] = {}
        self.not_sent: dict[str, str] = {}
        self.is_open = False
        self.last: State = {}
        self.reports: asyncio.Queue[Report] = asyncio.Queue()
        self._instructions: list[Instruction] = []
        self._waiting: asyncio.Future[dict[str, Any]] | None = None
        front.begin()
        socket.begin()

    @property
    def group(self) -> str:
        return f"group:{self.person['group']}"

    @property
    def watch(self) -> Watch:
        return self.front.watch

    # What the owner does

    def tell(self, do: str, **more: Any) -> None:
        self._instructions.append({"do": do, **more})

    async def begin(self, *, sync: bool = True, **person: Any) -> None:
        """Ana enrols on the phone, and it reads everything."""
        self.person = await self.call("story", **{"confirmed": True} | person)
        self.watch.acts.clear()
        self.tell("enrol", code=self.person["code"], date_of_birth=self.person["date_of_birth"])
        if sync:
            self.sync()
            await self.settled(rules.PULL)

    def sync(self) -> None:
        self.tell("sync")

    async def open(self) -> None:
        """The app is opened: it connects its socket."""
        self.tell("open")
        self.is_open = True
        await self.settled(rules.HEADS)

        def differs(_: State) -> str:
            if not self.socket.open_sockets:
                return "the phone has not connected"
            return "the phone still pulls" if time.monotonic() - self.watch.last_at < QUIET else ""

        await self.until(differs, rules.CLOSES)

    def act(self, action: str, args: dict[str, Any], **more: Any) -> str:
        """The owner does something; the phone queues it. Returns its uuid."""
        act = Act(str(uuid7()), action, args, more.pop("lane", "main"), more.pop("shows", None))
        self.watch.acts[act.uuid] = act
        shown = {"shows": act.shows} if act.shows else {}
        named = {"uuid": act.uuid, "action": action, "v": 1, "args": args, "lane": act.lane}
        self.tell("act", **named, **shown, **more)
        return act.uuid

    def says(self, text: str, lane: str = "main", files: tuple[bytes, ...] = ()) -> str:
        """Ana writes to the group. Returns the act's uuid; its message is `message_of` it."""
        args: dict[str, Any] = {"group": self.person["group"], "id": str(uuid7()), "text": text}
        attached: dict[str, Any] = {}
        if files:
            args["attachments"] = [hashlib.sha256(each).hexdigest() for each in files]
            encoded = [base64.b64encode(each).decode() for each in files]
            attached["files"] = [{"scope": self.group, "base64": each} for each in encoded]
        shows = self._shows(args["id"], text)
        return self.act("groups.post_message", args, lane=lane, shows=shows, **attached)

    def edits(self, message: str, text: str) -> str:
        """Ana edits her message as it is on her screen."""
        args = {"message": message, "text": text}
        shows = self._shows(message, text)
        base = [f"message/{message}"]
        return self.act("groups.edit_message", args, shows=shows, base=base)

    def _shows(self, message: str, text: str) -> dict[str, Any]:
        fields = {"text": text}
        return {"scope": self.group, "kind": "message", "id": message, "fields": fields}

    def message_of(self, uuid: str) -> str:
        return str(self.watch.acts[uuid].args["id"])

    # What happens on the server

    def plan(self, name: str, **trouble: Any) -> Trouble:
        return self.front.plan(Trouble(name, **trouble))

    def hold(self, name: str, **trouble: Any) -> Gate:
        """Hold the answer to the next such request."""
        gate = Gate()
        self.plan(name, gate=gate, **trouble)
        return gate

    def small_pages(self, rows: int = 3) -> None:
        """From now on, pages have this many rows at most."""

        def smaller(body: dict[str, Any]) -> dict[str, Any]:
            if isinstance(body.get("pull"), dict):
                return body | {"pull": body["pull"] | {"limit": rows}}
            return body | {"limit": rows}

        self.plan("pull push", ask=smaller, times=10_000)

    async def ben_says(self, *texts: str) -> list[str]:
        """Ben writes to the group. Returns the messages' ids."""
        ids = [str(uuid7()) for _ in texts]
        for id_, text in zip(ids, texts, strict=True):
            await self.does(
                "ben", "groups.post_message", group=self.person["group"], id=id_, text=text
            )
        return ids

    async def does(
        self, who: str, action: str, *, base: dict[str, int] | None = None, **data: Any
    ) -> Any:
        by = self.person[who]
        return await self.call("act", by=by, action=action, data=data, base=base)

    def retract(self, *messages: str) -> None:
        """These messages leave the feed; tombstones take their places."""
        for message in messages:
            self.database.run(
                "WITH next AS (UPDATE recovery_scope SET seq = seq + 1 WHERE id = %s RETURNING seq)"
                " UPDATE recovery_feedentry SET deleted = true, digest = 0, doc = '',"
                " seq = next.seq"
                " FROM next WHERE scope_id = %s AND object_id = %s",
                self.person["group"], self.person["group"], message,
            )  # fmt: skip

    def collect_tombstones(self) -> None:
        """What happens to the group's tombstones after 90 days."""
        group = self.person["group"]
        self.database.run("SELECT collect_tombstones(%s, 'infinity', 1000)", group)

    def view_narrows(self) -> None:
        """Ana's membership begins again: she may see only what comes now."""
        self.database.run(
            'UPDATE recovery_membership AS m SET "grant" = m."grant" + 1, visible_from = s.seq'
            " FROM recovery_scope AS s"
            " WHERE s.id = m.scope_id AND m.scope_id = %s AND user_id = %s",
            self.person["group"], self.person["ana"],
        )  # fmt: skip

    # The verdict

    async def settled(
        self, rule: Rule, *, outbox: tuple[str, ...] = (), update_screen: bool = False
    ) -> None:
        """Wait until the phone holds the server's truth, and these acts only wait to be sent."""

        def differs(state: State) -> Broken | str:
            return (
                truth.differs(state["entries"], self.database.entries(self.person["ana"]), rule)
                or self._boxes(state, rule, outbox)
                or self._screen(state, rule, update_screen)
                or ("the client is still at work" if state["busy"] and not outbox else "")
            )

        await self.until(differs, rule)
        self.watch.closed |= self.not_sent.keys()
        self.check_receipts(rule, waiting=outbox)

    def check_receipts(self, rule: Rule, *, waiting: tuple[str, ...] = ()) -> None:
        """Every act that neither waits nor was refused took effect on the server."""
        expected = self.watch.acts.keys() - self.watch.closed - set(waiting)
        applied = self.database.applied(self.person["ana"])
        if missing := sorted(expected - applied):
            raise Broken(rule, f"{self._name(missing[0])} is lost: the server never got it")

    def refuses(self, uuid: str, code: str) -> None:
        """The server refuses this act, so from now on it is in the "not sent" box."""
        self.not_sent[uuid] = code

    def dismiss(self, uuid: str) -> None:
        """The owner takes a refused act out of the box."""
        del self.not_sent[uuid]
        self.tell("dismiss", uuid=uuid)

    async def acknowledged(self) -> None:
        """The next sync acknowledges every result that the phone has stored, and only those."""
        client = str(self.watch.of("pull")[-1].json["client_id"])
        lanes = {act.lane for act in self.watch.acts.values()}
        most = {lane: self.watch.delivered(client, lane) for lane in lanes}
        self.sync()

        def differs(_: State) -> str:
            ack = self.watch.of("pull")[-1].json.get("ack") or {}
            less = [lane for lane in lanes if ack.get(lane, 0) < most[lane]]
            return (
                f"`ack` of lane {less[0]} is {ack.get(less[0], 0)}, not {most[less[0]]}"
                if less
                else ""
            )

        await self.until(differs, rules.ACK)

    def _boxes(self, state: State, rule: Rule, outbox: tuple[str, ...]) -> Broken | None:
        if extra := [uuid for uuid in state["outbox"] if uuid not in outbox]:
            return Broken(rule, f"{self._name(extra[0])} still waits in the outbox")
        if lost := [uuid for uuid in outbox if uuid not in state["outbox"]]:
            return Broken(rule, f"{self._name(lost[0])} has gone from the outbox")
        boxed = dict(state["not_sent"])
        for uuid in sorted(boxed.keys() | self.not_sent.keys()):
            if boxed.get(uuid) != self.not_sent.get(uuid):
                right, holds = self.not_sent.get(uuid), boxed.get(uuid)
                seen = (
                    f"{self._name(uuid)}: `{right}` should be in the “not sent” box, not `{holds}`"
                )
                return Broken(rules.NOT_SENT if rule is rules.PULL else rule, seen)
        return self._pending(state, outbox)

    def _pending(self, state: State, outbox: tuple[str, ...]) -> Broken | None:
        """What waits shows on the screen, if its scope is on the phone."""
        shown = {(s, k, i): document for s, k, i, document in state["pending"]}
        scopes = {entry[0] for entry in state["entries"]}
        acts = [self.watch.acts[uuid] for uuid in outbox]
        for shows in [act.shows for act in acts if act.shows and act.shows["scope"] in scopes]:
            document = shown.pop((shows["scope"], shows["kind"], shows["id"]), {})
            if not shows["fields"].items() <= document.items():
                return Broken(
                    rules.PENDING, f"{shows['kind']} {shows['id']} does not show as pending"
                )
        for _, kind, id_ in shown:
            return Broken(rules.PENDING, f"{kind} {id_} still shows as pending")
        return None

    def _screen(self, state: State, rule: Rule, update_screen: bool) -> Broken | None:
        if state["screen"] != "open":
            locked = rules.LEASE if state["screen"] == "lease ran out" else rule
            return Broken(locked, f"the screen is `{state['screen']}`, not `open`")
        if state["update_screen"] != update_screen:
            shows = "does not show" if update_screen else "shows"
            return Broken(rules.TOO_OLD, f"the client {shows} the update screen")
        return None

    def _name(self, uuid: str) -> str:
        act = self.watch.acts.get(uuid)
        return f"{act.action} {uuid}" if act else f"a mutation of no act, {uuid}"

    async def until(
        self, differs: Callable[[State], Broken | str], rule: Rule, *, gate: Gate | None = None
    ) -> None:
        """Give the owner's instructions to the client, and wait until nothing differs. Raises
        Broken once the client is at rest, or too long at work, and something does. With `gate`,
        the state is judged when the gate has been reached: once, because nothing more comes."""
        began, answer = time.monotonic(), self._go_on()
        while True:
            state = await self._report(answer)
            if self.watch.broken:
                raise self.watch.broken
            if gate and not gate.reached.is_set():
                seen: Broken | str = "the client has stopped asking"
            else:
                seen = differs(state)
                if not seen:
                    return
            broken = seen if isinstance(seen, Broken) else Broken(rule, seen)
            if (gate and gate.reached.is_set()) or self._is_at_rest(state, began):
                raise broken
            answer = {"verdict": "wait", "differs": broken.seen}

    def _go_on(self) -> dict[str, Any]:
        instructions, self._instructions = self._instructions, []
        if instructions:
            self.watch.triggered()
        return {"verdict": "go on", "instructions": instructions}

    def _is_at_rest(self, state: State, began: float) -> bool:
        now = time.monotonic()
        if state["busy"]:
            return now - began > BUSY
        quiet = now - max(began, self.watch.last_at)
        return not self.is_open or quiet > OPEN or now - began > OPEN_MOST

    async def _report(self, answer: dict[str, Any]) -> State:
        """Answer the client's last report, and wait for the next."""
        self.answer(answer)
        async with asyncio.timeout(ABANDONED):
            report = await self.reports.get()
        self._waiting, self.last = report.answer, report.state
        return report.state

    def answer(self, answer: dict[str, Any]) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(answer)

    def wait_for_first(self) -> asyncio.Future[dict[str, Any]]:
        """The answer to the request that began the story."""
        self._waiting = asyncio.get_running_loop().create_future()
        return self._waiting
