"""Real answers have the members that the OpenAPI document describes, and no others."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from uuid_utils.compat import uuid7

from tests.api.descriptions import as_described
from tests.cast import Circle, FakePhone, act, answer, cursor_after, make_circle, mutation

pytestmark = pytest.mark.django_db


@pytest.fixture
def circle() -> Circle:
    return make_circle()


@pytest.fixture
def phone(circle: Circle) -> FakePhone:
    return FakePhone(circle.ana, registered=True)


def post(phone: FakePhone, path: str, **body: Any) -> dict[str, Any]:
    path = f"/api/v1/{path}"
    return as_described(path, answer(phone.post(path, body)))


def push(phone: FakePhone, *mutations: dict[str, Any]) -> dict[str, Any]:
    request = {"client_id": phone.client_id, "mutations": mutations, "pull": {}}
    return post(phone, "sync/push", **request)


def message(circle: Circle, number: int, **more: Any) -> dict[str, Any]:
    data = {"id": str(uuid7()), "group": str(circle.group), "text": "good morning"}
    return mutation(number, "groups.post_message", data | more)


def test_a_push_with_every_kind_of_result(circle: Circle, phone: FakePhone) -> None:
    posted, invalid = message(circle, 1), message(circle, 2, text={})
    edit = {"message": posted["args"]["id"], "text": "two"}
    outdated = mutation(3, "groups.edit_message", edit, base={f"message/{edit['message']}": 1})
    waiting = message(circle, 4, attachments=["0" * 64])
    answered = push(phone, posted, invalid, outdated, waiting)
    assert [result.get("code") for result in answered["results"]] == [None, "invalid", "conflict"]
    assert answered["results"][2]["current"][0] == "message"
    assert answered["stopped"]["missing"] == ["0" * 64]
    assert [result["lane"] for result in answered["pull"]["results"]] == ["main"] * 3
    assert push(phone, posted)["results"][0]["dup"] is True


def test_a_pull_with_changes_removals_and_a_scope_to_drop(circle: Circle, phone: FakePhone) -> None:
    first = post(phone, "sync/pull", client_id=phone.client_id)
    act(circle.ana, "groups.leave", group=circle.group)
    cursor = cursor_after(first)
    second = post(phone, "sync/pull", client_id=phone.client_id, cursor=cursor)
    assert second["drop"] == [{"scope": f"group:{circle.group}", "purge": "now"}]


def test_other_answers(circle: Circle, phone: FakePhone) -> None:
    post(phone, "sync/clients", install="x", platform="android", app="1.0")
    assert post(phone, "sync/digest", client_id=phone.client_id)["scopes"]
    post(phone, "sync/history", scope=f"group:{circle.group}", kind="message")
    post(phone, "blobs", scope=f"group:{circle.group}", sha256="0" * 64, size=1)
    post(phone, "live/ticket")


def test_a_member_that_is_not_described_is_found(circle: Circle, phone: FakePhone) -> None:
    page = phone.pull()
    page["scopes"][0] |= {"colour": "blue"}
    with pytest.raises(jsonschema.ValidationError):
        as_described("/api/v1/sync/pull", page)
