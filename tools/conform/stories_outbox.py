"""The outbox: refusals, conflicts, renumbering, files, and what would block it."""

from __future__ import annotations

import hashlib
import random
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from uuid_utils.compat import uuid7

from tools.conform import rules
from tools.conform.http import Response, json_response
from tools.conform.rules import Broken
from tools.conform.stage import Stage, State
from tools.conform.stories import story
from tools.conform.trouble import has_mutations, problem

TOO_MUCH = 600_000  # characters; a request may have 512 KB
POISON = "This one makes the server fail"


@story
async def refused(t: Stage) -> None:
    """The server rejects one act of three. The others are sent, and the rejected one stays in the
    "not sent" box until the owner dismisses it."""
    await t.begin()
    t.says("One")
    nothing = {"message": str(uuid7())}
    t.refuses(t.act("groups.withdraw_message", nothing), "not_found")
    t.says("Three")
    t.sync()
    await t.settled(rules.NOT_SENT)
    t.sync()
    await t.settled(rules.NOT_SENT)
    t.dismiss(*t.not_sent)
    t.says("Four")
    t.sync()
    await t.settled(rules.NOT_SENT)


@story
async def acknowledges(t: Stage) -> None:
    """After its results are stored, both lanes are acknowledged: no more and no less."""
    await t.begin()
    t.says("One")
    t.says("Now", lane="urgent")
    t.plan("push", lose="answer", when=has_mutations, times=2)
    t.sync()
    await t.settled(rules.OUTBOX)
    await t.acknowledged()


@story
async def conflict(t: Stage) -> None:
    """A message is edited on another phone meanwhile. This phone's edit is rejected as `conflict`;
    an edit of the new text is applied, because it carries its `base`."""
    await t.begin()
    message = t.message_of(t.says("One"))
    t.sync()
    await t.settled(rules.OUTBOX)
    [(seq, _)] = [value for key, value in _truth(t).items() if key[2] == message]
    base = {f"message/{message}": seq}
    await t.does("ana", "groups.edit_message", message=message, text="Elsewhere", base=base)
    edit = t.edits(message, "Here")
    t.refuses(edit, "conflict")
    t.sync()
    await t.settled(rules.BASE)
    t.dismiss(edit)
    t.edits(message, "Here, having read it")
    t.sync()
    await t.settled(rules.BASE)


@story
async def too_large(t: Stage) -> None:
    """One act is larger than a request may be, and two wait behind it. It goes to the box, they
    move up. Then the server takes two at a time only: the batch is halved."""
    await t.begin()
    t.refuses(t.says("x" * TOO_MUCH), "too_large")
    t.says("Two")
    t.says("Three")
    t.sync()
    await t.settled(rules.TOO_LARGE)
    t.plan("push", answer=problem(413, "too_large"), when=_more_than_two, times=10_000)
    for number in range(7):
        t.says(f"Number {number}")
    t.sync()
    await t.settled(rules.TOO_LARGE)


@story
async def client_forked(t: Stage) -> None:
    """409 `client_forked`: a copy of the phone has used its client id. The phone registers, counts
    from 1 again and sends the same acts."""
    await t.begin()
    t.says("One")
    t.sync()
    await t.settled(rules.OUTBOX)
    t.plan("push", answer=problem(409, "client_forked"), when=has_mutations)
    t.says("Two")
    t.says("Three")
    t.sync()
    await t.settled(rules.FORKED)
    if len(t.watch.of("clients")) < 2:
        raise Broken(rules.FORKED, "the phone did not register")


@story
async def client_unknown(t: Stage) -> None:
    """The server has forgotten the phone, as it does after 60 days, and the first answer after the
    new registration is lost."""
    await t.begin()
    t.says("One")
    t.sync()
    await t.settled(rules.OUTBOX)
    t.database.run("DELETE FROM recovery_syncclient WHERE scope_id = %s", t.person["ana"])
    t.plan("push", lose="answer", skip=1, when=has_mutations)
    t.says("Two")
    t.says("Three")
    t.sync()
    await t.settled(rules.REGISTER)
    await t.acknowledged()


@story
async def poison(t: Stage) -> None:
    """One act makes the server fail. After five tries it is rejected as `internal`, and the act
    behind it is sent."""
    await t.begin()
    t.plan("push", say=_soon, times=10_000)
    bad = t.says(POISON)
    t.says("Behind it")
    t.refuses(bad, "internal")
    t.database.run(
        "INSERT INTO recovery_failedmutation (scope_id, id, action, times, first_at)"
        " VALUES (%s, %s, 'groups.post_message', 3, now())",
        t.person["ana"], bad,
    )  # fmt: skip
    with _failing(t):
        t.sync()
        await t.settled(rules.STOPPED)


