"""A device session in a cookie. It lives as any other of staff: see `signin.rules.STAFF`."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from recovery.console import cookies
from recovery.console.desk import Desk
from recovery.feed.context import set_actor
from recovery.signin import rules
from recovery.signin.models import DeviceSession

# Written at most this often.
STEP = timedelta(minutes=1)
# What a page asks for by itself says so, and keeps nobody signed in.
BY_ITSELF = "Handrail-By-Itself"
IN_PLACE = "HX-Request"


def is_looked_at(request: HttpRequest) -> bool:
    """Whether the answer goes into a page that is open."""
    return IN_PLACE in request.headers


def keep_alive(desk: Desk) -> None:
    """Let the session live on for as long as staff may be idle, because its owner did something."""
    until = desk.now + rules.STAFF.idle
    if BY_ITSELF in desk.request.headers or until - desk.user.access_expires_at < STEP:
        return
    with transaction.atomic():
        set_actor(desk.user.id)
        mine = DeviceSession.objects.in_scope(desk.user.id).select_for_update(no_key=True)
        session = mine.filter(id=desk.user.session_id, revoked_at=None).first()
        if session is not None:
            session.idle_expires_at = until
            session.access_expires_at = min(until, session.expires_at)
            session.save(update_fields=["idle_expires_at", "access_expires_at"])


def begin(response: HttpResponse, request: HttpRequest, tokens: dict[str, str]) -> None:
    """Keep the token of a sign-in. There is no need to refresh it: the session lives on by use."""
    cookies.set_cookie(response, cookies.SESSION, tokens["access_token"])
    cookies.end_cookie(response, cookies.CEREMONY)
    cookies.set_cookie(response, cookies.INSTALL, cookies.install(request), cookies.A_YEAR)


def end(response: HttpResponse) -> None:
    cookies.end_cookie(response, cookies.SESSION)
    cookies.end_cookie(response, cookies.CEREMONY)
