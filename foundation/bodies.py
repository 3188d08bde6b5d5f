"""Parse JSON request bodies, in the same way for plain views, DRF views and allauth's views.

JSON can spell two things that are no text: the NUL character, and half of a surrogate pair, which
some apps send for half an emoji. PostgreSQL stores neither and UTF-8 cannot encode the second. A
request that contains them is a 400 that names the field. What a phone has queued must not be lost
for them: there they become U+FFFD, the replacement character.
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpRequest
from rest_framework.parsers import BaseParser

from foundation.problems import Invalid, Malformed, NotJson, TooLarge

MAX_BYTES = 512 * 1024
MOST_DIGITS = 1000
# How JSON spells what is no text. The body itself is UTF-8, which cannot contain a surrogate.
ESCAPED = re.compile(r"\\u(0000|[dD][89a-fA-F])|\0")
NO_TEXT = re.compile("[\0\ud800-\udfff]")
SENTENCE = "This contains NUL or half a character (a lone surrogate). Remove it."


def json_object(
    request: HttpRequest, max_bytes: int = MAX_BYTES, *, mend: bool = False
) -> dict[str, Any]:
    """The body as an object. `mend`: replace what is no text.

    Raises NotJson, TooLarge, Malformed or, without `mend`, Invalid.
    """
    if request.content_type not in ("application/json", ""):
        raise NotJson
    body = _parse(request, max_bytes, mend=mend)
    if not isinstance(body, dict):
        raise Malformed
    return body


class JSONParser(BaseParser):
    """The same for DRF views, whose serializers decide what shape a body must have."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        return _parse(parser_context["request"], MAX_BYTES)


def loads(text: str, *, mend: bool = False) -> Any:
    """JSON from a client. Raises ValueError, RecursionError or, without `mend`, Invalid."""
    # NaN and Infinity are not JSON, and Python reads no whole number of thousands of digits. They
    # become text, which no number accepts: one such field must not make the server reject a phone's
    # whole queue. Null would remove an answer.
    value = json.loads(text or "{}", parse_constant=str, parse_int=_whole)
    return _checked(value, mend, ()) if ESCAPED.search(text) else value


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def _parse(request: Any, max_bytes: int, *, mend: bool = False) -> Any:
    if len(request.body) > max_bytes:
        raise TooLarge
    try:
        # Always UTF-8 (RFC 8259 §8.1). The charset of the request is ignored: some of Python's
        # codecs are attacks (punycode takes a minute per MB).
        return loads(request.body.decode("utf-8-sig"), mend=mend)
    # RecursionError: nested deeper than Python can follow.
    except (ValueError, RecursionError):
        raise Malformed from None


def _checked(value: Any, mend: bool, path: tuple[str, ...]) -> Any:
    """`value` with every text mended, or Invalid for the first that is no text."""
    if isinstance(value, str):
        if mend:
            return NO_TEXT.sub("\ufffd", value)
        if NO_TEXT.search(value):
            raise Invalid({".".join(path) or "body": [SENTENCE]})
        return value
    if isinstance(value, list):
        return [_checked(item, mend, (*path, str(n))) for n, item in enumerate(value)]
    if isinstance(value, dict):
        # A name that is no text is reported under the name that is left of it.
        shown = {name: NO_TEXT.sub("\ufffd", name) for name in value}
        return {
            _checked(name, mend, (*path, shown[name])): _checked(item, mend, (*path, shown[name]))
            for name, item in value.items()
        }
    return value
