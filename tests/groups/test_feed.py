"""After every action in groups and alumni, the feed still matches the rows."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from recovery.feed import rebuild
from tests.alumni.pairs import KIND, accept, ask, side
from tests.cast import act, documents, make_circle
from tests.roles import as_role


def test_the_feed_is_the_projection_of_the_rows(committed_db: None) -> None:
    circle = make_circle()
    ana, ben, dana = circle.ana, circle.ben, circle.dana
    message, current, line = (str(uuid7()) for _ in range(3))
    group: dict[str, Any] = {"group": circle.group}
    act(ana, "groups.post_message", **group | {"id": message, "text": "canary"})
    act(ana, "groups.withdraw_message", message=message)
    act(dana, "groups.open_round", **group | {"id": current, "on_date": "2026-03-02"})
    act(ana, "groups.add_line", id=line, round=current, kind="plan", text="Walk")
    act(ben, "groups.support_line", id=uuid7(), line=line, word="with_you")
    act(ben, "groups.mark_read", **group | {"seq": 3})
    with transaction.atomic():
        ask(circle, ana, ben)
        pair = accept(ben).data["pair"]
    act(ana, "alumni.post_message", id=uuid7(), pair=pair, text="hi")
    blocked = act(ben, "alumni.block_person", card=circle.card(ana))
    act(ben, "alumni.unblock_person", **blocked.data or {})
    act(ana, "groups.leave", **group)
    with transaction.atomic():
        assert side(ana)["state"] == "ended"
        assert {c["state"] for c in documents(ben, "consent") if c["kind"] == KIND} == {"revoked"}
    with as_role("jobs"):
        unpublished = {difference.kind for difference in rebuild.differences()}
    # The factory inserts these directly, without publishing them.
    assert unpublished == {"programme", "care_record"}
