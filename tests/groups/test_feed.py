"""What is on phones is exactly what the rows say, after everything that can happen here."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.feed import rebuild
from tests.alumni.pairs import KIND, accept, ask, side
from tests.factories.peers import act, make_circle, seen
from tests.roles import as_role


def test_the_feed_is_the_projection_of_the_rows(committed_db: None) -> None:
    circle = make_circle()
    ash, birch, dana = circle.ash, circle.birch, circle.dana
    said, current, line = (str(uuid7()) for _ in range(3))
    group: dict[str, Any] = {"group": circle.group}
    act(ash, "groups.post_message", group | {"id": said, "text": "canary"})
    act(ash, "groups.withdraw_message", {"message": said})
    act(dana, "groups.open_round", group | {"id": current, "on_date": "2026-03-02"})
    act(ash, "groups.add_line", {"id": line, "round": current, "kind": "plan", "text": "Walk"})
    act(birch, "groups.support_line", {"id": uuid7(), "line": line, "word": "with_you"})
    act(birch, "groups.mark_read", group | {"seq": 3})
    with transaction.atomic():
        ask(circle, ash, birch)
        pair = accept(birch).data["pair"]
    act(ash, "alumni.post_message", {"id": uuid7(), "pair": pair, "text": "hi"})
    blocked = act(birch, "alumni.block_person", {"card": circle.card(ash)})
    act(birch, "alumni.unblock_person", blocked.data or {})
    act(ash, "groups.leave", group)
    with transaction.atomic():
        assert side(ash)["state"] == "ended"
        assert {c["state"] for c in seen(birch, "consent") if c["kind"] == KIND} == {"revoked"}
    with as_role("jobs"):
        unpublished = {found.kind for found in rebuild.differences()}
    # The factory puts these straight into their tables.
    assert unpublished == {"programme", "care_record"}
