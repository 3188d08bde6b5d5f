"""Apps of an older schema get documents in their own shape and can still push. After an update
they reread only what has changed. There is one schema so far, so these tests make a second."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone
from rest_framework import serializers
from uuid_utils.compat import uuid7

from recovery.actions import ActionInput, Call, Refused, action
from recovery.actions.registry import ACTIONS, UPGRADES, upgrade
from recovery.actions.rules import anyone_signed_in
from recovery.feed import schemas
from recovery.feed.models import SyncClient
from tests.api.digests import own_digest, server_digest
from tests.cast import (
    Circle,
    FakePhone,
    ReferencePhone,
    act,
    answer,
    cursor_after,
    make_circle,
    make_user,
    mutation,
)

pytestmark = pytest.mark.django_db
SOME = {"type": "object"}  # the shape of documents that nobody compares here


@pytest.fixture
def second_schema() -> Iterator[None]:
    """Schema 2 renames a message's `words` to `text` and adds member cards."""

    @schemas.reshaped("message", schema=2, before=SOME)
    def words(document: dict[str, Any]) -> dict[str, Any]:
        return {"words" if name == "text" else name: value for name, value in document.items()}

    schemas.introduced("member_card", schema=2)
    yield
    schemas.STEPS.clear()


@pytest.fixture
def circle() -> Circle:
    circle = make_circle()
    say(circle, "good morning")
    return circle


def say(circle: Circle, text: str) -> str:
    data = {"id": str(uuid7()), "group": circle.group, "text": text}
    act(circle.ana, "groups.post_message", **data)
    return data["id"]


def caller(user: Any) -> FakePhone:
    phone = FakePhone(user)
    phone.register()
    return phone


def entries(pulled: dict[str, Any], kind: str, what: str = "put") -> list[Any]:
    return [e for scope in pulled["scopes"] for e in scope[what] if e[0] == kind]


def known_schema(phone: FakePhone) -> int:
    return SyncClient.objects.in_scope(phone.user.id).get(id=phone.client_id).schema


def test_an_older_app_gets_documents_of_its_schema(circle: Circle, second_schema: None) -> None:
    phone = caller(circle.ben)
    old, new = phone.pull(), phone.pull(schema=2)
    assert [entry[3]["words"] for entry in entries(old, "message")] == ["good morning"]
    assert [entry[3]["text"] for entry in entries(new, "message")] == ["good morning"]
    assert "text" not in entries(old, "message")[0][3]
    assert entries(old, "member_card") == []
    assert len(entries(new, "member_card")) == 3
    assert [s["pos"][:2] for s in old["scopes"]] == [s["pos"][:2] for s in new["scopes"]]


@pytest.fixture
def first_schema_over(second_schema: None) -> Iterator[None]:
    """The first schema is no longer supported."""
    schemas.OLDEST = 2
    yield
    schemas.OLDEST = 1


def test_an_app_that_sends_no_schema_has_the_first(first_schema_over: None) -> None:
    phone = caller(make_user())
    request_body = {"client_id": phone.client_id}
    payload = answer(phone.post("/api/v1/sync/pull", request_body), 426)
    assert payload["code"] == "upgrade_required"
    answer(phone.post("/api/v1/sync/pull", request_body | {"schema": 2}))


def test_an_older_app_gets_no_tombstone_of_an_unknown_kind(
    circle: Circle, second_schema: None
) -> None:
    phone = caller(circle.ben)
    cursor = cursor_after(phone.pull())
    with_card = cursor_after(phone.pull(schema=2))
    act(circle.ana, "groups.leave", group=circle.group)
    assert entries(phone.pull(cursor), "member_card") == []
    assert len(entries(phone.pull(with_card, schema=2), "member_card")) == 1


def test_an_older_apps_digest_covers_what_it_was_sent(circle: Circle, second_schema: None) -> None:
    phone = caller(circle.ben)
    assert server_digest(phone) == own_digest(phone)
    assert server_digest(phone, schema=2) != server_digest(phone)


