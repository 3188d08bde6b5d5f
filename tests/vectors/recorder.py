"""Records a vector while the reference phone talks to the real server."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import time_machine
from django.db import connections

from clients.phone.clock import format_time
from clients.phone.device import proof, public_key
from tests.cast import NOW
from tests.vectors.changes import changes_of, scope_changes
from tests.vectors.device import HOME, SETTLED, Device, Pause, Request
from tests.vectors.exchanges import contents, named, named_in
from tests.vectors.names import Names, without_proof
from tests.vectors.server import ANA, GROUP, Server, fixed

POST, EDIT = "groups.post_message", "groups.edit_message"
Meanwhile = Callable[[], Awaitable[None]]
Step = dict[str, Any]
OVERLAYS = {POST: {"scope": "group:{group}", "kind": "message", "id": "id", "fields": ["text"]}}
APP = {"platform": "android", "version": "1.0.0", "schema": 1, "page": 500}


class Open(NamedTuple):
    """A step or exchange to which the changes since `before` are still to be added. `whole`: in one
    place, because only the reference phone has this moment."""

    step: Step
    who: str
    before: Step
    whole: bool = False


class Recorder:
    """Records one vector. A story calls its methods in the order of the story."""

    def __init__(self, folder: Path, **app: Any) -> None:
        self.folder = folder
        self.app = APP | app
        self.names = Names()
        self.steps: list[Step] = []
        self.fates: list[tuple[str, dict[str, Any]]] = []
        self.devices: dict[str, Device] = {}
        self.known: dict[str, dict[str, Any]] = {}
        self.who = "a"
        self.made = 0
        self.at = NOW
        self.exchanges: list[Step] = []
        self.holds: Step = {}
        self._open: Open | None = None
        self._server_thread = ThreadPoolExecutor(1)

    @property
    def device(self) -> Device:
        return self.devices[self.who]

    def now(self) -> datetime:
        return self.at

    async def on_server(self, do: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._server_thread, do, *args)

    async def begin(self) -> None:
        """Sign Ana in on a new phone. The server starts in the same state in every vector."""
        self.server = await self.on_server(Server, self.now)
        setup = {"home": HOME, "app": self.app, "overlays": OVERLAYS}
        device = self.devices["a"] = Device(setup, self.folder, NOW)
        key = public_key(device.phone.keystore.get("device_key"))
        tokens = self.names.learn(
            await self.on_server(self.server.sign_in, "install-of-phone-a", key)
        )
        signed_in = {"user": str(ANA), "install": "install-of-phone-a", "tokens": tokens}
        device.sign_in(**signed_in)
        await self.on_server(self.server.frames)
        self.known["a"] = {}
        self.setup = {"clock": format_time(NOW), **setup, **signed_in}
        self.setup |= await self._server_changes()

    # The story

    def do(
        self,
        action: str,
        *,
        base: bool = False,
        urgent: bool = False,
        file: bytes = b"",
        **args: Any,
    ) -> str:
        """Ana does something. Returns the mutation's uuid."""
        uuid = self._new_id()
        shown = self.device.phone.answers.overlay.read()
        seen = [d for d in shown if base and d.id == args.get("message")]
        what = {"action": action, "args": args, "v": 1, "urgent": urgent, "uuid": uuid,
                "base": [[d.scope, d.kind, d.id, d.seq] for d in seen]}  # fmt: skip
        if file:
            args["attachments"] = [hashlib.sha256(file).hexdigest()]
            encoded = base64.b64encode(file).decode()
            what["files"] = [{"scope": f"group:{GROUP}", "base64": encoded}]
        self._step(do=what)
        self.device.act(what)
        self._write_changes()
        return uuid

    def says(self, text: str, *, urgent: bool = False, file: bytes = b"") -> str:
        """Ana posts to the group. Returns the message's id."""
        message = str(fixed(4, self.made + 1))
        self.do(POST, group=str(GROUP), id=message, text=text, urgent=urgent, file=file)
        return message

    def dismisses(self, uuid: str) -> None:
        self._step(dismiss=uuid)
        self.device.dismiss(uuid)
        self._write_changes()

    async def elsewhere(self, what: str, **args: Any) -> None:
        """Something happens on the server without this phone."""
        step = self._step(elsewhere={"what": what, **args})
        await self.on_server(self._happens, what, self.names.back(args))
        step |= await self._server_changes()

    def _happens(self, what: str, args: dict[str, Any]) -> None:
        with time_machine.travel(self.at, tick=False):
            getattr(self.server, what)(**args)

    def next(self, path: str, **fate: Any) -> None:
        """Plan the next request to `path`: its `fate` (answer_lost, request_lost, crash), an
        `answer` in place of the server's, what it `adds` to the server's, and what happens
        `meanwhile`, before it arrives."""
        self.fates.append((path, fate))

    async def sync(self, what: str = "sync") -> None:
        """The phone syncs. `what` may be one part: pull, push main or push urgent."""
        by = "itself" if self.device.wants_sync() else "owner"
        await self._block(sync=what, by=by)

    async def scrolls_up(self, limit: int) -> None:
        """Ana reads the next page of what the group's feed no longer has."""
        older = {"scope": f"group:{GROUP}", "kind": "message", "limit": limit}
        step = await self._block(scrolls_up=older)
        step["shows"] = self.device.shown

    async def opens_file(self, message: str, sha256: str) -> None:
        step = await self._block(opens_file=[f"group:{GROUP}", "message", message, sha256])
        step["shows"] = self.device.shown

    async def _block(self, **what: Any) -> Step:
        """A step with requests."""
        self._write_changes()
        before = dict(self.known.get(self.who, {}))
        step = self._step(**what)
        outer, self.exchanges = self.exchanges, []
        step["exchanges"] = self.exchanges
        self._open = None
        self.known[self.who] = self.device.state()
        outcome = await self.device.play(what, self._exchange, self._pause)
        self._write_changes()
        if outcome == "crash":
            await self.device.restart()
        step["ends"], self.exchanges = outcome, outer
        step |= await self.device.said()
        for message in self.names.back(step.get("sends", [])):
            await self.on_server(self.server.hears, message)
        self._open = Open(step, self.who, before)
        self._write_changes()
        return step

    async def connects(self, credential: str) -> None:
        """The phone opens its socket, with its token or, as browsers do, with a ticket."""
        await self._block(connects=credential)
        await self.hello()

    async def app_is_updated(self, version: str, schema: int) -> None:
        self._step(updates={"version": version, "schema": schema})
        await self.device.update(version, schema)
        self._write_changes()

    async def frames(self) -> None:
        """Deliver the server's announcements to the phone's socket."""
        for frame in await self.on_server(self.server.frames):
            await self.frame(self.names.learn(frame))

    async def frame(self, frame: dict[str, Any]) -> None:
        self._step(frame=frame)
        await self.device.receive(frame)
        self._write_changes()

    async def missed(self) -> list[dict[str, Any]]:
        """Take frames off the network without delivering them."""
        return self.names.learn(await self.on_server(self.server.frames))  # type: ignore[no-any-return]

    async def hello(self) -> None:
        """Open the socket. The pull that its hello calls for fetches everything earlier."""
        await self.frame(self.names.learn(await self.on_server(self.server.hello)))

    async def heartbeat(self) -> None:
        await self.frame(self.names.learn(await self.on_server(self.server.heartbeat)))

    def closes(self, code: int) -> None:
        """The socket closes with `code`."""
        self._step(closes=code, then=self.device.reaction(code))

    async def time_passes(self, seconds: float) -> None:
        self._step(time_passes=seconds)
        await self._wind(seconds)
        self._write_changes()

    def forgets(self, scope: str, kind: str, id_: str) -> None:
        """Simulate a defect of the app: an entry is missing from the phone."""
        self._step(forgets=[scope, kind, id_])
        self.device.forget(scope, kind, id_)
        self._write_changes()

    async def crash(self) -> None:
        self._step(crash=True)
        await self.device.restart()
        self._write_changes()

    async def copy(self, *, with_keys: bool) -> None:
        """Add a second phone, made from this one's data."""
        self._step(copy={"to": "b", "with_keys": with_keys})
        self.devices["b"] = self.device.copy(self.folder / "b", with_keys=with_keys)
        self.known["b"] = dict(self.known["a"])
        if not with_keys:
            self.who = "b"
            await self.signs_in("install-of-phone-b")

    async def signs_in(self, install: str = "install-of-phone-a") -> None:
        key = public_key(self.device.phone.keystore.get("device_key"))
        tokens = self.names.learn(await self.on_server(self.server.sign_in, install, key))
        await self.on_server(self.server.frames)
        signed_in = {"user": str(ANA), "install": install, "tokens": tokens}
        step = self._step(signs_in=signed_in)
        self.device.sign_in(**signed_in)
        step |= await self._server_changes()
        self._write_changes()

    # Recording

    async def _exchange(self, request: Request) -> None:
        self._write_changes()
        path, body = request.path.removeprefix(self.device.phone.session.home), request.body
        fate = self._fate(path)
        answer, contained = None, contents(path, body)
        if fate.get("fate") != "request_lost":
            answer = fate.get("answer") or await self._ask(path, body, request.token)
            answer["body"] |= fate.get("adds", {})
        if answer and answer["status"] == 401 and request.token:
            contained["token"] = request.token
        exchange = named(contained, answer, self.exchanges)
        if fate.get("may"):
            exchange = {"may": named_in(exchange)}
        self.exchanges.append(exchange)
        if answer:
            exchange |= {"said_by": "hand" if "answer" in fate else "server", "answer": answer}
            exchange |= await self._server_changes()
            if stopped := answer["body"].get("stopped"):
                at = {mutation["id"]: mutation["uuid"] for mutation in body["mutations"]}
                exchange["stops_at"] = at[stopped["id"]]
        if "adds" in fate:
            exchange["adds"] = fate["adds"]
        exchange["fate"] = fate.get("fate", "delivered")
        if "meanwhile" in fate:
            await self._meanwhile(exchange, fate["meanwhile"])
        sent = {"token": request.token, "body": without_proof(body)}
        exchange["reference"] = sent
        self._open = Open(sent, self.who, dict(self.known[self.who]), whole=True)
        self._hand_over(request, answer, exchange["fate"])

    def _hand_over(self, request: Request, answer: Step | None, fate: str) -> None:
        if answer is None or fate.endswith("lost"):
            request.lose()
        else:
            self.device.deliver(request, answer, crash=fate == "crash")

    async def _meanwhile(self, exchange: Step, happens: Meanwhile) -> None:
        """Record the steps that happen while the answer is in flight inside this exchange."""
        outer = self.steps, self.exchanges
        self.steps, self.exchanges = [], []
        await happens()
        self._write_changes()
        exchange["meanwhile"] = self.steps
        self.steps, self.exchanges = outer

    async def _ask(self, path: str, body: Any, token: str | None) -> Step:
        real_body, real_token = self.names.back([body, token])
        if "proof" in body:
            real_body["proof"] = self._proof(path, real_body["refresh_token"])
        answer = await self.on_server(self.server.post, path, real_body, real_token)
        return self.names.learn(answer)  # type: ignore[no-any-return]

    def _proof(self, path: str, token: str) -> dict[str, str]:
        """The phone signed the names. The server needs a signature over its own values."""
        keys = self.device.phone.keystore
        session = self.names.back(keys.get("session"))
        return proof(keys.get("device_key"), HOME + path, self.at, session, token)

    async def _server_changes(self) -> Step:
        """What the server holds for Ana now and did not hold before: `server` of a step."""
        now = self.names.learn(await self.on_server(self.server.holds))
        now["taken"] = dict(sorted(now["taken"].items()))  # the real ids have no order
        was, self.holds = self.holds, now
        changes: Step = {
            "epoch": now["epoch"] if was.get("epoch") != now["epoch"] else None,
            "scopes": scope_changes(was.get("scopes", {}), now["scopes"]),
            "taken": changes_of(was.get("taken", {}), now["taken"]),
        }
        changes = {part: change for part, change in changes.items() if change}
        return {"server": changes} if changes else {}

    async def _pause(self, pause: Pause) -> None:
        """The phone backs off because of the answer that it got last."""
        least, most = pause.seconds - pause.jitter, pause.seconds
        self.exchanges[-1]["waits"] = {"at_least": round(least, 3), "at_most": round(most, 3)}
        await self._wind(pause.seconds)
        pause.end()

    async def _wind(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        for device in self.devices.values():
            await device.pass_time(seconds)

    def _fate(self, path: str) -> dict[str, Any]:
        for n, (suffix, fate) in enumerate(self.fates):
            if path.endswith(suffix):
                del self.fates[n]
                return fate
        return {}

    def _step(self, **what: Any) -> Step:
        self._write_changes()
        step = {**({"phone": self.who} if len(self.devices) > 1 else {}), **what}
        self.steps.append(step)
        self._open = Open(step, self.who, dict(self.known.get(self.who, {})))
        return step

    def _write_changes(self) -> None:
        """Add to the open step or exchange what has changed on its phone meanwhile."""
        if self._open is None:
            return
        (step, who, before, whole), self._open = self._open, None
        self.known[who] = state = self.devices[who].state()
        changed = {n: value for n, value in state.items() if n not in before or before[n] != value}
        settled = {} if whole else {n: value for n, value in changed.items() if n in SETTLED}
        own = {name: value for name, value in changed.items() if name not in settled}
        if whole and own:
            step["state"] = own
        elif not whole:
            step |= {"state": settled} if settled else {}
            step |= {"reference": own} if own else {}

    def _new_id(self) -> str:
        self.made += 1
        return str(fixed(9, self.made))

    async def end(self) -> None:
        for device in self.devices.values():
            await device.close()
        await self.on_server(self.server.close)
        await self.on_server(connections.close_all)
        self._server_thread.shutdown()


@asynccontextmanager
async def recording(folder: Path, **app: Any) -> Any:
    recorder = Recorder(folder, **app)
    await recorder.begin()
    try:
        yield recorder
    finally:
        await recorder.end()
