"""What every response says about itself: that nobody may keep it, and its character encoding.

The outermost middleware, so that it also sees what the others answer, errors included.
"""

from __future__ import annotations

from collections.abc import Callable
from http.client import BAD_REQUEST

from django.conf import settings
from django.http import HttpRequest, HttpResponse

NO_STORE = "no-store"
# Media types whose character encoding a client might guess. JSON has no such parameter: it is
# always UTF-8 (RFC 8259 §11).
TEXTUAL = ("text/", "application/javascript", "application/yaml")


class ResponseHeaders:
    """Everything is `no-store` but the files of CACHEABLE, which are the same for everyone. What is
    not found there may be there tomorrow."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_file = request.path_info.startswith(tuple(settings.CACHEABLE))
        if not is_file or response.status_code >= BAD_REQUEST:
            response["Cache-Control"] = NO_STORE
        media_type = response.get("Content-Type", "")
        if media_type.startswith(TEXTUAL) and "charset" not in media_type:
            response["Content-Type"] = f"{media_type}; charset=utf-8"
        return response
