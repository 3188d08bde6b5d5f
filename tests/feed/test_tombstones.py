"""Tombstones are deleted after 90 days. A phone that missed one still converges."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.db.models import Q
from uuid_utils.compat import uuid7

from recovery.conversations.models import ReadMarker
from recovery.feed import jobs, tombstones, upkeep
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.flush import flush
from recovery.feed.models import FeedEntry, Scope
from recovery.signin.models import User
from tests.at_once import at_once
from tests.cast import NOW, ReferencePhone, make_user
from tests.roles import as_role
from tests.servers import owner_url

pytestmark = pytest.mark.usefixtures("committed_db")
LONG_AGO = NOW - timedelta(days=120)
RECENTLY = NOW - timedelta(days=89)


def collect(now: datetime = NOW, **options: Any) -> int:
    with as_role("jobs"):
        return tombstones.collect(now, **options)


def change(
    user: User, *, put: Iterable[uuid.UUID] = (), delete: Iterable[uuid.UUID] = (), at: datetime
) -> None:
    """Put and delete documents in the user's own scope, as the flush of an action does."""
    with transaction.atomic(), collecting() as collection:
        set_actor(user.id)
        for id_ in put:
            row = ReadMarker(id=id_, scope_id=user.id, read_scope_id=user.id, seq=1)
            collection.rows[(user.id, "read_marker", id_)] = row
        for id_ in delete:
            collection.rows[(user.id, "read_marker", id_)] = None
        flush(collection, author_id=user.id, now=at, origin=[])


def live_seqs(user: User) -> dict[str, int]:
    """The seq of each live document in the user's own scope on the server, by id."""
    with transaction.atomic():
        set_actor(user.id)
        entries = FeedEntry.objects.filter(scope_id=user.id, deleted=False)
        return {str(entry.object_id): entry.seq for entry in entries}


def ids(n: int) -> list[uuid.UUID]:
    return [uuid7() for _ in range(n)]


def floor(user: User) -> int:
    with transaction.atomic():
        set_actor(user.id)
        return Scope.objects.get(id=user.id).floor


def tombstone_seqs(user: User) -> list[int]:
    """The seqs of the remaining tombstones."""
    with transaction.atomic():
        set_actor(user.id)
        tombstones = FeedEntry.objects.filter(scope_id=user.id, deleted=True)
        return sorted(tombstones.values_list("seq", flat=True))


@pytest.fixture
def user() -> User:
    """Three documents: the first was deleted long ago, the second recently."""
    user, documents = make_user(), ids(3)
    change(user, put=documents, at=LONG_AGO)
    change(user, delete=documents[:1], at=LONG_AGO)
    change(user, delete=documents[1:2], at=RECENTLY)
    return user


def test_only_old_tombstones_are_collected(user: User) -> None:
    before = live_seqs(user)
    assert tombstone_seqs(user) == [4, 5]
    assert collect() == 1
    assert (tombstone_seqs(user), floor(user), live_seqs(user)) == ([5], 4, before)
    assert collect() == 0
    assert (tombstone_seqs(user), floor(user)) == ([5], 4)


def test_a_document_that_was_put_back_is_not_a_tombstone() -> None:
    user, [id_] = make_user(), ids(1)
    change(user, put=[id_], at=LONG_AGO)
    change(user, delete=[id_], at=LONG_AGO)
    change(user, put=[id_], at=LONG_AGO)
    assert collect() == 0
    assert (list(live_seqs(user)), floor(user)) == ([str(id_)], 0)


def test_many_tombstones_are_collected_in_batches() -> None:
    user, documents = make_user(), ids(25)
    change(user, put=documents, at=LONG_AGO)
    change(user, delete=documents, at=LONG_AGO)
    assert collect(batch=10) == 25
    assert (tombstone_seqs(user), floor(user)) == ([], 50)


def test_only_a_phone_that_missed_a_tombstone_is_swept() -> None:
    user, documents = make_user(), ids(3)
    change(user, put=documents, at=LONG_AGO)
    away, near = ReferencePhone(user, pulled=True), ReferencePhone(user)
    change(user, delete=documents[:1], at=LONG_AGO)
    near.pull()
    collect()
    change(user, put=ids(1), at=NOW)
    mine = f"person:{user.id}"
    assert away.pull() == [f"{mine} sweep"]
    assert near.pull() == []
    assert away.seqs(mine) == near.seqs(mine) == live_seqs(user)


