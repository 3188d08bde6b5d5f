"""One URL for each action, generated from the registry, with its OpenAPI operation."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.views import APIView

from foundation.bodies import json_object
from foundation.http import json_response, posted
from foundation.json_text import compact
from foundation.problems import KeyRequired, NotStored, Problem
from recovery.actions.ledger import Begun, answered_before
from recovery.actions.perform import trials
from recovery.actions.receipts import Outcome, fingerprint
from recovery.actions.registry import ACTIONS, Action, Call
from recovery.actions.request import Request
from recovery.actions.rules import only_system
from recovery.api import allowances
from recovery.api.problems import PROBLEMS
from recovery.signin.authentication import (
    Session,
    admit,
    authenticate,
    bearer_hash,
    strangers_limited,
)
from recovery.signin.rules import proved_just_now

KEY = OpenApiParameter("Idempotency-Key", uuid.UUID, OpenApiParameter.HEADER, required=True)

# Asked for by jobs and by the sign-in ceremony; no request could be allowed them.
INTERNAL = (only_system, proved_just_now)
BEGIN = "SELECT * FROM begin_action_by_token(%s, %s, %s)"
NOTHING = Begun(None, None, None, None, None, None)


class Applied(serializers.Serializer[Any]):
    """What an action answers."""

    status = serializers.ChoiceField(["applied"])
    at = serializers.ListField(help_text="[scope, seq] of each scope that changed")
    data = serializers.DictField(required=False)  # type: ignore[assignment]  # the name on the wire
    once = serializers.DictField(required=False, help_text="told only this once")
    dup = serializers.BooleanField(required=False, help_text="it had been done before")


def _answer(request: HttpRequest, action: Action) -> HttpResponse:
    """Perform an action; the header `Idempotency-Key` makes asking again harmless."""
    key, data = _key_and_input(request)
    try:
        outcome = _perform(request, action.name, key, data)
    except NotStored:
        authenticate(request)  # that the tokens have arrived was rolled back with it
        raise
    members = {"data": outcome.data, "once": outcome.once, "dup": outcome.dup}
    sent = {name: value for name, value in members.items() if value}
    return json_response(compact({"status": outcome.status, "at": outcome.at, **sent}))


def _key_and_input(request: HttpRequest) -> tuple[uuid.UUID, dict[str, Any]]:
    """A stranger does not learn what is wrong with a request."""
    try:
        return _key(request), json_object(request)
    except (Problem, RequestDataTooBig):
        authenticate(request)
        raise


def _key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise KeyRequired from None


def _perform(request: HttpRequest, name: str, key: uuid.UUID, data: dict[str, Any]) -> Outcome:
    """`perform`, in the transaction that finds out who asks. Raises what `admit` raises, too."""
    now = timezone.now()
    with strangers_limited(request, now):
        token_hash = bearer_hash(request)
        for trial in trials():
            with trial.transaction():
                session, begun = _begin(token_hash, now, key)
                user = admit(request, session, now)
                call = Call(user, now, key, session_id=user.session_id)
                asking = Request(name, data, call, None, fingerprint(name, data))
                trial.finish(asking, answered_before(asking, begun))
    return trial.outcome.raised()


def _begin(token_hash: bytes, now: datetime, key: uuid.UUID) -> tuple[Session | None, Begun]:
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [token_hash, now, key])
        row = cursor.fetchone()
    columns = len(Session._fields)
    return (Session(*row[:columns]), Begun(*row[columns:])) if row else (None, NOTHING)


def urls() -> list[URLResolver]:
    """`actions/<domain>.<verb_noun>` for every action that people may ask for.

    By domain, for Django tries the patterns one by one.
    """
    domains: dict[str, list[URLPattern]] = {}
    for name, action in sorted(ACTIONS.items()):
        if action.allow not in INTERNAL:
            domain, verb_noun = name.split(".")
            domains.setdefault(domain, []).append(path(verb_noun, _view(action)))
    return [path(f"actions/{domain}.", include(paths)) for domain, paths in domains.items()]


def _view(action: Action) -> Callable[..., HttpResponse]:
    """A plain view, for DRF's negotiation of methods, formats and permissions takes longer than the
    action's own Python. DRF describes it all the same: `cls` is what drf-spectacular looks at."""

    @posted
    def view(request: HttpRequest) -> HttpResponse:
        return _answer(request, action)

    view.cls, view.initkwargs = _description(action), {}  # type: ignore[attr-defined]
    return view


def _description(action: Action) -> type[APIView]:
    """A view class of the action's own, so that it has an operation of its own."""
    name = "".join(part.title() for part in action.name.replace(".", "_").split("_"))

    @extend_schema(
        operation_id=action.name,
        description=(action.run.__doc__ or "").strip(),
        tags=[action.name.partition(".")[0]],
        request=type(f"{name}Input", (action.input,), {}),
        parameters=[KEY],
        responses={200: Applied, **PROBLEMS},
    )
    def post(self: APIView, request: Any) -> None:
        """Never called."""

    return type(name, (APIView,), {"post": post, "limits": allowances.ACTIONS})