@story
async def urgent(t: Stage) -> None:
    """The lane `urgent` has ids of its own and waits for nothing, although the main lane is refused
    for a while."""
    await t.begin()
    t.plan("push", answer=problem(503, "busy", after=1), when=_is_main)
    t.says("One")
    t.says("Now", lane="urgent")
    t.says("Two")
    t.says("At once", lane="urgent")
    t.sync()
    await t.settled(rules.URGENT)
    first = next(each for each in t.watch.of("push") if has_mutations(each.json))
    if first.lane != "urgent":
        raise Broken(rules.URGENT, "the lane `main` was pushed first")


@story
async def files(t: Stage) -> None:
    """A picture of two pieces. The server has no room at first, the answer to a piece is lost, and
    later the server has lost the file (`blobs_missing`)."""
    await t.begin()
    picture = _picture()
    t.plan("blobs", answer=problem(507, "no_room", after=1))
    t.plan("pieces", lose="answer")
    t.plan("push", answer=_blobs_missing(picture), when=has_mutations)
    uuid = t.says("Look", files=(picture,))
    t.says("Behind it")
    t.sync()
    await t.settled(rules.FILES)
    [attached] = _truth(t)[t.group, "message", t.message_of(uuid)][1]["attachments"]
    name = attached["sha256"]
    t.tell("read_file", scope=t.group, kind="message", id=t.message_of(uuid), sha256=name)

    def differs(state: State) -> str:
        read = state.get("files", {}).get(name)
        return "" if read == attached["content_sha256"] else f"the file that came back is {read}"

    await t.until(differs, rules.FILES)
    missing = next(each for each in t.watch.of("push") if has_mutations(each.json))
    if t.watch.of("blobs")[-1].at < missing.at:
        raise Broken(rules.FILES, "the file was not offered again after `blobs_missing`")


@story
async def history(t: Stage) -> None:
    """What was said long ago has left the feed. It is read page by page and not stored."""
    await t.begin()
    await t.ben_says("One", "Two", "Three", "Four", "Five")
    t.sync()
    await t.settled(rules.PULL)
    await t.call("age")
    t.sync()
    await t.settled(rules.PULL)
    t.plan("history", ask=lambda body: body | {"limit": 2}, times=10_000)
    t.tell("history", scope=t.group, kind="message")
    rows = t.database.run(
        "SELECT id::text FROM recovery_message WHERE scope_id = %s"
        " ORDER BY written_at DESC, id DESC",
        t.person["group"],
    )

    def differs(state: State) -> str:
        read = [entry[1] for entry in state.get("history", [])]
        return "" if read == [id_ for (id_,) in rows] else f"{len(read)} of {len(rows)} were read"

    await t.until(differs, rules.HISTORY)
    t.sync()
    await t.settled(rules.HISTORY)


def _truth(t: Stage) -> Any:
    return t.database.entries(t.person["ana"])


def _more_than_two(body: dict[str, Any]) -> bool:
    return len(body.get("mutations", [])) > 2


def _is_main(body: dict[str, Any]) -> bool:
    return has_mutations(body) and body.get("lane", "main") == "main"


def _soon(body: dict[str, Any]) -> dict[str, Any]:
    """`stopped` with a wait that a test can afford."""
    stopped = body.get("stopped")
    return body | {"stopped": stopped | {"retry_after_ms": 200}} if stopped else body


def _blobs_missing(picture: bytes) -> Response:
    stopped = {"id": 1, "code": "blobs_missing", "retry_after_ms": 0}
    stopped |= {"missing": [hashlib.sha256(picture).hexdigest()]}
    stopped |= {"problem": problem(409, "blobs_missing").json}
    return json_response(200, {"lmid": {}, "results": [], "stopped": stopped})


@contextmanager
def _failing(t: Stage) -> Iterator[None]:
    """The real server fails on one text."""
    t.database.run(
        "CREATE FUNCTION conform_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION 'poison' USING ERRCODE = 'XX000'; END $$"
    )
    t.database.run(
        "CREATE TRIGGER conform_poison BEFORE INSERT ON recovery_message FOR EACH ROW"
        f" WHEN (NEW.text = '{POISON}') EXECUTE FUNCTION conform_poison()"
    )
    try:
        yield
    finally:
        t.database.run("DROP FUNCTION conform_poison CASCADE")


def _picture() -> bytes:
    """A PNG of noise, which does not compress, so that it takes two pieces."""
    side, noise = 330, random.Random(1)  # noqa: S311
    rows = b"".join(b"\0" + noise.randbytes(3 * side) for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