def test_a_phone_in_the_middle_of_paging_is_not_reset_for_documents_it_never_had() -> None:
    """Its `base` shows that it started paging after those documents were deleted."""
    user, documents = make_user(), ids(9)
    change(user, put=documents, at=LONG_AGO)
    change(user, delete=documents[:3], at=LONG_AGO)
    phone = ReferencePhone(user, page=2)
    assert phone.pull_page()["scopes"][0]["reset"] == "sweep"
    assert collect() == 3
    assert phone.pull() == []
    assert phone.seqs(f"person:{user.id}") == live_seqs(user)


def test_paging_ends_even_if_a_tombstone_is_collected_at_every_page() -> None:
    """I12, with collections far more frequent than in production. Each resets a phone at most
    once."""
    user, documents = make_user(), ids(20)
    change(user, put=documents, at=LONG_AGO)
    phone, pages, writes = ReferencePhone(user, page=4), 0, 0
    more = True
    while more:
        more = phone.pull_page()["has_more"]
        pages += 1
        if writes < 8:
            change(user, delete=[documents[writes]], at=LONG_AGO)
            assert collect() == 1
            writes += 1
        assert pages <= (20 / 4 + 2) * (writes + 1)
    phone.pull()
    assert phone.seqs(f"person:{user.id}") == live_seqs(user)


def test_a_forged_base_is_not_trusted() -> None:
    """Otherwise the phone would never be sent a deletion again."""
    user, documents = make_user(), ids(2)
    change(user, put=documents, at=LONG_AGO)
    phone = ReferencePhone(user, pulled=True)
    mine = f"person:{user.id}"
    with phone.answers.store.transaction():
        [seq, _, granted] = phone.answers.cache.cursor()["scopes"][mine]
        phone.answers.cache.set_position(mine, [seq, 10**9, granted], complete=True)
    change(user, delete=documents[:1], at=LONG_AGO)
    assert phone.pull() == [f"{mine} sweep"]
    assert phone.seqs(mine) == live_seqs(user)


def test_writers_readers_and_the_collection_run_concurrently() -> None:
    """Whatever the order, a phone that reads to the end afterwards holds what the server holds."""
    user, documents = make_user(), ids(12)
    change(user, put=documents, at=LONG_AGO)
    quiet = Barrier(5, timeout=60)

    def write(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(40):
            picked = rng.sample(documents, 2)
            change(user, put=picked[:1], delete=picked[1:], at=LONG_AGO)
        quiet.wait()

    def forget() -> None:
        with as_role("jobs"):
            while quiet.n_waiting < 4:
                _collect(user)
        quiet.wait()

    def follow() -> dict[str, int | None]:
        phone = ReferencePhone(user, page=3)
        for _ in range(30):
            phone.pull_page()
        quiet.wait()
        phone.pull()
        return phone.seqs(f"person:{user.id}")

    *_, one, two = at_once(lambda: write(1), lambda: write(2), forget, follow, follow)
    assert one == two == live_seqs(user)
    assert floor(user) > 0


def _collect(user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT collect_tombstones(%s, %s, 3)", [user.id, NOW])


def test_a_locked_scope_does_not_block_the_others() -> None:
    busy, free = sorted((make_user(), make_user()), key=lambda user: user.id)
    for user in (busy, free):
        documents = ids(2)
        change(user, put=documents, at=LONG_AGO)
        change(user, delete=documents, at=LONG_AGO)
    with psycopg.connect(owner_url(connection.settings_dict["NAME"])) as other:
        other.execute("SELECT FROM recovery_scope WHERE id = %s FOR NO KEY UPDATE", [busy.id])
        with as_role("jobs"):
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                tombstones.collect(NOW)
    assert (len(tombstone_seqs(busy)), tombstone_seqs(free)) == (2, [])
    assert collect() == 2


def test_scopes_are_listed_across_pages() -> None:
    users = {make_user().id for _ in range(5)}
    with as_role("jobs"):
        listed = [scope.id for scope in upkeep.scopes(Q(kind="person"), page=2)]
    assert users <= set(listed)
    assert listed == sorted(set(listed))


def test_the_nightly_job_collects_tombstones() -> None:
    user, documents = make_user(), ids(2)
    change(user, put=documents, at=LONG_AGO)
    change(user, delete=documents, at=LONG_AGO)
    with as_role("jobs"):
        jobs.collect_tombstones(0)
    assert tombstone_seqs(user) == []


def test_the_app_role_may_not_collect_tombstones(user: User) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        _collect(user)
