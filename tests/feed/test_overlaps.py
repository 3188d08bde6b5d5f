"""Somebody comes while somebody else goes or speaks: what was said before stays with those to
whom it was said, whichever transaction overtakes the other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction

from recovery.feed import scopes
from recovery.feed.collect import Collection, collecting
from recovery.feed.context import set_actor
from recovery.feed.flush import flush
from tests.at_once import at_once, wait_for_a_lock
from tests.cast import NOW, Circle, act
from tests.feed.circle import edit, frames_of, messages, open_circle, say
from tests.feed.reader import Reader

pytestmark = pytest.mark.usefixtures("committed_db")


@contextmanager
def cedar_comes(circle: Circle) -> Iterator[Collection]:
    """The transaction in which Cleo joins, still open inside."""
    cleo = circle.cleo
    with transaction.atomic(), collecting() as coming:
        set_actor(circle.dana.id)
        scopes.grant(circle.group, cleo.id, "member", from_now=True)
        yield coming


def end(coming: Collection) -> None:
    flush(coming, author_id=None, now=NOW, origin=[])


def leave(circle: Circle, user: Any) -> None:
    try:
        act(user, "groups.leave", group=circle.group)
    finally:
        connection.close()


def test_who_leaves_while_somebody_comes_does_not_unveil_what_was_said_before() -> None:
    circle = open_circle()
    old, ana = say(circle, circle.ben, "before"), circle.ana
    with ThreadPoolExecutor(1) as thread:
        with cedar_comes(circle) as coming:
            end(coming)
            leaving = thread.submit(leave, circle, ana)
            wait_for_a_lock(leaving)
        leaving.result()
    [frame] = frames_of(circle, lambda: edit(circle, circle.ben, old, "not for Cleo"))
    assert set(frame) == {"t", "s", "from", "to"}


def test_what_is_said_before_the_coming_is_over_was_said_before() -> None:
    """Between the grant and the lock that the flush takes."""
    circle = open_circle()
    with cedar_comes(circle) as coming:
        at_once(lambda: say(circle, circle.ben, "not for Cleo"))
        end(coming)
    say(circle, circle.ben, "welcome")
    late = Reader(circle.cleo)
    late.read()
    assert messages(late, circle) == ["welcome"]
