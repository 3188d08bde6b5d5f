"""How pending mutations are shown."""

from typing import Any

import pytest

from clients.phone.answers import Answers
from tests.clients.phone.pages import GROUP, message, mutation, page, part, phone_memory, take


def post(args: dict[str, Any]) -> tuple[str, str, str, dict[str, Any]]:
    return GROUP, "message", args["id"], {"text": args["text"]}


@pytest.fixture
def memory() -> Answers:
    memory = phone_memory()
    memory.overlay.projections = {"groups.post": post}
    return memory


def texts(memory: Answers) -> list[tuple[str, bool]]:
    return [(d["text"], d.pending) for d in memory.overlay.read("message", GROUP)]


def test_a_pending_action_shows_at_once_after_confirmed_documents(memory):
    take(memory, page(part(GROUP, 1, [message("a", 1, "first")], reset="sweep")))
    memory.queue(mutation("u", id="b", text="mine"))
    assert texts(memory) == [("first", False), ("mine", True)]


def test_it_stays_until_the_server_confirms_it(memory):
    memory.queue(mutation("u", id="b", text="mine"))
    take(memory, page(part(GROUP, 1, [message("a", 1, "first")], reset="sweep")))
    assert texts(memory) == [("first", False), ("mine", True)]
    confirmed = part(GROUP, 2, [message("b", 2, "mine")])
    take(memory, page(confirmed, lmid={"main": 1}))
    assert texts(memory) == [("first", False), ("mine", False)]


def test_a_refused_action_stops_showing(memory):
    take(memory, page(part(GROUP, 1, [message("a", 1, "first")], reset="sweep")))
    memory.queue(mutation("u", id="a", text="changed"))
    assert texts(memory) == [("changed", True)]
    refusal = {"id": 1, "lane": "main", "status": "rejected", "code": "conflict"}
    take(memory, page(lmid={"main": 1}, results=[refusal]))
    assert texts(memory) == [("first", False)]


def test_its_fields_override_the_newest_confirmed_document(memory):
    memory.overlay.projections = {"x": lambda args: (GROUP, "message", "a", args)}
    take(memory, page(part(GROUP, 1, [message("a", 1, "first")], reset="sweep")))
    memory.queue(mutation("u", action="x", mood=3))
    memory.queue(mutation("v", action="x", note="so"))
    take(memory, page(part(GROUP, 2, [message("a", 2, "second")])))
    (document,) = memory.overlay.read()
    assert document.body == {"text": "second", "mood": 3, "note": "so"}
    assert (document.seq, document.pending) == (2, True)


def test_an_action_without_a_projection_shows_in_the_outbox_only(memory):
    memory.queue(mutation("u", action="groups.leave"))
    assert texts(memory) == []
    assert [m.action for m in memory.outbox.pending()] == ["groups.leave"]


def test_a_new_version_of_the_app_projects_the_old_outbox_itself(memory):
    memory.queue(mutation("u", id="b", text="mine"))
    memory.overlay.projections = {"groups.post": lambda args: (*post(args)[:3], {"text": "mine!"})}
    memory.show_pending()
    assert texts(memory) == [("mine!", True)]
