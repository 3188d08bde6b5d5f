"""Texts that are no text, wherever a client can write one: a clear 4xx, and never a 5xx.

JSON can spell NUL and half a surrogate pair. PostgreSQL stores neither.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from uuid_utils.compat import uuid7

from foundation.bodies import loads
from foundation.problems import Invalid
from recovery.actions.registry import ACTIONS
from recovery.api.actions import INTERNAL
from recovery.practice.models import CheckIn
from tests.architecture.urls import urls
from tests.cast import FakePhone, answer, bodies, in_care, make_user, mutation
from tests.signin.ceremony import DEVICE

pytestmark = pytest.mark.django_db
NO_TEXT = ("\ud800", "\0", "a\udfff\ud800b")
document = SchemaGenerator().get_schema(request=None, public=True)
ROUTES = sorted(urls(get_resolver().url_patterns))
SIGN_IN = ("email", "code", "install", "device", "credential", "name", "id", "authenticators")
READ_NO_BODY = ("api/v1/live/ticket", "api/v1/blobs/pieces", "api/v1/sessions/sign-out")
SYNC = ("sync/pull", "sync/push", "sync/clients", "sync/digest", "sync/history")


def path(route: str) -> str:
    return "/" + re.sub(r"<uuid:\w+>", str(uuid7()), route)


def fields(operation: dict[str, Any]) -> list[str]:
    """The members of an operation's JSON body."""
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return list(schema.get("properties", {}))


POSTED = {
    url.lstrip("/").replace("{", "<uuid:").replace("}", ">"): fields(operations["post"])
    for url, operations in document["paths"].items()
    if "post" in operations
}


@pytest.fixture
def caller() -> FakePhone:
    phone = FakePhone(make_user(is_staff=True), registered=True)
    phone.http.raise_request_exception = False
    return phone


@pytest.mark.parametrize("hostile", NO_TEXT)
def test_every_field_of_every_operation(caller: FakePhone, hostile: str) -> None:
    for route, names in POSTED.items():
        for name in names or ["field"]:
            response = caller.post(
                path(route), {name: hostile}, **{"Idempotency-Key": str(uuid7())}
            )
            assert response.status_code < 500, (route, name)
            if route not in READ_NO_BODY and not route.endswith(SYNC):
                assert response.status_code in (400, 403), (route, name)


@pytest.mark.parametrize("hostile", NO_TEXT)
def test_every_field_of_signing_in(hostile: str) -> None:
    stranger = Client(raise_request_exception=False)
    for route in (route for route in ROUTES if route.startswith("auth/")):
        for name in SIGN_IN:
            body = {"install": "i" * 20, "device": DEVICE, name: hostile}
            response = stranger.post(path(route), body, "application/json")
            assert response.status_code == 400, (route, name)
            assert response.json()["errors"] == {name: [response.json()["errors"][name][0]]}


@pytest.mark.parametrize("hostile", NO_TEXT)
def test_every_action_that_a_phone_can_queue(hostile: str) -> None:
    ana = in_care()
    caller = FakePhone(ana.patient, registered=True)
    public = [
        name
        for name, action in ACTIONS.items()
        if action.allow not in INTERNAL and action.input().fields
    ]
    for start in range(0, len(public), 50):
        mutations = [
            mutation(start + n, name, dict.fromkeys(ACTIONS[name].input().fields, hostile))
            for n, name in enumerate(public[start : start + 50], 1)
        ]
        pushed = answer(caller.push(*mutations))
        assert "stopped" not in pushed
        assert "internal" not in {result.get("code") for result in pushed["results"]}


def test_words_with_half_an_emoji_arrive() -> None:
    ana = in_care()
    caller = FakePhone(ana.patient, registered=True)
    today = timezone.now().date()
    row = str(CheckIn.id_of(ana.record.id, today, "day"))
    words: dict[str, Any] = {
        "id": row,
        "record": str(ana.record.id),
        "local_date": str(today),
        "slot": "day",
    }
    words |= {"mood": 3, "plan": "I made it \ud83d"}
    pushed = answer(caller.push(mutation(1, "practice.record_check_in", words)))
    assert [result["status"] for result in pushed["results"]] == ["applied"], pushed
    assert "I made it \ufffd" in json.dumps(caller.pull(), ensure_ascii=False)


