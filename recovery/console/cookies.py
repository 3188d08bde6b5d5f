"""The console's cookies. A page elsewhere can neither read them nor have them sent.

`__Host-` binds a cookie to this host: none of another host, not even of one below it, takes its
place.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from recovery.signin.tokens import SESSION_COOKIE

# The access token of the device session, the ceremony of a sign-in that is not finished, and what
# tells this browser from others: the `install` of its session.
SESSION, CEREMONY, INSTALL = SESSION_COOKIE, "__Host-ceremony", "__Host-install"
# Which programme is shown to someone who works for several.
PROGRAMME = "__Host-programme"
# As long as browsers keep a cookie.
A_YEAR = timedelta(days=365)


def set_cookie(
    response: HttpResponse, name: str, value: str, life: timedelta | None = None
) -> None:
    """`life`: None ends with the browser."""
    response.set_cookie(
        name, value, max_age=life, secure=True, httponly=True, samesite="Strict", path="/"
    )


def end_cookie(response: HttpResponse, name: str) -> None:
    # Not delete_cookie(): a browser ignores a __Host- cookie that is not Secure.
    set_cookie(response, name, "", timedelta(0))


def install(request: HttpRequest) -> str:
    """This browser's secret, which may be new."""
    kept = request.COOKIES.setdefault(INSTALL, secrets.token_urlsafe(32))
    if len(kept) != LENGTH:
        kept = request.COOKIES[INSTALL] = secrets.token_urlsafe(32)
    return kept


LENGTH = len(secrets.token_urlsafe(32))
