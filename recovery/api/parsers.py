"""Request bodies of DRF's views."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class Json(JSONParser):
    """JSON that is nested deeper than Python can follow is malformed, not a failure of ours. It is
    UTF-8 (RFC 8259 §8.1), whatever the client calls it: decoding punycode takes a minute a MB."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, {"encoding": "utf-8"})
        except RecursionError:
            raise ParseError from None
