"""The collector deletes exactly the files that nothing refers to."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from recovery.blobs import jobs
from recovery.blobs.models import Blob, BlobUse, Upload
from recovery.feed.context import set_actor
from tests.alumni.pairs import connect, side
from tests.blobs import samples
from tests.blobs.people import Sender, posted
from tests.cast import Circle, act, answer, make_circle
from tests.roles import as_role

OLD = timezone.now() - timedelta(days=2)
YOUNG = timezone.now() - timedelta(hours=2)
SHOWN, UNUSED, UNFINISHED = samples.jpeg(), samples.png(), samples.noise(20)


@pytest.fixture
def ana(committed_db: None, folder: Path) -> Sender:
    circle = make_circle()
    ana = Sender(circle.ana, f"group:{circle.group}")
    answer(ana.send(SHOWN))
    posted(ana.say(SHOWN))
    answer(ana.send(UNUSED))
    upload = answer(ana.declare(UNFINISHED))
    answer(ana.piece(upload["upload"], 0, UNFINISHED[: upload["piece_bytes"]]))
    ana.circle = circle  # type: ignore[attr-defined]
    return ana


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def age(folder: Path, when: datetime) -> None:
    """Date everything as if it had arrived at `when`."""
    with as_role("jobs"):
        Blob.objects.update(stored_at=when)
        Upload.objects.update(touched_at=when)
    for path in files(folder):
        os.utime(path, (when.timestamp(), when.timestamp()))


def collect() -> tuple[int, int, int]:
    with as_role("jobs"):
        jobs.collect(0)
        return Blob.objects.count(), BlobUse.objects.count(), Upload.objects.count()


def test_nothing_is_deleted_within_a_day(ana: Sender, folder: Path) -> None:
    age(folder, YOUNG)
    before = files(folder)
    assert collect() == (2, 1, 3)
    assert files(folder) == before


def test_after_a_day_only_attached_files_stay(ana: Sender, folder: Path) -> None:
    age(folder, OLD)
    assert collect() == (1, 1, 0)
    assert len(files(folder)) == 1
    assert ana.read(SHOWN).status_code == 200
    assert answer(ana.declare(UNUSED))["offset"] == 0
    assert answer(ana.declare(UNFINISHED))["offset"] == 0


def test_a_collected_file_is_sent_again(ana: Sender, folder: Path) -> None:
    """The phone was offline for days between sending the file and sending the message."""
    age(folder, OLD)
    collect()
    assert answer(ana.say(UNUSED), 409)["code"] == "blobs_missing"
    answer(ana.send(UNUSED))
    posted(ana.say(UNUSED))


def test_strays_of_a_crash_are_deleted_after_a_day(ana: Sender, folder: Path) -> None:
    stray = folder / "ab" / str(uuid7())
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"half")
    collect()
    assert stray.exists()
    os.utime(stray, (OLD.timestamp(), OLD.timestamp()))
    collect()
    assert not stray.exists()


def test_a_pairs_files_are_deleted_when_it_ends(ana: Sender, folder: Path) -> None:
    circle: Circle = ana.circle  # type: ignore[attr-defined]
    with transaction.atomic():
        pair = Sender(circle.ana, f"pair:{connect(circle)}")
    answer(pair.send(SHOWN))
    posted(pair.say(SHOWN))
    before = len(files(folder))
    with transaction.atomic():
        set_actor(circle.ana.id)
        mine = side(circle.ana)["id"]
    act(circle.ana, "alumni.end_connection", connection=mine)
    assert pair.read(SHOWN).status_code == 404
    with as_role("jobs"), connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'blobs.empty_scope'")
        [(arguments,)] = cursor.fetchall()
    with as_role("jobs"):
        jobs.empty_scope(**json.loads(arguments))
    assert len(files(folder)) == before - 1
    assert ana.read(SHOWN).status_code == 200


def test_a_scope_without_members_keeps_no_files(ana: Sender, folder: Path) -> None:
    circle: Circle = ana.circle  # type: ignore[attr-defined]
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recovery_membership SET role = 'gone', held = true WHERE scope_id = %s",
            [circle.group],
        )
    assert collect()[:2] == (0, 0)
    assert len(files(folder)) == 1  # of the upload, which may continue for a day
