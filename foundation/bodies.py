"""Reading a request's JSON body, in one way for plain views, DRF's views and allauth's."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from rest_framework.parsers import BaseParser

from foundation.problems import Invalid, Malformed, NotJson, TooLarge

MAX_BYTES = 512 * 1024


def json_object(request: HttpRequest, most: int = MAX_BYTES) -> dict[str, Any]:
    """The body as an object. NotJson, TooLarge (more than `most` bytes) or Malformed otherwise."""
    if request.content_type not in ("application/json", ""):
        raise NotJson
    body = _value(request, most)
    if not isinstance(body, dict):
        raise Malformed
    return body


class JSONParser(BaseParser):
    """The same for DRF's views, which say themselves what a body must be."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return _value(parser_context["request"], MAX_BYTES)


def _value(request: Any, most: int) -> Any:
    """Read as UTF-8 (RFC 8259 §8.1), whatever the request says: punycode takes a minute a MB."""
    if len(request.body) > most:
        raise TooLarge
    try:
        return json.loads(request.body.decode("utf-8-sig") or "{}", parse_constant=_as_null)
    # RecursionError: nested deeper than Python can follow.
    except (ValueError, RecursionError):
        raise Malformed from None


def _as_null(name: str) -> None:
    """NaN and Infinity are not JSON, but one such field must not spoil a phone's whole queue."""


def invalid(name: str, sentence: str) -> Invalid:
    """The problem of one field."""
    return Invalid({name: [sentence]})


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
        time = parse_datetime(value)
    except (ValueError, TypeError):
        return None
    return time if time and time.tzinfo else None
