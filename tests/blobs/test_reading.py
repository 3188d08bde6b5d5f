"""A member may read a file only while they can see a document that shows it."""

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
from tests.blobs import samples
from tests.blobs.people import Sender, code, posted, sha256
from tests.cast import Circle, act, answer, documents, mutation

PICTURE = samples.jpeg()
SOUND = samples.recording("ogg", "libopus")


def everything(circle: Circle) -> tuple[list[object], ...]:
    set_actor(circle.dana.id)
    messages = Message.objects.in_scope(circle.group).order_by("id").values()
    return list(messages), list(BlobUse.objects.in_scope(circle.group).values())


def test_all_members_of_the_group_can_read_an_attachment(
    ana: Sender, ben: Sender, circle: Circle
) -> None:
    answer(ana.send(PICTURE))
    answer(ana.send(SOUND))
    posted(ana.say(PICTURE, SOUND))
    [message] = documents(circle.ben, "message")
    picture, sound = message["attachments"]
    assert picture["sha256"] == sha256(PICTURE)
    assert (picture["kind"], picture["media_type"]) == ("image", "image/jpeg")
    assert (picture["width"], picture["height"], "duration_ms" in picture) == (40, 60, False)
    assert (sound["kind"], sound["media_type"]) == ("audio", "audio/ogg")
    assert 450 <= sound["duration_ms"] <= 650
    response = ben.read(PICTURE)
    assert response.status_code == 200
    assert len(response.content) == picture["size"]
    assert hashlib.sha256(response.content).hexdigest() == picture["content_sha256"]


def test_staff_reads_of_a_file_are_audited(ana: Sender, ben: Sender, circle: Circle) -> None:
    answer(ana.send(PICTURE))
    posted(ana.say(PICTURE))
    dana = Sender(circle.dana, ana.scope)
    assert dana.read(SOUND).status_code == 404
    for reader in (ben, dana):
        assert reader.read(PICTURE).status_code == 200
    set_actor(circle.dana.id)
    [event] = AuditEvent.objects.in_scope(circle.group).filter(outcome="read")
    [blob] = Blob.objects.in_scope(circle.group)
    assert (event.actor_id, event.action) == (circle.dana.id, "read blob")
    assert event.objects_touched == [["blob", str(blob.id), str(circle.group)]]


def test_a_file_changed_on_disk_is_not_served(ana: Sender, folder: Path) -> None:
    answer(ana.send(PICTURE))
    posted(ana.say(PICTURE))
    [file] = [path for path in folder.rglob("*") if path.is_file()]
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert code(ana.read(PICTURE)) == (404, "not_found")


def test_a_file_is_never_rendered_or_cached(ana: Sender) -> None:
    answer(ana.send(PICTURE))
    posted(ana.say(PICTURE))
    response = ana.read(PICTURE)
    assert response["Content-Type"] == "image/jpeg"
    assert response["Content-Disposition"] == "attachment"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("range_header", "first", "last"), [("bytes=0-99", 0, 99), ("bytes=100-", 100, None)]
)
def test_a_part_of_a_recording(
    ana: Sender, range_header: str, first: int, last: int | None
) -> None:
    answer(ana.send(SOUND))
    posted(ana.say(SOUND))
    whole = ana.read(SOUND).content
    part = ana.read(SOUND, Range=range_header)
    end = len(whole) - 1 if last is None else last
    assert (part.status_code, part.content) == (206, whole[first : end + 1])
    assert part["Content-Range"] == f"bytes {first}-{end}/{len(whole)}"


def test_a_part_beyond_the_end(ana: Sender) -> None:
    answer(ana.send(SOUND))
    posted(ana.say(SOUND))
    assert code(ana.read(SOUND, Range="bytes=99999999-")) == (416, "no_such_range")
    assert ana.read(SOUND, Range="lines=1-2").status_code == 200


def test_a_picture_needs_no_text_but_an_empty_message_is_refused(
    ana: Sender, circle: Circle
) -> None:
    answer(ana.send(PICTURE))
    posted(ana.say(PICTURE, text=""))
    before = everything(circle)
    assert code(ana.say(text="")) == (400, "invalid")
    assert everything(circle) == before


def test_strangers_and_members_without_a_message_get_the_same_404(
    ana: Sender, ben: Sender, cleo: Sender
) -> None:
    answer(ana.send(PICTURE))
    unsaid = ben.read(PICTURE)
    posted(ana.say(PICTURE))
    stranger, unknown = cleo.read(PICTURE), cleo.read(b"never sent")
    assert unsaid.status_code == 404
    assert unsaid.content == stranger.content == unknown.content == ana.read(b"never").content


def test_a_removed_member_reads_nothing_more(ana: Sender, ben: Sender, circle: Circle) -> None:
    """I8: what the phone still knows (hash, scope, a live token) is useless."""
    answer(ana.send(PICTURE))
    posted(ana.say(PICTURE))
    assert ben.read(PICTURE).status_code == 200
    act(circle.dana, "groups.remove_member", card=circle.card(circle.ben))
    for range_header in ("", "bytes=0-9"):
        assert code(ben.read(PICTURE, Range=range_header)) == (404, "not_found")
    assert ana.read(PICTURE).status_code == 200


def seen_at(message: str) -> dict[str, int]:
    """The `base` for an edit of this message."""
    entry = FeedEntry.objects.get(kind="message", object_id=message)
    return {f"message/{message}": entry.seq}


