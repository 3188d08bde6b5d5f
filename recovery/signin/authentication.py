"""Who is asking: in one SQL statement, for plain views and for DRF alike.

Nothing is cached, so a sign-out counts from the next request on.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication

from foundation.problems import NotSignedIn, SecondFactorRequired, TokenExpired, Wipe
from recovery.limits.consume import consume
from recovery.limits.limit import Traffic, Use, limits_of
from recovery.limits.network import network
from recovery.signin import allowances, rules
from recovery.signin.models import User
from recovery.signin.tokens import is_access_token, sha256
from recovery.signin.wipe_receipts import wipe_receipt

SCHEME = "bearer"
SESSION = "SELECT * FROM session_by_access_token(%s, %s)"
# Nothing comes of the other call for a session that may not go on.
SESSION_AND = (
    "SELECT * FROM session_by_access_token(%s, %s) AS who"
    " LEFT JOIN LATERAL (SELECT * FROM {} WHERE who.state = 'live') AS also ON true"
)


class Session(NamedTuple):
    """A row of session_by_access_token."""

    session_id: uuid.UUID
    user_id: uuid.UUID
    is_staff: bool
    locale: str
    methods: str
    auth_time: datetime
    access_expires_at: datetime
    state: str


@dataclass
class Also:
    """What is read or begun in the same statement: a call of a function of `who`, a row of
    session_by_access_token. It must do it for nobody where `who.state` is not `live`. The caller
    uses `row` only once it knows that the person may have it."""

    call: str
    parameters: list[Any]
    row: tuple[Any, ...] = ()


def authenticate(request: Any, *, second_factor: bool = True, also: Also | None = None) -> User:
    """The person behind the request's bearer token; also sets `request.session_id`, and counts
    the request against the limits of its URL, once however often it is asked about.

    `second_factor=False` lets staff in who have not set one up yet: for setting it up only.
    Raises NotSignedIn, TokenExpired, SecondFactorRequired, Wipe, or SlowDown.
    """
    now = timezone.now()
    try:
        user = by_access_token(bearer(request), now, second_factor=second_factor, also=also)
    except (NotSignedIn, SecondFactorRequired):
        consume(Use(allowances.STRANGER, network(request)), now=now)
        raise
    if not hasattr(request, "session_id"):
        _count(request, user, now)
    request.session_id = user.session_id
    return user


def _count(request: Any, user: User, now: datetime) -> None:
    view = request.resolver_match.func if request.resolver_match else None
    limits = limits_of(view) if view else None
    if limits is None:
        limits = allowances.READS
    if isinstance(limits, Traffic):
        consume(*limits.uses(user.session_id, user.id), now=now)


def bearer(request: Any) -> str:
    """The token of the Authorization header. NotSignedIn: there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME:
        raise NotSignedIn
    return str(token.strip())


def by_access_token(
    token: str, now: datetime, *, second_factor: bool = True, also: Also | None = None
) -> User:
    """The person whose access token this is, with `session_id`, `methods` and `auth_time`."""
    found = _session(token, now, also) if is_access_token(token) else None
    if found is None:
        raise NotSignedIn
    _require_live(found)
    user = _user(found)
    if second_factor and not rules.has_factors(user.is_staff, user.methods):
        raise SecondFactorRequired
    return user


class BearerAuthentication(BaseAuthentication):
    """The same for DRF's views."""

    def authenticate(self, request: Any) -> tuple[User, uuid.UUID] | None:
        if not request.headers.get("Authorization"):
            return None
        user = authenticate(request)
        return user, user.session_id

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


def _session(token: str, now: datetime, also: Also | None) -> Session | None:
    text = SESSION_AND.format(also.call) if also else SESSION
    with connection.cursor() as cursor:
        cursor.execute(text, [sha256(token), now, *(also.parameters if also else ())])
        row = cursor.fetchone()
    if row is None:
        return None
    if also:
        also.row = row[len(Session._fields) :]
    return Session(*row[: len(Session._fields)])


def _require_live(found: Session) -> None:
    if found.state == "wipe":
        raise Wipe(wipe_receipt(found.session_id, found.user_id))
    if found.state == "expired":
        raise TokenExpired
    if found.state != "live":
        raise NotSignedIn


def _user(found: Session) -> User:
    user = User(id=found.user_id, is_staff=found.is_staff, locale=found.locale)
    user.session_id = found.session_id
    user.methods = json.loads(found.methods)
    user.auth_time = found.auth_time
    user.access_expires_at = found.access_expires_at
    return user
