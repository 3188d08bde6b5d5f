"""Who is asking, for plain views and for DRF alike.

Nothing is cached, so a sign-out counts from the next request on.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication

from foundation.postgresql import functions
from foundation.problems import NotSignedIn, SecondFactorRequired, TokenExpired, Wipe
from recovery.limits.consume import consume
from recovery.limits.limit import Traffic, limits_of
from recovery.limits.network import networks
from recovery.signin import allowances, rules
from recovery.signin.models import User
from recovery.signin.tokens import bearer_token, is_access_token, sha256
from recovery.signin.wipe_receipts import wipe_receipt


class Session(NamedTuple):
    """A row of session_by_access_token. `state`: live, expired, ended or wipe."""

    session_id: uuid.UUID
    user_id: uuid.UUID
    is_staff: bool
    locale: str
    methods: str
    auth_time: datetime
    access_expires_at: datetime
    state: str


def authenticate(request: Any, *, second_factor: bool = True, token: str | None = None) -> User:
    """The person behind the request's bearer token; counted against the limits of its URL.

    `token`: the access token, where it is not in the header. `second_factor=False` lets staff in
    who have not set one up yet: for setting it up only.
    Raises NotSignedIn, TokenExpired, SecondFactorRequired, Wipe, or SlowDown.
    """
    now = timezone.now()
    with strangers_limited(request, now):
        session = _session(bearer_hash(request) if token is None else hash_of(token), now)
        return admit(request, session, now, second_factor=second_factor)


@contextmanager
def strangers_limited(request: Any, now: datetime) -> Iterator[None]:
    """Count requests whose credential means nothing against where they come from."""
    try:
        yield
    except (NotSignedIn, SecondFactorRequired):
        consume(*allowances.STRANGER.uses(networks(request)), now=now)
        raise


def admit(
    request: Any, session: Session | None, now: datetime, *, second_factor: bool = True
) -> User:
    """The person whose session it is, with `request.session_id` set; as `authenticate`.

    The request is counted once, however often it is admitted.
    """
    user = user_of(session, second_factor=second_factor)
    if not hasattr(request, "session_id"):
        _count(request, user, now)
    request.session_id = user.session_id
    return user


def user_of(session: Session | None, *, second_factor: bool = True) -> User:
    """The person whose session it is, with `session_id`, `methods` and `auth_time`."""
    if session is None:
        raise NotSignedIn
    if session.state == "wipe":
        raise Wipe(wipe_receipt(session.session_id, session.user_id))
    if session.state == "expired":
        raise TokenExpired
    if session.state != "live":
        raise NotSignedIn
    user = User(id=session.user_id, is_staff=session.is_staff, locale=session.locale)
    user.session_id = session.session_id
    user.methods = json.loads(session.methods)
    user.auth_time = session.auth_time
    user.access_expires_at = session.access_expires_at
    if second_factor and not rules.has_factors(user.is_staff, user.methods):
        raise SecondFactorRequired
    return user


def by_access_token(token: str, now: datetime, *, second_factor: bool = True) -> User:
    """The person whose access token this is; as `user_of`."""
    session = _session(sha256(token), now) if is_access_token(token) else None
    return user_of(session, second_factor=second_factor)


def bearer_hash(request: Any) -> bytes:
    """The hash of the Authorization header's access token. NotSignedIn: there is none."""
    return hash_of(bearer_token(request.headers.get("Authorization", "")))


def hash_of(token: str | None) -> bytes:
    """The hash of an access token. NotSignedIn: it is none."""
    if token is None or not is_access_token(token):
        raise NotSignedIn
    return sha256(token)


class BearerAuthentication(BaseAuthentication):
    """The same for DRF's views."""

    def authenticate(self, request: Any) -> tuple[User, uuid.UUID] | None:
        if not request.headers.get("Authorization"):
            return None
        user = authenticate(request)
        return user, user.session_id

    def authenticate_header(self, request: Any) -> str:
        return "Bearer"


def session_and(function: str, **parameters: Any) -> tuple[Session | None, tuple[Any, ...]]:
    """The session, and what the function (`…_by_token`) returns beside it: for use only once the
    session is admitted."""
    row = functions.first(function, **parameters)
    columns = len(Session._fields)
    return (Session(*row[:columns]), row[columns:]) if row else (None, ())


def _session(token_hash: bytes, now: datetime) -> Session | None:
    row = functions.first("session_by_access_token", presented=token_hash, at=now)
    return Session(*row) if row else None


def _count(request: Any, user: User, now: datetime) -> None:
    view = request.resolver_match.func if request.resolver_match else None
    limits = limits_of(view) if view else None
    if limits is None:
        # Lists and staff screens declare none of their own.
        limits = allowances.READS
    if isinstance(limits, Traffic):
        consume(*limits.uses(user.session_id, user.id), now=now)
