"""The simulator refuses what Google refuses. Otherwise tests against it would prove nothing."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import firebase_admin
import httpx
import pytest
from firebase_admin import credentials, exceptions, messaging
from google.auth import crypt, jwt

from notifications.fcm_simulator.inbox import Inboxes, Request
from notifications.fcm_simulator.oauth import AUDIENCE, GRANT, PROJECT
from notifications.transports.answers import BAD_REQUEST, FCM_ERROR
from tests.notifications.running import RunningSimulator

DEVICE = "device:0123456789"
SOUND: dict[str, Any] = {"token": DEVICE, "data": {"v": "1", "k": "sync"}}


@pytest.fixture
def google(fcm: RunningSimulator) -> Iterator[httpx.Client]:
    """A client that Google would accept."""
    with httpx.Client(base_url=fcm.endpoint) as client:
        answer = client.post("/token", data={"grant_type": GRANT, "assertion": assertion(fcm)})
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def assertion(fcm: RunningSimulator, **claims: Any) -> str:
    account = fcm.inside.authority.credentials()
    at = int(datetime.now(UTC).timestamp())
    usual = {
        "iss": account["client_email"],
        "aud": AUDIENCE,
        "iat": at,
        "exp": at + 3600,
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
    }
    return jwt.encode(crypt.RSASigner.from_service_account_info(account), usual | claims).decode()


def send(client: httpx.Client, message: Any, project: str = PROJECT, **rest: Any) -> httpx.Response:
    return client.post(f"/v1/projects/{project}/messages:send", json={"message": message, **rest})


def details(answer: httpx.Response) -> dict[str, Any]:
    return {detail["@type"]: detail for detail in answer.json()["error"].get("details", [])}


def test_a_valid_message_is_accepted(google: httpx.Client, fcm: RunningSimulator) -> None:
    answer = send(google, SOUND | {"android": {"ttl": "3.5s", "collapseKey": "sync"}})
    assert answer.status_code == 200
    assert answer.json()["name"].startswith(f"projects/{PROJECT}/messages/")
    [message] = fcm.accepted(DEVICE)
    assert message["data"] == SOUND["data"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, "message"),
        ({"android": {"colour": "red"}}, "message.android"),
        ({"apns": {"header": {}}}, "message.apns"),
        ({"data": {"v": 1}}, "message.data[v]"),
        ({"data": {"from": "x"}}, "message.data[from]"),
        ({"data": {"google.x": "x"}}, "message.data[google.x]"),
        ({"data": []}, "message.data"),
        ({"data": {"v": "x" * 4096}}, "message.data"),
        ({"android": {"priority": "urgent"}}, "message.android.priority"),
        ({"android": {"ttl": 60}}, "message.android.ttl"),
        ({"android": {"ttl": "60"}}, "message.android.ttl"),
        ({"android": {"ttl": "2419201s"}}, "message.android.ttl"),
        ({"android": {"direct_boot_ok": "yes"}}, "message.android.direct_boot_ok"),
        ({"apns": {"headers": {"apns-priority": 5}}}, "message.apns.headers[apns-priority]"),
        ({"notification": "hello"}, "message.notification"),
        ({"topic": "news"}, "message"),
        ({"token": 7}, "message.token"),
    ],
)
def test_an_invalid_field_is_named(
    google: httpx.Client, fcm: RunningSimulator, change: dict[str, Any], field: str
) -> None:
    answer = send(google, SOUND | change)
    assert answer.status_code == 400
    [violation] = details(answer)[BAD_REQUEST]["fieldViolations"]
    assert violation["field"] == field
    assert FCM_ERROR not in details(answer)
    assert fcm.requests(DEVICE) == []


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"message": null}', '{"message": {}}', '{"messages": {}}', "1"]
)
def test_an_invalid_message_is_refused(google: httpx.Client, body: str) -> None:
    answer = google.post(f"/v1/projects/{PROJECT}/messages:send", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_exactly_4096_bytes_are_allowed(google: httpx.Client) -> None:
    assert send(google, SOUND | {"data": {"v": "x" * 4095}}).status_code == 200
    assert send(google, SOUND | {"data": {"vv": "x" * 4095}}).status_code == 400


@pytest.mark.parametrize("token", ["", "short", "with space in it", "x" * 4097])
def test_an_invalid_token_is_an_invalid_registration(google: httpx.Client, token: str) -> None:
    answer = send(google, SOUND | {"token": token})
    assert answer.status_code == 400
    assert details(answer)[FCM_ERROR]["errorCode"] == "INVALID_ARGUMENT"


def test_strangers_and_other_projects_are_refused(
    google: httpx.Client, fcm: RunningSimulator
) -> None:
    assert send(google, SOUND, project="other").status_code == 403
    google.headers["Authorization"] = "Bearer stolen"
    assert send(google, SOUND).status_code == 401
    del google.headers["Authorization"]
    assert send(google, SOUND).status_code == 401
    assert fcm.requests(DEVICE) == []


def test_an_assertion_needs_the_accounts_signature_a_current_time_and_the_right_audience(
    fcm: RunningSimulator,
) -> None:
    now = int(datetime.now(UTC).timestamp())
    good = assertion(fcm)
    bad = [
        "",
        good[:-6] + "AAAAAA",
        assertion(fcm, iss="someone@else"),
        assertion(fcm, aud="https://example.org"),
        assertion(fcm, scope="https://www.googleapis.com/auth/drive"),
        assertion(fcm, iat=now - 7200, exp=now - 3600),
    ]
    for bad_assertion in bad:
        answer = httpx.post(
            f"{fcm.endpoint}/token", data={"grant_type": GRANT, "assertion": bad_assertion}
        )
        assert answer.status_code == 400, bad_assertion
        assert answer.json()["error"] == "invalid_grant"
    ok = httpx.post(f"{fcm.endpoint}/token", data={"grant_type": GRANT, "assertion": good})
    assert ok.status_code == 200


def test_scripted_answers_are_returned_in_turn_then_success(
    google: httpx.Client, fcm: RunningSimulator
) -> None:
    script = {"answers": [{"kind": "quota", "retry_after": 7}, {"kind": "unavailable"}]}
    assert google.put(f"/simulator/answers/{DEVICE}", json=script).status_code == 204
    first, second, third = (send(google, SOUND) for _ in range(3))
    assert (first.status_code, first.headers["Retry-After"]) == (429, "7")
    assert (second.status_code, third.status_code) == (503, 200)
    assert [r["answer"] for r in fcm.requests(DEVICE)] == ["quota", "unavailable", "ok"]


def test_a_repeated_answer_stays_until_deleted(google: httpx.Client) -> None:
    script = {"answers": [{"kind": "unregistered"}], "repeat": True}
    google.put("/simulator/answers/*", json=script)
    assert [send(google, SOUND).status_code for _ in range(3)] == [404, 404, 404]
    google.delete("/simulator/answers")
    assert send(google, SOUND).status_code == 200


def test_a_date_to_retry_after_is_an_http_date(google: httpx.Client) -> None:
    script = {"answers": [{"kind": "quota", "retry_after": 100, "as_date": True}]}
    google.put(f"/simulator/answers/{DEVICE}", json=script)
    began = datetime.now(UTC)
    until = parsedate_to_datetime(send(google, SOUND).headers["Retry-After"])
    assert began + timedelta(seconds=99) <= until <= datetime.now(UTC) + timedelta(seconds=100)


@pytest.mark.parametrize(
    "script", [[], {}, {"answers": [{"kind": "x"}]}, {"answers": [{"kind": "ok", "x": 1}]}, "{"]
)
def test_an_invalid_script_is_refused(google: httpx.Client, script: Any) -> None:
    content = script if isinstance(script, str) else json.dumps(script)
    assert google.put(f"/simulator/answers/{DEVICE}", content=content).status_code == 400
    assert send(google, SOUND).status_code == 200


def test_the_inbox_can_be_looked_at_and_emptied(google: httpx.Client) -> None:
    for token in (DEVICE, DEVICE, "device:another-one"):
        send(google, SOUND | {"token": token})
    overview = google.get("/simulator/inboxes").json()
    assert overview["requests"] == 3
    assert [(row["token"], row["count"]) for row in overview["inboxes"]] == [
        ("device:another-one", 1),
        (DEVICE, 2),
    ]
    [message, _] = google.get(f"/simulator/inboxes/{DEVICE}").json()["messages"]
    assert json.loads(message["body"]) == {"message": SOUND}
    google.delete(f"/simulator/inboxes/{DEVICE}")
    assert google.get(f"/simulator/inboxes/{DEVICE}").json() == {"messages": []}
    google.delete("/simulator/inboxes")
    assert google.get("/simulator/inboxes").json()["inboxes"] == []


def test_its_memory_is_bounded() -> None:
    inboxes = Inboxes(kept=10)
    for number in range(25):
        inboxes.add(Request(number, f"token-{number % 3}", "{}", "ok", accepted=True))
    rows = inboxes.overview()
    assert sum(row["count"] for row in rows) == 10
    assert inboxes.requests == 25
    assert [r["at"] for r in inboxes.of("token-0")] == [15, 18, 21, 24]


def test_the_page_needs_nothing_from_elsewhere(google: httpx.Client) -> None:
    answer = google.get("/")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "://" not in answer.text


def test_googles_own_library_is_accepted(fcm: RunningSimulator) -> None:
    account = credentials.Certificate(fcm.inside.authority.credentials())
    app = firebase_admin.initialize_app(account, {"httpTimeout": 5}, name=fcm.endpoint)
    service = messaging._get_messaging_service(app)
    service._fcm_url = f"{fcm.endpoint}/v1/projects/{PROJECT}/messages:send"
    fcm.answers(DEVICE, "ok", "unregistered", "sender_id_mismatch", "invalid_token_field")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        message = messaging.Message(token=DEVICE, data={"v": "1"})
    try:
        assert messaging.send(message, app=app).startswith("projects/")
        for error in (
            messaging.UnregisteredError,
            messaging.SenderIdMismatchError,
            exceptions.InvalidArgumentError,
        ):
            with pytest.raises(error):
                messaging.send(message, app=app)
    finally:
        firebase_admin.delete_app(app)
