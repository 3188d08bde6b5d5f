"""A push has the same bytes for everybody."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.transports.messages import request_body
from notifications.types import PUSH_CLASSES

QUARTER = datetime(2026, 3, 2, 18, 0, 1, tzinfo=UTC)
CLASSES = sorted(PUSH_CLASSES)
addresses = st.text(min_size=1, max_size=300)
moments = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001
    max_value=datetime(2032, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def message(
    push_class: str, value: str = "x", *, kind: str = "token", now: datetime = QUARTER
) -> Any:
    return json.loads(request_body(push_class, kind, value, now=now))["message"]


@pytest.mark.parametrize("push_class", CLASSES)
@given(value=addresses)
def test_only_the_token_differs(push_class: str, value: str) -> None:
    made, pattern = (
        request_body(push_class, "token", address, now=QUARTER) for address in (value, "an address")
    )
    assert pattern.count(b'"an address"') == 1
    assert made == pattern.replace(b'"an address"', json.dumps(value).encode())


@pytest.mark.parametrize("push_class", CLASSES)
@given(now=moments)
def test_bytes_depend_on_nothing_but_class_and_quarter(push_class: str, now: datetime) -> None:
    made, pattern = message(push_class, now=now), message(push_class)
    expiry = int(made["apns"]["headers"]["apns-expiration"])
    assert expiry % 900 == 0
    assert -1 < expiry - (now + PUSH_CLASSES[push_class].ttl).timestamp() <= 900
    for each in (made, pattern):
        each["apns"]["headers"]["apns-expiration"] = ""
    assert made == pattern


def test_a_reminder_is_an_alert_without_words() -> None:
    made = message("reminder", kind="fid")
    made["apns"]["headers"]["apns-expiration"] = ""
    assert made == {
        "fid": "x",
        "data": {"v": "1", "k": "reminder"},
        "android": {"collapse_key": "reminder", "priority": "high", "ttl": "86400s"},
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
    made = message("sync")
    assert made["android"]["priority"] == "normal"
    assert made["apns"]["payload"] == {"aps": {"content-available": 1}}
    assert made["apns"]["headers"]["apns-priority"] == "5"
    assert made["apns"]["headers"]["apns-push-type"] == "background"


@pytest.mark.parametrize(("push_class", "seconds"), [("urgent", 3600), ("sync", 86_400)])
def test_the_push_service_keeps_it_as_long_as_its_class_says(push_class: str, seconds: int) -> None:
    assert message(push_class)["android"]["ttl"] == f"{seconds}s"
