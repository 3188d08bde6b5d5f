"""A member joins while another leaves or posts. Earlier messages stay hidden from the new member,
whichever transaction commits first."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from recovery.feed import scopes
from recovery.feed.collect import Collection, collecting
from recovery.feed.flush import flush
from tests.at_once import at_once, wait_for_a_lock
from tests.cast import NOW, Circle, ReferencePhone, act
from tests.feed.circle import edit, frames_of, open_circle, say
from tests.roles import set_scene

pytestmark = pytest.mark.usefixtures("committed_db")


@contextmanager
def cleo_joins(circle: Circle) -> Iterator[Collection]:
    """Cleo joins. The transaction is still open inside the block."""
    cleo = circle.cleo
    with transaction.atomic(), collecting() as joining, set_scene():
        scopes.grant(circle.group, cleo.id, "member", from_now=True)
        yield joining


def flush_join(joining: Collection) -> None:
    flush(joining, author_id=None, now=NOW, origin=[])


def leave(circle: Circle, user: Any) -> None:
    try:
        act(user, "groups.leave", group=circle.group)
    finally:
        connection.close()


def test_leaving_while_another_joins_does_not_reveal_earlier_messages() -> None:
    circle = open_circle()
    old, ana = say(circle, circle.ben, "before"), circle.ana
    with ThreadPoolExecutor(1) as thread:
        with cleo_joins(circle) as joining:
            flush_join(joining)
            leaving = thread.submit(leave, circle, ana)
            wait_for_a_lock(leaving)
        leaving.result()
    [frame] = frames_of(circle, lambda: edit(circle, circle.ben, old, "not for Cleo"))
    assert set(frame) == {"t", "s", "from", "to"}


def test_a_message_posted_before_the_join_commits_counts_as_earlier() -> None:
    """It is posted between the grant and the row lock that the flush takes."""
    circle = open_circle()
    with cleo_joins(circle) as joining:
        at_once(lambda: say(circle, circle.ben, "not for Cleo"))
        flush_join(joining)
    say(circle, circle.ben, "welcome")
    late = ReferencePhone(circle.cleo, pulled=True)
    assert late.messages(circle.group) == ["welcome"]
