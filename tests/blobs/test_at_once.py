"""Concurrent uploads from several phones, or twice from one."""

from __future__ import annotations

from pathlib import Path

import pytest

from recovery.blobs.models import Blob, Upload
from tests.at_once import at_once
from tests.blobs import samples
from tests.blobs.people import Sender
from tests.cast import Circle, make_circle
from tests.roles import as_role

PICTURE = samples.noise(40)
# Another piece came first, or the machine is too busy to look at the file. Phones retry both.
RETRIED = {409, 503}


@pytest.fixture
def circle(committed_db: None, folder: Path) -> Circle:
    return make_circle()


def stored(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def rows() -> tuple[int, int]:
    with as_role("jobs"):
        return Blob.objects.count(), Upload.objects.count()


def test_members_who_send_the_same_picture_share_one_file(circle: Circle, folder: Path) -> None:
    senders = [Sender(user, f"group:{circle.group}") for user in (circle.ana, circle.ben)]
    answers = at_once(*[lambda s=sender: s.send(PICTURE) for sender in senders])
    assert {reply.status_code for reply in answers} <= {200, *RETRIED}
    assert all(sender.send(PICTURE).json()["complete"] for sender in senders)
    assert (rows(), stored(folder)) == ((1, 2), 1)


def test_two_phones_of_one_person_continue_each_others_upload(circle: Circle, folder: Path) -> None:
    """One phone gets the other's offset and continues from there."""
    phones = [Sender(circle.ana, f"group:{circle.group}") for _ in range(2)]
    answers = at_once(*[lambda p=phone: p.send(PICTURE) for phone in phones])
    assert {reply.status_code for reply in answers} <= {200, *RETRIED}
    assert phones[0].send(PICTURE).json()["complete"]
    assert (rows(), stored(folder)) == ((1, 1), 1)


def test_the_last_piece_sent_twice_at_once_makes_one_file(circle: Circle, folder: Path) -> None:
    ana = Sender(circle.ana, f"group:{circle.group}")
    picture = samples.jpeg()
    upload = ana.declare(picture).json()["upload"]
    answers = at_once(*[lambda: ana.piece(upload, 0, picture) for _ in range(4)])
    assert {reply.status_code for reply in answers} <= {200, *RETRIED}
    assert ana.declare(picture).json()["complete"]
    assert (rows(), stored(folder)) == ((1, 1), 1)