def test_an_updated_app_rereads_only_what_changed(circle: Circle, second_schema: None) -> None:
    phone = caller(circle.ben)
    before = phone.pull()
    after = phone.pull(cursor_after(before), schema=2)
    group = f"group:{circle.group}"
    assert {s["scope"]: s["reset"] for s in after["scopes"] if s["reset"]} == {group: "sweep"}
    assert len(before["scopes"]) > 1
    # The other positions are unchanged, now marked as read by the new app.
    assert {s["scope"] for s in after["scopes"]} == {s["scope"] for s in before["scopes"]}
    assert all(s["pos"][2].endswith(".2") for s in after["scopes"])
    assert phone.pull(cursor_after(after), schema=2)["scopes"] == []


def test_a_downgraded_app_rereads_what_it_cannot_understand(
    circle: Circle, second_schema: None
) -> None:
    phone = caller(circle.ben)
    new = cursor_after(phone.pull(schema=2))
    back = phone.pull(new)
    assert [s["scope"] for s in back["scopes"] if s["reset"]] == [f"group:{circle.group}"]
    assert "words" in entries(back, "message")[0][3]


def test_a_phone_is_correct_before_and_after_its_update(
    circle: Circle, second_schema: None
) -> None:
    phone, group = ReferencePhone(circle.ben, pulled=True), f"group:{circle.group}"
    assert phone.seqs(group, "member_card") == {}
    phone.schema = 2
    assert phone.pull() == [f"{group} sweep"]
    fresh = ReferencePhone(circle.ben, schema=2, pulled=True)
    assert phone.seqs(group) == fresh.seqs(group)
    assert phone.messages(circle.group) == ["good morning"]


@pytest.mark.parametrize("grant", ["9.1", "1.7", "1.x", "1", "", "1.1.1", "1.'", "1.\x00"])
def test_a_position_of_an_unknown_schema_is_reset(
    circle: Circle, second_schema: None, grant: str
) -> None:
    phone = caller(circle.ben)
    cursor = cursor_after(phone.pull(schema=2))
    group = f"group:{circle.group}"
    cursor["scopes"][group][2] = grant
    [scope] = [s for s in phone.pull(cursor, schema=2)["scopes"] if s["scope"] == group]
    assert scope["reset"] in ("sweep", "purge")
    assert len(scope["put"]) > 3


def test_a_conflict_shows_the_document_in_the_apps_schema(
    circle: Circle, second_schema: None
) -> None:
    message = say(circle, "one")
    phone = caller(circle.ana)
    data = {"message": message, "text": "two"}
    edit = mutation(1, "groups.edit_message", data, base={f"message/{message}": 1})
    [refused] = answer(phone.push(edit))["results"]
    assert refused["code"] == "conflict"
    assert refused["current"][3]["words"] == "one"
    assert phone.pull()["results"][0]["current"][3]["words"] == "one"
    assert phone.pull(schema=2)["results"][0]["current"][3]["text"] == "one"


def test_the_first_pull_reports_the_update(second_schema: None) -> None:
    """The socket sends documents to apps of the newest schema only. Others get a hint to pull."""
    phone = caller(make_user())
    assert known_schema(phone) == 1
    phone.pull(schema=2)
    assert known_schema(phone) == 2
    phone.pull(schema=9)
    assert known_schema(phone) == 9


def test_an_app_too_old_to_pull_can_still_push() -> None:
    phone = caller(make_user())
    other = FakePhone(phone.user)
    revocation = mutation(1, "people.revoke_session", {"session": other.tokens["session"]})
    done = answer(phone.push(revocation, schema=0, pull={"cursor": {}}))
    assert [r["status"] for r in done["results"]] == ["applied"]
    assert "pull" not in done
    refused = phone.post("/api/v1/sync/pull", {"client_id": phone.client_id, "schema": 0})
    assert answer(refused, 426)["code"] == "upgrade_required"


