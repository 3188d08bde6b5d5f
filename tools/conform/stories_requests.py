"""Requests and answers that are lost, refused for a while, or not ours."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from tools.conform import rules
from tools.conform.http import Response
from tools.conform.rules import Broken
from tools.conform.stage import Stage
from tools.conform.stories import story
from tools.conform.trouble import has_mutations, problem

OUTAGE = 3.0  # seconds: long enough for a hot loop to show, short enough for a test
PORTAL = Response(
    200, {"content-type": "text/html"}, b"<html>Please sign in to this network</html>"
)


@story
async def enrolment_lost(t: Stage) -> None:
    """The answer to the enrolment is lost. The same install sends the same code again."""
    t.plan("enrolment", lose="answer")
    await t.begin(sync=False)
    t.sync()
    await t.settled(rules.SIGN_IN)


@story
async def requests_lost(t: Stage) -> None:
    """A registration, a pull and a push never arrive. The phone tries again."""
    for name in ("clients", "pull", "push"):
        t.plan(name, lose="request")
    await t.begin()
    t.says("Good morning")
    t.sync()
    await t.settled(rules.OUTBOX)


@story
async def answers_lost(t: Stage) -> None:
    """The answers to a push and to a pull are lost. The same mutation is sent under the same uuid
    again, and happens once."""
    await t.begin()
    t.plan("push", lose="answer", when=has_mutations)
    t.says("Good morning")
    t.says("Is anyone up?")
    t.sync()
    await t.settled(rules.UUID)
    t.plan("push pull", lose="answer")
    await t.ben_says("I am")
    t.sync()
    await t.settled(rules.PULL)


@story
async def connection_cut(t: Stage) -> None:
    """The connection drops in the middle of an answer. Half an answer is none."""
    await t.begin()
    t.plan("push", lose="half", when=has_mutations)
    t.says("Good morning")
    await t.ben_says("Hello")
    t.sync()
    await t.settled(rules.OUTBOX)


@story
async def retry_after(t: Stage) -> None:
    """429 and 503 with `Retry-After: 1`. The phone waits at least that long."""
    await t.begin()
    t.plan("push", answer=problem(429, "slow_down", after=1), when=has_mutations)
    t.plan("push", answer=problem(503, "maintenance", after=1), when=has_mutations)
    t.says("Good morning")
    t.sync()
    await t.settled(rules.OUTBOX)
    t.plan("pull push", answer=problem(503, "maintenance", after=1))
    await t.ben_says("Hello")
    t.sync()
    await t.settled(rules.PULL)


@story
async def back_off(t: Stage) -> None:
    """For three seconds no request is answered. The phone tries at most eight times, with a longer
    wait each time, and not in a hot loop."""
    await t.begin()
    ends: list[float] = []

    def lasts(_: Any) -> bool:
        ends[:] = ends or [time.monotonic() + OUTAGE]
        return time.monotonic() < ends[0]

    t.plan("push pull", lose="request", when=lasts, times=10_000)
    t.says("Good morning")
    t.sync()
    await t.settled(rules.BACK_OFF)


@story
async def captive_portal(t: Stage) -> None:
    """Something in between answers 200, 403 and 302 with pages of its own. Those are no answers."""
    await t.begin()
    for status in (200, 403, 302):
        page = replace(PORTAL, status=status)
        t.plan("push", answer=page, when=has_mutations)
    t.says("Good morning")
    t.sync()
    await t.settled(rules.NOT_JSON)
    t.plan("pull push", answer=PORTAL)
    await t.ben_says("Hello")
    t.sync()
    await t.settled(rules.NOT_JSON)


@story
async def in_progress(t: Stage) -> None:
    """409 `in_progress`: another process still works on the same request. Wait and repeat it."""
    await t.begin()
    t.plan("push", answer=problem(409, "in_progress", after=1), when=has_mutations)
    t.says("Good morning")
    t.sync()
    await t.settled(rules.OUTBOX)


@story
async def token_expires(t: Stage) -> None:
    """The access token expires while there is work, and the answer with the next one is lost. The
    same refresh token is sent again; data and outbox stay."""
    await t.begin()
    t.says("Good morning")
    t.database.run(
        "UPDATE recovery_devicesession SET access_expires_at = now() - interval '1 s'"
        " WHERE scope_id = %s",
        t.person["ana"],
    )
    t.plan("refresh", lose="answer")
    t.sync()
    await t.settled(rules.REFRESH)
    if not t.watch.of("refresh"):
        raise Broken(rules.REFRESH, "the phone sent no refresh")


@story
async def unknown_things(t: Stage) -> None:
    """A newer server sends a kind, fields, a result's field and frames that this app does not know.
    It ignores them."""
    t.plan("push pull clients", say=_newer, times=10_000)
    await t.begin()
    group = t.person["group"]
    [message] = await t.ben_says("Hello")
    t.database.run(
        "UPDATE recovery_feedentry"
        " SET doc = (doc::jsonb || '{\"conform_new\": {\"x\": [1]}}')::text"
        " WHERE scope_id = %s AND object_id = %s",
        group, message,
    )  # fmt: skip
    t.database.run(
        "WITH next AS (UPDATE recovery_scope SET seq = seq + 1 WHERE id = %s RETURNING seq)"
        " INSERT INTO recovery_feedentry (scope_id, kind, object_id, seq, deleted, digest, doc,"
        " changed_at) SELECT %s, 'conform_new', gen_random_uuid(), seq, false, 0,"
        " '{\"conform_x\": null}', now() FROM next",
        group, group,
    )  # fmt: skip
    t.says("Good morning")
    t.sync()
    await t.settled(rules.UNKNOWN)
    t.socket.adds = {"conform_new": {"x": 1}}
    await t.open()
    await t.socket.say({"t": "conform_new", "s": t.group})
    await t.ben_says("Still there?")
    await t.settled(rules.UNKNOWN)


def _newer(body: dict[str, Any]) -> dict[str, Any]:
    """The answer as a newer server might give it."""
    results = [result | {"conform_new": True} for result in body.get("results", [])]
    newer = body | {"conform_new": {"x": 1}} | ({"results": results} if "results" in body else {})
    if isinstance(body.get("pull"), dict):
        newer["pull"] = _newer(body["pull"])
    return newer
