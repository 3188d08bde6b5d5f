"""Parse JSON request bodies, in the same way for plain views, DRF views and allauth's views."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from rest_framework.parsers import BaseParser

from foundation.problems import Malformed, NotJson, TooLarge

MAX_BYTES = 512 * 1024


def json_object(request: HttpRequest, max_bytes: int = MAX_BYTES) -> dict[str, Any]:
    """The body as an object. Raises NotJson, TooLarge or Malformed."""
    if request.content_type not in ("application/json", ""):
        raise NotJson
    body = _parse(request, max_bytes)
    if not isinstance(body, dict):
        raise Malformed
    return body


class JSONParser(BaseParser):
    """The same for DRF views, whose serializers decide what shape a body must have."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return _parse(parser_context["request"], MAX_BYTES)


def _parse(request: Any, max_bytes: int) -> Any:
    if len(request.body) > max_bytes:
        raise TooLarge
    try:
        # Always UTF-8 (RFC 8259 §8.1). The charset of the request is ignored: some of Python's
        # codecs are attacks (punycode takes a minute per MB).
        text = request.body.decode("utf-8-sig")
        # NaN and Infinity are not JSON. They become null: one such field must not make the
        # server reject a phone's whole queue.
        return json.loads(text or "{}", parse_constant=lambda _name: None)
    # RecursionError: nested deeper than Python can follow.
    except (ValueError, RecursionError):
        raise Malformed from None
