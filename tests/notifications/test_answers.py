"""The error table, row by row."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.transports.answers import (
    BAD_REQUEST,
    FCM_ERROR,
    Means,
    Verdict,
    read_answer,
    retry_after,
)
from tests.cast import NOW


def error(*details: dict[str, Any]) -> bytes:
    return json.dumps({"error": {"code": 1, "status": "X", "details": list(details)}}).encode()


def coded(code: str) -> dict[str, Any]:
    return {"@type": FCM_ERROR, "errorCode": code}


def fields(*names: str) -> dict[str, Any]:
    return {"@type": BAD_REQUEST, "fieldViolations": [{"field": name} for name in names]}


INVALID = coded("INVALID_ARGUMENT")


@pytest.mark.parametrize(
    ("status", "body", "means", "reason"),
    [
        (404, error(coded("UNREGISTERED")), Means.GONE, "unregistered"),
        (400, error(INVALID), Means.GONE, "invalid_registration"),
        (400, error(INVALID, fields("message.token")), Means.GONE, "invalid_registration"),
        (400, error(fields("message.fid")), Means.GONE, "invalid_registration"),
        (400, error(fields("message.android.ttl")), Means.OUR_FAULT, "invalid_request"),
        (400, error(INVALID, fields("message.data")), Means.OUR_FAULT, "invalid_request"),
        (
            400,
            error(INVALID, fields("message.token", "message.data")),
            Means.OUR_FAULT,
            "invalid_request",
        ),
        (400, error(INVALID, fields()), Means.OUR_FAULT, "invalid_request"),
        (400, error(), Means.OUR_FAULT, "invalid_request"),
        (400, b"not JSON", Means.OUR_FAULT, "invalid_request"),
        (403, error(coded("SENDER_ID_MISMATCH")), Means.MISMATCH, "sender_id_mismatch"),
        (429, error(coded("QUOTA_EXCEEDED")), Means.PAUSE_ALL, "quota_exceeded"),
        (429, b"", Means.PAUSE_ALL, "quota_exceeded"),
        (500, error(coded("INTERNAL")), Means.TRY_LATER, "internal"),
        (503, error(coded("UNAVAILABLE")), Means.TRY_LATER, "unavailable"),
        (502, b"<html>", Means.TRY_LATER, "http_502"),
        (302, b"", Means.TRY_LATER, "http_302"),
        (
            401,
            error(coded("THIRD_PARTY_AUTH_ERROR")),
            Means.PAUSE_PLATFORM,
            "third_party_auth_error",
        ),
        (401, error(), Means.REFUSED, "unauthenticated"),
        (403, error(), Means.REFUSED, "permission_denied"),
        (404, error(), Means.REFUSED, "no_such_project"),
        (404, b"<html>not here</html>", Means.REFUSED, "no_such_project"),
        (413, b"", Means.OUR_FAULT, "http_413"),
    ],
)
def test_row(status: int, body: bytes, means: Means, reason: str) -> None:
    assert read_answer(status, {}, body, now=NOW) == Verdict(means, reason)


def test_success_stores_the_id() -> None:
    answer = b'{"name": "projects/p/messages/1"}'
    sent = read_answer(200, {}, answer, now=NOW)
    assert sent == Verdict(Means.SENT, fcm_id="projects/p/messages/1")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                ["error", "details", "@type", "errorCode", "fieldViolations", "field", "name"]
            ),
            inner,
        )
    ),
)


@given(
    status=st.integers(100, 599),
    body=st.binary() | json_values.map(lambda value: json.dumps(value).encode()),
    header=st.text(max_size=40),
)
def test_no_malformed_answer_crashes_or_costs_a_registration(
    status: int, body: bytes, header: str
) -> None:
    verdict = read_answer(status, {"Retry-After": header, "Date": header}, body, now=NOW)
    assert verdict.means is not Means.GONE
    assert verdict.wait is None or 0 <= verdict.wait <= 3600


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("30", 30.0),
        (" 30 ", 30.0),
        ("999999999999", 3600.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        (format_datetime(NOW + timedelta(days=90), usegmt=True), 3600.0),
        ("", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Mon, 99 Foo 2026 99:00:00 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": value}, NOW) == seconds


def test_a_retry_date_is_relative_to_the_servers_clock() -> None:
    theirs = NOW + timedelta(hours=1)
    headers = {
        "Date": format_datetime(theirs, usegmt=True),
        "Retry-After": format_datetime(theirs + timedelta(seconds=20), usegmt=True),
    }
    assert retry_after(headers, NOW) == 20
