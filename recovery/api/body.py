"""Request bodies of the plain views: small, JSON, an object."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

from recovery.api.errors import Problem

MAX_BYTES = 512 * 1024


def json_object(request: HttpRequest) -> dict[str, Any]:
    """The body as an object. Problem 400, 413 or 415 otherwise."""
    if request.content_type not in ("application/json", ""):
        raise Problem(415, "not_json", "Send application/json.")
    if len(request.body) > MAX_BYTES:
        raise Problem(413, "too_large", f"At most {MAX_BYTES} bytes at once.")
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise Problem(400, "malformed", "The body is not JSON.") from None
    if not isinstance(body, dict):
        raise invalid("", "The body is a JSON object.")
    return body


def invalid(name: str, sentence: str) -> Problem:
    """The problem of one field."""
    return Problem(400, "invalid", "Not valid.", {"errors": {name or "body": [sentence]}})


def a_uuid(body: dict[str, Any], name: str) -> uuid.UUID:
    try:
        return uuid.UUID(body[name])
    except (KeyError, ValueError, TypeError, AttributeError):
        raise invalid(name, "A UUID is needed here.") from None


def a_number(body: dict[str, Any], name: str, default: int, least: int, most: int) -> int:
    """A whole number within bounds; absent is `default`."""
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise invalid(name, f"A whole number from {least} to {most}.")
    return value


def a_text(body: dict[str, Any], name: str, most: int = 200) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
        raise invalid(name, f"A text of 1 to {most} characters.")
    return value


def a_time(value: Any) -> datetime | None:
    """A phone's time, or None: a wrong clock refuses nobody."""
    try:
        told = parse_datetime(value)
    except (ValueError, TypeError):
        return None
    return told if told and told.tzinfo else None
