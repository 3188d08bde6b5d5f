"""A file arrives in pieces, resumes where it stopped, and is stored whole or not at all."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from recovery.blobs.models import Blob, Upload
from recovery.blobs.rules import LARGEST, MOST_UNFINISHED, PIECE
from recovery.feed.context import set_actor
from tests.blobs import samples
from tests.blobs.people import Sender, code, posted, sha256
from tests.cast import Circle, act, answer


def stored(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def blobs(circle: Circle) -> list[Blob]:
    set_actor(circle.dana.id)
    return list(Blob.objects.in_scope(circle.group))


def uploads(sender: Sender) -> list[Upload]:
    set_actor(sender.user.id)
    return list(Upload.objects.in_scope(sender.user.id))


def test_a_picture_in_pieces_is_stored_once_complete(ana: Sender, circle: Circle) -> None:
    picture = samples.noise(1)
    assert len(picture) > 2 * PIECE
    upload = answer(ana.declare(picture))
    assert upload == {
        "upload": str(uploads(ana)[0].id),
        "offset": 0,
        "piece_bytes": PIECE,
        "complete": False,
    }
    for offset in range(0, len(picture), PIECE):
        assert blobs(circle) == []
        upload = answer(ana.piece(upload["upload"], offset, picture[offset : offset + PIECE]))
    assert (upload["offset"], upload["complete"]) == (len(picture), True)
    [blob] = blobs(circle)
    assert bytes(blob.sha256).hex() == sha256(picture)
    assert (blob.kind, blob.media_type, blob.width, blob.height) == ("image", "image/png", 900, 700)


def test_an_upload_resumes_where_it_stopped(ana: Sender, circle: Circle) -> None:
    picture = samples.noise(2)
    upload = answer(ana.declare(picture))["upload"]
    answer(ana.piece(upload, 0, picture[:PIECE]))
    payload = answer(ana.declare(picture))
    assert (payload["upload"], payload["offset"], payload["complete"]) == (upload, PIECE, False)
    assert answer(ana.send(picture))["complete"]
    assert len(blobs(circle)) == 1


def test_a_repeated_piece_returns_the_next_offset(ana: Sender) -> None:
    """The answer to the first attempt was lost."""
    picture = samples.noise(3)
    upload = answer(ana.declare(picture))["upload"]
    answer(ana.piece(upload, 0, picture[:PIECE]))
    again = answer(ana.piece(upload, 0, picture[:PIECE]), 409)
    assert (again["code"], again["offset"]) == ("offset_mismatch", PIECE)
    assert uploads(ana)[0].received == PIECE


def test_a_repeated_last_piece_gets_the_same_answer(ana: Sender, circle: Circle) -> None:
    picture = samples.jpeg()
    upload = answer(ana.declare(picture))["upload"]
    first = answer(ana.piece(upload, 0, picture))
    assert answer(ana.piece(upload, 0, picture)) == first
    assert len(blobs(circle)) == 1


@pytest.mark.parametrize("length", [1, PIECE - 1])
def test_a_piece_of_another_length_is_refused(ana: Sender, folder: Path, length: int) -> None:
    picture = samples.noise(4)
    upload = answer(ana.declare(picture))["upload"]
    refused = answer(ana.piece(upload, 0, picture[:length]), 400)
    assert (refused["code"], refused["bytes"]) == ("piece_length", PIECE)
    assert (uploads(ana)[0].received, stored(folder)) == (0, [])


def test_bytes_other_than_declared_restart_the_upload(ana: Sender, circle: Circle) -> None:
    picture, other = samples.noise(5), samples.noise(6)
    upload = answer(ana.declare(picture))["upload"]
    answer(ana.piece(upload, 0, other[:PIECE]))
    for offset in range(PIECE, len(picture), PIECE):
        last = ana.piece(upload, offset, picture[offset : offset + PIECE])
    refused = answer(last, 409)
    assert (refused["code"], refused["offset"]) == ("offset_mismatch", 0)
    assert blobs(circle) == []
    assert answer(ana.send(picture))["complete"]


def test_an_unknown_format_is_refused_permanently(
    ana: Sender, circle: Circle, folder: Path
) -> None:
    page = b"<html>" + b"\0" * 2000
    assert code(ana.send(page)) == (422, "not_understood")
    assert code(ana.declare(page)) == (422, "not_understood")
    assert (blobs(circle), stored(folder)) == ([], [])


@pytest.mark.parametrize("size", [0, LARGEST + 1, "1", None])
def test_invalid_sizes(ana: Sender, size: Any) -> None:
    assert code(ana.declare(b"x", size=size)) == (400, "invalid")
    assert uploads(ana) == []


@pytest.mark.parametrize("sha256", ["", "ab", "Z" * 64, "A" * 64, 7, None])
def test_invalid_hashes(ana: Sender, sha256: Any) -> None:
    assert code(ana.declare(b"x", sha256=sha256)) == (400, "invalid")
    assert uploads(ana) == []


def test_another_size_for_the_same_hash_restarts_the_upload(ana: Sender) -> None:
    picture = samples.noise(7)
    upload = answer(ana.declare(picture))["upload"]
    answer(ana.piece(upload, 0, picture[:PIECE]))
    assert answer(ana.declare(picture, size=len(picture) - 1))["offset"] == 0


@pytest.mark.parametrize(
    "scope",
    ["group:{cleo}", "group:01a20000-0000-7000-8000-000000000001", "nothing", "program:{home}"],
)
def test_a_scope_without_uploads_looks_like_an_unknown_one(
    ana: Sender, cleo: Sender, circle: Circle, scope: str
) -> None:
    """This includes the person's own and the programme's scope, where nothing shows pictures."""
    name = scope.format(cleo=cleo.user.id, home=circle.programme.id)
    refused = ana.declare(b"x", scope=name)
    assert code(refused) == (404, "not_found")
    assert refused.content == cleo.declare(b"x").content
    assert (uploads(ana), uploads(cleo)) == ([], [])


def test_another_persons_upload_cannot_be_continued(ana: Sender, ben: Sender) -> None:
    picture = samples.noise(8)
    upload = answer(ana.declare(picture))["upload"]
    answer(ana.piece(upload, 0, picture[:PIECE]))
    refused = ben.piece(upload, PIECE, picture[PIECE : 2 * PIECE])
    unknown = ben.piece(str(uuid7()), PIECE, picture[PIECE : 2 * PIECE])
    assert (refused.status_code, refused.content) == (404, unknown.content)
    assert uploads(ana)[0].received == PIECE
    assert answer(ben.declare(picture))["offset"] == 0


def test_a_removed_member_cannot_continue_an_upload(
    ana: Sender, circle: Circle, folder: Path
) -> None:
    picture = samples.noise(9)
    upload = answer(ana.declare(picture))["upload"]
    answer(ana.piece(upload, 0, picture[:PIECE]))
    before = stored(folder)
    act(circle.dana, "groups.remove_member", card=circle.card(circle.ana))
    assert code(ana.piece(upload, PIECE, picture[PIECE : 2 * PIECE])) == (404, "not_found")
    assert code(ana.declare(picture)) == (404, "not_found")
    assert stored(folder) == before


def test_two_members_who_send_the_same_bytes_share_one_file(
    ana: Sender, ben: Sender, circle: Circle, folder: Path
) -> None:
    picture = samples.jpeg()
    answer(ana.send(picture))
    assert not answer(ben.declare(picture))["complete"], "nobody learns what others sent"
    assert answer(ben.send(picture))["complete"]
    assert len(blobs(circle)) == len(stored(folder)) == 1


def test_files_are_encrypted_at_rest(ana: Sender, circle: Circle, folder: Path) -> None:
    picture = samples.noise(10)
    upload = answer(ana.declare(picture))["upload"]
    answer(ana.piece(upload, 0, picture[:PIECE]))
    [piece] = stored(folder)
    assert picture[100:200] not in piece.read_bytes()
    answer(ana.send(picture))
    [file] = stored(folder)
    # Eight bytes, because three may be there by chance.
    assert b"\x89PNG\r\n\x1a\n" not in file.read_bytes()
    path_parts = f"{file}{circle.group}{sha256(picture)}"
    assert file.name == str(blobs(circle)[0].id)
    assert hashlib.sha256(picture).hexdigest() not in str(file.relative_to(folder)), path_parts


def test_unfinished_uploads_are_limited(ana: Sender) -> None:
    for number in range(MOST_UNFINISHED):
        answer(ana.declare(b"%d" % number))
    refused = ana.declare(b"one more")
    assert code(refused) == (429, "slow_down")
    assert refused["Retry-After"] == "60"
    assert len(uploads(ana)) == MOST_UNFINISHED
    assert answer(ana.declare(b"0"))["offset"] == 0


def test_a_full_disk_is_reported_and_loses_nothing(
    ana: Sender, folder: Path, settings: Any
) -> None:
    picture = samples.jpeg()
    upload = answer(ana.declare(picture))["upload"]
    options = {"OPTIONS": {"location": str(folder), "reserve": 2**60}}
    full = settings.STORAGES | {"blobs": settings.STORAGES["blobs"] | options}
    roomy, settings.STORAGES = settings.STORAGES, full
    refused = ana.piece(upload, 0, picture)
    assert code(refused) == (507, "no_room")
    assert refused["Retry-After"] == "600"
    assert (uploads(ana)[0].received, stored(folder)) == (0, [])
    settings.STORAGES = roomy
    assert answer(ana.send(picture))["complete"]


def test_a_piece_is_bytes_with_upload_headers(ana: Sender) -> None:
    response = ana.post("/api/v1/blobs/pieces", {"offset": 0})
    assert code(response) == (415, "not_bytes")
    assert code(ana.piece("nonsense", 0, b"x")) == (400, "invalid")
    assert code(ana.piece(str(uuid7()), -1, b"x")) == (400, "invalid")


def test_a_file_lost_on_disk_is_sent_again(
    ana: Sender, ben: Sender, circle: Circle, folder: Path
) -> None:
    picture = samples.jpeg()
    answer(ana.send(picture))
    answer(ben.send(picture))
    posted(ana.say(picture))
    [file] = stored(folder)
    file.unlink()
    assert ben.read(picture).status_code == 404
    upload = answer(ana.declare(picture))
    assert (upload["offset"], upload["complete"]) == (0, False)
    assert answer(ana.send(picture))["complete"]
    assert (stored(folder), len(blobs(circle))) == ([file], 1)
    assert ben.read(picture).status_code == 200


def test_an_unwritable_disk_is_not_reported_as_full(ana: Sender, folder: Path) -> None:
    picture = samples.jpeg()
    upload = answer(ana.declare(picture))["upload"]
    folder.write_text("in the way")
    assert code(ana.piece(upload, 0, picture)) == (503, "maintenance")
    folder.unlink()
    assert uploads(ana)[0].received == 0
    assert answer(ana.send(picture))["complete"]


def test_a_wrong_declared_length_can_be_corrected(ana: Sender) -> None:
    picture = samples.noise(11)
    answer(ana.declare(picture, size=len(picture) - 1))
    answer(ana.declare(picture))
    assert uploads(ana)[0].size == len(picture)
    assert answer(ana.send(picture))["complete"]
    assert answer(ana.declare(picture, size=1))["complete"], "whose bytes are known"