def test_a_later_member_gets_only_later_files(ana: Sender, circle: Circle) -> None:
    answer(ana.send(PICTURE))
    answer(ana.send(SOUND))
    first = str(posted(ana.say(PICTURE)))
    circle.bring_in("cleo")
    posted(ana.say(SOUND))
    act(circle.ana, "groups.edit_message", base=seen_at(first), message=first, text="see")
    newcomer = Sender(circle.cleo, ana.scope)
    assert newcomer.read(PICTURE).status_code == 404
    assert newcomer.read(SOUND).status_code == 200


def test_deleting_a_message_deletes_its_file(ana: Sender, ben: Sender, circle: Circle) -> None:
    answer(ana.send(PICTURE))
    message = posted(ana.say(PICTURE, text=""))
    answer(ana.do("groups.withdraw_message", {"message": str(message)}))
    assert [m["attachments"] for m in documents(circle.ben, "message")] == [[]]
    for reader in (ana, ben):
        assert code(reader.read(PICTURE)) == (404, "not_found")


def test_another_message_still_shows_it(ana: Sender, ben: Sender) -> None:
    answer(ana.send(PICTURE))
    first = posted(ana.say(PICTURE))
    posted(ana.say(PICTURE))
    answer(ana.do("groups.withdraw_message", {"message": str(first)}))
    assert ben.read(PICTURE).status_code == 200


def test_a_hash_alone_brings_nothing_back(ana: Sender, ben: Sender, circle: Circle) -> None:
    """Ben kept the hash of the file that Ana deleted, but never had its bytes."""
    answer(ana.send(PICTURE))
    message = posted(ana.say(PICTURE))
    answer(ana.do("groups.withdraw_message", {"message": str(message)}))
    before = everything(circle)
    refused = answer(ben.say(PICTURE), 409)
    assert (refused["code"], refused["missing"]) == ("blobs_missing", [sha256(PICTURE)])
    assert everything(circle) == before
    assert ben.read(PICTURE).status_code == 404


def test_a_message_waits_for_its_files(ana: Sender, circle: Circle) -> None:
    """The first attempt stores nothing, so the same request works once the file has arrived."""
    answer(ana.send(PICTURE))
    data: dict[str, Any] = {
        "id": "01a20000-0000-7000-8000-00000000000a",
        "group": str(circle.group),
    }
    data |= {"text": "two", "attachments": [sha256(PICTURE), sha256(SOUND)]}
    key = "01a20000-0000-7000-8000-00000000000b"
    before = everything(circle)
    refused = answer(ana.do("groups.post_message", data, key), 409)
    assert refused["missing"] == [sha256(SOUND)]
    assert everything(circle) == before
    answer(ana.send(SOUND))
    assert "dup" not in answer(ana.do("groups.post_message", data, key))


def test_a_queue_stops_at_a_message_whose_file_is_missing(ana: Sender, circle: Circle) -> None:
    ana.register()
    words: dict[str, Any] = {
        "id": "01a20000-0000-7000-8000-00000000000c",
        "group": str(circle.group),
    }
    first = mutation(1, "groups.post_message", words | {"text": "before"})
    words |= {"id": str(uuid7()), "attachments": [sha256(PICTURE)]}
    second = mutation(2, "groups.post_message", words | {"text": "with"})
    payload = answer(ana.push(first, second))
    assert [r["status"] for r in payload["results"]] == ["applied"]
    assert payload["stopped"].pop("problem")["code"] == "blobs_missing"
    assert payload["stopped"] == {
        "id": 2,
        "code": "blobs_missing",
        "retry_after_ms": 0,
        "missing": [sha256(PICTURE)],
    }
    answer(ana.send(PICTURE))
    assert [r["status"] for r in answer(ana.push(second))["results"]] == ["applied"]


def test_an_impossible_attachment_does_not_stop_the_queue(ana: Sender, circle: Circle) -> None:
    before = everything(circle)
    ana.send(b"<html>no picture")
    assert code(ana.say(b"<html>no picture")) == (409, "not_understood")
    assert everything(circle) == before


def test_a_file_of_another_scope_is_not_found(ana: Sender, circle: Circle) -> None:
    answer(ana.send(PICTURE))
    pair = Sender(circle.ana, f"pair:{connect(circle)}")
    assert code(pair.say(PICTURE)) == (409, "blobs_missing")
    answer(pair.send(PICTURE))
    posted(pair.say(PICTURE))
    other = Sender(circle.ben, pair.scope)
    assert other.read(PICTURE).status_code == 200
    assert Sender(circle.dana, pair.scope).read(PICTURE).status_code == 404
    assert Sender(circle.dana, ana.scope).read(PICTURE).status_code == 404, "nothing shows it there"


def test_a_member_who_joins_after_the_feed_was_trimmed_gets_no_old_file(
    ana: Sender, circle: Circle
) -> None:
    """Without the document, only the scope's numbering shows who was a member then."""
    answer(ana.send(PICTURE))
    posted(ana.say(PICTURE))
    circle.bring_in("cleo")
    set_actor(circle.dana.id)
    BlobUse.objects.in_scope(circle.group).update(by_kind="forgotten")
    hash_ = bytes.fromhex(sha256(PICTURE))
    set_actor(circle.ben.id)
    assert readable(circle.group, circle.ben.id, hash_) is not None
    set_actor(circle.cleo.id)
    assert readable(circle.group, circle.cleo.id, hash_) is None