def test_upgrade_steps_run_in_order() -> None:
    try:
        schemas.reshaped("message", schema=3, before=SOME)(lambda d: d | {"three": True})
        schemas.reshaped("message", schema=2, before=SOME)(lambda d: d | {"two": "three" in d})
        assert schemas.older(["message", "m", 1, {}], 1) == [
            "message",
            "m",
            1,
            {"three": True, "two": True},
        ]
        assert schemas.older(["message", "m", 1, {}], 2) == ["message", "m", 1, {"three": True}]
        assert schemas.older(["message", "m", 1, {}], 3) == ["message", "m", 1, {}]
        assert schemas.changed(3) == {"1": ["message"], "2": ["message"]}
        with pytest.raises(RuntimeError):
            schemas.introduced("message", schema=3)
        with pytest.raises(RuntimeError):
            schemas.introduced("message", schema=1)
    finally:
        schemas.STEPS.clear()


class Note(ActionInput):
    words = serializers.CharField()
    mood = serializers.ChoiceField(["well", "unwell"])


@pytest.fixture
def second_version() -> Iterator[list[Any]]:
    """An action that took `text` in its first version. Yields the arguments it received."""
    got: list[Any] = []

    @action("testing.note", input=Note, allow=anyone_signed_in, version=3)
    def note(call: Call, *, words: str, mood: str) -> dict[str, Any]:
        data = {"words": words, "mood": mood}
        got.append(data)
        if mood == "unwell":
            raise Refused("closed", "Not now.")
        return data

    upgrade("testing.note", version=1)(lambda data: {"words": data["text"]})
    upgrade("testing.note", version=2)(lambda data: data | {"mood": "well"})
    yield got
    del ACTIONS["testing.note"]
    for version in (1, 2):
        del UPGRADES["testing.note", version]


def test_a_mutation_of_any_version_is_accepted(second_version: list[Any]) -> None:
    phone = caller(make_user())
    mutations = [
        mutation(1, "testing.note", {"text": "one"}),
        mutation(2, "testing.note", {"words": "two"}) | {"v": 2},
        mutation(3, "testing.note", {"words": "three", "mood": "unwell"}) | {"v": 3},
        mutation(4, "testing.note", {"words": "four", "mood": "well"}),
        mutation(5, "testing.note", "no object"),
    ]
    done = answer(phone.push(*mutations))["results"]
    codes = [r.get("code") for r in done]
    assert codes == [None, None, "closed", "invalid", "invalid"]
    words = [(got["words"], got["mood"]) for got in second_version]
    assert words == [("one", "well"), ("two", "well"), ("three", "unwell")]


def test_a_mutation_of_a_newer_version_waits(second_version: list[Any]) -> None:
    phone = caller(make_user())
    newer = mutation(2, "testing.note", {"words": "two", "mood": "well"}) | {"v": 4}
    payload = answer(phone.push(mutation(1, "testing.note", {"text": "one"}), newer))
    assert payload["stopped"].pop("problem")["code"] == "maintenance"
    assert payload["stopped"] == {"id": 2, "code": "busy", "retry_after_ms": 60_000}
    assert payload["lmid"] == phone.pull()["lmid"] == {"main": 1}
    ACTIONS["testing.note"] = replace(ACTIONS["testing.note"], version=4)
    assert answer(phone.push(newer))["results"][0]["status"] == "applied"
    assert [got["words"] for got in second_version] == ["one", "two"]


def test_an_old_mutation_sent_twice_is_answered_from_its_receipt(
    second_version: list[Any],
) -> None:
    phone = caller(make_user())
    old_mutation = mutation(1, "testing.note", {"text": "one"})
    first = answer(phone.push(old_mutation))["results"][0]
    again = answer(phone.push(old_mutation))["results"][0]
    assert again == first | {"dup": True}
    assert len(second_version) == 1


def test_rest_accepts_the_current_version(second_version: list[Any]) -> None:
    """URLs are created at start-up, and a direct call uses the action's current version."""
    from recovery.actions import perform

    call = Call(make_user(), timezone.now())
    outcome = perform("testing.note", data={"words": "now", "mood": "well"}, call=call)
    assert json.loads(json.dumps(outcome.data)) == {"words": "now", "mood": "well"}