HEADERS: list[dict[str, Any]] = [
    {"HTTP_AUTHORIZATION": "Bearer hra_\x00\xff"},
    {"HTTP_AUTHORIZATION": "Bearer \xed\xa0\x80"},
    {"HTTP_X_SESSION_TOKEN": "\x00\xff\xed\xa0\x80"},
    {"HTTP_IDEMPOTENCY_KEY": "\x00\xff"},
    {"HTTP_UPLOAD_ID": "\xff", "HTTP_UPLOAD_OFFSET": "\x00"},
    {"HTTP_X_FORWARDED_FOR": "\x00, \xff"},
    {"HTTP_COOKIE": "sessionid=\x00\xff; csrftoken=\xed\xa0\x80"},
    {"HTTP_RANGE": "bytes=\xff"},
    {"HTTP_ACCEPT": "\x00/\xff"},
    {"HTTP_ACCEPT_LANGUAGE": "\x00\xff"},
    {"CONTENT_TYPE": "multipart/form-data"},
    {"CONTENT_TYPE": "multipart/form-data; boundary=\xff\x00"},
    # HTTP servers refuse NUL in a header, and Django asks Python for this codec.
    {"CONTENT_TYPE": "application/json; charset=\xff"},
    {"QUERY_STRING": "scope=%00&cursor=%00&limit=%00&record=%ED%A0%80&lang=%00&version=%00"},
    {"QUERY_STRING": "%ff%00=%ed%a0%80&cursor=%ff"},
    {"QUERY_STRING": "passwordless=%00"},
]


@pytest.mark.parametrize("hostile", HEADERS, ids=lambda hostile: next(iter(hostile)))
def test_every_header_and_query_of_every_url(caller: FakePhone, hostile: dict[str, Any]) -> None:
    stranger = Client(raise_request_exception=False)
    lists = [route for route in ROUTES if "actions/" not in route]
    one_action = next(route for route in ROUTES if "actions/" in route)
    bearer = (
        {}
        if "HTTP_AUTHORIZATION" in hostile
        else {"HTTP_AUTHORIZATION": caller.bearer["Authorization"]}
    )
    for route in [*lists, one_action]:
        for method in ("GET", "POST"):
            for credential in ({}, bearer):
                response = stranger.generic(method, path(route), b"{}", **{**credential, **hostile})
                assert response.status_code < 500, (method, route, response.content)


@pytest.mark.parametrize(
    "raw", ["/%ff%fe", "/api/v1/%00", "/api/v1/sessions/%ED%A0%80/revoke", "/auth/app/v1/%ff"]
)
def test_every_path(raw: str) -> None:
    for method in ("GET", "POST"):
        response = Client(raise_request_exception=False).generic(method, raw)
        assert response.status_code in (400, 404)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e400", "9" * 5000])
def test_a_number_that_is_none_removes_no_answer(number: str) -> None:
    ana = in_care()
    phone = FakePhone(ana.patient, registered=True)
    day = {"record": str(ana.record.id), "local_date": "2026-03-02", "plan": "Rest"}
    phone.push(mutation(1, "practice.record_check_in", day | {"sleep_hours": 7.5}))
    queued = json.dumps(mutation(2, "practice.record_check_in", day | {"sleep_hours": 0}))
    body = {"client_id": phone.client_id, "schema": 1, "mutations": ["queued"]}
    text = json.dumps(body).replace('"queued"', queued.replace(": 0}", f": {number}}}"))
    [result] = answer(phone.post("sync/push", text))["results"]
    assert "sleep_hours" in result["data"]["unread"]
    [check_in] = bodies(ana.counsellor, "check_in")
    assert check_in["sleep_hours"] == 7.5


def test_the_field_is_named() -> None:
    text = '{"device": {"name": ["fine", "\\ud800"]}}'
    with pytest.raises(Invalid) as refused:
        loads(text)
    assert list(refused.value.errors) == ["device.name.1"]
    assert loads(text, mend=True) == {"device": {"name": ["fine", "\ufffd"]}}


@pytest.mark.parametrize(
    "text", ['{"a": "\\\\ud800"}', '{"a": "\\ud83d\\ude00"}', '{"a": "\\u0001"}']
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert loads(text) == json.loads(text)
