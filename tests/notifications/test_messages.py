"""A push has the same bytes for everybody."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.transports.messages import LIFETIMES, request_body
from notifications.types import PUSH_CLASSES

QUARTER = datetime(2026, 3, 2, 18, 0, 1, tzinfo=UTC)
CLASSES = sorted(PUSH_CLASSES)
addresses = st.text(min_size=1, max_size=300)
moments = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001
    max_value=datetime(2032, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def body(push_class: str, value: str = "x", *, kind: str = "token", left: timedelta) -> dict:
    made = request_body(push_class, kind, value, now=QUARTER, expires=QUARTER + left)
    return dict(json.loads(made)["message"])


@pytest.mark.parametrize("push_class", CLASSES)
@given(value=addresses, left=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_only_the_token_differs(push_class: str, value: str, left: timedelta) -> None:
    made, pattern = (
        request_body(push_class, "token", address, now=QUARTER, expires=QUARTER + left)
        for address in (value, "an address")
    )
    assert pattern.count(b'"an address"') == 1
    assert made == pattern.replace(b'"an address"', json.dumps(value).encode())


@given(now=moments, left=st.timedeltas(timedelta(0), timedelta(days=40)))
def test_bytes_depend_on_nothing_but_class_lifetime_and_quarter(
    now: datetime, left: timedelta
) -> None:
    made = request_body("reminder", "fid", "x", now=now, expires=now + left)
    message = json.loads(made)["message"]
    assert int(message["android"]["ttl"].rstrip("s")) in LIFETIMES
    assert int(message["apns"]["headers"]["apns-expiration"]) % 900 == 0
    message["android"]["ttl"] = message["apns"]["headers"]["apns-expiration"] = ""
    assert message == {
        "fid": "x",
        "data": {"v": "1", "k": "reminder"},
        "android": {"collapse_key": "reminder", "priority": "high", "ttl": ""},
        "apns": {
            "headers": {
                "apns-collapse-id": "reminder",
                "apns-expiration": "",
                "apns-priority": "10",
                "apns-push-type": "alert",
            },
            "payload": {"aps": {"alert": {"loc-key": "YOU_HAVE_AN_UPDATE"}, "mutable-content": 1}},
        },
    }


def test_a_wake_up_push_is_silent_and_of_normal_priority() -> None:
    message = body("sync", left=timedelta(hours=2))
    assert message["android"]["priority"] == "normal"
    assert message["apns"]["payload"] == {"aps": {"content-available": 1}}
    assert message["apns"]["headers"]["apns-priority"] == "5"
    assert message["apns"]["headers"]["apns-push-type"] == "background"


@pytest.mark.parametrize(
    ("push_class", "left", "seconds"),
    [
        ("reminder", timedelta(seconds=269), 0),
        ("reminder", timedelta(seconds=270), 300),
        ("reminder", timedelta(minutes=59), 1800),
        ("reminder", timedelta(minutes=59, seconds=59), 3600),
        ("reminder", timedelta(days=9), 86_400),
        ("urgent", timedelta(days=9), 3600),
        ("sync", -timedelta(seconds=1), 0),
    ],
)
def test_it_never_outlives_its_reason(push_class: str, left: timedelta, seconds: int) -> None:
    assert body(push_class, left=left)["android"]["ttl"] == f"{seconds}s"
