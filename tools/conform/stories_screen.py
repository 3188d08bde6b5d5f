"""What the screen may show: the first day, the lease, wiping, another person, an old app."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from uuid_utils.compat import uuid7

from tools.conform import rules
from tools.conform.stage import Stage, State
from tools.conform.stories import story
from tools.conform.trouble import problem

LEASE = 1.5  # seconds
YEAR = timedelta(days=365)


@story
async def first_day(t: Stage) -> None:
    """The notice comes before any data. Then an invitation arrives, and joining takes a consent."""
    await t.begin(confirmed=False)
    signed = {"notice": t.person["notice"], "signed_name": "Ana Reyes"}
    t.act("privacy.acknowledge_notice", {"id": str(uuid7()), **signed})
    t.sync()
    await t.settled(rules.FIRST_DAY)
    at = {name: t.person[name] for name in ("group", "record")}
    invitation = await t.call("invite", **at)
    t.sync()
    await t.settled(rules.FIRST_DAY)
    consent = {"form": t.person["form"], "signature": "Ana Reyes"}
    joining = {"alias": "Fern", "avatar": "fern", "rules_accepted": True, "consent": consent}
    t.act("groups.join", {"invitation": invitation, **joining})
    t.sync()
    await t.settled(rules.FIRST_DAY)


@story
async def lease(t: Stage) -> None:
    """The lease runs out, and the data are locked. The next pull unlocks them."""
    await t.begin()
    await _runs_out(t, timedelta())


@story
async def wrong_clock(t: Stage) -> None:
    """The phone's clock is a year behind the server's. The lease runs out by the server's time."""
    await t.begin()
    await _runs_out(t, YEAR)


@story
async def wiped(t: Stage) -> None:
    """The phone was reported lost: 410. Keys and data go, the receipt comes back, and nothing else
    is ever sent."""
    await t.begin()
    t.says("Never sent")
    await t.does("ana", "people.report_phone_lost", session=t.watch.session)
    for _ in range(2):
        t.sync()
        await t.until(_is_wiped(t), rules.WIPE)


@story
async def wiped_on_the_socket(t: Stage) -> None:
    """The same while the app is open: the socket closes with 4403, and a request with the dead
    token fetches the receipt."""
    await t.begin()
    await t.open()
    await t.does("ana", "people.report_phone_lost", session=t.watch.session)
    await t.until(_is_wiped(t), rules.WIPE)


@story
async def another_person(t: Stage) -> None:
    """Another person signs in on the same phone, which still has a message to send. It is emptied
    first; nothing of the one person is sent or shown to the other."""
    await t.begin()
    written = t.says("Not theirs to send")
    await t.until(lambda state: "", rules.OUTBOX)
    t.watch.closed.add(written)
    await t.begin()


@story
async def too_old(t: Stage) -> None:
    """426: the app is too old to read. It shows the update screen and still pushes, without a
    pull."""
    await t.begin()
    t.plan("pull", answer=problem(426, "upgrade_required"), times=10_000)
    t.plan("push", ask=_without_pull, times=10_000)
    for text in ("One", "Two"):
        t.says(text)
        t.sync()
        await t.until(_pushed_behind_the_update_screen, rules.TOO_OLD)


async def _runs_out(t: Stage, ahead: timedelta) -> None:
    short = t.plan("clients digest pull push", say=_short_lease(ahead), times=10_000)
    t.sync()
    t.tell("wait", seconds=LEASE + 0.5)
    await t.until(_screen("lease ran out"), rules.LEASE)
    short.times = 0
    t.sync()
    await t.settled(rules.LEASE)


def _short_lease(ahead: timedelta) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Says that the lease ends in a moment, by a clock that is `ahead` of ours."""

    def say(body: dict[str, Any]) -> dict[str, Any]:
        if isinstance(body.get("pull"), dict):
            body = body | {"pull": say(body["pull"])}
        if "server_time" not in body:
            return body
        now = datetime.fromisoformat(body["server_time"]) + ahead
        ends = {"lease_expires_at": (now + timedelta(seconds=LEASE)).isoformat()}
        return (
            body | {"server_time": now.isoformat()} | (ends if "lease_expires_at" in body else {})
        )

    return say


def _without_pull(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != "pull"}


def _screen(right: str) -> Callable[[State], str]:
    def differs(state: State) -> str:
        return (
            "" if state["screen"] == right else f"the screen is `{state['screen']}`, not `{right}`"
        )

    return differs


def _is_wiped(t: Stage) -> Callable[[State], str]:
    """Everything is gone, the receipt has come back, and the client is at rest."""

    def differs(state: State) -> str:
        for name in ("entries", "pending", "outbox", "not_sent"):
            if state[name]:
                return f"`{name}` is not empty after the wipe"
        if not any(each.status == 204 for each in t.watch.of("receipt")):
            return "no receipt of the wipe came back"
        return _screen("wiped")(state) or ("the client is still at work" if state["busy"] else "")

    return differs


def _pushed_behind_the_update_screen(state: State) -> str:
    if state["outbox"]:
        return "an act still waits in the outbox"
    return "" if state["update_screen"] else "there is no update screen"
