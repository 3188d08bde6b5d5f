"""The sync endpoints. Plain Django views: documents are JSON text already, so DRF has no part."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from foundation.bodies import json_object
from foundation.fields import parsed
from foundation.http import json_response, posted
from foundation.json_text import compact, with_members
from foundation.openapi import described
from foundation.problems import Invalid, Problem
from recovery.api import allowances
from recovery.api.sync import history
from recovery.api.sync.clients import REGISTERED, Registration, register
from recovery.api.sync.digest import DIGESTED, DigestRequest, digest
from recovery.api.sync.mutations import PushRequest
from recovery.api.sync.pull import PULLED, answer, pull
from recovery.api.sync.push import PUSHED, push
from recovery.api.sync.wire import PullRequest, pull_request
from recovery.feed import schemas
from recovery.feed.pull import page
from recovery.feed.pull import parameters as pull_parameters
from recovery.limits.limit import limited
from recovery.signin.authentication import (
    admit,
    authenticate,
    bearer_hash,
    session_and,
    strangers_limited,
)


@described("sync.register", Registration, REGISTERED)
@limited(allowances.REGISTER)
@posted
def register_client(request: HttpRequest) -> HttpResponse:
    """Register this phone."""
    user, body = authenticate(request), json_object(request, mend=True)
    return json_response(compact(register(user, parsed(Registration, body), timezone.now())))


@described("sync.pull", PullRequest, PULLED)
@limited(allowances.PULL)
@posted
def pull_view(request: HttpRequest) -> HttpResponse:
    """What this phone does not have yet."""
    # One statement authenticates the request and reads the page.
    try:
        page_request = pull_request(json_object(request, mend=True))
    except (Problem, RequestDataTooBig):
        authenticate(request)  # only signed-in users learn what is wrong with their request
        raise
    now = timezone.now()
    with strangers_limited(request, now):
        question = page_request.question
        parameters = pull_parameters(page_request.client_id, question)
        session, row = session_and(
            "pull_by_token", presented=bearer_hash(request), at=now, **parameters
        )
        user = admit(request, session, now)
    return json_response(answer(user, page_request, page(row, question.schema), now))


@described("sync.push", PushRequest, PUSHED)
@limited(allowances.PUSH)
@posted
def push_view(request: HttpRequest) -> HttpResponse:
    """Take the queue, then answer the pull that came with it, which saves a round trip.

    An app too old to read can still push. It learns that it must be updated when it pulls.
    """
    user, body = authenticate(request), json_object(request, mend=True)
    queue = parsed(PushRequest, body)
    text = compact(push(user, queue, timezone.now()))
    if queue.pull is None or queue.schema < schemas.OLDEST:
        return json_response(text)
    try:
        pulled = pull(user, pull_request(queue.pull, push=body), timezone.now())
    except Invalid as problem:
        # The queue has been taken, and its results must reach the phone.
        return json_response(with_members(text, pull_problem=compact(problem.document())))
    return json_response(with_members(text, pull=pulled))


@described("sync.digest", DigestRequest, DIGESTED)
@limited(allowances.DIGEST)
@posted
def digest_view(request: HttpRequest) -> HttpResponse:
    """What this phone should hold, so that it can compare this with what it holds."""
    user, body = authenticate(request), json_object(request, mend=True)
    return json_response(digest(user.id, parsed(DigestRequest, body), timezone.now()))


@described("sync.history", history.HistoryRequest, history.OLDER)
@limited(allowances.HISTORY)
@posted
def history_view(request: HttpRequest) -> HttpResponse:
    """What people wrote before the feed of a scope begins, newest first."""
    user, body = authenticate(request), json_object(request, mend=True)
    page_request = parsed(history.HistoryRequest, body)
    return json_response(history.read(user, page_request, timezone.now()))
