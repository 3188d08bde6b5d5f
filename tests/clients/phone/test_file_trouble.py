"""A file that cannot be sent does not stop pulls, and does not block later mutations for ever."""

from hashlib import sha256

import pytest

from clients.phone import Phone
from clients.phone.errors import BrokenAnswer, Problem, Stuck
from clients.phone.file_transfer import BLOBS, BROKEN, PIECES, READ
from clients.phone.file_transfer import TRIES as TRIES_OF_A_FILE
from clients.phone.files import Outgoing
from clients.phone.remedies import TRIES
from tests.clients.phone.pages import ME, message, page, part
from tests.clients.phone.scripted import PULL, PUSH, QuickClock, Says, Server, applied, problem

NEWS = page(part(ME, 1, [message("news", 1)], reset="sweep"))


def say(phone: Phone) -> str:
    """Queue a message with a file. Returns the mutation's uuid and the file's name on the phone."""
    args = {"id": "m1", "group": "g", "text": "look"}
    return phone.do("groups.post_message", args, attach=[Outgoing(ME, b"picture")])


@pytest.mark.parametrize(
    "refusal",
    [
        problem(507, "no_room", headers={"Retry-After": "600"}),
        problem(429, "slow_down", headers={"Retry-After": "60"}),
    ],
)
async def test_the_phone_does_not_block_on_a_long_wait_for_files(
    phone: Phone, server: Server, clock: QuickClock, refusal: Says
) -> None:
    server.always(PULL, NEWS)
    server.always(BLOBS, refusal)
    words = say(phone)
    await phone.sync()
    await phone.sync()
    assert (clock.slept, server.paths().count(BLOBS)) == ([], 1), "nor asked before its time"
    assert [d.id for d in phone.documents("message")] == ["news"]
    assert phone.state(words) == "saved here"
    await clock.sleep(601)
    server.always(BLOBS, {"upload": "u", "offset": 7, "piece_bytes": 9, "complete": True})
    server.will(PUSH, applied)
    await phone.sync()
    assert phone.state(words) == "sent"


async def test_files_that_the_server_cannot_examine_do_not_stop_pulls(
    phone: Phone, server: Server
) -> None:
    server.always(PULL, NEWS)
    server.always(BLOBS, problem(503, "maintenance", headers={"Retry-After": "5"}))
    words = say(phone)
    with pytest.raises(Stuck):
        await phone.sync()
    assert [d.id for d in phone.documents("message")] == ["news"]
    assert phone.state(words) == "saved here"


async def test_a_refused_push_does_not_stop_pulls(phone: Phone, server: Server) -> None:
    phone.do("groups.post_message", {"id": "m1"})
    server.always(PULL, NEWS)
    server.will(PUSH, problem(403, "forbidden"))
    with pytest.raises(Problem):
        await phone.sync()
    assert [d.id for d in phone.documents("message")] == ["news"]


async def test_a_file_that_breaks_the_server_is_set_aside(phone: Phone, server: Server) -> None:
    """The mutation queued after it is sent."""
    words = say(phone)
    last = phone.do("groups.post_message", {"id": "m2"})
    server.always(BLOBS, problem(500, "internal"))
    server.always(PUSH, applied)
    for _ in range(BROKEN // (TRIES + 1)):
        with pytest.raises(Stuck):
            await phone.sync()
    assert phone.state(words) == "saved here"
    await phone.sync()
    assert (phone.state(words), phone.state(last)) == ("needs you", "sent")
    assert server.paths().count(BLOBS) == BROKEN


def picture_said(seq: int, *hashes: str) -> list[object]:
    """A message row that shows the file `{}` under each of these names."""
    attachment = {"content_sha256": sha256(b"{}").hexdigest(), "size": 2, "kind": "image"}
    return [
        "message",
        "m1",
        seq,
        {"attachments": [{"sha256": name, **attachment} for name in hashes]},
    ]


@pytest.mark.parametrize(("shown", "kept"), [(["one", "two"], 1), (["two"], 0), ([], 0)])
async def test_a_file_deleted_during_its_download_is_not_kept(
    phone: Phone, server: Server, shown: list[str], kept: int
) -> None:
    server.will(PULL, page(part(ME, 1, [picture_said(1, "one", "two")], reset="sweep")))
    await phone.sync()
    frame = {"s": ME, "from": 1, "to": 2, "put": [picture_said(2, *shown)]}

    def meanwhile(_: object) -> dict[str, object]:
        phone.answers.take_frame(frame)
        return {}

    server.always(READ, meanwhile)
    assert await phone.file(phone.documents()[0], "one") == b"{}"
    assert len(phone.store.all("SELECT 1 FROM file")) == kept


def declared(**changes: object) -> dict[str, object]:
    return {"upload": "u", "offset": 0, "piece_bytes": 4, "complete": False, **changes}


@pytest.mark.parametrize("status", [400, 404])
async def test_a_lost_upload_is_declared_again(phone: Phone, server: Server, status: int) -> None:
    words = say(phone)
    server.will(BLOBS, declared(offset=4), declared())
    server.will(PIECES, problem(status, "gone"), declared(offset=4), declared(complete=True))
    server.will(PUSH, applied)
    await phone.sync()
    assert (phone.state(words), server.paths().count(BLOBS)) == ("sent", 2)


async def test_pieces_that_are_never_accepted_are_not_sent_endlessly(
    phone: Phone, server: Server
) -> None:
    words = say(phone)
    server.always(BLOBS, declared(offset=4))
    server.always(PIECES, problem(404, "not_found"))
    with pytest.raises(BrokenAnswer):
        await phone.sync()
    assert (phone.state(words), server.paths().count(PIECES)) == ("saved here", TRIES_OF_A_FILE)


async def test_a_former_member_is_notified_once(phone: Phone, server: Server) -> None:
    words = say(phone)
    server.will(BLOBS, declared(), problem(404, "not_found"))
    server.will(PIECES, problem(404, "not_found"))
    await phone.sync()
    assert phone.state(words) == "needs you"
