"""The answers that can be set for a token or a browser, and how each looks on the wire."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from notifications.fcm_simulator.schema import Violation

FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
ANY_DEVICE = "*"
INVALID = "The registration token is not a valid FCM registration token"

# kind: HTTP status, Google's status, FcmError's code, message.
ERRORS: dict[str, tuple[int, str, str, str]] = {
    "unregistered": (404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not found."),
    "invalid_registration": (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", INVALID),
    "sender_id_mismatch": (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "SenderId mismatch"),
    "quota": (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "Quota exceeded."),
    "internal": (500, "INTERNAL", "INTERNAL", "Internal error encountered."),
    "unavailable": (503, "UNAVAILABLE", "UNAVAILABLE", "The service is currently unavailable."),
    "third_party_auth_error": (
        401,
        "UNAUTHENTICATED",
        "THIRD_PARTY_AUTH_ERROR",
        "Auth error from APNS or Web Push Service",
    ),
    "unauthenticated": (401, "UNAUTHENTICATED", "", "Request had invalid credentials."),
    "permission_denied": (403, "PERMISSION_DENIED", "", "Permission denied on the project."),
}
# What the push service of browsers answers. "redirect" leads back to itself.
OF_BROWSERS = {
    "redirect": 307,
    "vapid_refused": 403,
    "unregistered": 404,
    "gone": 410,
    "too_large": 413,
    "quota": 429,
    "internal": 500,
    "unavailable": 503,
}
# The older error for an invalid token, and the error for a field that we filled in wrongly.
BAD_FIELDS = {
    "invalid_token_field": Violation("message.token", "Invalid registration token"),
    "invalid_field": Violation("message.android.ttl", "Invalid ttl"),
}
# Accepted and answered; accepted and answered after `seconds`; accepted, but the connection drops
# before the answer. With "reset" it drops before the push is accepted.
ACCEPTING = frozenset({"ok", "slow", "lost"})
KINDS = ACCEPTING | {"reset"} | ERRORS.keys() | BAD_FIELDS.keys() | OF_BROWSERS.keys()


@dataclass(frozen=True)
class Answer:
    """`retry_after`: seconds, sent as a date if `as_date`."""

    kind: str
    seconds: float = 0.0
    retry_after: float | None = None
    as_date: bool = False

    @classmethod
    def parse(cls, item: Any) -> Answer:
        """Raises ValueError for an unknown kind or field."""
        if not isinstance(item, dict) or item.keys() - {field.name for field in fields(cls)}:
            raise ValueError("an answer has kind, seconds, retry_after and as_date")
        if item.get("kind") not in KINDS:
            raise ValueError(f"kind is one of {', '.join(sorted(KINDS))}")
        return cls(**item)

    def headers(self) -> dict[str, str]:
        if self.retry_after is None:
            return {}
        if not self.as_date:
            return {"Retry-After": str(round(self.retry_after))}
        until = datetime.now(UTC) + timedelta(seconds=self.retry_after)
        return {"Retry-After": format_datetime(until, usegmt=True)}

    def error(self) -> tuple[int, dict[str, Any]]:
        """The HTTP status and body of an error."""
        if self.kind in BAD_FIELDS:
            return bad_request([BAD_FIELDS[self.kind]], with_code=self.kind != "invalid_field")
        if self.kind not in ERRORS:
            return OF_BROWSERS[self.kind], {}
        status, name, code, message = ERRORS[self.kind]
        details = [{"@type": FCM_ERROR, "errorCode": code}] if code else []
        return status, _error(status, name, message, details)


OK = Answer("ok")


class Script:
    """The next answers, by token or by the name of a browser. "*" is for all that have none of
    their own."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Answer]] = {}
        self._always: dict[str, Answer] = {}

    def set(self, token: str, answers: Iterable[Answer], *, repeat: bool) -> None:
        """Give these answers in order, then the last one again if `repeat`, otherwise `ok`."""
        self._waiting[token] = deque(answers)
        self._always.pop(token, None)
        if repeat and self._waiting[token]:
            self._always[token] = self._waiting[token].pop()

    def clear(self) -> None:
        self._waiting.clear()
        self._always.clear()

    def next(self, token: str) -> Answer:
        for name in (token, ANY_DEVICE):
            waiting = self._waiting.get(name)
            if waiting:
                return waiting.popleft()
            if name in self._always:
                return self._always[name]
        return OK


def bad_request(
    problems: list[Violation], *, with_code: bool = False
) -> tuple[int, dict[str, Any]]:
    """The status and body of a 400 that names the invalid fields."""
    details: list[dict[str, Any]] = [
        {"@type": BAD_REQUEST, "fieldViolations": [v._asdict() for v in problems]}
    ]
    if with_code:
        details.insert(0, {"@type": FCM_ERROR, "errorCode": "INVALID_ARGUMENT"})
    return 400, _error(400, "INVALID_ARGUMENT", problems[0].description, details)


def _error(code: int, status: str, message: str, details: list[dict[str, Any]]) -> dict[str, Any]:
    body = {"code": code, "message": message, "status": status}
    return {"error": body | ({"details": details} if details else {})}
