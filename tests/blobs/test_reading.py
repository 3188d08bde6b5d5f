"""Who gets a file: members who can see something that shows it, at this moment and no longer."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from recovery.actions.models import AuditEvent
from recovery.blobs.models import Blob, BlobUse
from recovery.blobs.queries import readable
from recovery.conversations.models import Message
from recovery.feed.context import set_actor
from recovery.feed.models import FeedEntry
from tests.alumni.pairs import connect
from tests.api.http import answer, mutation
from tests.blobs import samples
from tests.blobs.people import Sender, code, said, sha256
from tests.factories.peers import Circle, act, seen

PICTURE = samples.jpeg()
SOUND = samples.recording("ogg", "libopus")


def everything(circle: Circle) -> tuple[list[object], ...]:
    set_actor(circle.dana.id)
    messages = Message.objects.in_scope(circle.group).order_by("id").values()
    return list(messages), list(BlobUse.objects.in_scope(circle.group).values())


def test_everybody_in_the_group_sees_what_is_attached(
    ash: Sender, birch: Sender, circle: Circle
) -> None:
    answer(ash.send(PICTURE))
    answer(ash.send(SOUND))
    said(ash.say(PICTURE, SOUND))
    [message] = seen(circle.birch, "message")
    picture, sound = message["attachments"]
    assert picture["sha256"] == sha256(PICTURE)
    assert (picture["kind"], picture["media_type"]) == ("image", "image/jpeg")
    assert (picture["width"], picture["height"], "duration_ms" in picture) == (40, 60, False)
    assert (sound["kind"], sound["media_type"]) == ("audio", "audio/ogg")
    assert 450 <= sound["duration_ms"] <= 650
    response = birch.read(PICTURE)
    assert response.status_code == 200
    assert len(response.content) == picture["size"]
    assert hashlib.sha256(response.content).hexdigest() == picture["content_sha256"]


def test_staff_who_look_at_a_file_are_written_down(
    ash: Sender, birch: Sender, circle: Circle
) -> None:
    answer(ash.send(PICTURE))
    said(ash.say(PICTURE))
    dana = Sender(circle.dana, ash.scope)
    assert dana.read(SOUND).status_code == 404
    for reader in (birch, dana):
        assert reader.read(PICTURE).status_code == 200
    set_actor(circle.dana.id)
    [event] = AuditEvent.objects.in_scope(circle.group).filter(outcome="read")
    [blob] = Blob.objects.in_scope(circle.group)
    assert (event.actor_id, event.action) == (circle.dana.id, "read blob")
    assert event.objects_touched == [["blob", str(blob.id), str(circle.group)]]


def test_a_file_that_was_changed_on_the_disk_is_none(ash: Sender, folder: Path) -> None:
    answer(ash.send(PICTURE))
    said(ash.say(PICTURE))
    [file] = [path for path in folder.rglob("*") if path.is_file()]
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert code(ash.read(PICTURE)) == (404, "not_found")


def test_a_file_is_never_shown_as_a_page_or_kept_on_its_way(ash: Sender) -> None:
    answer(ash.send(PICTURE))
    said(ash.say(PICTURE))
    told = ash.read(PICTURE)
    assert told["Content-Type"] == "image/jpeg"
    assert told["Content-Disposition"] == "attachment"
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("wanted", "first", "last"), [("bytes=0-99", 0, 99), ("bytes=100-", 100, None)]
)
def test_a_part_of_a_recording(ash: Sender, wanted: str, first: int, last: int | None) -> None:
    answer(ash.send(SOUND))
    said(ash.say(SOUND))
    whole = ash.read(SOUND).content
    part = ash.read(SOUND, Range=wanted)
    end = len(whole) - 1 if last is None else last
    assert (part.status_code, part.content) == (206, whole[first : end + 1])
    assert part["Content-Range"] == f"bytes {first}-{end}/{len(whole)}"


def test_a_part_beyond_the_end(ash: Sender) -> None:
    answer(ash.send(SOUND))
    said(ash.say(SOUND))
    assert code(ash.read(SOUND, Range="bytes=99999999-")) == (416, "no_such_range")
    assert ash.read(SOUND, Range="lines=1-2").status_code == 200


def test_a_picture_needs_no_words_and_nothing_is_no_message(ash: Sender, circle: Circle) -> None:
    answer(ash.send(PICTURE))
    said(ash.say(PICTURE, text=""))
    before = everything(circle)
    assert code(ash.say(text="")) == (400, "invalid")
    assert code(ash.say(*[PICTURE + b"%d" % n for n in range(5)])) == (400, "invalid")
    assert everything(circle) == before


def test_strangers_and_those_without_a_message_get_the_same_nothing(
    ash: Sender, birch: Sender, cedar: Sender
) -> None:
    answer(ash.send(PICTURE))
    unsaid = birch.read(PICTURE)
    said(ash.say(PICTURE))
    stranger, unknown = cedar.read(PICTURE), cedar.read(b"never sent")
    assert unsaid.status_code == 404
    assert unsaid.content == stranger.content == unknown.content == ash.read(b"never").content


def test_from_the_moment_of_a_removal_nothing_more(
    ash: Sender, birch: Sender, circle: Circle
) -> None:
    """I8: what the phone knows already (hash, scope, a live token) is of no use any more."""
    answer(ash.send(PICTURE))
    said(ash.say(PICTURE))
    assert birch.read(PICTURE).status_code == 200
    act(circle.dana, "groups.remove_member", {"card": circle.card(circle.birch)})
    for wanted in ("", "bytes=0-9"):
        assert code(birch.read(PICTURE, Range=wanted)) == (404, "not_found")
    assert ash.read(PICTURE).status_code == 200


def seen_at(message: str) -> dict[str, int]:
    """The `base` of an edit."""
    entry = FeedEntry.objects.get(kind="message", object_id=message)
    return {f"message/{message}": entry.seq}


def test_who_came_later_gets_what_was_said_later(ash: Sender, circle: Circle) -> None:
    answer(ash.send(PICTURE))
    answer(ash.send(SOUND))
    first = str(said(ash.say(PICTURE)))
    circle.bring_in("cedar")
    said(ash.say(SOUND))
    act(circle.ash, "groups.edit_message", {"message": first, "text": "see"}, base=seen_at(first))
    newcomer = Sender(circle.cedar, ash.scope)
    assert newcomer.read(PICTURE).status_code == 404
    assert newcomer.read(SOUND).status_code == 200


def test_a_message_that_was_taken_back_takes_its_file_along(
    ash: Sender, birch: Sender, circle: Circle
) -> None:
    answer(ash.send(PICTURE))
    message = said(ash.say(PICTURE, text=""))
    answer(ash.do("groups.withdraw_message", {"message": str(message)}))
    assert [m["attachments"] for m in seen(circle.birch, "message")] == [[]]
    for reader in (ash, birch):
        assert code(reader.read(PICTURE)) == (404, "not_found")


def test_another_message_still_shows_it(ash: Sender, birch: Sender) -> None:
    answer(ash.send(PICTURE))
    first = said(ash.say(PICTURE))
    said(ash.say(PICTURE))
    answer(ash.do("groups.withdraw_message", {"message": str(first)}))
    assert birch.read(PICTURE).status_code == 200


def test_a_hash_alone_brings_nothing_back(ash: Sender, birch: Sender, circle: Circle) -> None:
    """Birch kept the hash of what Ash took back, but never had the bytes."""
    answer(ash.send(PICTURE))
    message = said(ash.say(PICTURE))
    answer(ash.do("groups.withdraw_message", {"message": str(message)}))
    before = everything(circle)
    refused = answer(birch.say(PICTURE), 409)
    assert (refused["code"], refused["missing"]) == ("blobs_missing", [sha256(PICTURE)])
    assert everything(circle) == before
    assert birch.read(PICTURE).status_code == 404


def test_a_message_waits_for_its_files(ash: Sender, circle: Circle) -> None:
    """Nothing is stored of the first try, so that the same request works once the file is here."""
    answer(ash.send(PICTURE))
    data: dict[str, Any] = {
        "id": "01a20000-0000-7000-8000-00000000000a",
        "group": str(circle.group),
    }
    data |= {"text": "two", "attachments": [sha256(PICTURE), sha256(SOUND)]}
    key = "01a20000-0000-7000-8000-00000000000b"
    before = everything(circle)
    refused = answer(ash.do("groups.post_message", data, key), 409)
    assert refused["missing"] == [sha256(SOUND)]
    assert everything(circle) == before
    answer(ash.send(SOUND))
    assert "dup" not in answer(ash.do("groups.post_message", data, key))


def test_a_queue_stops_at_a_message_whose_file_is_missing(ash: Sender, circle: Circle) -> None:
    ash.register()
    words: dict[str, Any] = {
        "id": "01a20000-0000-7000-8000-00000000000c",
        "group": str(circle.group),
    }
    first = mutation(1, "groups.post_message", words | {"text": "before"})
    words |= {"id": str(uuid7()), "attachments": [sha256(PICTURE)]}
    second = mutation(2, "groups.post_message", words | {"text": "with"})
    told = answer(ash.push(first, second))
    assert [r["status"] for r in told["results"]] == ["applied"]
    assert told["stopped"] == {
        "id": 2,
        "code": "blobs_missing",
        "retry_after_ms": 0,
        "missing": [sha256(PICTURE)],
    }
    answer(ash.send(PICTURE))
    assert [r["status"] for r in answer(ash.push(second))["results"]] == ["applied"]


def test_what_can_never_be_attached_stops_no_queue(ash: Sender, circle: Circle) -> None:
    before = everything(circle)
    ash.send(b"<html>no picture")
    assert code(ash.say(b"<html>no picture")) == (409, "not_understood")
    assert everything(circle) == before


def test_a_file_of_another_scope_is_none_here(ash: Sender, circle: Circle) -> None:
    answer(ash.send(PICTURE))
    pair = Sender(circle.ash, f"pair:{connect(circle)}")
    assert code(pair.say(PICTURE)) == (409, "blobs_missing")
    answer(pair.send(PICTURE))
    said(pair.say(PICTURE))
    other = Sender(circle.birch, pair.scope)
    assert other.read(PICTURE).status_code == 200
    assert Sender(circle.dana, pair.scope).read(PICTURE).status_code == 404
    assert Sender(circle.dana, ash.scope).read(PICTURE).status_code == 404, "nothing shows it there"


def test_who_joins_after_the_feed_forgot_it_gets_nothing_old(ash: Sender, circle: Circle) -> None:
    """Without the document only the scope's numbering tells who was there."""
    answer(ash.send(PICTURE))
    said(ash.say(PICTURE))
    circle.bring_in("cedar")
    set_actor(circle.dana.id)
    BlobUse.objects.in_scope(circle.group).update(by_kind="forgotten")
    hash_ = bytes.fromhex(sha256(PICTURE))
    set_actor(circle.birch.id)
    assert readable(circle.group, circle.birch.id, hash_) is not None
    set_actor(circle.cedar.id)
    assert readable(circle.group, circle.cedar.id, hash_) is None
