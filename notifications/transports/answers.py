"""What each answer of the push services means. These are the only error tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from typing import Any

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
LONGEST_WAIT = 3600.0
ADDRESS_FIELDS = frozenset({"message.token", "message.fid"})


class Means(Enum):
    """The result of an attempt."""

    SENT = auto()
    GONE = auto()  # the registration is no longer in use
    MISMATCH = auto()  # the registration belongs to another Firebase project: misconfiguration
    OUR_FAULT = auto()  # our request was invalid
    TRY_LATER = auto()
    PAUSE_ALL = auto()  # the quota is used up
    PAUSE_PLATFORM = auto()  # the project's key for Apple or web push was refused
    REFUSED = auto()  # our own credential was refused


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason`: one word for the row. `wait`: seconds, from the service's Retry-After."""

    means: Means
    reason: str = ""
    wait: float | None = None
    fcm_id: str = ""


# The error code of FcmError is more precise than the HTTP status.
BY_CODE = {
    "UNREGISTERED": Verdict(Means.GONE, "unregistered"),
    "SENDER_ID_MISMATCH": Verdict(Means.MISMATCH, "sender_id_mismatch"),
    "QUOTA_EXCEEDED": Verdict(Means.PAUSE_ALL, "quota_exceeded"),
    "THIRD_PARTY_AUTH_ERROR": Verdict(Means.PAUSE_PLATFORM, "third_party_auth_error"),
    "APNS_AUTH_ERROR": Verdict(Means.PAUSE_PLATFORM, "third_party_auth_error"),
}
BY_STATUS = {
    401: Verdict(Means.REFUSED, "unauthenticated"),
    403: Verdict(Means.REFUSED, "permission_denied"),
    404: Verdict(Means.REFUSED, "no_such_project"),
    408: Verdict(Means.TRY_LATER, "timeout"),
    429: Verdict(Means.PAUSE_ALL, "quota_exceeded"),
    500: Verdict(Means.TRY_LATER, "internal"),
    503: Verdict(Means.TRY_LATER, "unavailable"),
}
# The push services of browsers have statuses and nothing else. A 429 is for one browser (RFC 8030,
# section 8.4), and a 403 may be for one that subscribed with another key, so neither holds up the
# pushes to anybody else. A 403 may also come of a wrong clock, so it costs no registration: a
# browser with another key notices that by itself.
WEB_BY_STATUS = {
    400: Verdict(Means.OUR_FAULT, "invalid_request"),
    401: Verdict(Means.TRY_LATER, "vapid_refused"),
    403: Verdict(Means.TRY_LATER, "vapid_refused"),
    404: Verdict(Means.GONE, "unregistered"),
    410: Verdict(Means.GONE, "unregistered"),
    429: Verdict(Means.TRY_LATER, "quota_exceeded"),
}
NOT_ALLOWED = Verdict(Means.GONE, "endpoint_not_allowed")
INVALID_ADDRESS = Verdict(Means.GONE, "invalid_registration")
TIMEOUT = Verdict(Means.TRY_LATER, "timeout")
UNREACHABLE = Verdict(Means.TRY_LATER, "unreachable")


def read_answer(status: int, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Verdict:
    """The verdict on one answer to `messages:send`. `now` is used if it has no Date header."""
    content = _parsed(body)
    if status == 200:
        return Verdict(Means.SENT, fcm_id=str(content.get("name", "")))
    code, bad_fields = _details(content)
    if status == 400 and code not in BY_CODE:
        return _bad_request(code, bad_fields)
    verdict = BY_CODE.get(code) or BY_STATUS.get(status) or _other(status)
    return replace(verdict, wait=retry_after(headers, now))


def read_web_answer(status: int, headers: Mapping[str, str], *, now: datetime) -> Verdict:
    """The verdict on one answer of a browser's push service. `now`: as in `read_answer`."""
    if 200 <= status < 300:
        return Verdict(Means.SENT)
    verdict = WEB_BY_STATUS.get(status) or BY_STATUS.get(status) or _other(status)
    return replace(verdict, wait=retry_after(headers, now))


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait, at most an hour, from a number or a date. None if missing or invalid.

    A date is compared with the answer's own Date header, so that our clock does not matter.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), LONGEST_WAIT)
    until = _date(value)
    if until is None:
        return None
    left = (until - (_date(headers.get("Date", "")) or now)).total_seconds()
    return min(max(left, 0.0), LONGEST_WAIT)


def _other(status: int) -> Verdict:
    means = Means.OUR_FAULT if 400 <= status < 500 else Means.TRY_LATER
    return Verdict(means, f"http_{status}")


def _bad_request(code: str, bad_fields: set[str] | None) -> Verdict:
    # The registration is invalid only if the service complains about nothing else. Otherwise the
    # request was invalid, and retiring the registration would lose a device.
    if code == "INVALID_ARGUMENT" and bad_fields is None:
        return INVALID_ADDRESS
    if bad_fields and bad_fields <= ADDRESS_FIELDS:
        return INVALID_ADDRESS
    return Verdict(Means.OUR_FAULT, "invalid_request")


def _details(content: dict[str, Any]) -> tuple[str, set[str] | None]:
    """The code of FcmError and the field names of BadRequest (None if there is no BadRequest)."""
    code, fields = "", None
    for detail in _list(_dict(content.get("error")).get("details")):
        kind = _dict(detail).get("@type")
        if kind == FCM_ERROR:
            code = str(detail.get("errorCode", ""))
        elif kind == BAD_REQUEST:
            violations = map(_dict, _list(detail.get("fieldViolations")))
            fields = {str(violation.get("field", "")) for violation in violations}
    return code, fields


def _parsed(body: bytes) -> dict[str, Any]:
    """The body as a JSON object, or {}: a proxy in between may answer with anything."""
    try:
        return _dict(json.loads(body))
    except (ValueError, RecursionError):
        return {}


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
