"""The live socket: frames that are lost, doubled, swapped and late, and every close code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tools.conform import rules
from tools.conform.rules import Broken
from tools.conform.stage import Stage, State
from tools.conform.stories import STORIES, story

ALWAYS = 10_000
AWAY = 3.0  # seconds in which a phone that must stay away does not come


async def _begin_open(t: Stage, *, heads: bool = True) -> None:
    """Without `heads` no heartbeat shows the phone what it has missed."""
    await t.begin()
    t.socket.heads_are_sent = heads
    await t.open()


@story
async def frames(t: Stage) -> None:
    """Frames come one by one, doubled, swapped and late."""
    await _begin_open(t, heads=False)
    [message] = await t.ben_says("One")
    await t.settled(rules.FRAMES)
    for fault in ("doubled", "swapped", "late"):
        t.socket.plan("c", fault)
        await t.ben_says(f"{fault} one", f"{fault} two")
        await t.settled(rules.FRAMES)
    t.socket.plan("c", "passed")
    t.socket.plan("c", "late")
    await t.does("ben", "groups.withdraw_message", message=message)
    await t.settled(rules.FRAMES)


@story
async def frame_lost(t: Stage) -> None:
    """A frame is lost. The next one does not begin at the cursor: hold it, then pull."""
    await _begin_open(t, heads=False)
    t.socket.plan("c", "dropped")
    await t.ben_says("Lost", "Arrives")
    await t.settled(rules.FRAMES)


@story
async def old_frame_again(t: Stage) -> None:
    """A frame comes again after a newer one, as it may after a reconnect. It changes nothing."""
    await _begin_open(t, heads=False)
    [message] = await t.ben_says("One")
    await t.settled(rules.FRAMES)
    entry = t.database.entries(t.person["ana"])[t.group, "message", message]
    await t.does("ben", "groups.withdraw_message", message=message)
    await t.settled(rules.FRAMES)
    put = [["message", message, *entry]]
    old = {"t": "c", "s": t.group, "from": entry[0] - 1, "to": entry[0], "put": put, "del": []}
    await t.socket.say(old)
    t.tell("wait", seconds=1)
    await t.settled(rules.FRAMES)


@story
async def heartbeat(t: Stage) -> None:
    """The last frame is lost. The heartbeat's heads show it."""
    await _begin_open(t)
    t.socket.plan("c", "dropped", ALWAYS)
    await t.ben_says("Lost")
    await t.settled(rules.HEADS)


@story
async def news_without_documents(t: Stage) -> None:
    """A frame says only that there is news, after a delay; then a `resync`. The phone pulls."""
    await _begin_open(t, heads=False)
    t.socket.plan("c", "dropped", ALWAYS)
    before = _head(t)
    await t.ben_says("One")
    await t.socket.say({"t": "c", "s": t.group, "from": before, "to": _head(t), "delay_ms": 200})
    await t.settled(rules.FRAMES)
    await t.ben_says("Two")
    await t.socket.say({"t": "resync", "why": "as the story wants it"})
    await t.settled(rules.FRAMES)


@story
async def scopes_change(t: Stage) -> None:
    """Ana leaves the group on another phone. The frame `scopes` makes this one pull."""
    await _begin_open(t)
    await t.does("ana", "groups.leave", group=t.person["group"])
    await t.settled(rules.DROP)


@story
async def pending_under_frames(t: Stage) -> None:
    """A frame arrives while an act cannot be sent. The act still shows, and is sent later."""
    await _begin_open(t, heads=False)
    outage = t.plan("push", lose="request", times=ALWAYS)
    waiting = t.says("Not yet sent")
    await t.settled(rules.PENDING, outbox=(waiting,))
    await t.ben_says("Meanwhile")
    await t.settled(rules.PENDING, outbox=(waiting,))
    outage.times = 0
    await t.settled(rules.OUTBOX)


@story
async def closes(t: Stage) -> None:
    """The socket closes with 4401 (refresh), 4408 and 4410 (pull). The phone connects again and
    misses nothing."""
    await _begin_open(t)
    for code in (4408, 4410, 4401):
        refreshes, sockets = len(t.watch.of("refresh")), t.socket.connected
        await t.socket.close_all(code)
        await t.ben_says(f"During {code}")

        def differs(
            _: State, code: int = code, refreshes: int = refreshes, sockets: int = sockets
        ) -> str:
            if t.socket.connected == sockets or not t.socket.open_sockets:
                return f"the phone did not connect again after {code}"
            if code == 4401 and len(t.watch.of("refresh")) == refreshes:
                return "the phone did not refresh after 4401"
            return ""

        await t.until(differs, rules.CLOSES)
        await t.settled(rules.CLOSES)


def _stays_away(code: int, why: str) -> Callable[[Stage], Awaitable[None]]:
    async def play(t: Stage) -> None:
        await _begin_open(t)
        sockets = t.socket.connected
        await t.socket.close_all(code)
        t.tell("wait", seconds=AWAY)
        await t.until(lambda state: "", rules.CLOSES)
        if t.socket.connected > sockets:
            raise Broken(rules.CLOSES, f"the phone connected again at once after {code}")
        t.is_open = False
        await t.ben_says("While it stays away")
        t.sync()
        await t.settled(rules.CLOSES)

    play.__doc__ = f"The socket closes with {code}: {why}. Pulls go on."
    return play


STORIES["closed_4400"] = _stays_away(4400, "the phone connects after 30 to 60 seconds")
STORIES["closed_4406"] = _stays_away(4406, "the phone only pulls until the app is opened again")
STORIES["closed_4409"] = _stays_away(4409, "a copy is connected, so it does not connect by itself")
STORIES["closed_4429"] = _stays_away(4429, "the phone connects after 30 to 90 seconds")


@story
async def closed_4426(t: Stage) -> None:
    """The socket closes with 4426: the phone shows the update screen, stays away, and pushes."""
    await _begin_open(t)
    sockets = t.socket.connected
    await t.socket.close_all(4426)
    t.says("Still heard")
    t.tell("wait", seconds=AWAY)

    def differs(state: State) -> str:
        if t.socket.connected > sockets:
            return "the phone connected again after 4426"
        return "an act still waits in the outbox" if state["outbox"] else ""

    await t.until(differs, rules.CLOSES)


def _head(t: Stage) -> int:
    [(seq,)] = t.database.run("SELECT seq FROM recovery_scope WHERE id = %s", t.person["group"])
    return int(seq)
