"""The sync endpoints. Plain Django views: documents are JSON text already, so DRF has no part."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from foundation.bodies import json_object
from foundation.http import json_response, posted
from foundation.json_text import compact, with_members
from foundation.postgresql import functions
from foundation.problems import Problem, UpgradeRequired
from recovery.api import allowances
from recovery.api.sync import clients, history
from recovery.api.sync.digest import digest
from recovery.api.sync.pull import answer, pull
from recovery.api.sync.push import push
from recovery.api.sync.wire import PullRequest, a_schema, pull_request
from recovery.feed import schemas
from recovery.feed.pull import page
from recovery.feed.pull import parameters as pull_parameters
from recovery.limits.limit import limited
from recovery.signin.authentication import (
    Session,
    admit,
    authenticate,
    bearer_hash,
    strangers_limited,
)


@limited(allowances.REGISTER)
@posted
def register_client(request: HttpRequest) -> HttpResponse:
    user = authenticate(request)
    return json_response(compact(clients.register(user, json_object(request), timezone.now())))


@limited(allowances.PULL)
@posted
def pull_view(request: HttpRequest) -> HttpResponse:
    """Authenticate the request and read the page in one statement."""
    try:
        parsed = _readable(json_object(request))
    except (Problem, RequestDataTooBig):
        authenticate(request)  # only signed-in users learn what is wrong with their request
        raise
    now = timezone.now()
    with strangers_limited(request, now):
        parameters = pull_parameters(parsed.client_id, parsed.question)
        session, row = _pulled(presented=bearer_hash(request), at=now, **parameters)
        user = admit(request, session, now)
    return json_response(answer(user.id, parsed, page(row, parsed.question.schema), now))


def _pulled(**parameters: Any) -> tuple[Session | None, tuple[Any, ...]]:
    """The device session, and the row of pull(), for use only if `admit` accepts the session."""
    row = functions.first("pull_by_token", **parameters)
    columns = len(Session._fields)
    return (Session(*row[:columns]), row[columns:]) if row else (None, ())


@limited(allowances.PUSH)
@posted
def push_view(request: HttpRequest) -> HttpResponse:
    """Take the queue, then answer the pull that came with it, which saves a round trip.

    An app too old to read can still push. It learns that it must be updated when it pulls.
    """
    user, body = authenticate(request), json_object(request)
    now = timezone.now()
    answer = push(user, body, now)
    text = compact(answer)
    pull_body = body.get("pull")
    if not isinstance(pull_body, dict) or not _can_read(body):
        return json_response(text)
    shared = {name: body[name] for name in ("client_id", "schema", "ack") if name in body}
    page = pull(user.id, _readable(pull_body | shared), timezone.now())
    return json_response(with_members(text, pull=page))


@limited(allowances.DIGEST)
@posted
def digest_view(request: HttpRequest) -> HttpResponse:
    user, body = authenticate(request), json_object(request)
    _require_readable(body)
    return json_response(digest(user.id, body, timezone.now()))


@limited(allowances.HISTORY)
@posted
def history_view(request: HttpRequest) -> HttpResponse:
    user, body = authenticate(request), json_object(request)
    _require_readable(body)
    return json_response(history.read(user, body, timezone.now()))


def _readable(body: dict[str, Any]) -> PullRequest:
    _require_readable(body)
    return pull_request(body)


def _require_readable(body: dict[str, Any]) -> None:
    if not _can_read(body):
        raise UpgradeRequired


def _can_read(body: dict[str, Any]) -> bool:
    return a_schema(body) >= schemas.OLDEST
