"""One URL for each action, generated from the registry, with its OpenAPI operation."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from foundation.bodies import json_object
from foundation.fields import a_list
from foundation.http import json_response, posted
from foundation.json_text import compact
from foundation.openapi import with_class
from foundation.problems import KeyRequired, NotStored, Problem
from recovery.actions.ledger import Beginning, stored_outcome
from recovery.actions.perform import trials
from recovery.actions.receipts import Outcome, fingerprint
from recovery.actions.registry import ACTIONS, Action, Call
from recovery.actions.request import Request
from recovery.actions.rules import only_system
from recovery.api import allowances
from recovery.api.sync.wire import AT
from recovery.feed.shapes import Shaped
from recovery.signin.authentication import (
    admit,
    authenticate,
    bearer_hash,
    session_and,
    strangers_limited,
)
from recovery.signin.rules import proved_just_now

KEY = OpenApiParameter("Idempotency-Key", uuid.UUID, OpenApiParameter.HEADER, required=True)

# Performed by jobs and by the sign-in ceremony. No request could ever be allowed these.
INTERNAL = (only_system, proved_just_now)


class Applied(serializers.Serializer[Any]):
    """The response to an action that was applied."""

    status = serializers.ChoiceField(["applied"])
    at = Shaped(a_list(AT, description="each scope that changed"))
    data = serializers.DictField(required=False)  # type: ignore[assignment]  # the name on the wire
    once = serializers.DictField(required=False, help_text="sent only this once")
    dup = serializers.BooleanField(
        required=False, help_text="this was a retry of a request already done"
    )


def _answer(request: HttpRequest, action: Action) -> HttpResponse:
    """Perform an action. The header `Idempotency-Key` makes it safe to retry."""
    try:
        key, data = _key(request), json_object(request)
    except (Problem, RequestDataTooBig):
        authenticate(request)  # only signed-in users learn what is wrong with their request
        raise
    try:
        outcome = _perform(request, action.name, key, data)
    except NotStored:
        authenticate(request)  # the rollback also undid the note that the tokens were received
        raise
    members = {"data": outcome.data, "once": outcome.once, "dup": outcome.dup}
    sent = {name: value for name, value in members.items() if value}
    return json_response(compact({"status": outcome.status, "at": outcome.at, **sent}))


def _key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise KeyRequired from None


def _perform(request: HttpRequest, name: str, key: uuid.UUID, data: dict[str, Any]) -> Outcome:
    """Like `perform`, but authenticates in the same transaction, with the first statement.

    Raises what `admit` raises, too.
    """
    now = timezone.now()
    with strangers_limited(request, now):
        token_hash = bearer_hash(request)
        for trial in trials():
            with trial.transaction():
                session, row = session_and(
                    "begin_action_by_token", presented=token_hash, at=now, key=key
                )
                user = admit(request, session, now)
                call = Call(user, now, key, session_id=user.session_id)
                action_request = Request(name, data, call, None, fingerprint(name, data))
                trial.finish(action_request, stored_outcome(action_request, Beginning(*row)))
    return trial.outcome.raised()


def urls() -> list[URLResolver]:
    """`actions/<domain>.<verb_noun>` for every action that a request may perform.

    They are grouped by domain because Django tries patterns one after another.
    """
    domains: dict[str, list[URLPattern]] = {}
    for name, action in sorted(ACTIONS.items()):
        if action.allow not in INTERNAL:
            domain, verb_noun = name.split(".")
            domains.setdefault(domain, []).append(path(verb_noun, _view(action)))
    return [path(f"actions/{domain}.", include(paths)) for domain, paths in domains.items()]


def component(name: str) -> str:
    """A name of the wire, such as `groups.post_message`, as the name of a component."""
    return "".join(part.title() for part in name.replace(".", "_").split("_"))


def _view(action: Action) -> Callable[..., HttpResponse]:
    """A plain view: DRF's negotiation of methods, formats and permissions takes longer than the
    action's own Python."""

    @posted
    def view(request: HttpRequest) -> HttpResponse:
        return _answer(request, action)

    name = component(action.name)
    return with_class(
        view,
        name,
        allowances.ACTIONS,
        post={
            "operation_id": action.name,
            "description": (action.run.__doc__ or "").strip(),
            "tags": [action.name.partition(".")[0]],
            "request": type(f"{name}Input", (action.input,), {}),
            "parameters": [KEY],
            "responses": {200: Applied},
        },
    )
